// SPDX-License-Identifier: Apache-2.0
// Prints the table of docs/scaling.md: what quantising the byte-level model's layers costs.
#include <fmt/format.h>

#include <cmath>

#include "golden/model/llama.hpp"
#include "golden/quant/group_scales.hpp"

namespace {

using hasse::tensor::Matrix;

/// Norm of the difference over the norm of `w`, in %.
double error(const Matrix<float>& w, const Matrix<float>& quantised) {
  double difference = 0, whole = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    difference += std::pow(w.data()[i] - quantised.data()[i], 2);
    whole += std::pow(w.data()[i], 2);
  }
  return 100 * std::sqrt(difference / whole);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace hasse;
  if (argc != 2) {
    fmt::print(stderr, "usage: scaling_table MODEL.safetensors\n");
    return 2;
  }
  const auto llama = model::Llama::load(argv[1]);
  fmt::print("| layer 0 | per row | 128 | 64 | 32 | QServe 128 | QServe 32 |\n");
  fmt::print("|---|---:|---:|---:|---:|---:|---:|\n");
  for (const char* name :
       {"self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"}) {
    const Matrix<float>& w = llama.weight(fmt::format("model.layers.0.{}.weight", name));
    fmt::print("| {} ", name);
    fmt::print("| {:.2f} ", error(w, quant::dequantize(quant::quantize_weights(w, 4))));
    for (const int group : {128, 64, 32})
      fmt::print("| {:.2f} ", error(w, dequantize(quant::quantize_symmetric_groups(w, 4, group))));
    for (const int group : {128, 32})
      fmt::print("| {:.2f} ", error(w, dequantize(quant::quantize_qserve(w, group))));
    fmt::print("|\n");
  }
}
