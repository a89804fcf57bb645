// SPDX-License-Identifier: Apache-2.0
#include "golden/attention/units/softmax_unit.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "generator/units/attention.hpp"
#include "generator/units/shift_and_add.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using attention::units::kExponentFraction;
using attention::units::kMantissaFraction;
using attention::units::kStepFraction;
using attention::units::kWeightFraction;
using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::ones;
using hdl::reduce_or;
using hdl::repeat;
using hdl::sext;
using hdl::Width;
using hdl::zeros;
using hdl::zext;

constexpr int kScoreBits = 8;
constexpr int kStepBits = kStepFraction + 4;
constexpr int kProductBits = kScoreBits + kStepBits;
constexpr int kExponentBits = kProductBits - (kStepFraction - kExponentFraction) + 1;
constexpr int kWholeBits = kExponentBits - kExponentFraction;
constexpr int kSumBits = kWeightFraction + 18;
constexpr int kMantissaBits = kMantissaFraction + 1;
constexpr int kReciprocalBits = kMantissaFraction + 1;
constexpr int kNormalBits = kMantissaFraction + 2;  ///< 2^17 after rounding fits.
constexpr int kShiftLevels = 6;
constexpr int kLogBits = std::bit_width(static_cast<unsigned>(kSumBits));

/// Builds the module, a section of it per function.
class SoftmaxUnit {
 public:
  explicit SoftmaxUnit(const Module& mantissas) : mantissas_(mantissas) {}

  Module build() {
    m_.set_unit("softmax_unit");
    exponent();
    mantissa();
    sum();
    reciprocal();
    probability();
    sequence();
    return m_;
  }

 private:
  void exponent();
  void mantissa();
  void sum();
  void reciprocal();
  void probability();
  void sequence();
  Expr rounded_shift(const std::string& name, const Expr& value, const Expr& places);
  Expr logarithm();

