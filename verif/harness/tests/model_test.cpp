// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/model.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "verif/harness/errors.hpp"
#include "verif/harness/stream.hpp"
#include "verif/harness/tests/test_modules.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::harness {
namespace {

TEST(Model, AddsWideVectors) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"));
  Model model(library.object);
  model.reset();
  const Port& a = model.port("a_i");
  const Port& b = model.port("b_i");
  Random random(3);
  for (int trial = 0; trial < 1000; ++trial) {
    const std::uint64_t low_a = random.next();
    const std::uint64_t low_b = random.next();
    const std::uint64_t high_a = random.next() >> 28;
    const std::uint64_t high_b = random.next() >> 28;
    a.set_bits(0, 64, low_a);
    b.set_bits(0, 64, low_b);
    a.set_bits(64, 36, high_a);
    b.set_bits(64, 36, high_b);
    model.tick();
    const std::uint64_t carry = low_a + low_b < low_a ? 1 : 0;
    EXPECT_EQ(model.port("sum_o").get_bits(0, 64), low_a + low_b);
    EXPECT_EQ(model.port("sum_o").get_bits(64, 37), high_a + high_b + carry);
  }
}

TEST(Model, CarriesPortsOfEveryStorageClass) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"));
  Model model(library.object);
  model.set("byte_i", 0xa5);
  model.set("half_i", 0xbeef);
  model.set("word_i", 0x7fffffff);
  model.set("long_i", 0xfedc'ba98'7654);
  model.settle();
  EXPECT_EQ(model.get("byte_o"), 0xa5U);
  EXPECT_EQ(model.get("half_o"), 0xbeefU);
  EXPECT_EQ(model.get_signed("word_o"), -1);
  EXPECT_EQ(model.get("long_o"), 0xfedc'ba98'7654U);
}

TEST(Model, ParametersChangePorts) {
  const VerilatedLibrary library =
      VerilatedLibrary::build(test_module("wide_adder", {{"Width", 7}}));
  Model model(library.object);
  EXPECT_EQ(model.port("a_i").bits(), 7U);
  EXPECT_EQ(model.port("sum_o").bits(), 8U);
  EXPECT_TRUE(model.port("a_i").is_input());
  EXPECT_FALSE(model.port("sum_o").is_input());
}

TEST(Model, ResetsAtAnyTime) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"));
  Model model(library.object);
  model.reset();
  model.set("a_i", 5);
  model.tick();
  EXPECT_EQ(model.get("sum_o"), 5U);
  model.reset();
  EXPECT_EQ(model.get("sum_o"), 0U);
  EXPECT_EQ(model.cycles(), 5U);
}

TEST(Model, UninitialisedRegistersFollowTheSeed) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"));
  const auto start_value = [&](std::uint32_t seed) {
    Model model(library.object, seed);
    model.reset();
    return model.get("forgotten_o");
  };
  EXPECT_EQ(start_value(5), start_value(5));
  EXPECT_NE(start_value(5), start_value(6));
}

TEST(Model, DifferentLibrariesLiveSideBySide) {
  const VerilatedLibrary wide = VerilatedLibrary::build(test_module("wide_adder"));
  const VerilatedLibrary narrow =
      VerilatedLibrary::build(test_module("wide_adder", {{"Width", 7}}));
  Model first(wide.object);
  Model second(narrow.object);
  Model third(wide.object);
  for (Model* model : {&first, &second, &third}) model->reset();
  first.set("a_i", 1);
  second.set("a_i", 2);
  third.set("a_i", 3);
  for (Model* model : {&first, &second, &third}) model->tick();
  EXPECT_EQ(first.get("sum_o"), 1U);
  EXPECT_EQ(second.get("sum_o"), 2U);
  EXPECT_EQ(third.get("sum_o"), 3U);
}

TEST(Model, NamesThePortsItHas) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"));
  const Model model(library.object);
  try {
    static_cast<void>(model.port("carry_i"));
    FAIL() << "an unknown port was found";
  } catch (const HarnessError& error) {
    EXPECT_NE(std::string(error.what()).find("sum_o"), std::string::npos) << error.what();
  }
}

TEST(Model, TracesOnDemand) {
  BuildOptions options;
  options.trace = true;
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"), options);
  const Workspace scratch(testing::TempDir());
  const std::filesystem::path file = scratch.path() / "wide_adder.fst";
  Model model(library.object);
  model.reset();
  model.start_trace(file);
  for (int i = 0; i < 10; ++i) model.tick();
  model.stop_trace();
  EXPECT_GT(std::filesystem::file_size(file), 100U);
}

TEST(Model, RefusesToTraceWithoutTracing) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("wide_adder"));
  Model model(library.object);
  EXPECT_THROW(model.start_trace("never.fst"), HarnessError);
  EXPECT_THROW(Model("/nonexistent.so"), HarnessError);
}

}  // namespace
}  // namespace hasse::harness
