// SPDX-License-Identifier: Apache-2.0
// The order in which modules are compiled and read.
#include "generator/emit/order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "generator/emit/primitives.hpp"
#include "generator/emit/tests/toy.hpp"
#include "generator/hdl/primitives.hpp"

namespace hasse::emit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names(const std::vector<hdl::Module>& modules) {
  std::vector<std::string> result;
  for (const hdl::Module& module : modules) {
    result.push_back(module.name());
  }
  return result;
}

TEST(Order, CompilesHandWrittenModulesFirst) {
  EXPECT_THAT(names(compile_order(toy())), ElementsAre("stream_skid", "counter", "toy_top"));
}

TEST(Order, LeavesOutHandWrittenModulesThatNobodyUses) {
  std::vector<hdl::Module> modules = toy();
  modules.insert(modules.begin(), {hdl::ram_1r1w(), hdl::stream_skid()});
  EXPECT_THAT(names(compile_order(modules)), ElementsAre("stream_skid", "counter", "toy_top"));
}

TEST(Order, ReadsFromTheTop) {
  EXPECT_THAT(names(reading_order(compile_order(toy()))),
              ElementsAre("toy_top", "counter", "stream_skid"));
}

TEST(Order, RefusesListsThatCannotBeCompiled) {
  const std::vector<hdl::Module> modules = toy();
  EXPECT_THROW(compile_order({}), std::logic_error);
  EXPECT_THROW(compile_order({modules[1], modules[0]}), std::logic_error);
  EXPECT_THROW(compile_order({modules[1]}), std::logic_error);
  EXPECT_THROW(compile_order({modules[0], modules[0], modules[1]}), std::logic_error);
  EXPECT_THROW(compile_order({modules[0], modules[1], modules[0]}), std::logic_error);
}

TEST(Primitives, AreAllEmbedded) {
  for (const hdl::Module* module : {&hdl::ram_1r1w(), &hdl::stream_fifo(), &hdl::stream_skid()}) {
    EXPECT_THAT(std::string(primitive_source(module->name())),
                HasSubstr("module " + module->name()));
  }
  EXPECT_THROW(primitive_source("unheard_of"), std::logic_error);
}

}  // namespace
}  // namespace hasse::emit