  const Module& mantissas_;
  Module m_{"softmax_unit",
            "Softmax of one row, in powers of two and fixed point, without exponentials.\n"
            "The row passes twice. First its weights are added up: their unit is the whole power\n"
            "of two at or above the largest, so a new largest one shifts the sum. The last score\n"
            "starts one division; then every score of the row gives its probability."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr step_ = m_.input("step_i", kStepBits, "log2(e) times what a score of 1 is worth, U4.16.");
  Expr begin_ = m_.input("begin_i", 1, "A row begins; what was known of another one is gone.");
  Expr score_ = m_.input("score_i", kScoreBits, "A score, two's complement.");
  Expr last_ = m_.input("score_last_i", 1, "It ends the first pass.");
  Expr score_valid_ = m_.input("score_valid_i", 1, "It is valid.");
  Expr probability_ready_ = m_.input("probability_ready_i", 1, "The probability is taken.");
  // One of these at a time, and none while the first pass's last scores are on their way.
  Expr first_q_ = m_.logic("first_q", 1, "Scores of the first pass are taken.");
  Expr divide_q_ = m_.logic("divide_q", 1, "A quotient bit a cycle.");
  Expr second_q_ = m_.logic("second_q", 1, "A score of the second pass is taken.");
  Expr multiply_q_ = m_.logic("multiply_q", 1, "A bit of the reciprocal a cycle.");
  Expr give_q_ = m_.logic("give_q", 1, "A probability is given.");
  Expr adding_q_ = m_.logic("adding_q", 1, "The row is in its first pass.");
  Expr ready_ = m_.let("ready", first_q_ || second_q_);
  Expr taken_ = m_.let("taken", score_valid_&& ready_);
  // Of the score whose exponent is known, and of the one whose mantissa is.
  Expr exponent_valid_q_ = m_.logic("exponent_valid_q", 1);
  Expr exponent_last_q_ = m_.logic("exponent_last_q", 1);
  Expr exponent_q_ = m_.logic("exponent_q", kExponentBits, "score * step, S13.10.");
  Expr weight_valid_q_ = m_.logic("weight_valid_q", 1);
  Expr weight_last_q_ = m_.logic("weight_last_q", 1);
  Expr mantissa_q_ = m_.logic("mantissa_q", kMantissaBits, "2^fraction, U1.16.");
  Expr whole_q_ = m_.logic("whole_q", kWholeBits, "The exponent's whole part.");
  Expr above_q_ = m_.logic("above_q", kWholeBits, "The whole number at or above it.");
  Expr empty_q_ = m_.logic("empty_q", 1, "No score has been added.");
  Expr maximum_q_ = m_.logic("maximum_q", kWholeBits, "The largest of the numbers above.");
  Expr sum_q_ = m_.logic("sum_q", kSumBits, "Of the weights, U18.30, in units of 2^maximum.");
  Expr log_q_ = m_.logic("log_q", kLogBits, "Place of the sum's highest one.");
  Expr count_q_ = m_.logic("count_q", 5, "Bits of a quotient or a product after this one.");
  Expr reciprocal_q_ = m_.logic("reciprocal_q", kReciprocalBits, "1 / sum, normalised, U1.16.");
};

/// value >> places, halves rounded up; 0 for 64 places and more.
Expr SoftmaxUnit::rounded_shift(const std::string& name, const Expr& value, const Expr& places) {
  const int bits = value.width().value() + 1;
  Expr shifted = m_.let(name + "_0", cat({value, lit(0, 1)}));
  for (int level = 0; level < kShiftLevels; ++level) {
    const int by = std::min(1 << level, bits);
    const Expr further = by == bits ? zeros(bits) : cat({zeros(by), shifted.slice(by, bits - by)});
    shifted =
        m_.let(fmt::format("{}_{}", name, 1 << level), mux(places.bit(level), further, shifted));
  }
  const int rest = places.width().value() - kShiftLevels;
  const Expr gone = m_.let(name + "_gone", reduce_or(places.slice(kShiftLevels, rest)));
  const Expr sum = m_.let(name + "_sum", shifted + 1);
  m_.unused(sum.bit(0), "unused_" + name);
  return m_.let(name, sum.slice(1, bits - 1) & repeat(bits - 1, !gone));
}

void SoftmaxUnit::exponent() {
  m_.section("Exponent of the score that is taken");
  constexpr int kDrop = kStepFraction - kExponentFraction;
  const Expr wide = m_.let("wide", zext(step_, kProductBits + 1));
  const Expr product = m_.let("product", shift_and_add(wide, score_, true));
  const Expr rounded = m_.let("rounded", product + lit(1 << (kDrop - 1), kProductBits + 1));
  m_.unused(rounded.slice(0, kDrop), "unused_rounded");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(taken_, [&](Block& t) {
      t.assign(exponent_q_, rounded.slice(kDrop, kExponentBits));
      t.assign(exponent_last_q_, last_);
    });
  });
}

void SoftmaxUnit::mantissa() {
  m_.section("Mantissa, and whole numbers around the exponent");
  const Expr fraction = m_.let("fraction", exponent_q_.slice(0, kExponentFraction));
  const Expr entry =
      m_.logic("entry", kMantissaFraction, "Of the table, the leading one left out.");
  m_.instance("u_mantissas", mantissas_, {{"fraction_i", fraction}, {"mantissa_o", entry}});
  const Expr whole = m_.let("whole", exponent_q_.slice(kExponentFraction, kWholeBits));
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(mantissa_q_, cat({lit(1, 1), entry}));
    b.assign(whole_q_, whole);
    b.assign(above_q_, whole + zext(reduce_or(fraction), kWholeBits));
    b.assign(weight_last_q_, exponent_last_q_);
  });
}

