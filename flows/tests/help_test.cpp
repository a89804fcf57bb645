// SPDX-License-Identifier: Apache-2.0
// The command explains itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/tests/run.hpp"

namespace hasse::flows {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

TEST(Help, TeachesTheUsualOrder) {
  const Ran ran = hasse("--help");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("without multipliers"),
                             HasSubstr("hasse generate flows/designs/default.json -o out/default"),
                             HasSubstr("hasse verify out/default"), HasSubstr("Exit codes")));
  EXPECT_THAT(ran.err, IsEmpty());
}

TEST(Help, EveryVerbHasAnExample) {
  for (const std::string verb : {"generate", "compile", "verify", "synth", "model", "report",
                                 "quantize", "eval", "attend", "gates", "attribute"}) {
    const Ran ran = hasse(verb + " --help");
    EXPECT_EQ(ran.exit_code, 0) << verb;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("  hasse " + verb + " "), HasSubstr("--json")));
  }
}

TEST(Help, StatesTheVersion) {
  const Ran ran = hasse("--version");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, MatchesRegex("hasse [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Help, MistakesOnTheCommandLineAreBadInput) {
  for (const std::string arguments : {"",
                                      "explode",
                                      "generate",
                                      "generate a.json",
                                      "compile",
                                      "compile .",
                                      "compile . --weights W.npy",
                                      "compile . --weights W.npy --weight-bits 9 -o P",
                                      "verify",
                                      "verify x --stall 2",
                                      "verify x --weight-bits 9",
                                      "verify x --random 1 2",
                                      "synth",
                                      "quantize",
                                      "quantize x -o y",
                                      "eval",
                                      "model",
                                      "model .",
                                      "model . --preset nothing",
                                      "attend --windows 0",
                                      "attend --passkey-keys 3",
                                      "model . --preset llama2-7b --sample 1",
                                      "report",
                                      "attribute",
                                      "attribute --precision w2",
                                      "--nonsense"}) {
    const Ran ran = hasse(arguments);
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    EXPECT_THAT(ran.err, HasSubstr("--help")) << arguments;
    EXPECT_THAT(ran.out, IsEmpty()) << arguments;
  }
}

}  // namespace
}  // namespace hasse::flows
