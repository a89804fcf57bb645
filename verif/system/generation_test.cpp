// SPDX-License-Identifier: Apache-2.0
// Every valid design can be generated: the checks that modules make at construction, over many
// random designs with as many values as possible at their limits.
#include <gtest/gtest.h>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/units/engine.hpp"
#include "verif/system/random_designs.hpp"

namespace hasse::system {
namespace {

TEST(Generation, AcceptsEveryValidDesign) {
  RandomDesigns designs(79);
  for (int i = 0; i < 400; ++i) {
    const design::Design design = design::parse(designs.next(), "random");
    try {
      EXPECT_FALSE(emit::bundle(design, units::build(design)).files.empty());
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what() << "\n" << design::to_json(design).dump();
    }
  }
}

}  // namespace
}  // namespace hasse::system
