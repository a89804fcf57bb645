// SPDX-License-Identifier: Apache-2.0
// The verbs on an attention engine: what generates, measures and refuses it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flows/tests/run.hpp"
#include "synth/manifest/manifest.hpp"

namespace hasse::flows {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder with the attention engine in `out`.
class AttentionVerbs : public testing::Test {
 protected:
  void SetUp() override {
    const Ran ran = hasse("generate " + example("attention") + " -o " + out_);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  }

  void expect_refused(const std::string& arguments, const std::string& place) {
    const Ran ran = hasse(arguments);
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    EXPECT_THAT(ran.err, AllOf(HasSubstr(place + ": /design/attention: makes an attention engine"),
                               HasSubstr("expected a design without it")))
        << arguments;
    EXPECT_THAT(ran.out, IsEmpty()) << arguments;
  }

  Folder folder_;
  std::string out_ = (folder_ / "out").string();
};

TEST_F(AttentionVerbs, GenerateWritesACompleteDirectory) {
  EXPECT_THAT(files_below(folder_ / "out"),
              AllOf(Contains("manifest.json"), Contains("hasse.f"), Contains("hasse.core"),
                    Contains("doc/index.md"), Contains("doc/memory.md"),
                    Contains("waves/attention_engine.gtkw"), Contains("rtl/attention_engine.v"),
                    Contains("rtl/transitive_gemm.v")));
}

TEST_F(AttentionVerbs, GenerateNamesEveryProblem) {
  put(folder_ / "bad.json", R"({"attention": {"page": 20, "dims": 64}})");
  const std::string file = (folder_ / "bad.json").string();
  const Ran ran = hasse("generate " + file + " -o " + (folder_ / "bad").string());
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr(file + ": /attention/page: 20: expected one of 16, 32"),
                             HasSubstr("/attention/dims: 64: unknown field; did you mean \"dim\""),
                             HasSubstr("/activation_bits: 8: ")));
}

TEST_F(AttentionVerbs, MultiplyingIsRefused) {
  const std::string manifest = out_ + "/manifest.json";
  put(folder_ / "w.npy", "");
  put(folder_ / "shapes.json", R"({"layers": [{"name": "a", "n": 4, "k": 3, "m": 2}]})");
  const std::string shapes = " --shapes " + (folder_ / "shapes.json").string();
  const std::string weights =
      " --weights " + (folder_ / "w.npy").string() + " -o " + (folder_ / "program").string();
  expect_refused("verify " + out_, manifest);
  expect_refused("power " + out_, manifest);
  expect_refused("compile " + out_ + weights, manifest);
  expect_refused("compile " + example("attention") + weights, example("attention"));
  expect_refused("model " + out_ + shapes, manifest);
  expect_refused("model " + example("lserve") + shapes, example("lserve"));
}

TEST_F(AttentionVerbs, SynthesisKnowsEveryUnit) {
  const synth::Manifest manifest = synth::Manifest::load(out_);
  std::set<std::string> units;
  for (const synth::ManifestModule& module : manifest.modules) units.insert(module.unit);
  EXPECT_THAT(units,
              testing::IsSupersetOf({"accumulate_lanes", "operands", "attention_control",
                                     "kv_scalers", "page_scorer", "pages", "selector", "softmax"}));
}

TEST_F(AttentionVerbs, ReportLeavesOutWhatIsNotMeasured) {
  const std::string page = (folder_ / "report.html").string();
  const Ran ran = hasse("report " + out_ + " -o " + page);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(read(page), AllOf(HasSubstr("attention max listed"), HasSubstr("hasse synth"),
                                testing::Not(HasSubstr("hasse verify " + out_))));
}

}  // namespace
}  // namespace hasse::flows
