// SPDX-License-Identifier: Apache-2.0
// The design's fields: names, ranges, descriptions.
#include "generator/design/fields.hpp"

namespace hasse::design {
namespace {

std::vector<Field> make_fields() {
  return {
      {"name", &Design::name, Identifier{64},
       "Name of the accelerator: shown in reports, part of the FuseSoC core's name."},
      {"engine", &Design::engine,
       WordChoice{{"banked", "split", "dot_product", "bit_serial", "bitvert", "systolic", "olive"}},
       "banked keeps nodes in memory banks behind a crossbar; split reads many small lattices at "
       "once; dot_product, bit_serial and bitvert are adder trees to compare with, systolic an "
       "array of multipliers, olive the same for outlier-victim pairs."},
      {"planner", &Design::planner,
       WordChoice{{"lattice", "orbit", "static", "dynamic", "compiled"}},
       "Who decides which nodes are built: lattice builds every node, in lock step; orbit only "
       "what the codes ask for, and its ancestors; static also what a table lists, and counts "
       "misses; dynamic chooses parents for what codes ask for; compiled does what a program says "
       "that hasse compile made of the weights."},
      {"operand_network", &Design::operand_network, WordChoice{{"select", "benes"}},
       "How operands reach the lanes of a dynamic planner: by a selector per lane, or by a Benes "
       "network that gives each operand to one lane."},
      {"tile_bits", &Design::tile_bits, IntegerRange{2, 10},
       "T: bits of one TransRow code, the height of the Hasse graph."},
      {"tables", &Design::tables, IntegerRange{1, 64},
       "G: codes a lane takes per plane and cycle (streaming engines): a K-tile is tables * "
       "tile_bits long."},
      {"planes", &Design::planes, IntegerChoice{{1, 2, 4}},
       "Planes of a weight row that a lane takes per cycle (split, bit_serial, bitvert)."},
      {"turns", &Design::turns, IntegerChoice{{1, 2}},
       "Consecutive planes that an adder tree takes in as many cycles, the higher one first "
       "(split): a row takes planes * turns planes, or a multiple of them."},
      {"recoding", &Design::recoding, WordChoice{{"none", "booth", "radix4"}},
       "Radix of weights (dot_product): none takes bits; booth digits from -2 to 2; radix4 digits "
       "from 0 to 3, with three times each operand kept beside it."},
      {"operands", &Design::operands, WordChoice{{"signed", "magnitude", "symmetric"}},
       "How operands stand in a column (split, dot_product): signed; as magnitudes, whose signs "
       "are folded into the weights' bits, so that fewer nets change; symmetric, the same of "
       "activations that never are the lowest number."},
      {"operand_rows", &Design::operand_rows, IntegerRange{1, 64},
       "Rows of activations in one beat (streaming engines): divides the K-tile."},
      {"tree_stages", &Design::tree_stages, IntegerChoice{{0, 1}},
       "Registers on the way through the adder trees (streaming engines)."},
      {"lanes", &Design::lanes, IntegerRange{1, 64},
       "Accumulate lanes: TransRows accumulated per cycle."},
      {"banks_per_lane", &Design::banks_per_lane, IntegerRange{1, 4},
       "Memory banks that each prefix lane's node values are spread over."},
      {"look_ahead", &Design::look_ahead, IntegerRange{1, 8},
       "TransRows each accumulate lane looks at to find one whose bank is free."},
      {"columns", &Design::columns, IntegerRange{1, 64},
       "C: activation columns served in parallel."},
      {"columns_per_adder", &Design::columns_per_adder, IntegerChoice{{1, 2, 4}},
       "Columns that take turns on one wide adder; divides columns."},
      {"rows", &Design::rows, IntegerRange{8, 16384},
       "R: TransRows of one sub-tile; at least lanes * weight_bits."},
      {"activation_bits", &Design::activation_bits, IntegerChoice{{4, 8, 16}},
       "A: bits of an activation."},
      {"activations", &Design::activations, WordChoice{{"signed", "either"}},
       "either: each product states whether its activations are signed or unsigned; operands are a "
       "bit wider inside."},
      {"weight_bits", &Design::weight_bits, IntegerRange{2, 8},
       "Most bits of a signed weight; each product states its own, from 2 to this, at run time."},
      {"accumulator_bits", &Design::accumulator_bits, IntegerRange{16, 64},
       "Bits of a signed accumulator and result; no product up to max_k may overflow it."},
      {"scaling", &Design::scaling, WordChoice{{"none", "group"}},
       "group: the sums of every group of weights along K are scaled before they are added up."},
      {"max_n", &Design::max_n, IntegerRange{1, 65535},
       "Most weight rows (N) of a product accepted at run time."},
      {"max_k", &Design::max_k, IntegerRange{1, 65535},
       "Longest inner dimension (K) of a product accepted at run time."},
      {"max_m", &Design::max_m, IntegerRange{1, 65535},
       "Most activation columns (M) of a product accepted at run time."},
      {"units", &Design::units, IntegerRange{1, 16},
       "U: engines that work on one product together, behind one set of ports."},
      {"share", &Design::share, WordChoice{{"activations", "weights"}},
       "The stream that all units read: with shared activations each has weight rows of its own, "
       "with shared weights activation columns of its own."},
      {"weight_pairs", &Design::weight_pairs,
       WordChoice{{"none", "int4", "flint4", "int8", "int8_e2m5"}},
       "How codes of weights are read (engine olive): the type of normal values, each with its own "
       "outliers."},
      {"activation_pairs", &Design::activation_pairs,
       WordChoice{{"none", "int4", "flint4", "uint4", "uflint4", "int8", "int8_e2m5"}},
       "How codes of activations are read (engine olive), of as many bits as the weights'."},
      {"results", &Design::results, WordChoice{{"merged", "joined"}},
       "How the results of units leave: merged into one stream of a unit's width, in turn; or "
       "joined, those of all units side by side in one beat."},
      {"bus", &Design::bus, WordChoice{{"native", "axi"}},
       "Ports of the top: plain valid/ready streams and wires, or AXI4-Stream and AXI4-Lite."},
  };
}

std::vector<AttentionField> make_attention_fields() {
  return {
      {"dim", &Attention::dim, IntegerRange{16, 512},
       "D: channels of a key and of a value, whole tiles of the array."},
      {"page", &Attention::page, IntegerChoice{{16, 32, 64, 128, 256}},
       "Tokens of a page of the KV cache."},
      {"logical_pages", &Attention::logical_pages, IntegerChoice{{1, 2, 4, 8, 16}},
       "Logical pages of a page: each has bounds and a score of its own, and the largest counts."},
      {"max_pages", &Attention::max_pages, IntegerRange{16, 65535}, "Most pages of a sequence."},
      {"max_listed", &Attention::max_listed, IntegerRange{2, 4095},
       "Most pages that a step reads."},
      {"sink", &Attention::sink, IntegerRange{0, 1024},
       "Pages at the start of a sequence that a streaming head keeps."},
      {"ring", &Attention::ring, IntegerRange{1, 1024},
       "Pages behind them that a streaming head keeps, the last ones of the sequence."},
      {"interval", &Attention::interval, IntegerRange{1, 1024},
       "Steps for which pages that were chosen by their scores stay chosen."},
  };
}

}  // namespace

const std::vector<Field>& fields() {
  static const std::vector<Field> all = make_fields();
  return all;
}

const std::vector<AttentionField>& attention_fields() {
  static const std::vector<AttentionField> all = make_attention_fields();
  return all;
}

template <class Owner>
nlohmann::ordered_json value_of(const FieldOf<Owner>& field, const Owner& owner) {
  return std::visit([&](auto member) { return nlohmann::ordered_json(owner.*member); },
                    field.member);
}

template nlohmann::ordered_json value_of(const Field&, const Design&);
template nlohmann::ordered_json value_of(const AttentionField&, const Attention&);

}  // namespace hasse::design
