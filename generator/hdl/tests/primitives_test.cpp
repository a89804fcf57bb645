// SPDX-License-Identifier: Apache-2.0
// The descriptions of the hand-written modules agree with their files.
#include "generator/hdl/primitives.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>

#include "generator/hdl/tests/support.hpp"

namespace hasse::hdl::testing {
namespace {

class Primitive : public ::testing::TestWithParam<const Module* (*)()> {};

std::string rtl_text(const Module& module) {
  return read_text(std::filesystem::path(HASSE_SOURCE_DIR) / "rtl" / (module.name() + ".v"));
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) {
    found.push_back((*it)[1].str() + " " + (*it)[2].str());
  }
  return found;
}

TEST_P(Primitive, PortsAreThoseOfTheFile) {
  const Module& module = *GetParam()();
  std::vector<std::string> described;
  for (const Port& port : module.ports())
    described.push_back(fmt::format("{} {}", to_string(port.direction), port.name));
  EXPECT_EQ(matches(rtl_text(module), R"((input|output)\s+logic\s+(?:\[[^\]]*\]\s+)?(\w+))"),
            described);
}

TEST_P(Primitive, ParametersAreThoseOfTheFile) {
  const Module& module = *GetParam()();
  std::vector<std::string> described;
  for (const Parameter& parameter : module.parameters()) {
    described.push_back(fmt::format("{} {}", parameter.name, parameter.value));
  }
  EXPECT_EQ(matches(rtl_text(module), R"(parameter\s+int\s+(\w+)\s*=\s*(\d+))"), described);
}

INSTANTIATE_TEST_SUITE_P(All, Primitive,
                         ::testing::Values([] { return &ram_1r1w(); },
                                           [] { return &stream_fifo(); },
                                           [] { return &stream_skid(); }));

}  // namespace
}  // namespace hasse::hdl::testing
