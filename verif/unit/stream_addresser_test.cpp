// SPDX-License-Identifier: Apache-2.0
// stream_addresser against golden: every slot, and the list of all of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/attention.hpp"
#include "golden/attention/units/block_walker.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

struct Ring {
  int sink, ring;
};

class StreamAddresser : public testing::TestWithParam<Ring> {
 protected:
  void pulse(const char* port) {
    bench_.set(port, 1);
    bench_.settle();
    bench_.edge();
    bench_.set(port, 0);
  }

  attention::units::StreamAddresser empty() const {
    return {static_cast<std::size_t>(GetParam().sink), static_cast<std::size_t>(GetParam().ring)};
  }

  void advance(attention::units::StreamAddresser& golden) {
    bench_.settle();
    ASSERT_EQ(bench_.get("slot_o"), golden.next());
    pulse("advance_i");
  }

  void expect_list(const attention::units::StreamAddresser& golden) {
    const attention::Indices slots = golden.slots();
    pulse("list_i");
    for (std::size_t i = 0; i < slots.size();) {
      const bool ready = random_.chance(0.7);
      bench_.set("list_ready_i", ready ? 1 : 0);
      bench_.settle();
      ASSERT_TRUE(bench_.is_set("list_valid_o"));
      ASSERT_EQ(bench_.get("list_slot_o"), slots[i]) << i;
      ASSERT_EQ(bench_.is_set("list_last_o"), i + 1 == slots.size());
      bench_.edge();
      i += ready ? 1 : 0;
    }
    bench_.settle();
    ASSERT_FALSE(bench_.is_set("list_valid_o"));
  }

  Bench bench_{{units::stream_addresser(GetParam().sink, GetParam().ring)}};
  harness::Random random_{139};
};

TEST_P(StreamAddresser, PlacesAndListsBlocks) {
  for (int sequence = 0; sequence < 3 && !HasFatalFailure(); ++sequence) {
    auto golden = empty();
    pulse("clear_i");
    expect_list(golden);
    const int blocks = 3 * (GetParam().sink + GetParam().ring) + sequence;
    for (int block = 0; block < blocks && !HasFatalFailure(); ++block) {
      advance(golden);
      if (random_.chance(0.6)) expect_list(golden);
    }
  }
}

// LServe's ring: sink 2, ring 5.
TEST(StreamAddresserHandVector, IsLServes) {
  Bench bench({units::stream_addresser(2, 5)});
  for (const std::uint64_t slot : {0, 1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 2, 3, 4, 5}) {
    bench.set("advance_i", 1);
    bench.settle();
    EXPECT_EQ(bench.get("slot_o"), slot);
    bench.edge();
  }
}

INSTANTIATE_TEST_SUITE_P(Rings, StreamAddresser,
                         testing::Values(Ring{2, 5}, Ring{1, 2}, Ring{4, 1}, Ring{0, 3}, Ring{1, 1},
                                         Ring{16, 64}),
                         [](const auto& point) {
                           return fmt::format("s{}_r{}", point.param.sink, point.param.ring);
                         });

}  // namespace
}  // namespace hasse::unit
