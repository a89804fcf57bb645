// SPDX-License-Identifier: Apache-2.0
// Training DCRMTA: its losses with gradient reversal, and Adam.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "golden/attribution/journeys.hpp"
#include "golden/attribution/parameters.hpp"
#include "golden/attribution/tape.hpp"

namespace hasse::attribution {

/// How DCRMTA is trained. Weights of losses are those of the published configuration; it takes 100
/// epochs at a tenth of this rate.
struct TrainingOptions {
  int epochs = 12;
  std::size_t batch = 200;
  float rate = 1e-3F;
  float channel_weight = 0.5F;  ///< Of telling channels from reversed states.
  float conversion_weight = 0.5F;
  float effect_weight = 0.5F;  ///< Of the counterfactual effect telling conversions.
  float dropout = 0.2F;        ///< Of the first hidden layer over features.
  float decay = 0;             ///< Of weights, per step, times the rate.
  std::uint64_t seed = 1;

  /// Without the causal part: the conversion's loss alone.
  static TrainingOptions without_causal_part();
};

/// DCRMTA's outputs on the tape, journeys in the order given.
struct TapedOutputs {
  Tape::Var logit;     ///< Of conversion, a row a journey.
  Tape::Var effect;    ///< logit - logit^.
  Tape::Var channels;  ///< Logits of the channel, a row a touch, behind the gradient reversal.
  std::vector<std::uint8_t> channel_labels;  ///< For `channels`.
};

/// Runs DCRMTA on the tape. With `random`, as in training: features are dropped out and the
/// counterfactual attention is uniform in 0..2; without, as in use.
TapedOutputs tape_dcrmta(Tape& tape, const Sizes& sizes, const Journeys& journeys,
                         const std::vector<std::size_t>& which, float dropout = 0,
                         std::mt19937_64* random = nullptr);

/// The loss of `outputs`: channel, conversion and effect, weighted.
Tape::Var tape_loss(Tape& tape, const TapedOutputs& outputs,
                    const std::vector<std::uint8_t>& converted, const TrainingOptions& options);

/// Random weights as PyTorch's layers start; users start at 0, so that one never met stays neutral.
Parameters initial_parameters(const Sizes& sizes, std::uint64_t seed);

/// Told the epoch (from 1) and its mean loss.
using EpochFn = std::function<void(int epoch, double loss)>;

/// Trains on `journeys`, which have to fit `sizes.vocabulary`. The same options give the same bits.
Parameters train(const Sizes& sizes, const Journeys& journeys, const TrainingOptions& options,
                 const EpochFn& progress = {});

/// Sizes with tables just large enough for `journeys`.
Sizes sizes_for(const Journeys& journeys);

}  // namespace hasse::attribution
