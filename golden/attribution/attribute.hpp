// SPDX-License-Identifier: Apache-2.0
// Credits: how much of a conversion each touch of a journey is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "golden/attribution/journeys.hpp"
#include "golden/attribution/predictor.hpp"

namespace hasse::attribution {

/// How touches are credited; v(S) is the model's probability for the touches S, in their order.
enum class Method {
  /// Shapley values with v(no touches) = 0, as CausalMTA counts: they sum to the probability.
  shapley,
  /// The same without the term of the empty set, as DCRMTA counts: what a touch adds to others.
  shapley_nonempty,
  /// DCRMTA's published code: the empty set left out, 31 or 32 of the subsets where there are more,
  /// and the touch in question appended at the end.
  published,
  /// v(all) - v(all but the touch).
  leave_one_out,
  /// All to the last touch, whatever the model says.
  last_touch,
};

/// "shapley", "shapley-nonempty", "published", "leave-one-out" or "last-touch".
std::string_view name_of(Method method);

/// Methods by name.
std::optional<Method> method_of(std::string_view name);

/// How journeys are attributed.
struct AttributeOptions {
  Method method = Method::shapley;
  /// Shapley values of longer journeys are sampled; at most 16.
  std::size_t exact_touches = 12;
  /// Permutations drawn for a journey that is sampled, each with its reverse: even.
  std::size_t samples = 16;
  std::uint64_t seed = 1;  ///< Of the samples; journey j takes seed and j.
  unsigned threads = 2;
};

/// The credits of all journeys.
struct Credits {
  std::vector<double> values;          ///< Per touch: Shapley value, or difference.
  std::vector<double> standard_error;  ///< Per touch, of `values`; 0 where they are exact.
  std::vector<double> credit;  ///< Per touch: value, not below 0, over their sum in the journey.
  std::vector<float> probability;  ///< Per journey.
  std::vector<float> effect;       ///< Per journey; see Verdict.
  std::size_t sampled = 0;         ///< Journeys that were sampled.
  std::uint64_t passes = 0;        ///< Passes through the model.
};

/// Told the share of the work done, 0..1, by one thread at a time.
using ShareFn = std::function<void(double)>;

/// Attributes `journeys`, which have to fit the model's vocabulary. The result depends on neither
/// threads nor the order of journeys but for the samples. Throws std::invalid_argument for options
/// out of range.
Credits attribute(const Predictor& predictor, const Journeys& journeys,
                  const AttributeOptions& options, const ShareFn& progress = {});

/// Values, negatives as 0, divided by their sum; all 0 when there is nothing to divide.
std::vector<double> normalised(std::vector<double> values);

}  // namespace hasse::attribution
