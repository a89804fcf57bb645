// SPDX-License-Identifier: Apache-2.0
#include "verif/fuzz/targets.hpp"

#include <algorithm>
#include <string>

#include "generator/design/design.hpp"
#include "generator/design/error.hpp"
#include "golden/attention/head_gates.hpp"
#include "golden/attention/policy.hpp"
#include "golden/model/llama2c.hpp"
#include "golden/model/tokenizer.hpp"
#include "golden/tensor/format_error.hpp"
#include "golden/tensor/npy.hpp"
#include "golden/tensor/safetensors.hpp"
#include "synth/error.hpp"
#include "synth/liberty/library.hpp"

namespace hasse::fuzz {
namespace {

/// Runs `parse`, which may refuse what it is given by an `Error`.
template <class Error, class Parse>
void expect_refusal(Parse parse) {
  try {
    parse();
  } catch (const Error&) {
    return;
  }
}

void parse_design(std::string_view bytes) {
  expect_refusal<design::DesignError>([&] { design::derive(design::parse(bytes, "fuzz")); });
}

void parse_npy(std::string_view bytes) {
  expect_refusal<tensor::FormatError>([&] { tensor::parse_npy(bytes, "fuzz"); });
}

void parse_safetensors(std::string_view bytes) {
  expect_refusal<tensor::FormatError>(
      [&] { tensor::Safetensors::parse(std::string(bytes), "fuzz"); });
}

void parse_llama2c(std::string_view bytes) {
  expect_refusal<tensor::FormatError>([&] { model::parse_llama2c(bytes, "fuzz"); });
}

void parse_tokenizer(std::string_view bytes) {
  expect_refusal<tensor::FormatError>([&] { model::Tokenizer::parse(bytes, "fuzz", 300); });
}

void parse_liberty(std::string_view bytes) {
  expect_refusal<synth::InputError>([&] { synth::Library::parse(std::string(bytes), "fuzz"); });
}

void parse_gates(std::string_view bytes) {
  expect_refusal<tensor::FormatError>([&] { attention::parse_gates(bytes, "fuzz"); });
}

void parse_policy(std::string_view bytes) {
  const attention::ModelShape shape{4, 4};
  expect_refusal<attention::PolicyError>(
      [&] { attention::parse_policy(bytes, "/nowhere/fuzz.json", shape); });
}

constexpr Target kTargets[] = {{"design", parse_design},
                               {"gates", parse_gates},
                               {"liberty", parse_liberty},
                               {"llama2c", parse_llama2c},
                               {"npy", parse_npy},
                               {"policy", parse_policy},
                               {"safetensors", parse_safetensors},
                               {"tokenizer", parse_tokenizer}};

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

const Target* find_target(std::string_view name) {
  const auto found = std::find_if(std::begin(kTargets), std::end(kTargets),
                                  [&](const Target& target) { return target.name == name; });
  return found == std::end(kTargets) ? nullptr : found;
}

}  // namespace hasse::fuzz
