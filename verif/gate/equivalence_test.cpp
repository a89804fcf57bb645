// SPDX-License-Identifier: Apache-2.0
// Netlists of small engines against their Verilog, module by module. HASSE_TEST_LIBERTY may name a
// further library.
#include "verif/gate/equivalence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "golden/tensor/file.hpp"
#include "synth/error.hpp"
#include "synth/yosys/scripts.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

/// A design, and the modules of it that are mapped and compared; if none is named, the whole.
struct Compared {
  std::string name, file;
  std::vector<std::string> modules{};
};

void PrintTo(const Compared& compared, std::ostream* out) {
  *out << compared.file;
}

class NetlistEqualsRtl : public testing::TestWithParam<Compared> {
 protected:
  NetlistEqualsRtl() {
    const design::Design design =
        design::load(fmt::format("{}/{}", HASSE_SOURCE_DIR, GetParam().file));
    emit::write(emit::bundle(design, units::build(design)), dir_);
  }

  /// Of the design's top, or of `module` and what it instantiates, in place of it.
  Equivalence compare(const fs::path& liberty, const std::string& module = "") {
    if (!module.empty()) {
      nlohmann::json manifest = nlohmann::json::parse(tensor::read_file(dir_ / "manifest.json"));
      manifest["top"] = module;
      tensor::write_file(dir_ / "manifest.json", manifest.dump());
    }
    synth::Options options;
    options.dir = dir_;
    options.liberty = liberty;
    return compare_modules(dir_, synth::run(options), folder_.path() / ("proofs" + module));
  }

  harness::Workspace folder_{testing::TempDir()};
  fs::path dir_ = folder_.path() / "generated";
};

std::vector<std::string> both(std::vector<std::string> some,
                              const std::vector<std::string>& others) {
  some.insert(some.end(), others.begin(), others.end());
  return some;
}

std::vector<std::string> proved(const Equivalence& result) {
  return both(result.proven, result.from_reset);
}

std::vector<std::string> unproved(const Equivalence& result) {
  return both(result.left, result.different);
}

TEST_P(NetlistEqualsRtl, ModuleByModule) {
  const char* other = std::getenv("HASSE_TEST_LIBERTY");
  const fs::path liberty = other == nullptr ? synth::kDefaultLiberty : other;
  if (!fs::exists(liberty)) GTEST_SKIP() << liberty << " is not installed";
  for (const std::string& module : GetParam().modules) {
    const Equivalence result = compare(liberty, module);
    EXPECT_THAT(unproved(result), IsEmpty());
    EXPECT_THAT(proved(result), Contains(module));
  }
  if (!GetParam().modules.empty()) return;
  const Equivalence result = compare(liberty);
  EXPECT_THAT(unproved(result), IsEmpty());
  EXPECT_GE(result.proven.size(), 5U);
  EXPECT_GE(proved(result).size(), 10U);
  fmt::print("proved: {}\nfrom reset: {}\n", fmt::join(result.proven, ", "),
             fmt::join(result.from_reset, ", "));
}

Compared small(const std::string& name) {
  return {name, "verif/gate/designs/" + name + ".json"};
}

INSTANTIATE_TEST_SUITE_P(
    Engines, NetlistEqualsRtl,
    testing::Values(
        small("lattice"),
        // What lattice's array does not have.
        Compared{"dynamic",
                 "verif/gate/designs/dynamic.json",
                 {"code_presence", "dynamic_planner", "operand_select", "place_lookup",
                  "place_table", "prefix_search", "scoreboard"}},
        small("split"), small("olive"),
        // Sums that synthesis adds up in another order.
        Compared{"bitvert", "verif/gate/designs/bitvert.json", {"operand_column"}},
        // Words that are picked and added up, eight a tree.
        Compared{"radix4", "verif/gate/designs/radix4.json", {"radix4_column"}},
        // Codes that columns decode.
        Compared{
            "symmetric", "verif/gate/designs/symmetric.json", {"lattice_column", "split_column"}},
        Compared{"booth", "verif/gate/designs/booth.json", {"booth_lane"}},
        // Larger modules take too long; the array's are split's.
        Compared{"attention",
                 "verif/gate/designs/attention.json",
                 {"block_walker", "page_lister", "page_reducer", "reuse_cache", "selector_root",
                  "selector_mask", "score_coder", "stream_addresser"}}),
    [](const auto& point) { return point.param.name; });

/// A design of a few modules, mapped.
class CompareModules : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(synth::kDefaultLiberty))
      GTEST_SKIP() << synth::kDefaultLiberty << " is not installed";
    const design::Design design = design::load(HASSE_SOURCE_DIR "/flows/designs/tiny.json");
    emit::write(emit::bundle(design, units::build(design)), dir_);
    synth::Options options;
    options.dir = dir_;
    mapped_ = synth::run(options);
  }

  Equivalence compare(const std::string& work) {
    return compare_modules(dir_, mapped_, folder_.path() / work, modules_);
  }

  const harness::Workspace folder_{testing::TempDir()};
  const fs::path dir_ = folder_.path() / "generated";
  synth::Result mapped_;
  const std::vector<std::string> modules_ = {"drain", "result_walker"};
};

// A gate that is another one in the netlist shows, where registers are cut and, in drain, where
// those that synthesis has merged are not.
TEST_F(CompareModules, TellsWrongNetlistsApart) {
  const Equivalence right = compare("right");
  EXPECT_THAT(right.proven, ElementsAre("result_walker"));
  EXPECT_THAT(right.from_reset, ElementsAre("drain"));
  std::string netlist = tensor::read_file(mapped_.netlist);
  for (const std::string& name : modules_) {
    const std::size_t module = netlist.find("module " + name + "("),
                      gate = netlist.find("  NAND2X1 ", module);
    ASSERT_LT(gate, netlist.find("endmodule", module));
    netlist.replace(gate, 10, "  NOR2X1  ");
  }
  tensor::write_file(mapped_.netlist, netlist);
  EXPECT_EQ(compare("wrong").different, modules_);
}

// Modules count as neither proved nor wrong for want of time only.
TEST_F(CompareModules, ToolsThatFailAreErrors) {
  const fs::path library = mapped_.netlist.parent_path() / synth::kLibraryFile;
  fs::remove(library);
  EXPECT_THAT([&] { compare("spoilt"); },
              testing::ThrowsMessage<synth::ToolError>(testing::AllOf(
                  testing::HasSubstr("pair_drain.log"), testing::HasSubstr(library.string()))));
}

}  // namespace
}  // namespace hasse::gate
