// SPDX-License-Identifier: Apache-2.0
// The evaluation of the embedded model, and what is told of it.
#include "flows/evaluate/evaluation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "flows/report/svg.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/tests/refusal.hpp"

namespace hasse::evaluate {
namespace {

using testing::HasSubstr;

constexpr const char* kText = "/usr/share/common-licenses/Artistic";

/// The embedded model on kText, by `methods`.
EvalOptions by(std::vector<std::string> methods) {
  EvalOptions options;
  options.text = kText;
  options.methods = std::move(methods);
  return options;
}

TEST(Evaluation, TheFloatModelHasThePublishedLoss) {
  const Evaluation evaluation = evaluate(by({"float"}));
  ASSERT_EQ(evaluation.methods.size(), 1U);
  EXPECT_NEAR(evaluation.methods[0].score.bits_per_byte, 2.0980, 0.0005);
  EXPECT_EQ(evaluation.bytes, 11U * 511);
  EXPECT_EQ(evaluation.windows, 11U);
}

TEST(Evaluation, MethodsComeInTheirOrderAndInJson) {
  const Evaluation evaluation = evaluate(by({"qserve_w4a8", "w8a8", "float"}));
  const nlohmann::ordered_json document = to_json(evaluation);
  EXPECT_EQ(document["bytes"], 11 * 511);
  std::vector<std::string> names;
  for (const auto& [name, entry] : document["methods"].items()) {
    names.push_back(name);
    EXPECT_NEAR(std::log2(entry["perplexity"].get<double>()), entry["bits_per_byte"].get<double>(),
                1e-9);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"float", "w8a8", "qserve_w4a8"}));
  const double exact = document["methods"]["float"]["bits_per_byte"];
  EXPECT_NEAR(document["methods"]["w8a8"]["bits_per_byte"].get<double>(), exact, 0.005);
  EXPECT_GT(document["methods"]["qserve_w4a8"]["bits_per_byte"].get<double>(), exact);
  EXPECT_LT(document["methods"]["qserve_w4a8"]["bits_per_byte"].get<double>(), exact + 0.1);
}

TEST(Evaluation, ThePlotHasABarForEveryMethod) {
  Evaluation evaluation{"m", "t", 10, 10, 1, 128, {}};
  evaluation.methods.push_back({"float", "a", "b", {2, 4}, {}});
  evaluation.methods.push_back({"w8a8", "a", "b", {2.5, 5.6}, {}});
  const std::string svg = report::standalone(plot(evaluation));
  EXPECT_THAT(svg, HasSubstr("2.0000<"));
  EXPECT_THAT(svg, HasSubstr("2.5000, +25.00 %"));
}

TEST(Evaluation, StoriesAreScoredWithTheirTokenizer) {
  const std::filesystem::path folder = HASSE_SOURCE_DIR "/../shared/data";
  if (!std::filesystem::exists(folder / "stories260K.bin"))
    GTEST_SKIP() << "there is no ../shared/data/stories260K.bin";
  EvalOptions options = by({"float", "w8a8"});
  options.model = folder / "stories260K.bin";
  options.tokenizer = folder / "tok512.bin";
  const Evaluation evaluation = evaluate(options);
  EXPECT_GT(evaluation.bytes, evaluation.tokens);
  EXPECT_NEAR(evaluation.methods[1].score.bits_per_byte, evaluation.methods[0].score.bits_per_byte,
              0.02);
  EvalOptions without = options;
  without.tokenizer.clear();
  tensor::expect_refusal<model::ModelError>([&] { evaluate(without); },
                                            "vocabulary has 512 tokens, expected 256");
}

}  // namespace
}  // namespace hasse::evaluate
