// SPDX-License-Identifier: Apache-2.0
// Decode steps on a simulated attention engine, each held against the bit-true model.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "verif/attention/attention_driver.hpp"
#include "verif/attention/decode_sequence.hpp"

namespace hasse::harness {

/// What a step did, and how far that is from the model.
struct DecodeResult {
  std::size_t tokens = 0;  ///< In the sequence.
  AttentionRun run{};
  double kept = 0;               ///< Tokens that a query head attends to, mean.
  std::uint64_t mismatches = 0;  ///< Outputs that are not the model's, and one for each of another
                                 ///< list of keys' pages, of values' pages, and number of bytes.
  std::uint64_t outputs = 0;

  /// Tokens of the pages whose keys are read.
  double listed_tokens(int page) const { return static_cast<double>(run.listed.size()) * page; }
};

/// Runs the steps of `series` on `model`, a simulated engine of `g` after reset. `seed` is of
/// stalls and of what the memory holds beyond the last token; `tell` is told how many steps are
/// done. Throws HarnessError for a step that reads more pages than the engine lists, ProtocolError
/// when the engine hangs, breaks a handshake or refuses a step that the model takes.
std::vector<DecodeResult> run_series(Model& model, const units::AttentionGeometry& g,
                                     const DecodeSeries& series, const MemoryPace& pace,
                                     std::uint64_t seed,
                                     const std::function<void(std::size_t)>& tell = {});

/// Bytes that a dense step over `tokens` tokens reads: scales and codes of whole pages.
std::size_t dense_bytes(const units::AttentionGeometry& g, std::size_t tokens, int kv_bits);

/// The JSON object of one step: tokens, tokens_kept, pages, value_pages, cycles, bytes,
/// bytes_dense, mismatches.
nlohmann::ordered_json to_json(const DecodeResult& result, const units::AttentionGeometry& g,
                               int kv_bits);

}  // namespace hasse::harness
