// SPDX-License-Identifier: Apache-2.0
// The text of emitted files, to the byte.
#include <gtest/gtest.h>

#include "generator/hdl/hdl.hpp"
#include "generator/hdl/tests/example.hpp"
#include "generator/hdl/tests/support.hpp"

namespace hasse::hdl::testing {
namespace {

TEST(Golden, ExampleModules) {
  for (const Module& module : make_example()) {
    expect_golden(module.name() + ".v", module.to_string(example_header()));
  }
}

TEST(Golden, EmittingTwiceGivesTheSameBytes) {
  const std::vector<Module> first = make_example();
  const std::vector<Module> second = make_example();
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].to_string(), second[i].to_string());
    EXPECT_EQ(first[i].to_string(), first[i].to_string());
  }
}

TEST(Golden, NoLineIsLongerThanAHundredColumnsNorEndsInASpace) {
  for (const Module& module : make_example()) {
    std::istringstream text(module.to_string(example_header()));
    for (std::string line; std::getline(text, line);) {
      EXPECT_LE(line.size(), 100U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

}  // namespace
}  // namespace hasse::hdl::testing
