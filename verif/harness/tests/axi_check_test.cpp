// SPDX-License-Identifier: Apache-2.0
// The rules of AXI notice what breaks them.
#include "verif/harness/axi_check.hpp"

#include <gtest/gtest.h>

#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

TEST(ChannelRule, LetsAnOfferWait) {
  ChannelRule rule("stream");
  EXPECT_FALSE(rule.cycle(false, true, {1}));
  EXPECT_FALSE(rule.cycle(true, false, {2}));
  EXPECT_FALSE(rule.cycle(true, false, {2}));
  EXPECT_TRUE(rule.cycle(true, true, {2}));
  EXPECT_TRUE(rule.cycle(true, true, {3}));
  EXPECT_FALSE(rule.cycle(false, false, {4}));
}

TEST(ChannelRule, NoticesAnOfferThatIsTakenBack) {
  ChannelRule rule("stream");
  rule.cycle(true, false, {2});
  EXPECT_THROW(rule.cycle(false, true, {2}), ProtocolError);
}

TEST(ChannelRule, NoticesAnOfferThatChanges) {
  ChannelRule rule("stream");
  rule.cycle(true, false, {2, 5});
  EXPECT_THROW(rule.cycle(true, true, {2, 6}), ProtocolError);
}

TEST(AnswerRule, LetsAnswersFollow) {
  AnswerRule rule;
  rule.cycle_write(true, false, false, false, 0);
  rule.cycle_write(false, true, false, false, 0);
  rule.cycle_write(false, false, true, false, 2);
  rule.cycle_write(true, true, true, true, 2);
  rule.cycle_write(false, false, true, true, 0);
  rule.cycle_read(true, false, false, 3);
  rule.cycle_read(false, true, true, 0);
}

TEST(AnswerRule, NoticesAnswersToNothing) {
  AnswerRule write, half, twice, read;
  EXPECT_THROW(write.cycle_write(true, true, true, false, 0), ProtocolError) << "the same cycle";
  half.cycle_write(true, false, false, false, 0);
  EXPECT_THROW(half.cycle_write(false, false, true, false, 0), ProtocolError) << "no data";
  twice.cycle_write(true, true, false, false, 0);
  twice.cycle_write(false, false, true, true, 0);
  EXPECT_THROW(twice.cycle_write(false, false, true, true, 0), ProtocolError);
  EXPECT_THROW(read.cycle_read(true, true, false, 0), ProtocolError);
}

TEST(AnswerRule, KnowsTheResponses) {
  AnswerRule rule;
  rule.cycle_read(true, false, false, 0);
  EXPECT_THROW(rule.cycle_read(false, true, false, 3), ProtocolError);
  rule.cycle_write(true, true, false, false, 0);
  EXPECT_THROW(rule.cycle_write(false, false, true, false, 1), ProtocolError);
}

}  // namespace
}  // namespace hasse::harness
