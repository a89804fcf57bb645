// SPDX-License-Identifier: Apache-2.0
// Products counted by the cycle models.
#include "flows/attribute/array_cost.hpp"

#include <algorithm>

#include "golden/tensor/gemm.hpp"
#include "golden/transitive/array_model.hpp"
#include "golden/transitive/layer_model.hpp"

namespace hasse::attribute {
namespace {

using tensor::Matrix;

/// Rows first .. of `w`, as the cycle models ask for them.
transitive::WeightRows rows_of(const Matrix<std::int8_t>& w) {
  return [&w](int first, int count) {
    const std::int8_t* begin = w.row(static_cast<std::size_t>(first)).data();
    const auto rows = static_cast<std::size_t>(count);
    return Matrix<std::int8_t>(rows, w.cols(),
                               std::vector<std::int8_t>(begin, begin + rows * w.cols()));
  };
}

/// Operands with the weights as they are and activations that only have a size.
harness::Operands operands_of(const Matrix<std::int8_t>& w, int columns, int bits) {
  return {w, Matrix<std::int32_t>(w.cols(), static_cast<std::size_t>(columns)), bits};
}

}  // namespace

attribution::IntegerProduct CycleCounter::product() {
  return [this](const std::string& name, const Matrix<std::int8_t>& w, const Matrix<std::int8_t>& x,
                int bits) {
    for (auto left = static_cast<int>(x.cols()); left > 0; left -= engine_.max_m)
      count(name, w, std::min(left, engine_.max_m), bits);
    sample(name, w, x, bits);
    return tensor::gemm<std::int32_t>(w, x);
  };
}

void CycleCounter::count(const std::string& name, const Matrix<std::int8_t>& w, int columns,
                         int bits) {
  const auto* bytes = reinterpret_cast<const char*>(w.data());
  const auto [known, fresh] = known_.try_emplace({name + std::string(bytes, w.size()), columns}, 0);
  const transitive::Shape shape{static_cast<int>(w.rows()), static_cast<int>(w.cols()), columns,
                                bits};
  if (fresh) {
    harness::check(engine_, operands_of(w, columns, bits));
    known->second =
        transitive::layer_cycles(engine_.array(), shape, rows_of(w), {.tiles = 0}).cycles;
  }
  ProductCost& cost = by_name_[name];
  ++cost.products;
  cost.cycles += known->second;
  cost.macs += static_cast<double>(shape.n) * shape.k * shape.m;
  cost.needed_lane_cycles += transitive::needed_lane_cycles(engine_.array(), shape);
}

void CycleCounter::sample(const std::string& name, const Matrix<std::int8_t>& w,
                          const Matrix<std::int8_t>& x, int bits) {
  const std::size_t most = 2 * static_cast<std::size_t>(engine_.streams().columns);
  const std::size_t columns = std::min({most, x.cols(), static_cast<std::size_t>(engine_.max_m)});
  const auto known = samples_.find(name);
  if (known != samples_.end() && known->second.activations.cols() >= columns) return;
  harness::Operands operands = operands_of(w, static_cast<int>(columns), bits);
  for (std::size_t k = 0; k < x.rows(); ++k)
    for (std::size_t c = 0; c < columns; ++c) operands.activations(k, c) = x(k, c);
  samples_.insert_or_assign(name, std::move(operands));
}

ArrayCost CycleCounter::cost(std::size_t journeys, std::size_t touches) const {
  ArrayCost result;
  result.journeys = journeys;
  result.touches = touches;
  result.lanes = engine_.units * engine_.config.lanes;
  result.by_name = by_name_;
  for (const auto& [name, cost] : by_name_) {
    result.total.products += cost.products;
    result.total.macs += cost.macs;
    result.total.cycles += cost.cycles;
    result.total.needed_lane_cycles += cost.needed_lane_cycles;
  }
  return result;
}

}  // namespace hasse::attribute
