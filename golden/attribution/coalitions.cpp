// SPDX-License-Identifier: Apache-2.0
// Subsets of touches as passes.
#include "golden/attribution/coalitions.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace hasse::attribution {
namespace {

std::vector<std::size_t> all(std::size_t length) {
  std::vector<std::size_t> touches(length);
  std::iota(touches.begin(), touches.end(), std::size_t{0});
  return touches;
}

std::vector<std::size_t> members(std::uint32_t mask) {
  std::vector<std::size_t> touches;
  for (std::size_t i = 0; mask >> i != 0; ++i)
    if ((mask >> i & 1U) != 0) touches.push_back(i);
  return touches;
}

/// `first` and all subsets of `optional`, in the order of binary numbers.
std::vector<std::vector<std::size_t>> with_subsets(const std::vector<std::size_t>& optional,
                                                   const std::vector<std::size_t>& always) {
  std::vector<std::vector<std::size_t>> result;
  for (std::uint32_t mask = 0; mask < 1U << optional.size(); ++mask) {
    std::vector<std::size_t> subset;
    for (const std::size_t member : members(mask)) subset.push_back(optional[member]);
    subset.insert(subset.end(), always.begin(), always.end());
    if (!subset.empty()) result.push_back(std::move(subset));
  }
  return result;
}

}  // namespace

std::size_t Passes::add(std::span<const std::size_t> touches) {
  std::uint32_t node = Forest::kRoot;
  for (const std::size_t touch : touches) {
    const auto [found, fresh] = nodes_.try_emplace({node, touch}, 0);
    if (fresh) found->second = batch_.forest.add(node, first_ + touch, journey_);
    node = found->second;
  }
  const auto [found, fresh] = index_.try_emplace(node, batch_.passes.size());
  if (fresh) batch_.passes.push_back(node);
  return found->second;
}

std::vector<double> Plan::values(std::size_t length, std::span<const Verdict> verdicts) const {
  const auto value = [&](std::size_t pass) {
    return pass == Term::kNoPass ? 0.0 : static_cast<double>(verdicts[pass].probability);
  };
  std::vector<double> result(length);
  for (const Term& term : terms)
    result[term.touch] += term.weight * (value(term.with) - value(term.without));
  return result;
}

double shapley_weight(std::size_t size, std::size_t n) {
  const auto log_factorial = [](std::size_t k) { return std::lgamma(static_cast<double>(k) + 1); };
  return std::exp(log_factorial(size) + log_factorial(n - size - 1) - log_factorial(n));
}

Plan exact_plan(Passes& passes, std::size_t length, bool count_empty) {
  Plan plan;
  const std::uint32_t sets = 1U << length;
  std::vector<std::size_t> pass(sets, Term::kNoPass);
  for (std::uint32_t mask = 1; mask < sets; ++mask) pass[mask] = passes.add(members(mask));
  plan.whole = pass[sets - 1];
  std::vector<double> weights;
  for (std::size_t size = 0; size < length; ++size) weights.push_back(shapley_weight(size, length));
  for (std::size_t touch = 0; touch < length; ++touch)
    for (std::uint32_t mask = 0; mask < sets; ++mask) {
      if ((mask >> touch & 1U) != 0 || (mask == 0 && !count_empty && length > 1)) continue;
      const double weight = weights[static_cast<std::size_t>(std::popcount(mask))];
      plan.terms.push_back({touch, weight, pass[mask | 1U << touch], pass[mask]});
    }
  return plan;
}

std::vector<std::vector<std::size_t>> published_subsets(std::size_t items) {
  std::vector<std::size_t> optional, always;
  const std::size_t varied = std::min<std::size_t>(items, 5);
  const std::size_t first = items > 10 ? 5 : items - varied;
  for (std::size_t i = first; i < first + varied; ++i) optional.push_back(i);
  for (std::size_t i = 10; i < items; ++i) always.push_back(i);
  return with_subsets(optional, always);
}

Plan published_plan(Passes& passes, std::size_t length) {
  Plan plan = whole_plan(passes, length);
  if (length == 1) plan.terms.push_back({0, 1, plan.whole, Term::kNoPass});
  for (std::size_t touch = 0; touch < length && length > 1; ++touch)
    for (std::vector<std::size_t> subset : published_subsets(length - 1)) {
      for (std::size_t& member : subset) member += member >= touch ? 1 : 0;
      const double weight = shapley_weight(subset.size(), length);
      const std::size_t without = passes.add(subset);
      subset.push_back(touch);
      plan.terms.push_back({touch, weight, passes.add(subset), without});
    }
  return plan;
}

Plan leave_one_out_plan(Passes& passes, std::size_t length) {
  Plan plan = whole_plan(passes, length);
  for (std::size_t touch = 0; touch < length; ++touch) {
    std::vector<std::size_t> rest = all(length);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(touch));
    plan.terms.push_back({touch, 1, plan.whole, rest.empty() ? Term::kNoPass : passes.add(rest)});
  }
  return plan;
}

Plan whole_plan(Passes& passes, std::size_t length) {
  return {{}, passes.add(all(length))};
}

Plan permutation_plan(Passes& passes, std::span<const std::size_t> permutation, bool count_empty) {
  Plan plan;
  std::vector<std::size_t> before;
  std::size_t without = Term::kNoPass;
  for (const std::size_t touch : permutation) {
    before.insert(std::ranges::upper_bound(before, touch), touch);
    const std::size_t with = passes.add(before);
    if (without != Term::kNoPass || count_empty) plan.terms.push_back({touch, 1, with, without});
    without = with;
  }
  plan.whole = without;
  return plan;
}

}  // namespace hasse::attribution
