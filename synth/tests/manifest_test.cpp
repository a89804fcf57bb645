// SPDX-License-Identifier: Apache-2.0
// The manifest reader takes what the generator writes and refuses everything else by name.
#include "synth/manifest/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/tests/fixture.hpp"

namespace hasse::synth {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ManifestTest : public ::testing::Test {
 protected:
  void SetUp() override { testing::write_tiny_design(folder_.path()); }

  /// Changes one value and expects a message with the pointer and `reason`.
  void expect_refused(const std::string& pointer, const json& value, const std::string& reason) {
    json changed = testing::tiny_manifest();
    changed[json::json_pointer(pointer)] = value;
    write_file(folder_.path() / "manifest.json", changed.dump());
    EXPECT_THAT([this] { Manifest::load(folder_.path()); },
                ThrowsMessage<ManifestError>(
                    AllOf(HasSubstr("manifest.json"), HasSubstr(pointer), HasSubstr(reason))));
  }

  testing::TemporaryDirectory folder_;
};

TEST_F(ManifestTest, ReadsEveryField) {
  const Manifest manifest = Manifest::load(folder_.path());
  EXPECT_EQ(manifest.top, "tiny_top");
  ASSERT_EQ(manifest.modules.size(), 3U);
  EXPECT_TRUE(manifest.modules[0].memory);
  EXPECT_EQ(manifest.modules[1].unit, "accumulate_lanes");
  const ManifestModule& top = manifest.top_module();
  EXPECT_EQ(top.ports[2].name, "address_i");
  EXPECT_EQ(top.ports[2].width, 4);
  EXPECT_EQ(top.ports[4].direction, PortDirection::output);
  EXPECT_EQ(top.instances[1].count, 4);
  EXPECT_EQ(manifest.find_module("absent"), nullptr);
}

TEST_F(ManifestTest, RefusesWrongValuesByPointer) {
  expect_refused("/format", 2, "1..1");
  expect_refused("/top", 7, "a string");
  expect_refused("/top", "absent", "one of the modules");
  expect_refused("/files/0", "rtl/absent.v", "a file in");
  expect_refused("/files/0", "../escape.v", "below the generated directory");
  expect_refused("/modules/1/unit", "attic", "prefix_lanes");
  expect_refused("/modules/1/ports/0/direction", "inout", "\"input\" or \"output\"");
  expect_refused("/modules/1/ports/0/width", 0, "an integer in 1..");
  expect_refused("/modules/1/memory", 1, "true or false");
  expect_refused("/modules/2/name", "shift_lane", "unique");
  expect_refused("/modules/2/instances/0/module", "absent", "one of the modules");
  expect_refused("/modules", json::object(), "an array");
}

TEST_F(ManifestTest, NamesAMissingField) {
  json changed = testing::tiny_manifest();
  changed["modules"][2]["ports"][0].erase("width");
  write_file(folder_.path() / "manifest.json", changed.dump());
  EXPECT_THAT([this] { Manifest::load(folder_.path()); },
              ThrowsMessage<ManifestError>(HasSubstr("/modules/2/ports/0/width: is missing")));
}

TEST_F(ManifestTest, RefusesAMissingOrBrokenFile) {
  write_file(folder_.path() / "manifest.json", "{\"format\": 1,");
  EXPECT_THAT([this] { Manifest::load(folder_.path()); },
              ThrowsMessage<ManifestError>(HasSubstr("not valid JSON")));
  std::filesystem::remove(folder_.path() / "manifest.json");
  EXPECT_THAT([this] { Manifest::load(folder_.path()); },
              ThrowsMessage<ManifestError>(HasSubstr("hasse generate")));
}

TEST_F(ManifestTest, KnowsTheInterfaceAndItsRegisters) {
  EXPECT_EQ(Manifest::load(folder_.path()).interface, "native");
  json changed = testing::tiny_manifest();
  changed["interface"] = "axi";
  const json start = {{"name", "start"}, {"low", 0}};
  const json clear = {{"name", "clear"}, {"low", 3}};
  changed["registers"] = {{{"name", "control"}, {"offset", 4}, {"fields", {start, clear}}}};
  write_file(folder_.path() / "manifest.json", changed.dump());
  const Manifest manifest = Manifest::load(folder_.path());
  EXPECT_EQ(manifest.interface, "axi");
  EXPECT_EQ(manifest.registers, (std::map<std::string, int>{{"control", 4}}));
  EXPECT_EQ(manifest.register_fields,
            (std::map<std::string, int>{{"control.start", 0}, {"control.clear", 3}}));
  expect_refused("/interface", "wishbone", "\"native\" or \"axi\"");
}

}  // namespace
}  // namespace hasse::synth
