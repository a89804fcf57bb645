// SPDX-License-Identifier: Apache-2.0
// A model that tells how likely journeys, and parts of them, are to end in a conversion.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "golden/attribution/arithmetic.hpp"
#include "golden/attribution/forest.hpp"

namespace hasse::attribution {

/// A trained model in one precision.
class Predictor {
 public:
  virtual ~Predictor() = default;

  /// "DCRMTA" or "CausalMTA".
  virtual std::string name() const = 0;
  /// What its inputs may be.
  virtual const Vocabulary& vocabulary() const = 0;
  /// What it says of every one of `batch.passes`. A pass's verdict does not depend on the others,
  /// bit for bit. The journeys have to fit the vocabulary.
  virtual std::vector<Verdict> run(const Batch& batch) const = 0;
};

/// Reads a model from a safetensors file: DCRMTA's, or CausalMTA's when it has a `bi_lstm`. Throws
/// tensor::FormatError for a file that holds neither.
std::unique_ptr<Predictor> load_predictor(const std::filesystem::path& path,
                                          const Arithmetic& arithmetic);

/// Probabilities of the whole journeys.
std::vector<float> probabilities(const Predictor& predictor, const Journeys& journeys);

}  // namespace hasse::attribution
