// SPDX-License-Identifier: Apache-2.0
// CausalMTA's predictor, arXiv 2201.00689.
#pragma once

#include <string>
#include <vector>

#include "golden/attribution/arithmetic.hpp"
#include "golden/attribution/parameters.hpp"
#include "golden/attribution/predictor.hpp"

namespace hasse::attribution {

/// Bidirectional recurrent layers, the directions' outputs added, an attention whose query is the
/// last touch's output, and a perceptron over it and the user. All sizes are those of the file's
/// tensors; tensors that only training uses (`counterfactual`, `channel_classifier`) are left out.
class CausalMta : public Predictor {
 public:
  /// Messages call the parameters' file `name`. Throws tensor::FormatError for a tensor that is
  /// missing or does not fit the others.
  CausalMta(const Parameters& parameters, const std::string& name, const Arithmetic& arithmetic);

  std::string name() const override { return "CausalMTA"; }
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  /// `batch.padded_length` is met by states of 0 that the attention does not mask.
  std::vector<Verdict> run(const Batch& batch) const override;

 private:
  /// One direction of one recurrent layer.
  struct Direction {
    Weights input, recurrent;
  };
  /// The touches of all passes, pass after pass.
  struct Sequences;

  Direction direction(const Parameters& parameters, const std::string& name, std::size_t layer,
                      bool reverse, std::size_t inputs) const;
  tensor::Matrix<float> embed(const Batch& batch, const Sequences& sequences) const;
  tensor::Matrix<float> recur(const Direction& direction, bool reverse,
                              const tensor::Matrix<float>& input, const Sequences& sequences) const;
  std::vector<float> attend(const tensor::Matrix<float>& states, std::size_t first,
                            std::size_t length, std::size_t padded_length) const;

  Arithmetic arithmetic_;
  Vocabulary vocabulary_;
  std::size_t hidden_ = 0;
  tensor::Matrix<float> channel_embedding_, user_embedding_;
  std::vector<tensor::Matrix<float>> category_embeddings_;
  std::vector<std::vector<Direction>> layers_;  ///< Forward and backward of each.
  std::vector<Weights> dense_;
};

}  // namespace hasse::attribution