void SoftmaxUnit::sum() {
  m_.section("Sum of the weights");
  const Expr add = m_.let("add", weight_valid_q_ && adding_q_);
  const Expr rises =
      m_.let("rises", empty_q_ || as_signed(maximum_q_) < as_signed(above_q_), "A new largest.");
  const Expr maximum = m_.let("maximum", mux(rises, above_q_, maximum_q_));
  const Expr rise = m_.let("rise", maximum - maximum_q_);
  const Expr distance = m_.let("distance", maximum - whole_q_, "At least 0.");
  const Expr one = m_.let("one", cat({zeros(kSumBits - kWeightFraction - 1), mantissa_q_,
                                      zeros(kWeightFraction - kMantissaFraction)}));
  const Expr earlier = rounded_shift("earlier", sum_q_, rise);
  const Expr weight = rounded_shift("weight", one, distance);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) { t.assign(empty_q_, 1); }).else_when(add, [&](Block& t) {
      t.assign(empty_q_, 0);
      t.assign(maximum_q_, maximum);
      t.assign(sum_q_, weight + (earlier & repeat(kSumBits, !empty_q_)));
    });
  });
}

/// Place of the sum's highest one.
Expr SoftmaxUnit::logarithm() {
  Expr log = lit(0, kLogBits);
  for (int place = 0; place < kSumBits; ++place)
    log = mux(sum_q_.bit(place), lit(place, kLogBits), log);
  return log;
}

/// One restoring division: the sum is at least 2^29, so it is shifted right to 1 <= sum < 2.
void SoftmaxUnit::reciprocal() {
  m_.section("Reciprocal of the sum");
  constexpr int kPartBits = kNormalBits + kReciprocalBits - 1,
                kRestBits = 2 * kMantissaFraction + 2;
  m_.always_ff(clk_, [&](Block& b) { b.assign(log_q_, logarithm()); });
  const Expr places =
      m_.let("places", zext(log_q_, kShiftLevels + 1) - lit(kMantissaFraction, kShiftLevels + 1));
  const Expr shifted = rounded_shift("shifted", sum_q_, places);
  const Expr normal = m_.let("normal", shifted.slice(0, kNormalBits));
  m_.unused(shifted.slice(kNormalBits, kSumBits - kNormalBits), "unused_normal");
  const Expr part_q = m_.logic("part_q", kPartBits, "The sum at the quotient bit's place.");
  const Expr rest_q = m_.logic("rest_q", kRestBits, "What is left to divide.");
  const Expr part = m_.let("part", zext(part_q, kRestBits + 1));
  const Expr fits = m_.let("fits", zext(rest_q, kRestBits + 1) >= part);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(divide_q_, [&](Block& t) {
       t.when(fits, [&](Block& u) { u.assign(rest_q, rest_q - part_q.slice(0, kRestBits)); });
       t.assign(part_q, part_q >> 1);
       t.assign(reciprocal_q_, cat({reciprocal_q_.slice(0, kReciprocalBits - 1), fits}));
     }).otherwise([&](Block& t) {
      t.assign(part_q, cat({normal, zeros(kReciprocalBits - 1)}));
      t.assign(rest_q, lit(std::int64_t{1} << (2 * kMantissaFraction), kRestBits) +
                           zext(normal.slice(1, kNormalBits - 1), kRestBits));
    });
  });
}

