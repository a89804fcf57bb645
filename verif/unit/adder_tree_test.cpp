// SPDX-License-Identifier: Apache-2.0
// Sums of many terms and carries, of every number of terms.
#include "generator/units/adder_tree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/hdl/module.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

struct Case {
  std::vector<int> widths;  ///< Of the terms.
  int carries;
};

/// A module around one tree: sum_o is the sum of all terms and of the carries that it took.
class Tree {
 public:
  explicit Tree(const Case& c) {
    std::vector<hdl::Expr> terms, carries;
    for (std::size_t i = 0; i < c.widths.size(); ++i)
      terms.push_back(m_.input(fmt::format("term_{}_i", i), c.widths[i], "A term."));
    for (int i = 0; i < c.carries; ++i)
      carries.push_back(m_.input(fmt::format("carry_{}_i", i), 1, "A carry."));
    const hdl::Expr sum = hdl::Expr(units::adder_tree(m_, "sum", terms, carries));
    left = static_cast<int>(carries.size());
    for (int i = 0; i < left; ++i)
      m_.unused(carries[static_cast<std::size_t>(i)], fmt::format("unused_carry_{}", i));
    width = sum.width().value();
    m_.assign(m_.output("sum_o", width, "Their sum."), sum);
  }

  const hdl::Module& module() const { return m_; }
  int left = 0;   ///< Carries that found no adder.
  int width = 0;  ///< Bits of the sum.

 private:
  hdl::Module m_{"tree", "One adder tree."};
};

class AdderTree : public testing::TestWithParam<Case> {};

TEST_P(AdderTree, AddsTermsAndCarries) {
  const Case& c = GetParam();
  const Tree tree(c);
  const int adders = static_cast<int>(c.widths.size()) - 1;
  const int taken = std::min(c.carries, adders);
  EXPECT_EQ(tree.left, c.carries - taken);
  Bench bench({tree.module()});
  harness::Random random(23);
  for (int i = 0; i < 200; ++i) {
    std::uint64_t sum = 0;
    for (std::size_t t = 0; t < c.widths.size(); ++t) {
      const std::uint64_t mask = (std::uint64_t{1} << c.widths[t]) - 1;
      const std::uint64_t value = i == 0 ? mask : (random.next() >> 16) & mask;
      bench.set(fmt::format("term_{}_i", t), value);
      sum += value;
    }
    // The tree takes carries from the end of their list.
    for (int k = 0; k < c.carries; ++k) {
      const bool carry = i == 0 || random.chance(0.5);
      if (bench.model().has_port(fmt::format("carry_{}_i", k)))
        bench.set(fmt::format("carry_{}_i", k), carry);
      if (k >= tree.left && carry) ++sum;
    }
    bench.model().eval();
    ASSERT_EQ(bench.get("sum_o"), sum) << "sum " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, AdderTree,
                         testing::Values(Case{{5}, 0}, Case{{4, 4}, 1}, Case{{3, 9, 9}, 2},
                                         Case{{8, 8, 8, 8, 8}, 1}, Case{{2, 7, 7, 7, 7, 7, 7}, 9},
                                         Case{std::vector<int>(32, 9), 31}));

}  // namespace
}  // namespace hasse::unit
