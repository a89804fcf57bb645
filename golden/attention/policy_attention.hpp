// SPDX-License-Identifier: Apache-2.0
// A policy in place of a model's dense attention, for prompts and for decoding.
#pragma once

#include <cstddef>

#include "golden/attention/figures.hpp"
#include "golden/attention/policy.hpp"
#include "golden/tensor/matrix.hpp"

namespace hasse::attention {

/// Which tokens of a window are a prompt, and which are decoded one by one.
struct Schedule {
  std::size_t prefill = 0;  ///< Tokens of the prompt; the rest are decode steps.
  std::size_t chunk = 0;    ///< Tokens of the prompt processed at a time; 0: all at once.
  std::size_t from = 0;     ///< Decode steps before this position are not counted.
};

/// Runs the attention of whole windows under a policy. A window is computed position by position,
/// each seeing only what was there when it was decoded, so the result is that of decoding with a
/// cache. In the prompt, streaming heads follow their rule and all others are dense, as in Quest,
/// LServe (retrieval heads) and DuoAttention.
class PolicyAttention {
 public:
  /// Every window runs under `policy`, which fits the model, and is counted in `figures`.
  PolicyAttention(const Policy& policy, const Schedule& schedule, Figures& figures)
      : policy_(&policy), schedule_(schedule), figures_(&figures) {}

  /// The attention of layer `layer` over one window: model::Llama::Attention.
  tensor::Matrix<float> operator()(std::size_t layer, const tensor::Matrix<float>& q,
                                   const tensor::Matrix<float>& k,
                                   const tensor::Matrix<float>& v) const;

 private:
  const Policy* policy_;
  Schedule schedule_;
  Figures* figures_;
};

}  // namespace hasse::attention
