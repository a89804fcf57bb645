// SPDX-License-Identifier: Apache-2.0
// The verbs on an attention engine: what generates, measures and refuses it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

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

/// A folder with the byte-level model's engine in `out`.
class DecodingVerbs : public testing::Test {
 protected:
  void SetUp() override { generate(example("bytelm")); }

  void generate(const std::string& design) {
    const Ran ran = hasse("generate " + design + " -o " + out_);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
  }

  json verified(const std::string& options) {
    const Ran ran = hasse("verify " + out_ + options + " --json -");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_THAT(ran.err, IsEmpty());
    return json::parse(ran.out)["verify"];
  }

  void expect_refused(const std::string& options, const std::string& message) {
    const Ran ran = hasse("verify " + out_ + options);
    EXPECT_EQ(ran.exit_code, 2) << options;
    EXPECT_THAT(ran.err, HasSubstr(message)) << options;
    EXPECT_THAT(ran.out, IsEmpty()) << options;
  }

  static std::string policy(const std::string& name) {
    return " --policy " HASSE_SOURCE_DIR "/flows/policies/" + name + ".json";
  }

  Folder folder_;
  std::string out_ = (folder_ / "out").string();
};

TEST_F(DecodingVerbs, VerifyDecodesAHeadOfTheModel) {
  const json result = verified(" --steps 2");
  EXPECT_THAT(result["workload"].get<std::string>(), HasSubstr("512 bytes of text, layer 2"));
  EXPECT_EQ(result["mismatches"], 0);
  EXPECT_EQ(result["outputs"], 4 * 2 * 2 * 32);
  ASSERT_EQ(result["series"].size(), 4U);
  std::vector<json> last;
  for (const json& series : result["series"]) {
    ASSERT_EQ(series["steps"].size(), 2U);
    last.push_back(series["steps"].back());
  }
  const auto bytes = [](const json& step) { return step["bytes"]["all"].get<int>(); };
  const json &dense = last[0], &streaming = last[1], &quest = last[2], &pruned = last[3];
  EXPECT_EQ(dense["pages"], 32);
  EXPECT_EQ(bytes(dense), dense["bytes_dense"]);
  EXPECT_EQ(streaming["pages"], 6) << "one of the sink, five of the ring";
  EXPECT_LT(bytes(quest), bytes(dense));
  EXPECT_LT(quest["cycles"], dense["cycles"]);
  EXPECT_EQ(pruned["pages"], quest["pages"]);
  EXPECT_LT(pruned["value_pages"], quest["value_pages"]);
  EXPECT_LT(pruned["tokens_kept"], quest["tokens_kept"]);
}

TEST_F(DecodingVerbs, VerifyFollowsPolicies) {
  const json result = verified(policy("quest") + policy("combined") + policy("twilight") +
                               " --tokens 300 --bandwidth 16 --latency 40 --stall 0.2 --seed 5");
  EXPECT_EQ(result["mismatches"], 0);
  EXPECT_EQ(result["memory"]["bandwidth"], 16);
  ASSERT_EQ(result["series"].size(), 3U);
  EXPECT_EQ(result["series"][0]["name"], "quest");
  const json quest = result["series"][0]["steps"][0];
  EXPECT_EQ(quest["tokens"], 300);
  EXPECT_LE(quest["tokens_kept"], 64) << "the policy's budget";
  EXPECT_EQ(result["series"][1]["kv_bits"], 4);
  EXPECT_EQ(result["remarks"].size(), 1U) << "Twilight's estimate is not the engine's";
  const json streaming = verified(policy("lserve") + " --kv-head 1 --tokens 400");
  EXPECT_EQ(streaming["series"][0]["steps"][0]["pages"], 6);
}

TEST_F(DecodingVerbs, VerifyRefusesWhatTheEngineDoesNot) {
  expect_refused(policy("lserve"), "lserve.json: page: 32: expected 16 on this engine");
  expect_refused(policy("lserve"), "logical_page: 8: expected 16");
  expect_refused(policy("duo"), "duo.json: stream_unit: tokens: expected blocks");
  expect_refused(" --weights w.npy", "--weights: the directory holds an attention engine");
  expect_refused(" --layer 4", "layer 4: expected 0..3");
  expect_refused(" --kv-head 2", "--kv-head: 2: expected 0..1");
  expect_refused(" --tokens 600", "--tokens: 600: expected at most 512");
  expect_refused(" --tokens 4 --steps 5", "--steps: 5: expected 1..4");
  ASSERT_EQ(hasse("generate " + example("tiny") + " -o " + (folder_ / "tiny").string()).exit_code,
            0);
  const Ran ran = hasse("verify " + (folder_ / "tiny").string() + " --steps 2");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("--steps: the directory's engine multiplies matrices"));
}

TEST_F(DecodingVerbs, WrongHardwareExitsWithOne) {
  const auto file = folder_ / "out/rtl/value_scaler.v";
  const std::string before = read(file);
  const std::string after = std::regex_replace(before, std::regex("assign out_o += "), "$&~");
  ASSERT_NE(before, after);
  put(file, after);
  const Ran ran = hasse("verify " + out_ + " --tokens 40");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("are WRONG"));
}

// A small one, for the tools' sake.
TEST_F(DecodingVerbs, TheNetlistDecodesAndTellsItsEnergy) {
  ASSERT_NO_FATAL_FAILURE(generate(HASSE_SOURCE_DIR "/verif/gate/designs/attention.json"));
  const Ran ran = hasse("power " + out_ + " --tokens 100 --json -");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const json result = json::parse(ran.out)["power"];
  EXPECT_EQ(result["mismatches"], 0);
  EXPECT_EQ(result["layout"], "pre-layout");
  ASSERT_EQ(result["series"].size(), 5U) << "Quest's is followed by one of as many last pages";
  const json &dense = result["series"][0], &quest = result["series"][2];
  EXPECT_EQ(quest["steps"][0]["pages"], result["series"][3]["steps"][0]["pages"]);
  EXPECT_LT(quest["uj_per_step"], dense["uj_per_step"]);
  EXPECT_GT(result["pj_per_selected_page"], 0);
  double units = 0;
  for (const auto& [unit, joules] : dense["uj_per_step_by_unit"].items())
    units += joules.get<double>();
  EXPECT_NEAR(units + dense["split"]["clock_uj_per_step"].get<double>(), dense["uj_per_step"],
              1e-6);
  EXPECT_EQ(hasse("power " + out_ + " --tokens 100 --json -").out, ran.out) << "it is kept";
  const std::string page = (folder_ / "report.html").string();
  EXPECT_EQ(hasse("report " + out_ + " -o " + page).exit_code, 0);
  EXPECT_THAT(read(page), AllOf(HasSubstr("Decode steps"), HasSubstr("Quest, KV8"),
                                HasSubstr("pJ a chosen page")));
}

TEST_F(AttentionVerbs, ReportSaysWhatIsNotMeasured) {
  const std::string page = (folder_ / "report.html").string();
  const Ran ran = hasse("report " + out_ + " -o " + page);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(read(page),
              AllOf(HasSubstr("attention max listed"), HasSubstr("hasse synth"),
                    HasSubstr("hasse verify " + out_), HasSubstr("No decode steps yet")));
}

}  // namespace
}  // namespace hasse::flows
