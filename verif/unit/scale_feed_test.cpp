// SPDX-License-Identifier: Apache-2.0
// The handshakes of the scale streams, for all combinations.
#include <gtest/gtest.h>

#include "generator/units/units.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

TEST(ScaleFeed, TakesWhatARowNeedsAllAtOnce) {
  const units::Geometry g = geometry(R"({"scaling": "group", "weight_bits": 5})");
  Bench bench{{units::scale_feed(g)}};
  harness::Random random(5);
  for (unsigned bits = 0; bits < 64; ++bits) {
    const auto flag = [&](const char* port, unsigned index) {
      bench.set(port, (bits >> index) & 1U);
      return ((bits >> index) & 1U) != 0;
    };
    const bool scaled = flag("scaled_i", 0), requantise = flag("requantise_i", 1),
               begins = flag("row_begins_i", 2), last = flag("last_group_i", 3),
               scale = flag("scale_valid_i", 4), rescale = flag("rescale_valid_i", 5);
    const auto scales = static_cast<std::uint64_t>(below(random, 1 << 13));
    const auto rescales = static_cast<std::uint64_t>(below(random, 1 << 22));
    bench.set("scale_data_i", scales);
    bench.set("rescale_data_i", rescales);
    bench.model().eval();
    const bool there = begins && (scale || !scaled) && (rescale || !(requantise && last));
    EXPECT_EQ(bench.is_set("scales_o"), there) << bits;
    const bool waited_for =
        (bench.is_set("scale_ready_o") && !scale) || (bench.is_set("rescale_ready_o") && !rescale);
    EXPECT_EQ(waited_for, begins && !there) << bits;
    EXPECT_EQ(bench.is_set("scale_ready_o") && scale, there && scaled) << bits;
    EXPECT_EQ(bench.is_set("rescale_ready_o") && rescale, there && requantise && last) << bits;
    EXPECT_EQ(bench.get("row_scales_o"), rescales << 13 | (scaled ? scales : 1)) << bits;
  }
}

}  // namespace
}  // namespace hasse::unit
