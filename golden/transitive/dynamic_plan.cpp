// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/dynamic_plan.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "golden/transitive/wavefront.hpp"

namespace hasse::transitive {
namespace {

constexpr int kNowhere = -1;

/// The node that lane dimension-1 leaves out, so that the root has a place there.
Code left_out(int dimension) {
  return Code{1} | (Code{1} << (dimension - 1));
}

Code bit_code(int bit) {
  return Code{1} << bit;
}

}  // namespace

int dynamic_class(Code node, int dimension) {
  int sum = 0;
  for (int bit = 0; bit < dimension; ++bit)
    if ((node & bit_code(bit)) != 0) sum += bit;
  return sum % dimension;
}

std::vector<Code> dynamic_candidates(int picker, int dimension) {
  std::vector<Code> nodes;
  for (Code node = 0; node < bit_code(dimension); ++node)
    if (level(node) >= 2 && dynamic_class(node, dimension) == picker) nodes.push_back(node);
  std::stable_sort(nodes.begin(), nodes.end(), [](Code a, Code b) { return level(a) < level(b); });
  return nodes;
}

int dynamic_slot(Code node, int lane, int dimension) {
  if (node == 0) node = left_out(dimension);
  const Code low = node & (bit_code(lane) - 1);
  const Code bare = low | ((node >> (lane + 1)) << lane);
  return static_cast<int>((bare & ~Code{1}) | static_cast<Code>(level(bare) % 2));
}

DynamicPlan::DynamicPlan(int dimension, const std::vector<bool>& present, OperandNetwork network)
    : dimension_(dimension), network_(network) {
  if (dimension < 2 || dimension > kMaxDimension || present.size() != bit_code(dimension))
    throw std::invalid_argument("dynamic plan: dimension " + std::to_string(dimension) + " with " +
                                std::to_string(present.size()) + " nodes: expected 2.." +
                                std::to_string(kMaxDimension) + " and 2^dimension");
  lanes_.assign(present.size(), kNowhere);
  since_.assign(present.size(), 0);
  for (int picker = 0; picker < dimension; ++picker)
    classes_.push_back(dynamic_candidates(picker, dimension));
  forward(present);
  backward();
  if (!present[0]) wanted_[0] = false;
  seed();
  for (int now = 2; std::find(wanted_.begin(), wanted_.end(), true) != wanted_.end(); ++now)
    step(now);
}

std::optional<int> DynamicPlan::lane(Code node) const {
  const int lane = lanes_.at(node);
  return lane == kNowhere ? std::nullopt : std::optional(lane);
}

void DynamicPlan::forward(const std::vector<bool>& present) {
  wanted_ = present;
  wanted_[0] = true;
  for (int bit = 0; bit < dimension_; ++bit) wanted_[bit_code(bit)] = true;
  within_.assign(1, wanted_);
  for (int k = 1; k < kDistanceCap; ++k) {
    std::vector<bool> next = wanted_;
    for (Code node = 1; node < next.size(); ++node)
      for (const Code prefix : direct_prefixes(node))
        if (within_.back()[prefix]) next[node] = true;
    within_.push_back(next);
  }
}

void DynamicPlan::backward() {
  for (int height = dimension_; height >= 2; --height)
    for (Code node = 0; node < wanted_.size(); ++node)
      if (wanted_[node] && level(node) == height) ask_for_prefix(node);
}

/// Keeps a direct prefix that is there, or asks for the one with the shortest way down. Nodes asked
/// for on this level do not depend on each other.
void DynamicPlan::ask_for_prefix(Code node) {
  const std::vector<Code> prefixes = direct_prefixes(node);
  for (int k = 0; k < kDistanceCap; ++k)
    for (const Code prefix : prefixes) {
      if (!within_[static_cast<std::size_t>(k)][prefix]) continue;
      ++distances_.within[static_cast<std::size_t>(k)];
      wanted_[prefix] = true;
      return;
    }
  ++distances_.far;
  wanted_[prefixes.front()] = true;
}

void DynamicPlan::seed() {
  for (int lane = 0; lane < dimension_; ++lane) choose({bit_code(lane), lane, lane}, 0);
  if (wanted_[0]) choose({0, 0, dynamic_root_lane(dimension_)}, 1);
}

void DynamicPlan::step(int now) {
  std::vector<std::vector<Offer>> pickers;
  for (int picker = 0; picker < dimension_; ++picker) pickers.push_back(offers(picker, now));
  if (network_ == OperandNetwork::benes) share_operands(pickers, now);
  const Matching lanes = match_wavefront(requests(pickers, &Offer::lane), 0);
  std::vector<Offer> chosen;
  for (std::size_t picker = 0; picker < pickers.size(); ++picker)
    for (const Offer& offer : pickers[picker])
      if (offer.lane == lanes[picker]) {
        chosen.push_back(offer);
        break;
      }
  std::ranges::sort(chosen, {}, &Offer::lane);
  for (const Offer& offer : chosen) choose(offer, now);
}

/// All that a picker could build, in the order in which it prefers nodes and operands.
std::vector<DynamicPlan::Offer> DynamicPlan::offers(int picker, int now) const {
  std::vector<Offer> all;
  for (const Code node : classes_[static_cast<std::size_t>(picker)])
    for (int bit = 0; wanted_[node] && bit < dimension_; ++bit)
      if ((node & bit_code(bit)) != 0 && reaches(node ^ bit_code(bit), bit, now))
        all.push_back({node, bit, lanes_[node ^ bit_code(bit)]});
  return all;
}

/// Leaves every picker the offers with one operand, that of no other picker.
void DynamicPlan::share_operands(std::vector<std::vector<Offer>>& pickers, int now) const {
  const Matching operands =
      match_wavefront(requests(pickers, &Offer::operand), static_cast<std::size_t>(now));
  for (std::size_t picker = 0; picker < pickers.size(); ++picker)
    std::erase_if(pickers[picker],
                  [&](const Offer& offer) { return offer.operand != operands[picker]; });
}

/// What pickers ask for: a bit for every lane, or operand, of their offers.
std::vector<std::uint32_t> DynamicPlan::requests(const std::vector<std::vector<Offer>>& pickers,
                                                 int Offer::*of) {
  std::vector<std::uint32_t> all;
  for (const std::vector<Offer>& offers : pickers) {
    all.push_back(0);
    for (const Offer& offer : offers) all.back() |= std::uint32_t{1} << (offer.*of);
  }
  return all;
}

/// May a child with `bit` more be chosen from `parent` now?
bool DynamicPlan::reaches(Code parent, int bit, int now) const {
  const bool to_left_out = parent == bit_code(dimension_ - 1) && bit == 0;
  return parent != 0 && !to_left_out && lanes_[parent] != kNowhere &&
         now >= since_[parent] + kParentLatency;
}

void DynamicPlan::choose(const Offer& offer, int now) {
  const Code node = offer.node;
  lanes_[node] = offer.lane;
  since_[node] = now;
  wanted_[node] = false;
  DynamicNode built{node, std::nullopt, offer.operand, offer.lane, now};
  if (level(node) >= 2) built.parent = node ^ bit_code(offer.operand);
  nodes_.push_back(built);
}

}  // namespace hasse::transitive