/// mantissa * reciprocal, a bit of the reciprocal a cycle from the highest on, then shifted.
void SoftmaxUnit::probability() {
  m_.section("Probability");
  constexpr int kBits = kMantissaBits + kReciprocalBits, kPlaces = kWholeBits + 2;
  const Expr factor_q = m_.logic("factor_q", kReciprocalBits, "Bits of the reciprocal to come.");
  const Expr product_q = m_.logic("product_q", kBits);
  const Expr multiple =
      m_.let("multiple",
             zext(mantissa_q_ & repeat(kMantissaBits, factor_q.bit(kReciprocalBits - 1)), kBits));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(multiply_q_, [&](Block& t) {
       t.assign(product_q, (product_q << 1) + multiple);
       t.assign(factor_q, factor_q << 1);
     }).otherwise([&](Block& t) {
      t.assign(factor_q, reciprocal_q_);
      t.when(!give_q_, [&](Block& u) { u.assign(product_q, 0); });
    });
  });
  const Expr below = m_.let("below", sext(maximum_q_, kPlaces) - sext(whole_q_, kPlaces));
  const Expr places =
      m_.let("probability_places",
             below + zext(log_q_, kPlaces) - lit(kWeightFraction - kMantissaFraction, kPlaces));
  const Expr rounded = rounded_shift("rounded_product", product_q, places);
  const Expr over = m_.let("over", reduce_or(rounded.slice(16, kBits - 16)), "1 or more.");
  m_.assign(m_.output("probability_o", 16, "The score's probability, U0.16."),
            rounded.slice(0, 16) | repeat(16, over));
}

void SoftmaxUnit::sequence() {
  m_.section("What is done");
  const Expr summed = m_.let("summed", weight_valid_q_ && weight_last_q_ && adding_q_);
  const Expr known_q = m_.logic("known_q", 2, "The sum is there, a cycle ago, two cycles ago.");
  const Expr done = m_.let("done", count_q_ == 0);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& state : {first_q_, divide_q_, second_q_, multiply_q_, give_q_, adding_q_,
                                  exponent_valid_q_, weight_valid_q_})
          b.assign(state, 0);
        b.assign(known_q, 0);
      },
      [&](Block& b) {
        b.assign(first_q_, begin_ || (first_q_ && !(taken_ && last_)));
        b.assign(adding_q_, begin_ || (adding_q_ && !summed));
        b.assign(exponent_valid_q_, taken_ && !begin_);
        b.assign(weight_valid_q_, exponent_valid_q_ && !begin_);
        b.assign(known_q, cat({known_q.bit(0), summed}) & repeat(2, !begin_));
        b.assign(divide_q_, !begin_ && (known_q.bit(1) || (divide_q_ && !done)));
        b.assign(second_q_, !begin_ && ((divide_q_ && done) || (give_q_ && probability_ready_) ||
                                        (second_q_ && !taken_)));
        b.assign(multiply_q_,
                 !begin_ && ((weight_valid_q_ && !adding_q_) || (multiply_q_ && !done)));
        b.assign(give_q_, !begin_ && ((multiply_q_ && done) || (give_q_ && !probability_ready_)));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(count_q_, mux(divide_q_ || multiply_q_, count_q_ - 1, lit(kReciprocalBits - 1, 5)));
  });
  m_.assign(m_.output("score_ready_o", 1, "The score is taken."), ready_);
  m_.assign(m_.output("probability_valid_o", 1, "It is valid."), give_q_);
}

}  // namespace

Module softmax_mantissas() {
  constexpr int kEntries = 1 << kExponentFraction;
  Module m("softmax_mantissas", "2^(i / 1024), the leading one left out: 16 bits after the point.");
  m.set_unit("softmax_unit");
  const Expr fraction = m.input("fraction_i", kExponentFraction, "i.");
  const Expr mantissa = m.output("mantissa_o", kMantissaFraction, "The table's word.");
  std::vector<std::pair<hdl::CaseLabel, hdl::BlockBody>> cases;
  for (int i = 1; i < kEntries; ++i) {
    const double value = std::exp2(static_cast<double>(i) / kEntries);
    const auto word = static_cast<std::int64_t>(std::lrint(value * (1 << kMantissaFraction)));
    cases.emplace_back(i, [=](Block& b) {
      b.assign(mantissa, lit(word - (1 << kMantissaFraction), kMantissaFraction));
    });
  }
  m.always_comb(
      [&](Block& b) { b.select(fraction, cases, [&](Block& t) { t.assign(mantissa, 0); }); });
  return m;
}

Module softmax_unit(const Module& mantissas) {
  return SoftmaxUnit(mantissas).build();
}

}  // namespace hasse::units
