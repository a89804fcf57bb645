// SPDX-License-Identifier: Apache-2.0
// Prints the tables of docs/olive.md: pairs of the byte-level model, and what outliers cost the
// transitive array.
#include <fmt/format.h>

#include "golden/model/llama.hpp"
#include "golden/quant/outlier_planes.hpp"

namespace {

using namespace hasse;

constexpr int kTileBits = 8, kLanes = 8, kRows = 256;  // Of the banked engine by default.
constexpr int kWholeBits = 8;                          // Of a decoded int4 outlier, up to 96.

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void print_row(const std::string& name, const tensor::Matrix<float>& w) {
  const quant::OliveWeights q =
      quant::quantize_olive_weights(w, std::vector{quant::olive_format("int4")});
  const quant::SplitOutliers split = quant::split_outliers(q, kTileBits);
  const std::uint64_t tiles = (w.cols() + kTileBits - 1) / kTileBits, rows = w.rows();
  const std::uint64_t int4 = rows * tiles * 4;
  const std::uint64_t beats4 = (rows + kLanes - 1) / kLanes * tiles * 4;
  const std::uint64_t listed =
      quant::listed_cycles(split, 4, kLanes, kRows / (kLanes * 4) * kLanes);
  fmt::print("| {} | {:.2f} | {:.3f} | {} | {} | {} | {:.3f} | {:.3f} | {:.3f} |\n", name,
             100 * share(q.statistics.outlier_normal, q.statistics.pairs),
             100 * share(q.statistics.outlier_outlier, q.statistics.pairs), int4, 2 * int4,
             int4 + split.outliers.size(), share(kWholeBits, 4),
             share(quant::beat_cycles(split, 4, kLanes), beats4), share(listed, beats4));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: olive_table MODEL.safetensors\n");
    return 2;
  }
  const auto llama = model::Llama::load(argv[1]);
  fmt::print(
      "| layer 0 | outlier-normal, % | outlier-outlier, % | int4 TransRows | int8 TransRows | "
      "split "
      "TransRows | whole, cycles | split by beats | split, listed |\n");
  fmt::print("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const char* name : {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                           "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"})
    print_row(name, llama.weight(fmt::format("model.layers.0.{}.weight", name)));
}
