// SPDX-License-Identifier: Apache-2.0
// rtl/ holds what the default design is emitted as, to the byte, and nothing else; rtl/banked the
// same of the banked engine.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/hdl/primitives.hpp"
#include "generator/units/engine.hpp"

namespace hasse::units {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = HASSE_SOURCE_DIR;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Modules written by hand: their sources live in rtl/ and are copied, never rewritten.
bool is_primitive(const std::string& module) {
  return module == hdl::ram_1r1w().name() || module == hdl::stream_fifo().name() ||
         module == hdl::stream_skid().name();
}

/// A design, and the folder that holds what it is emitted as.
struct Emission {
  const char* name;
  const char* design;
  const char* folder;
};

class Reference : public ::testing::TestWithParam<Emission> {
 protected:
  /// The generated Verilog of the design.
  static std::vector<emit::File> emission() {
    const design::Design design = design::load(kRoot / GetParam().design);
    std::vector<emit::File> rtl;
    for (emit::File& file : emit::bundle(design, build(design)).files) {
      const fs::path path = file.path;
      if (path.extension() == ".v" && !is_primitive(path.stem())) rtl.push_back(std::move(file));
    }
    return rtl;
  }

  static fs::path folder() { return kRoot / GetParam().folder; }

  const std::vector<emit::File> rtl_ = emission();
};

TEST_P(Reference, IsWhatTheGeneratorEmits) {
  for (const emit::File& file : rtl_) {
    const fs::path path = folder() / fs::path(file.path).filename();
    if (std::getenv("HASSE_UPDATE_GOLDEN") != nullptr)
      std::ofstream(path, std::ios::binary) << file.text;
    EXPECT_TRUE(read_text(path) == file.text)
        << path << " is not what " << GetParam().design
        << " emits; set HASSE_UPDATE_GOLDEN=1 to rewrite it, and read what has changed";
  }
}

TEST_P(Reference, HoldsNoLeftOvers) {
  std::set<std::string> emitted;
  for (const emit::File& file : rtl_) emitted.insert(fs::path(file.path).stem());
  for (const fs::directory_entry& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() != ".v") continue;
    const std::string module = entry.path().stem();
    EXPECT_TRUE(emitted.contains(module) || is_primitive(module))
        << entry.path() << " is neither emitted nor a primitive: remove it";
  }
}

TEST_P(Reference, IsWalkedThroughModuleByModule) {
  const std::string walk = read_text(folder() / "README.md");
  for (const emit::File& file : rtl_) {
    const std::string link = "](" + fs::path(file.path).filename().string() + ")";
    EXPECT_NE(walk.find(link), std::string::npos) << folder() << "/README.md has no " << link;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Reference,
                         testing::Values(Emission{"Default", "flows/designs/default.json", "rtl"},
                                         Emission{"Banked", "flows/designs/banked.json",
                                                  "rtl/banked"}),
                         [](const auto& emission) { return emission.param.name; });

}  // namespace
}  // namespace hasse::units
