// SPDX-License-Identifier: Apache-2.0
// rtl/ holds what the default design is emitted as, to the byte, and nothing else.
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

class Reference : public ::testing::Test {
 protected:
  /// The generated Verilog of the default design.
  static std::vector<emit::File> emission() {
    const design::Design design = design::load(kRoot / "flows/designs/default.json");
    std::vector<emit::File> rtl;
    for (emit::File& file : emit::bundle(design, build(design)).files) {
      const fs::path path = file.path;
      if (path.extension() == ".v" && !is_primitive(path.stem())) rtl.push_back(std::move(file));
    }
    return rtl;
  }

  const std::vector<emit::File> rtl_ = emission();
};

TEST_F(Reference, IsWhatTheGeneratorEmits) {
  for (const emit::File& file : rtl_) {
    const fs::path path = kRoot / file.path;
    if (std::getenv("HASSE_UPDATE_GOLDEN") != nullptr)
      std::ofstream(path, std::ios::binary) << file.text;
    EXPECT_TRUE(read_text(path) == file.text)
        << file.path << " is not what the default design emits; set HASSE_UPDATE_GOLDEN=1 to "
        << "rewrite it, and read what has changed";
  }
}

TEST_F(Reference, HoldsNoLeftOvers) {
  std::set<std::string> emitted;
  for (const emit::File& file : rtl_) emitted.insert(fs::path(file.path).stem());
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / "rtl")) {
    if (entry.path().extension() != ".v") continue;
    const std::string module = entry.path().stem();
    EXPECT_TRUE(emitted.contains(module) || is_primitive(module))
        << "rtl/" << module << ".v is neither emitted nor a primitive: remove it";
  }
}

TEST_F(Reference, IsWalkedThroughModuleByModule) {
  const std::string walk = read_text(kRoot / "rtl/README.md");
  for (const emit::File& file : rtl_) {
    const std::string link = "](" + fs::path(file.path).filename().string() + ")";
    EXPECT_NE(walk.find(link), std::string::npos) << "rtl/README.md has no link to " << file.path;
  }
}

}  // namespace
}  // namespace hasse::units
