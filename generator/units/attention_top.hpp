// SPDX-License-Identifier: Apache-2.0
// The top of the attention engine under construction, a stretch of the way per function.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "generator/units/attention_engine.hpp"

namespace hasse::units {

using AG = AttentionGeometry;

/// The finished units that the top instantiates.
struct AttentionParts {
  hdl::Module array, selector, reducer, coder, softmax, walker, addresser, reuse, keys, values,
      lister, stream;
};

/// A memory_stream's outputs.
struct MemoryWords {
  hdl::Expr data, valid, address, lap, last;
};

/// How one is written and read.
struct MemoryUse {
  std::string name;
  hdl::Width width;
  int depth;
  hdl::Expr write, write_address, write_data, begin, last_address, ready;
  hdl::Expr last_lap = hdl::lit(0, 1);
};

/// Builds the module, a stretch of the way per function.
class AttentionTop {
 public:
  AttentionTop(const AG& g, const AttentionParts& parts) : g_(g), parts_(parts) {}

  hdl::Module build() {
    m_.set_unit("attention_control");
    task_ports();
    stream_ports();
    name_phases();
    wires();
    queries();
    array();
    bounds();
    selection();
    list();
    pages();
    memory();
    keys();
    tokens();
    softmax();
    prune();
    weigh();
    outputs();
    reuse();
    phases();
    finish();
    return m_;
  }

 private:
  enum Phase { idle, load, score, select, gather, attend, mass, recount, weights, values };

  void task_ports();
  void stream_ports();
  void name_phases();
  void wires();
  void queries();
  void query_sums();
  void array();
  int count_bits_of_blocks() const;
  void bounds();
  hdl::Expr page_codes(const hdl::Expr& inside, const hdl::Expr& last);
  void selection();
  void list();
  void window(const hdl::Expr& begin);
  void slots(const hdl::Expr& begin);
  void rows(const hdl::Expr& begin);
  void pages();
  void memory();
  void scales();
  void keys();
  void tokens();
  void stored_scores();
  void token_masks();
  void softmax();
  void prune();
  void weigh();
  void gather_weights(const hdl::Expr& made, const hdl::Expr& valid);
  void outputs();
  void reuse();
  void phases();
  void finish();

  /// A signal that is driven further down.
  void wire(const std::string& name, const hdl::Width& width, const std::string& doc = "") {
    net_.emplace(name, m_.logic(name, width, doc));
  }
  void in(const std::string& name, const hdl::Width& width, const std::string& doc) {
    net_.emplace(name, m_.input(name, width, doc));
  }
  hdl::Expr out(const std::string& name, const hdl::Width& width, const std::string& doc) {
    net_.emplace(name, m_.output(name, width, doc));
    return net_.at(name);
  }
  const hdl::Expr& at(const std::string& name) const { return net_.at(name); }
  void drive(const std::string& name, const hdl::Expr& value) { m_.assign(at(name), value); }
  /// `value` under a name.
  const hdl::Expr& let(const std::string& name, const hdl::Expr& value,
                       const std::string& doc = "") {
    return net_.emplace(name, m_.let(name, value, doc)).first->second;
  }
  /// The phase as a number with a name.
  const hdl::Expr& phase(Phase phase) const { return phases_.at(phase); }
  hdl::Expr in_phase(Phase which) const { return at("phase_q") == phase(which); }
  /// The first cycle of a phase.
  hdl::Expr enters(Phase which) const { return at("first_q") && in_phase(which); }
  hdl::Expr clocked_bit(const std::string& name, const hdl::Expr& set, const hdl::Expr& clear);
  hdl::Expr counter(const std::string& name, int bits, const hdl::Expr& clear,
                    const hdl::Expr& step, const std::string& doc);
  MemoryWords walk(const MemoryUse& use);
  /// Of bits that are the same in all columns the first; the others are not read.
  hdl::Expr in_step(const hdl::Expr& bits) {
    if (g_.columns() > 1) m_.unused(bits.slice(1, g_.columns() - 1));
    return bits.bit(0);
  }
  hdl::PortMap clocked(hdl::PortMap ports) const {
    ports.insert(ports.begin(), {{"clk_i", clk_}, {"rst_ni", rst_n_}});
    return ports;
  }
  /// Per column something, the first lowest.
  template <class F>
  hdl::Expr columns(F part) const {
    std::vector<hdl::Expr> parts;
    for (int c = g_.columns() - 1; c >= 0; --c) parts.push_back(part(c));
    return hdl::cat(parts);
  }
  /// The part of the column that is being chosen for.
  hdl::Expr of_column(const hdl::Expr& all, int bits) const {
    hdl::Expr part = all.slice(0, bits);
    for (int c = 1; c < g_.columns(); ++c)
      part =
          hdl::mux(at("column_q") == hdl::lit(c, column_bits()), all.slice(c * bits, bits), part);
    return part;
  }
  int column_bits() const { return address_bits_for(g_.columns()); }
  int token_index_bits() const { return address_bits_for(g_.max_listed * g_.page); }
  int listed_bits() const { return address_bits_for(g_.max_listed); }
  int count_bits() const { return bits_for(g_.max_listed); }
  int in_page_bits() const { return address_bits_for(g_.page); }
  int logical_bits() const { return bits_for(g_.max_pages * g_.logical_pages); }
  int kept_rows() const { return g_.selector().rows(); }
  int part_bits() const { return address_bits_for(g_.parts(8)); }

  static constexpr int kPhaseBits = 4;
  const AG& g_;
  const AttentionParts& parts_;
  std::map<std::string, hdl::Expr> net_{};
  std::vector<hdl::Expr> phases_{};  ///< By Phase.
  hdl::Module m_{
      "attention_engine",
      "Attention of one KV head's query heads, a decode step or a prompt's block at a time.\n"
      "Bounds of pages times queries score the pages, the selector chooses, keys of the\n"
      "chosen times queries are scores, their softmax times values the output: three\n"
      "products on one array, which reads pages as its weights."};
  hdl::Width columns_ =
      m_.localparam("Columns", g_.columns(), "Pairs of a token and a query head.");
  hdl::Width page_bits_ = m_.localparam("PageBits", g_.page_bits(), "Bits of a page's number.");
  hdl::Width token_bits_ =
      m_.localparam("TokenBits", g_.token_bits(), "Bits of a number of tokens of a page.");
  hdl::Width query_bits_ =
      m_.localparam("QueryBits", g_.operand_rows() * AG::kQueryBits,
                    "A column's elements in a beat of queries, eight bits each.");
  hdl::Width word_bits_ = m_.localparam("WordBits", g_.word_bits(), "Bits of a word of memory.");
  hdl::Width out_bits_ = m_.localparam("OutBits", AG::kOutBits, "Bits of an output.");
  hdl::Expr clk_ = m_.input("clk_i", 1, "Clock.");
  hdl::Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
};

}  // namespace hasse::units
