// SPDX-License-Identifier: Apache-2.0
#include "flows/proof/coverage_tally.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"
#include "verif/harness/toolchain.hpp"
#include "verif/unit/cover_points.hpp"

namespace hasse::proof {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class CoverageTally : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    tensor::write_file(folder_.path() / name, text);
  }
  Coverage tally(std::vector<Exclusion> exclusions = {}) const {
    return proof::tally(folder_.path(), std::move(exclusions));
  }

  harness::Workspace folder_{testing::TempDir()};
};

TEST_F(CoverageTally, AddsUpWhatProgramsHaveMet) {
  write("a.tsv",
        "drain\tx\tline\t3:1 block\t0\ndrain\tx\tbranch\t4:1 if\t2\n"
        "drain\tx\ttoggle\t5:9 row_q[0]\t0\ndrain\tx\ttoggle\t5:9 row_q[1]\t0\n");
  write("b.tsv", "drain\tx\tline\t3:1 block\t5\ndrain\ty\tbranch\t4:1 if\t0\n");
  const Coverage coverage = tally();
  const ModuleCoverage& drain = coverage.modules.at("drain");
  EXPECT_EQ(drain.emissions, 2U);
  EXPECT_EQ(drain.lines.points, 3U);
  EXPECT_EQ(drain.lines.met, 2U);
  EXPECT_EQ(drain.toggles.share(), 0);
  EXPECT_THAT(drain.unmet, UnorderedElementsAre(Pair("row_q", 2), Pair("line 4:1 if", 1)));
  const std::string page = to_page(coverage);
  EXPECT_THAT(page, HasSubstr("row_q (2)"));
  EXPECT_EQ(to_json(coverage)["units"]["drain"]["lines_met"], 2);
}

TEST_F(CoverageTally, LeavesOutOnlyWhatIsNotMet) {
  write("a.tsv",
        "gemm_control\tx\ttoggle\t5:9 cycles_o[0]\t9\n"
        "gemm_control\tx\ttoggle\t5:9 cycles_o[40]\t0\n"
        "gemm_control\tx\ttoggle\t6:9 n_q[1]\t0\n");
  const Coverage coverage = tally({{"gemm_.*", "cycles_o.*", "long", 0}});
  EXPECT_EQ(coverage.toggles().points, 2U);
  EXPECT_EQ(coverage.toggles().met, 1U);
  EXPECT_EQ(coverage.exclusions[0].points, 1U);
}

TEST_F(CoverageTally, KnowsEveryNamedSituation) {
  const unit::CoverPoint& first = unit::cover_points().front();
  write("a.tsv", "\t\tcover\t" + unit::module_of(first) + "\t7\n");
  const Coverage coverage = tally();
  EXPECT_EQ(coverage.named().points, unit::cover_points().size());
  EXPECT_EQ(coverage.named().met, 1U);
  EXPECT_EQ(coverage.points.front().met, 7U);
}

TEST_F(CoverageTally, RefusesOtherFiles) {
  EXPECT_THROW(tally(), tensor::FormatError);
  write("a.tsv", "drain\tx\tline\tblock\n");
  EXPECT_THAT([&] { tally(); }, testing::ThrowsMessage<tensor::FormatError>(HasSubstr("a.tsv:1")));
}

}  // namespace
}  // namespace hasse::proof
