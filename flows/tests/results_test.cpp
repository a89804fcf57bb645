// SPDX-License-Identifier: Apache-2.0
// The verbs that start from a generated directory: their answers to bad input and missing tools.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder with the tiny design in `out`.
class ResultsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(hasse("generate " + example("tiny") + " -o " + out_).exit_code, 0);
  }

  Folder folder_;
  std::string out_ = (folder_ / "out").string();
};

TEST_F(ResultsTest, DirectoriesThatHasseDidNotMakeAreBadInput) {
  for (const std::string verb : {"verify", "synth"}) {
    const Ran ran = hasse(verb + " " + (folder_ / "nothing").string());
    EXPECT_EQ(ran.exit_code, 2) << verb;
    EXPECT_THAT(ran.err, HasSubstr((folder_ / "nothing").string())) << verb;
  }
}

TEST_F(ResultsTest, ABrokenManifestIsBadInput) {
  put(folder_ / "out/manifest.json", "{\"format\": 1");
  for (const std::string verb : {"verify", "synth"}) {
    const Ran ran = hasse(verb + " " + out_);
    EXPECT_EQ(ran.exit_code, 2) << verb;
    EXPECT_THAT(ran.err, HasSubstr("manifest.json")) << verb;
  }
}

TEST_F(ResultsTest, OperandsThatCannotBeUsedAreBadInput) {
  put(folder_ / "w.npy", "not an array");
  const std::string file = (folder_ / "w.npy").string();
  const Ran alone = hasse("verify " + out_ + " --weights " + file);
  EXPECT_EQ(alone.exit_code, 2);
  EXPECT_THAT(alone.err, HasSubstr("activations"));
  const Ran broken = hasse("verify " + out_ + " --weights " + file + " --activations " + file);
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_THAT(broken.err, HasSubstr(file));
}

TEST_F(ResultsTest, ALibraryThatIsNotThereIsBadInput) {
  const Ran ran = hasse("synth " + out_ + " --liberty /nowhere/cells.lib");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/cells.lib"));
}

TEST_F(ResultsTest, AMissingToolIsNamedWithItsPackage) {
  const std::string nowhere = "PATH=/nowhere HASSE_CACHE=" + (folder_ / "cache").string();
  const Ran verify = hasse("verify " + out_, nowhere);
  EXPECT_EQ(verify.exit_code, 3);
  EXPECT_THAT(verify.err, HasSubstr("verilator"));
  const Ran synth = hasse("synth " + out_, nowhere);
  EXPECT_EQ(synth.exit_code, 3);
  EXPECT_THAT(synth.err, AllOf(HasSubstr("yosys"), HasSubstr("package")));
}

TEST_F(ResultsTest, ModelPredictsWhatAFileAsksFor) {
  const std::string shapes = (folder_ / "shapes.json").string();
  put(shapes, R"({"layers": [{"name": "a", "n": 40, "k": 30, "m": 20, "weight_bits": 3}]})");
  const Ran ran = hasse("model " + out_ + " --shapes " + shapes + " --clock-mhz 100 --json -");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const json model = json::parse(ran.out)["model"];
  EXPECT_EQ(model["macs"], 40 * 30 * 20);
  EXPECT_EQ(model["clock_source"], "as asked for");
  EXPECT_DOUBLE_EQ(model["seconds"].get<double>(), model["cycles"].get<double>() / 100e6);
  EXPECT_EQ(json::parse(read(folder_ / "out/results/model.json"))["model"]["cycles"],
            model["cycles"]);
  const Ran from_design = hasse("model " + example("tiny") + " --shapes " + shapes + " --json -");
  EXPECT_EQ(json::parse(from_design.out)["model"]["cycles"], model["cycles"]);
}

TEST_F(ResultsTest, ModelTakesTheClockOfSynthesis) {
  put(folder_ / "out/results/synth.json", R"({"synth": {"fmax_mhz": 123.5}})");
  const std::string shapes = (folder_ / "shapes.json").string();
  put(shapes, R"({"layers": [{"name": "a", "n": 4, "k": 3, "m": 2}]})");
  const Ran ran = hasse("model " + out_ + " --shapes " + shapes + " --json -");
  EXPECT_EQ(json::parse(ran.out)["model"]["clock_mhz"], 123.5);
}

TEST_F(ResultsTest, ModelNamesWhatIsWrongInAShapesFile) {
  const std::string shapes = (folder_ / "shapes.json").string();
  put(shapes, R"({"layers": [{"name": "a", "n": 40, "k": -1, "m": 20}]})");
  const Ran ran = hasse("model " + out_ + " --shapes " + shapes);
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr(shapes), HasSubstr("/layers/0/k"), HasSubstr("-1")));
}

TEST_F(ResultsTest, ReportShowsWhatThereIs) {
  const std::string page = (folder_ / "report.html").string();
  const Ran ran = hasse("report " + out_ + " -o " + page + " --json -");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.err, IsEmpty());
  const json merged = json::parse(ran.out);
  EXPECT_EQ(merged["name"], "tiny");
  EXPECT_GT(merged["generate"]["modules"], 5);
  EXPECT_THAT(read(page), HasSubstr("</html>"));
}

TEST_F(ResultsTest, ReportComparesSeveralDirectories) {
  const std::string page = (folder_ / "report.html").string();
  const Ran ran = hasse("report " + out_ + " " + out_ + " -o " + page + " --json -");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(json::parse(ran.out)["designs"].size(), 2u);
}

TEST_F(ResultsTest, ReportRefusesDirectoriesThatAreNotThere) {
  const Ran ran = hasse("report /nowhere/out -o " + (folder_ / "r.html").string());
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/out"));
  EXPECT_FALSE(fs::exists(folder_ / "r.html"));
}

}  // namespace
}  // namespace hasse::flows
