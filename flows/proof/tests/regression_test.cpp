// SPDX-License-Identifier: Apache-2.0
#include "flows/proof/regression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::proof {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RegressionTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    tensor::write_file(folder_.path() / name, text);
  }
  Regression read() const { return read_regression(folder_.path(), "abc"); }

  harness::Workspace folder_{testing::TempDir()};
};

TEST_F(RegressionTest, BeginsWithWhatIsNotVerified) {
  write("steps.tsv", "suite\tpassed\t170\tabc\nsoak\tfailed\t9\tabc\nfuzz\tpassed\t60\tolder\n");
  write("soak.log", "seed 7\nseed 8 is wrong\n");
  write("suite.xml",
        "<testcase name=\"A.B\" classname=\"A.B\" time=\"0\" status=\"run\">\n"
        "<testcase name=\"C.D\" classname=\"C.D\" time=\"0\" status=\"notrun\">\n"
        "<skipped message=\"no tool\"/>\n"
        "<testcase name=\"E.F\" classname=\"E.F\" time=\"0\" status=\"fail\">\n");
  write("mutation/mutation.json",
        R"({"mutation": {"units": {"drain": {"killed": 9, "survived": 1, "equivalent": 0},
            "ram": {"killed": 20, "survived": 1, "equivalent": 0}}}})");
  write("coverage/coverage.json",
        R"({"coverage": {"named": {"drain": {"late": {"met": 0}, "last": {"met": 3}}}}})");
  const Regression regression = read();
  EXPECT_EQ(regression.tests, 3U);
  const std::string page = to_page(regression);
  EXPECT_LT(page.find("What is not verified"), page.find("What is<"));
  EXPECT_THAT(page, AllOf(HasSubstr("seed 8 is wrong"), HasSubstr("C.D"),
                          HasSubstr("skipped: no tool"), HasSubstr("drain: late")));
  EXPECT_EQ(regression.faults.size(), 1U);
  EXPECT_THAT(to_junit(regression),
              AllOf(HasSubstr("tests=\"7\""), HasSubstr("failures=\"1\""),
                    HasSubstr("skipped=\"5\""), HasSubstr("message=\"seed 8 is wrong\"")));
}

TEST_F(RegressionTest, NothingRunIsNothingVerified) {
  const Regression regression = read();
  EXPECT_EQ(regression.steps.size(), 7U);
  for (const Step& step : regression.steps) EXPECT_EQ(step.result, "not run");
}

TEST_F(RegressionTest, RefusesOtherFiles) {
  write("steps.tsv", "suite passed\n");
  EXPECT_THAT([&] { read(); }, testing::ThrowsMessage<tensor::FormatError>(HasSubstr("steps.tsv")));
  write("steps.tsv", "");
  write("mutation/mutation.json", "{");
  EXPECT_THAT([&] { read(); },
              testing::ThrowsMessage<tensor::FormatError>(HasSubstr("mutation.json")));
}

}  // namespace
}  // namespace hasse::proof
