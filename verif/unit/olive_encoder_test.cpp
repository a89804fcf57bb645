// SPDX-License-Identifier: Apache-2.0
// Pairs of numbers against golden: around every middle between two values, and random ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "generator/units/olive.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using quant::OliveFormat;
using quant::OutlierRule;
using units::EncoderInput;
using units::Output;

struct Encoder {
  const char* format;
  EncoderInput input;
  OutlierRule rule = OutlierRule::keep_larger;
  Output output = Output::combinational;
};

class OliveEncoder : public testing::TestWithParam<Encoder> {
 protected:
  std::vector<hdl::Module> encoder() const {
    const hdl::Module rounder = units::olive_rounder(format_, input_);
    return {rounder,
            units::olive_encoder(format_, input_, rounder, GetParam().rule, GetParam().output)};
  }

  void expect(std::int64_t left, std::int64_t right) {
    bench_.set_field("left_i", 0, input_.bits, left);
    bench_.set_field("right_i", 0, input_.bits, right);
    if (GetParam().output == Output::registered) {
      bench_.settle();
      bench_.edge();
      bench_.set_field("left_i", 0, input_.bits, ~left);
      bench_.settle();
    } else {
      bench_.model().eval();
    }
    const auto real = [&](std::int64_t v) {
      return std::ldexp(static_cast<double>(v), -input_.fraction_bits);
    };
    const quant::PairCodes pair = grid_.encode(real(left), real(right), GetParam().rule);
    ASSERT_EQ(bench_.field("pair_o", 0, format_.bits), pair.left) << left << ", " << right;
    ASSERT_EQ(bench_.field("pair_o", 1, format_.bits), pair.right) << left << ", " << right;
  }

  /// A random number, or one a step around a middle between two values.
  std::int64_t number() {
    const std::int64_t most = (std::int64_t{1} << (input_.bits - 1)) - 1;
    if (random_.chance(0.4)) return random_number(random_, input_.bits);
    if (random_.chance(0.4)) return random_number(random_, std::min(input_.bits, 6));
    const auto i =
        static_cast<std::size_t>(below(random_, static_cast<int>(grid_.magnitudes().size()) - 1));
    const double middle = (grid_.magnitudes()[i] + grid_.magnitudes()[i + 1]) / 2.0;
    const auto near = static_cast<std::int64_t>(std::ldexp(middle, input_.fraction_bits));
    const std::int64_t value = std::clamp(near + below(random_, 3) - 1, -most - 1, most);
    return random_.chance(0.5) ? value : -value;
  }

  const OliveFormat& format_ = quant::olive_format(GetParam().format);
  EncoderInput input_ = GetParam().input;
  quant::OliveGrid grid_{format_};
  Bench bench_{encoder()};
  harness::Random random_{61};
};

TEST_P(OliveEncoder, RoundsAndSacrificesAsGolden) {
  for (int i = 0; i < 20000 && !HasFatalFailure(); ++i) expect(number(), number());
}

TEST_P(OliveEncoder, TakesTheExtremes) {
  const std::int64_t least = -(std::int64_t{1} << (input_.bits - 1));
  for (const std::int64_t left : {least, -least - 1, std::int64_t{0}})
    for (const std::int64_t right : {least, -least - 1, std::int64_t{0}}) expect(left, right);
}

INSTANTIATE_TEST_SUITE_P(
    Formats, OliveEncoder,
    testing::Values(Encoder{"int4", {16, 4}}, Encoder{"flint4", {16, 3}}, Encoder{"uint4", {14, 2}},
                    Encoder{"uflint4", {18, 6}}, Encoder{"int8", {24, 4}},
                    Encoder{"int8_e2m5", {16, 2}},
                    // No fraction, and numbers that do not reach the largest values.
                    Encoder{"int4", {6, 0}, OutlierRule::keep_even},
                    Encoder{"int8", {12, 0}, OutlierRule::keep_larger, Output::registered},
                    Encoder{"flint4", {20, 8}, OutlierRule::keep_even, Output::registered}),
    [](const auto& point) {
      const Encoder& e = point.param;
      return fmt::format("{}_{}_{}{}{}", e.format, e.input.bits, e.input.fraction_bits,
                         e.rule == OutlierRule::keep_even ? "_even" : "",
                         e.output == Output::registered ? "_registered" : "");
    });

}  // namespace
}  // namespace hasse::unit
