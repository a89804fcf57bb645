// SPDX-License-Identifier: Apache-2.0
// The register map as Markdown, JSON and a C header that a C compiler accepts.
#include "generator/emit/registers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "generator/emit/bundle.hpp"
#include "generator/units/engine.hpp"

namespace hasse::emit {
namespace {

using testing::HasSubstr;

design::Design axi(int units) {
  design::Design design;
  design.bus = "axi";
  design.units = units;
  return design;
}

std::string text(const std::vector<File>& files, const std::string& path) {
  for (const File& file : files)
    if (file.path == path) return file.text;
  throw std::out_of_range(path);
}

TEST(Registers, AreOfDesignsWithAxiPorts) {
  EXPECT_TRUE(register_files(design::Design{}, "top").empty());
  EXPECT_TRUE(register_json(design::Design{}).empty());
  const Bundle native = bundle(design::Design{}, units::build(design::Design{}));
  EXPECT_FALSE(nlohmann::json::parse(text(native.files, "manifest.json")).contains("interface"));
}

TEST(Registers, DoNotOverlapAndFitTheirWords) {
  int next = 0;
  for (const auto& r : register_json(axi(1))) {
    EXPECT_EQ(r["offset"], next);
    next += 4;
    int low = 0;
    for (const auto& f : r["fields"]) {
      EXPECT_GE(f["low"].get<int>(), low);
      low = f["low"].get<int>() + f["bits"].get<int>();
    }
    EXPECT_LE(low, 32);
  }
  EXPECT_LE(next, 256);
}

TEST(Registers, AreInTheManifestAndItsTopIsTheirs) {
  const Bundle all = bundle(axi(2), units::build(axi(2)));
  const auto manifest = nlohmann::ordered_json::parse(text(all.files, "manifest.json"));
  EXPECT_EQ(manifest["top"], "transitive_axi");
  EXPECT_EQ(manifest["interface"], "axi");
  EXPECT_EQ(manifest["registers"], register_json(axi(2)));
  EXPECT_EQ(nlohmann::ordered_json::parse(text(all.files, "doc/registers.json")),
            register_json(axi(2)));
  EXPECT_THAT(text(all.files, "doc/registers.md"),
              HasSubstr("| 0x04 | `control` | write | 0 | `start` |"));
}

// A program that uses the header, as C.
TEST(Registers, HaveAHeaderThatCompilesAsC) {
  const std::filesystem::path dir =
      std::filesystem::path(testing::TempDir()) / ("hasse_registers" + std::to_string(getpid()));
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "transitive_axi_regs.h")
      << text(register_files(axi(4), "transitive_axi"), "include/transitive_axi_regs.h");
  std::ofstream(dir / "program.c") << R"(#include "transitive_axi_regs.h"
#include "transitive_axi_regs.h"
int main(void) {
  unsigned status = (3u << TRANSITIVE_AXI_STATUS_DONE_SHIFT) & TRANSITIVE_AXI_STATUS_DONE_MASK;
  return status == 2u && TRANSITIVE_AXI_CYCLES_LOW_OFFSET == 0x20u &&
                 TRANSITIVE_AXI_MODE_WEIGHT_BITS_MASK == 0xfu &&
                 TRANSITIVE_AXI_CYCLES_HIGH_CYCLES_HIGH_MASK == 0xffffu
             ? 0
             : 1;
}
)";
  const std::string program = (dir / "program").string();
  const std::string command = "gcc -Wall -Wextra -Werror -pedantic -std=c99 -o " + program + " " +
                              (dir / "program.c").string() + " && " + program;
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace hasse::emit
