// SPDX-License-Identifier: Apache-2.0
// Every valid design can be generated: the checks that modules make at construction, over many
// random designs with as many values as possible at their limits.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/units/engine.hpp"
#include "verif/system/random_designs.hpp"

namespace hasse::system {
namespace {

void expect_generation(const std::string& json) {
  const design::Design design = design::parse(json, "random");
  try {
    EXPECT_FALSE(emit::bundle(design, units::build(design)).files.empty());
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\n" << design::to_json(design).dump();
  }
}

TEST(Generation, AcceptsEveryValidDesign) {
  RandomDesigns designs(79);
  for (int i = 0; i < 400; ++i) expect_generation(designs.next());
}

TEST(Generation, AcceptsEveryValidAttentionEngine) {
  RandomDesigns designs(83);
  for (int i = 0; i < 100; ++i) expect_generation(designs.next_attention());
}

TEST(Generation, AcceptsEveryExample) {
  for (const auto& entry : std::filesystem::directory_iterator(HASSE_SOURCE_DIR "/flows/designs")) {
    if (entry.path().filename() == "design.schema.json") continue;
    SCOPED_TRACE(entry.path().filename().string());
    expect_generation(design::to_json(design::load(entry.path())).dump());
  }
}

}  // namespace
}  // namespace hasse::system
