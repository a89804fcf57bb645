// SPDX-License-Identifier: Apache-2.0
// kv_quantizer against golden, vector after vector, with random stalls.
#include "golden/attention/units/kv_quantizer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "generator/units/attention.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using attention::units::KvWord;
using Vector = std::vector<std::int16_t>;

class KvQuantizer : public testing::TestWithParam<units::KeyBeats> {
 protected:
  /// Elements of random size, the same for a vector, around 0 or another number.
  Vector vector() {
    const int bits = 1 + below(random_, 16);
    const std::int64_t middle = random_.chance(0.5) ? 0 : random_number(random_, 16);
    Vector values(static_cast<std::size_t>(keys_.dim));
    for (std::int16_t& value : values)
      value = static_cast<std::int16_t>(middle + random_number(random_, bits));
    return values;
  }

  void send(const Vector& values, double stall) {
    for (int beat = 0; beat < keys_.beats();) {
      const bool valid = !random_.chance(stall);
      for (int c = 0; c < keys_.channels; ++c)
        bench_.set_field("element_i", c, 16,
                         valid ? values[static_cast<std::size_t>(beat * keys_.channels + c)]
                               : random_number(random_, 16));
      bench_.set("element_valid_i", valid ? 1 : 0);
      bench_.settle();
      ASSERT_TRUE(bench_.is_set("element_ready_o"));
      bench_.edge();
      ++cycles_;
      beat += valid ? 1 : 0;
    }
    bench_.set("element_valid_i", 0);
  }

  void expect_codes(const KvWord& golden, double stall) {
    for (int beat = 0; beat < keys_.beats() && !HasFatalFailure();) {
      const bool ready = !random_.chance(stall);
      bench_.set("code_ready_i", ready ? 1 : 0);
      bench_.settle();
      ASSERT_FALSE(bench_.is_set("element_ready_o"));
      const bool there = bench_.is_set("code_valid_o");
      if (there) expect_beat(golden, beat);
      bench_.edge();
      ASSERT_LT(++cycles_, 1000000U);
      beat += there && ready ? 1 : 0;
    }
  }

  void expect_beat(const KvWord& golden, int beat) {
    ASSERT_EQ(bench_.number("low_o", 0, 16), golden.low);
    ASSERT_EQ(bench_.field("range_o", 0, 16), golden.range);
    ASSERT_EQ(bench_.is_set("code_last_o"), beat + 1 == keys_.beats());
    for (int c = 0; c < keys_.channels; ++c)
      ASSERT_EQ(bench_.field("code_o", c, 8),
                golden.codes[static_cast<std::size_t>(beat * keys_.channels + c)])
          << "element " << beat * keys_.channels + c;
  }

  void quantise(const Vector& values, int bits, double stall) {
    bench_.set("short_i", bits == 4 ? 1 : 0);
    send(values, stall);
    expect_codes(attention::units::quantize_kv(values, bits), stall);
  }

  units::KeyBeats keys_ = GetParam();
  Bench bench_{{units::kv_quantizer(GetParam())}};
  harness::Random random_{149};
  std::size_t cycles_ = 0;
};

TEST_P(KvQuantizer, GivesGoldensCodes) {
  for (int i = 0; i < 150 && !HasFatalFailure(); ++i)
    quantise(vector(), i % 2 == 0 ? 4 : 8, 0.1 * (i % 6));
}

TEST_P(KvQuantizer, TakesVectorsAtTheLimits) {
  for (const int bits : {4, 8}) {
    for (const int value : {-32768, 0, 32767})
      quantise(Vector(static_cast<std::size_t>(keys_.dim), static_cast<std::int16_t>(value)), bits,
               0.2);
    Vector widest(static_cast<std::size_t>(keys_.dim), 1);
    widest.front() = -32768;
    widest.back() = 32767;
    quantise(widest, bits, 0);
  }
}

TEST_P(KvQuantizer, FindsTheExtremesInEveryPlace) {
  const auto dim = static_cast<std::size_t>(keys_.dim);
  for (std::size_t place = 0; place < dim && !HasFatalFailure(); ++place) {
    Vector values(dim);
    values[place] = 32767;
    values[(place + 1) % dim] = -32768;
    quantise(values, 4, 0);
  }
}

// A beat in a cycle each; then for every beat two cycles and one for each bit of a code.
TEST_P(KvQuantizer, TakesACycleForEveryQuotientBit) {
  for (const int bits : {4, 8}) {
    cycles_ = 0;
    quantise(vector(), bits, 0);
    EXPECT_EQ(cycles_, static_cast<std::size_t>(keys_.beats() * (1 + 2 + bits)));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, KvQuantizer,
                         testing::Values(units::KeyBeats{64, 16}, units::KeyBeats{8, 8},
                                         units::KeyBeats{16, 4}, units::KeyBeats{3, 1},
                                         units::KeyBeats{9, 3}),
                         [](const auto& point) {
                           return fmt::format("d{}_c{}", point.param.dim, point.param.channels);
                         });

}  // namespace
}  // namespace hasse::unit
