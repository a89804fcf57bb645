// SPDX-License-Identifier: Apache-2.0
// DCRMTA, inference: "Deep Causal Representation for Multi-Touch Attribution", arXiv 2401.08875.
#pragma once

#include <string>
#include <vector>

#include "golden/attribution/arithmetic.hpp"
#include "golden/attribution/parameters.hpp"
#include "golden/attribution/predictor.hpp"

namespace hasse::attribution {

/// Two recurrent layers over the touches and an attention over their states (the causal branch);
/// an attention of the user over the touches' features and bilinear attention pooling (BAP), once
/// with the attention and once, counterfactually, with attention 1 (the user branch); the
/// conversion's logit from the sum of both.
///
/// The output layer is linear, so it is applied to states before they are pooled: the causal branch
/// pools one number a touch. Recurrent products are made once per state that has successors.
class Dcrmta : public Predictor {
 public:
  /// Messages call the parameters' file `name`. Throws as dcrmta_sizes does.
  Dcrmta(const Parameters& parameters, const std::string& name, const Arithmetic& arithmetic);

  std::string name() const override { return "DCRMTA"; }
  const Vocabulary& vocabulary() const override { return sizes_.vocabulary; }
  const Sizes& sizes() const { return sizes_; }
  std::vector<Verdict> run(const Batch& batch) const override;

 private:
  /// Per touch of the batch, whatever pass it is in; the last row is the touch of padding.
  struct Touches {
    std::vector<std::uint32_t> row_of;      ///< Row of the journeys' touch `t - first`.
    tensor::Matrix<float> recurrent_input;  ///< Of the first recurrent layer's gates.
    tensor::Matrix<float> attention_input;  ///< Of the causal attention's first layer.
    tensor::Matrix<float> features;         ///< f_m, what the user attends to.
    tensor::Matrix<float> users;            ///< u_m, per journey of the batch.
  };
  /// Per node of the forest.
  struct States {
    std::vector<float> scores;       ///< Of the causal attention.
    std::vector<float> projections;  ///< Of the state on the output.
    float padding_score = 0;
  };
  struct UserBranch;

  tensor::Matrix<float> embed(const Batch& batch) const;
  Touches touches(const Batch& batch) const;
  tensor::Matrix<float> recur(const Batch& batch, const Touches& touches) const;
  States states(const Batch& batch, const Touches& touches) const;
  std::vector<float> perceptron(tensor::Matrix<float> hidden) const;
  float causal_logit(const Batch& batch, const States& states, std::uint32_t pass) const;
  void user_branch(const Batch& batch, const Touches& touches, std::size_t journey,
                   const std::vector<std::size_t>& passes, UserBranch& branch) const;

  Arithmetic arithmetic_;
  Sizes sizes_;
  tensor::Matrix<float> channel_embedding_, user_embedding_;
  std::vector<tensor::Matrix<float>> category_embeddings_;
  Weights input_0_, recurrent_0_, input_1_, recurrent_1_;
  Weights attention_state_, attention_touch_, attention_1_, attention_2_;
  Weights features_0_, features_1_, user_, output_;
  float output_bias_ = 0;
};

}  // namespace hasse::attribution
