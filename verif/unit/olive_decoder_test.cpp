// SPDX-License-Identifier: Apache-2.0
// Every pair of codes, in every format, against golden: 256 pairs of 4 bits, 65,536 of 8.
#include <gtest/gtest.h>

#include "generator/units/olive.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using quant::OliveFormat;
using units::Output;

class OliveDecoder : public testing::TestWithParam<OliveFormat> {
 protected:
  std::vector<hdl::Module> decoder(Output output) const {
    const hdl::Module value = units::olive_value(format_);
    return {value, units::olive_decoder(format_, value, output)};
  }

  void expect_value(Bench& bench, const std::string& side, const quant::ExponentInteger& value) {
    ASSERT_EQ(bench.get(side + "_exponent_o"), static_cast<std::uint64_t>(value.exponent)) << side;
    ASSERT_EQ(bench.number(side + "_integer_o", 0, fields_.integer_bits), value.integer) << side;
  }

  void expect_pair(Bench& bench, unsigned pair) {
    const unsigned ones = (1U << format_.bits) - 1;
    const auto values = quant::decode_pair(
        format_,
        {static_cast<std::uint8_t>(pair & ones), static_cast<std::uint8_t>(pair >> format_.bits)});
    expect_value(bench, "left", values[0]);
    expect_value(bench, "right", values[1]);
  }

  const OliveFormat& format_ = GetParam();
  units::PairValue fields_ = units::pair_value(format_);
  unsigned pairs_ = 1U << (2 * format_.bits);
};

TEST_P(OliveDecoder, ReadsEveryPairAsGolden) {
  Bench bench(decoder(Output::combinational));
  for (unsigned pair = 0; pair < pairs_ && !HasFatalFailure(); ++pair) {
    bench.set("pair_i", pair);
    bench.model().eval();
    expect_pair(bench, pair);
    if (HasFatalFailure()) ADD_FAILURE() << "pair " << pair;
  }
}

TEST_P(OliveDecoder, RegistersItsOutputsOnDemand) {
  Bench bench(decoder(Output::registered));
  for (unsigned pair = 0; pair < pairs_ && !HasFatalFailure(); pair += format_.bits == 8 ? 37 : 1) {
    bench.set("pair_i", pair);
    bench.settle();
    bench.edge();
    bench.set("pair_i", pair ^ 0x5aU);
    bench.settle();
    expect_pair(bench, pair);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, OliveDecoder,
                         testing::ValuesIn(quant::olive_formats().begin(),
                                           quant::olive_formats().end()),
                         [](const auto& point) { return std::string(point.param.name); });

}  // namespace
}  // namespace hasse::unit
