// SPDX-License-Identifier: Apache-2.0
// Netlists of small engines against their Verilog, module by module. HASSE_TEST_LIBERTY may name a
// further library.
#include "verif/gate/equivalence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "golden/tensor/file.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;
using testing::IsSubsetOf;

/// A design, and the modules of it that no proof speaks about.
struct Mapped {
  const char* name;
  const char* json;
  std::vector<std::string> left;
  std::vector<std::string> only{};  ///< What is compared; empty: all.
};

class NetlistEqualsRtl : public testing::TestWithParam<Mapped> {
 protected:
  /// Maps to `liberty` and compares.
  Equivalence compare(const fs::path& liberty) {
    const fs::path dir = folder_.path() / "generated";
    const design::Design design = design::parse(GetParam().json, "design");
    emit::write(emit::bundle(design, units::build(design)), dir);
    synth::Options options;
    options.dir = dir;
    options.liberty = liberty;
    return compare_modules(dir, synth::run(options), folder_.path() / "proofs", GetParam().only);
  }

  harness::Workspace folder_{testing::TempDir()};
};

TEST_P(NetlistEqualsRtl, ModuleByModule) {
  const char* other = std::getenv("HASSE_TEST_LIBERTY");
  const fs::path liberty = other == nullptr ? synth::kDefaultLiberty : other;
  if (!fs::exists(liberty)) GTEST_SKIP() << liberty << " is not installed";
  const Equivalence result = compare(liberty);
  EXPECT_THAT(result.left, IsSubsetOf(GetParam().left));
  EXPECT_GE(result.proven.size(), GetParam().only.empty() ? 10U : 4U);
  fmt::print("proved: {}\nleft to simulation: {}\n", fmt::join(result.proven, ", "),
             fmt::join(result.left, ", "));
}

INSTANTIATE_TEST_SUITE_P(
    Engines, NetlistEqualsRtl,
    testing::Values(
        Mapped{"Lattice",
               R"({"engine": "banked", "tile_bits": 4, "lanes": 2, "columns": 4,
                   "columns_per_adder": 2, "rows": 32, "max_n": 100, "max_k": 100, "max_m": 40})",
               {"operand_ring", "stream_fifo"}},
        Mapped{"Dynamic",
               R"({"engine": "banked", "planner": "dynamic", "tile_bits": 4, "lanes": 2,
                   "columns": 2, "columns_per_adder": 2, "rows": 32, "max_n": 100, "max_k": 100,
                   "max_m": 40})",
               {"operand_ring", "stream_fifo"}},
        Mapped{"Split",
               R"({"engine": "split", "tile_bits": 2, "tables": 4, "lanes": 2, "columns": 2,
                   "rows": 64, "max_n": 100, "max_k": 100, "max_m": 40})",
               {"column_correction", "wide_accumulator"}},
        Mapped{"Pairs",
               R"({"engine": "olive", "lanes": 3, "columns": 3, "columns_per_adder": 1,
                   "weight_bits": 4, "activation_bits": 4, "weight_pairs": "int4",
                   "activation_pairs": "int4", "max_n": 100, "max_k": 64, "max_m": 40})",
               {"drain"}},
        // Larger ones take too long, and the array's are those of "Split".
        Mapped{"Attention",
               R"({"engine": "split", "tile_bits": 2, "tables": 8, "planes": 4, "operand_rows": 4,
                   "lanes": 4, "columns": 2, "columns_per_adder": 1, "rows": 64,
                   "activation_bits": 16, "activations": "either", "weight_bits": 8,
                   "accumulator_bits": 48,
                   "attention": {"dim": 32, "page": 16, "max_pages": 16, "max_listed": 16}})",
               {"reuse_cache"},
               {"block_walker", "page_lister", "page_reducer", "reuse_cache", "score_coder"}}),
    [](const auto& point) { return point.param.name; });

// A gate that is another one in the netlist shows.
TEST(Equivalence, TellsWrongNetlistsApart) {
  if (!fs::exists(synth::kDefaultLiberty))
    GTEST_SKIP() << synth::kDefaultLiberty << " is not installed";
  const harness::Workspace folder(testing::TempDir());
  const fs::path dir = folder.path() / "generated";
  const design::Design design = design::load(HASSE_SOURCE_DIR "/flows/designs/tiny.json");
  emit::write(emit::bundle(design, units::build(design)), dir);
  synth::Options options;
  options.dir = dir;
  const synth::Result mapped = synth::run(options);
  const std::string right = tensor::read_file(mapped.netlist);
  const std::vector<std::string> walker = {"result_walker"};
  EXPECT_EQ(compare_modules(dir, mapped, folder.path() / "right", walker).proven, walker);
  std::string netlist = right;
  const std::size_t module = netlist.find("module result_walker("),
                    gate = netlist.find("  NAND2X1 ", module);
  ASSERT_LT(gate, netlist.find("endmodule", module));
  tensor::write_file(mapped.netlist, netlist.replace(gate, 10, "  NOR2X1  "));
  EXPECT_EQ(compare_modules(dir, mapped, folder.path() / "wrong", walker).left, walker);
}

}  // namespace
}  // namespace hasse::gate
