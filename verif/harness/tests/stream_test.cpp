// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/stream.hpp"

#include <gtest/gtest.h>

#include <array>

#include "verif/harness/errors.hpp"
#include "verif/harness/tests/test_modules.hpp"

namespace hasse::harness {
namespace {

// `count` beats of 72 bits.
std::vector<std::uint32_t> beats(std::size_t count) {
  Random random(11);
  std::vector<std::uint32_t> words(3 * count);
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = static_cast<std::uint32_t>(random.next() >> 32) & (i % 3 == 2 ? 0xffU : ~0U);
  }
  return words;
}

// Sends 500 beats through a fifo and returns what came out.
std::vector<std::uint32_t> send(int fault, double in_stall, double out_stall) {
  const VerilatedLibrary library = VerilatedLibrary::build(test_module("fifo", {{"Fault", fault}}));
  Model model(library.object);
  model.reset();
  BeatList source(beats(500), 3);
  std::vector<std::uint32_t> received;
  StreamDriver driver(model, "in", source, in_stall, 1);
  StreamMonitor monitor(
      model, "out",
      [&](auto words) { received.insert(received.end(), words.begin(), words.end()); }, out_stall,
      2);
  const std::array<Agent*, 2> agents = {&driver, &monitor};
  for (int i = 0; i < 100000 && monitor.taken() < 500; ++i) cycle(model, agents);
  return received;
}

class Stalls : public testing::TestWithParam<std::pair<double, double>> {};

TEST_P(Stalls, KeepEveryBeatInOrder) {
  EXPECT_EQ(send(0, GetParam().first, GetParam().second), beats(500));
}

INSTANTIATE_TEST_SUITE_P(Stream, Stalls,
                         testing::Values(std::pair{0.0, 0.0}, std::pair{0.5, 0.0},
                                         std::pair{0.0, 0.5}, std::pair{0.3, 0.3},
                                         std::pair{0.9, 0.1}, std::pair{0.1, 0.9}));

std::string failure(int fault) {
  try {
    send(fault, 0.1, 0.8);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Stream, NoticesAWithdrawnBeat) {
  EXPECT_NE(failure(1).find("out_valid_o fell"), std::string::npos) << failure(1);
}

TEST(Stream, NoticesAChangedBeat) {
  EXPECT_NE(failure(2).find("changed"), std::string::npos) << failure(2);
}

TEST(Random, IsReproducibleAndFair) {
  Random first(7);
  Random second(7);
  Random other(8);
  int hits = 0;
  for (int i = 0; i < 100000; ++i) {
    EXPECT_EQ(first.next(), second.next());
    if (other.chance(0.25)) ++hits;
  }
  EXPECT_NEAR(hits, 25000, 1000);
}

}  // namespace
}  // namespace hasse::harness
