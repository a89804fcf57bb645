// SPDX-License-Identifier: Apache-2.0
// What a model's products take on the generated arrays, by their cycle models.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "golden/attribution/attribute.hpp"
#include "golden/attribution/predictor.hpp"
#include "verif/harness/engine.hpp"

namespace hasse::attribute {

/// Cycles of some products.
struct ProductCost {
  std::uint64_t products = 0;
  double macs = 0;
  double cycles = 0;
  double needed_lane_cycles = 0;  ///< See transitive::needed_lane_cycles.
};

/// Cycles of an attribution, one product after the other.
struct ArrayCost {
  std::size_t journeys = 0, touches = 0;
  int lanes = 1;  ///< Of all units.
  ProductCost total;
  std::map<std::string, ProductCost> by_name;  ///< Under the names of the model's products.

  double utilisation() const { return total.needed_lane_cycles / (lanes * total.cycles); }
  double utilisation(const ProductCost& cost) const {
    return cost.needed_lane_cycles / (lanes * cost.cycles);
  }
  double cycles_per_journey() const { return total.cycles / static_cast<double>(journeys); }
  double cycles_per_touch() const { return total.cycles / static_cast<double>(touches); }
};

/// Adds up the cycles that `engine` takes for products.
class CycleCounter {
 public:
  explicit CycleCounter(const harness::Engine& engine) : engine_(engine) {}
  CycleCounter(const CycleCounter&) = delete;
  CycleCounter& operator=(const CycleCounter&) = delete;

  /// A product that is exact, and counted. Columns beyond the engine's `max_m` make further
  /// products. Throws harness::HarnessError for operands that the engine cannot take. The counter
  /// must outlive it; use it on one thread.
  attribution::IntegerProduct product();

  /// What has been counted, for `journeys` of `touches` touches.
  ArrayCost cost(std::size_t journeys, std::size_t touches) const;

  /// Under every name the first product of the most columns, cut after two rounds of the engine's.
  const std::map<std::string, harness::Operands>& samples() const { return samples_; }

 private:
  void count(const std::string& name, const tensor::Matrix<std::int8_t>& w, int columns, int bits);
  void sample(const std::string& name, const tensor::Matrix<std::int8_t>& w,
              const tensor::Matrix<std::int8_t>& x, int bits);

  harness::Engine engine_;
  std::map<std::string, ProductCost> by_name_;
  std::map<std::string, harness::Operands> samples_;
  /// Cycles by the weights' bytes and columns: a model's weights come again and again.
  std::map<std::pair<std::string, int>, double> known_;
};

}  // namespace hasse::attribute
