// SPDX-License-Identifier: Apache-2.0
#include "flows/workload_options.hpp"

#include <CLI/CLI.hpp>

namespace hasse::flows {

namespace {

void set_shape(std::optional<transitive::Shape>& shape, const std::vector<int>& sides) {
  if (sides.empty()) return;
  shape.emplace();
  shape->n = sides.at(0);
  shape->k = sides.at(1);
  shape->m = sides.at(2);
}

void declare_shape(CLI::App& command, const char* name, std::vector<int>& sides, const char* text) {
  command.add_option(name, sides, text)
      ->type_name("N K M")
      ->expected(3)
      ->check(CLI::Range(1, 65535));
}

}  // namespace

void declare_operands(CLI::App& command, harness::WorkloadOptions& workload,
                      OperandShapes& shapes) {
  command.add_option("--weights", workload.weights, "W [N x K], int8 or int16, C order")
      ->type_name("W.npy");
  command
      .add_option("--activations", workload.activations, "X [K x M], int8, int16, uint8 or uint16")
      ->type_name("X.npy");
  declare_shape(command, "--random", shapes.random, "Uniformly random operands of this shape");
  declare_shape(command, "--fill", shapes.filled,
                "Operands of files or of the model repeated, or cut, to this shape");
  command.add_option("--model", workload.model, "Byte-level Llama; the embedded one if left out")
      ->type_name("M.safetensors");
  command.add_option("--tensor", workload.tensor, "Projection of the model that is multiplied")
      ->type_name("NAME")
      ->default_str(harness::kDefaultTensor);
  command
      .add_option("--text", workload.text,
                  "Text that the model reads; on an attention engine the embedded one if left out")
      ->type_name("FILE")
      ->default_str(harness::kDefaultText);
  command
      .add_option(
          "--tokens", workload.tokens,
          "Bytes of the text: columns of X, or the sequence attended to, then the whole window")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  command.add_option("--weight-bits", workload.weight_bits, "Bits of the weights")
      ->type_name("S")
      ->check(CLI::Range(2, 8));
  command
      .add_option("--activation-bits", workload.activation_bits,
                  "Bits of the activations: 4, 8 or 16, at most the design's")
      ->type_name("A");
  command.add_flag("--unsigned", workload.unsigned_activations,
                   "Unsigned activations, on a design that takes either");
}

void set_shapes(harness::WorkloadOptions& workload, const OperandShapes& shapes) {
  set_shape(workload.random, shapes.random);
  set_shape(workload.filled, shapes.filled);
}

}  // namespace hasse::flows
