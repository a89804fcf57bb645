// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/port.hpp"

#include <gtest/gtest.h>

#include <array>

#include "verif/harness/errors.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::harness {
namespace {

TEST(Bits, SurviveAnyPlaceAndWidth) {
  Random random(1);
  for (int trial = 0; trial < 20000; ++trial) {
    std::array<std::uint32_t, 5> words{};
    for (auto& word : words) word = static_cast<std::uint32_t>(random.next() >> 32);
    const auto before = words;
    const auto width = static_cast<unsigned>(1 + random.next() % 64);
    const auto lo = static_cast<std::size_t>(random.next() % (160 - width + 1));
    const std::uint64_t value = random.next();
    put_bits(words, lo, width, value);
    EXPECT_EQ(take_bits(words, lo, width), width == 64 ? value : value & ((1ULL << width) - 1));
    for (std::size_t bit = 0; bit < 160; ++bit) {
      if (bit >= lo && bit < lo + width) continue;
      ASSERT_EQ(take_bits(words, bit, 1), take_bits(before, bit, 1));
    }
  }
}

TEST(Bits, SignExtend) {
  EXPECT_EQ(sign_extend(0b1000, 4), -8);
  EXPECT_EQ(sign_extend(0b0111, 4), 7);
  EXPECT_EQ(sign_extend(0xffff'ffff'ffff'ffff, 64), -1);
}

TEST(Port, ReadsAndWritesEveryStorageClass) {
  for (const unsigned bits : {1U, 7U, 8U, 9U, 16U, 31U, 33U, 64U, 65U, 100U}) {
    std::array<std::uint32_t, 4> storage{};
    const Port port(hasse_port{"p_i", storage.data(), bits, 1});
    const std::uint64_t ones = bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
    port.set(ones);
    EXPECT_EQ(port.get(), ones);
    EXPECT_EQ(port.get_signed(), -1);
    port.set_bits(bits - 1, 1, 0);
    EXPECT_EQ(port.get_bits(bits - 1, 1), 0U);
    EXPECT_EQ(port.words().size(), port.word_count());
  }
}

TEST(Port, RefusesWhatDoesNotFit) {
  std::uint8_t storage = 0;
  const Port port(hasse_port{"level_i", &storage, 5, 1});
  EXPECT_THROW(port.set(32), HarnessError);
  EXPECT_THROW(port.set_bits(4, 2, 0), HarnessError);
  EXPECT_THROW(static_cast<void>(port.get_bits(0, 6)), HarnessError);
  EXPECT_THROW(static_cast<void>(port.get_bits(0, 0)), HarnessError);
}

}  // namespace
}  // namespace hasse::harness
