// SPDX-License-Identifier: Apache-2.0
#include "golden/attention/units/softmax_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "generator/units/attention.hpp"
#include "generator/units/shift_and_add.hpp"
#include "generator/units/units.hpp"

namespace hasse::units {
namespace {

using attention::units::kExponentFraction;
using attention::units::kMantissaFraction;
using attention::units::kProbabilityBits;
using attention::units::kStepFraction;
using attention::units::kWeightFraction;
using hdl::Block;
using hdl::BlockBody;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::reduce_or;
using hdl::repeat;
using hdl::zeros;
using hdl::zext;

constexpr int kScoreBits = 8;
constexpr int kStepBits = kStepFraction + 4;
constexpr int kProductBits = kScoreBits + kStepBits;
constexpr int kExponentBits = kProductBits - (kStepFraction - kExponentFraction);
constexpr int kWholeBits = kExponentBits - kExponentFraction;
constexpr int kSumBits = kWeightFraction + 18;
constexpr int kMantissaBits = kMantissaFraction + 1;
constexpr int kReciprocalBits = kMantissaFraction + 1;
constexpr int kNormalBits = kMantissaFraction + 2;  ///< 2^17 after rounding fits.
constexpr int kLeastLog = kWeightFraction - 1;      ///< Every sum is at least a half.
constexpr int kLogBits = std::bit_width(static_cast<unsigned>(kSumBits - 1 - kLeastLog));
constexpr int kHalf = kMantissaFraction / 2;
constexpr int kHalfProductBits = kMantissaBits + kHalf;
/// mantissa * reciprocal in units of 2^-17: a half is what rounding needs below a probability.
constexpr int kShareBits = kProbabilityBits + 2;

/// Bits of a shift that leaves anything of so many bits.
constexpr int shift_levels(int bits) {
  return std::bit_width(static_cast<unsigned>(bits - 1));
}

/// Builds the module, a section of it per function.
class SoftmaxUnit {
 public:
  explicit SoftmaxUnit(const Module& mantissas) : mantissas_(mantissas) {}

  Module build() {
    m_.set_unit("softmax");
    exponent();
    mantissa();
    sum();
    divisor();
    reciprocal();
    product();
    places();
    probability();
    follow_scores();
    sequence();
    return m_;
  }

 private:
  void exponent();
  void mantissa();
  void sum();
  void divisor();
  void reciprocal();
  void product();
  void places();
  void probability();
  void follow_scores();
  void sequence();
  Expr rounded_shift(const std::string& name, const Expr& value, const Expr& places);
  Expr logarithm();

  const Module& mantissas_;
  Module m_{"softmax_unit",
            "Softmax of one row, in powers of two and fixed point, without exponentials.\n"
            "The row passes first to add up its weights: their unit is the whole power of two at\n"
            "or above the largest, so a new largest one shifts the sum. The last score starts one\n"
            "division; then every score that passes gives its probability, five cycles later."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr step_ = m_.input("step_i", kStepBits, "log2(e) times what a score of 1 is worth, U4.16.");
  Expr begin_ = m_.input("begin_i", 1, "A row begins; what was known of another one is gone.");
  Expr score_ = m_.input("score_i", kScoreBits, "A score, two's complement.");
  Expr masked_ = m_.input("masked_i", 1, "It adds nothing, and its probability is 0.");
  Expr last_ = m_.input("score_last_i", 1, "It ends the first pass.");
  Expr score_valid_ = m_.input("score_valid_i", 1, "It is valid.");
  Expr probability_ready_ = m_.input("probability_ready_i", 1, "The probability is taken.");
  // One of these at a time, and none while the first pass's last scores are on their way.
  Expr first_q_ = m_.logic("first_q", 1, "Scores of the first pass are taken.");
  Expr divide_q_ = m_.logic("divide_q", 1, "A quotient bit a cycle.");
  Expr second_q_ = m_.logic("second_q", 1, "Scores of the second pass are taken.");
  // Of the scores on their way, by what is known of them.
  Expr exponent_valid_q_ = m_.logic("exponent_valid_q", 1);
  Expr weight_valid_q_ = m_.logic("weight_valid_q", 1);
  Expr halves_valid_q_ = m_.logic("halves_valid_q", 1);
  Expr product_valid_q_ = m_.logic("product_valid_q", 1);
  Expr probability_valid_q_ = m_.logic("probability_valid_q", 1);
  Expr advance_ = m_.let("advance", !probability_valid_q_ || probability_ready_, "All move on.");
  Expr ready_ = m_.let("ready", (first_q_ || second_q_) && advance_);
  Expr taken_ = m_.let("taken", score_valid_&& ready_);
  Expr exponent_masked_q_ = m_.logic("exponent_masked_q", 1);
  Expr exponent_last_q_ = m_.logic("exponent_last_q", 1);
  Expr exponent_q_ = m_.logic("exponent_q", kExponentBits, "score * step, S12.10.");
  Expr weight_masked_q_ = m_.logic("weight_masked_q", 1);
  Expr weight_last_q_ = m_.logic("weight_last_q", 1);
  Expr mantissa_q_ = m_.logic("mantissa_q", kMantissaBits, "2^fraction, U1.16.");
  Expr whole_q_ = m_.logic("whole_q", kWholeBits, "The exponent's whole part.");
  Expr above_q_ = m_.logic("above_q", kWholeBits, "The whole number at or above it.");
  Expr empty_q_ = m_.logic("empty_q", 1, "No score has been added.");
  Expr maximum_ = m_.logic("maximum", kWholeBits, "The largest of the numbers above.");
  Expr distance_ =
      m_.logic("distance", kWholeBits, "From it down to the whole part, not negative.");
  Expr sum_q_ = m_.logic("sum_q", kSumBits, "Of the weights, U18.30, in units of 2^maximum.");
  Expr known_q_ = m_.logic("known_q", 2, "The sum is there; its logarithm, too.");
  Expr log_q_ = m_.logic("log_q", kLogBits, "Place of the sum's highest one, above that of 1/2.");
  Expr normal_ = m_.logic("normal", kNormalBits, "The sum, shifted to 1 <= sum <= 2, U2.16.");
  Expr divisor_q_ = m_.logic("divisor_q", kNormalBits);
  Expr reciprocal_q_ = m_.logic("reciprocal_q", kReciprocalBits,
                                "1 / sum, U1.16; before, low bits of the dividend.");
  Expr share_q_ = m_.logic("share_q", kShareBits, "mantissa * reciprocal, U1.17.");
  Expr places_q_ = m_.logic("places_q", shift_levels(kShareBits),
                            "The probability is it, shifted right by these.");
  Expr nothing_q_ = m_.logic("nothing_q", 1, "The probability is 0.");
};

/// value >> places, halves rounded up. The lowest bit of `value` is the one below its unit, and the
/// result is a bit shorter.
Expr SoftmaxUnit::rounded_shift(const std::string& name, const Expr& value, const Expr& places) {
  const int bits = value.width().value(), levels = shift_levels(bits);
  Expr shifted = value;
  for (int level = 0; level < levels; ++level) {
    const int by = 1 << level;
    const Expr further = cat({zeros(by), shifted.slice(by, bits - by)});
    shifted = m_.let(fmt::format("{}_{}", name, by), mux(places.bit(level), further, shifted));
  }
  const Expr sum = m_.let(name + "_sum", shifted + 1);
  m_.unused(sum.bit(0), "unused_" + name);
  const int rest = places.width().value() - levels;
  if (rest <= 0) return m_.let(name, sum.slice(1, bits - 1));
  const Expr gone = m_.let(name + "_gone", reduce_or(places.slice(levels, rest)));
  return m_.let(name, sum.slice(1, bits - 1) & repeat(bits - 1, !gone));
}

void SoftmaxUnit::exponent() {
  m_.section("Exponent of the score that is taken");
  constexpr int kDrop = kStepFraction - kExponentFraction;
  const Expr wide = m_.let("wide", zext(step_, kProductBits));
  const Expr product = m_.let("product", shift_and_add(wide, score_, true));
  const Expr rounded = m_.let("rounded", product + lit(1 << (kDrop - 1), kProductBits));
  m_.unused(rounded.slice(0, kDrop), "unused_rounded");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(taken_, [&](Block& t) {
      t.assign(exponent_q_, rounded.slice(kDrop, kExponentBits));
      t.assign(exponent_masked_q_, masked_);
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
    b.when(advance_, [&](Block& t) {
      t.assign(mantissa_q_, cat({lit(1, 1), entry}));
      t.assign(whole_q_, whole);
      t.assign(above_q_, whole + zext(reduce_or(fraction), kWholeBits));
      t.assign(weight_masked_q_, exponent_masked_q_);
      t.assign(weight_last_q_, exponent_last_q_);
    });
  });
}

void SoftmaxUnit::sum() {
  m_.section("Sum of the weights");
  const Expr maximum_q = m_.logic("maximum_q", kWholeBits, "The largest so far.");
  const Expr add = m_.let("add", weight_valid_q_ && !weight_masked_q_ && !second_q_);
  const Expr rises =
      m_.let("rises", empty_q_ || as_signed(maximum_q) < as_signed(above_q_), "A new largest.");
  m_.assign(maximum_, mux(rises, above_q_, maximum_q));
  m_.assign(distance_, maximum_ - whole_q_);
  const Expr rise = m_.let("rise", maximum_ - maximum_q);
  const Expr so_far = m_.let("so_far", cat({sum_q_, lit(0, 1)}), "U18.31.");
  const Expr earlier = rounded_shift("earlier", so_far, rise);
  const Expr one = m_.let("one", cat({mantissa_q_, zeros(kWeightFraction - kMantissaFraction + 1)}),
                          "The weight of its fraction, U1.31.");
  const Expr weight = rounded_shift("weight", one, distance_);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(begin_, [&](Block& t) {
       t.assign(empty_q_, 1);
       t.assign(sum_q_, 0);
     }).else_when(add, [&](Block& t) {
      t.assign(empty_q_, 0);
      t.assign(maximum_q, maximum_);
      t.assign(sum_q_, earlier + zext(weight, kSumBits));
    });
  });
}

/// Place of the sum's highest one, above that of a half: one weight at the least is not smaller.
Expr SoftmaxUnit::logarithm() {
  Expr log = lit(0, kLogBits);
  for (int place = kLeastLog + 1; place < kSumBits; ++place)
    log = mux(sum_q_.bit(place), lit(place - kLeastLog, kLogBits), log);
  return log;
}

/// The sum is shifted right by its logarithm, the highest place first: what is left of the shift
/// then bounds the bits that are left of the sum.
void SoftmaxUnit::divisor() {
  m_.section("Sum as a divisor");
  constexpr int kDrop = kLeastLog - kMantissaFraction - 1;
  m_.always_ff(clk_, [&](Block& b) { b.assign(log_q_, logarithm()); });
  Expr shifted = sum_q_.slice(kDrop, kSumBits - kDrop);
  for (int level = kLogBits - 1; level >= 0; --level) {
    const int by = 1 << level, bits = kNormalBits + by - 1;
    const Expr further = shifted.slice(by, std::min(bits, shifted.width().value() - by));
    shifted = m_.let(fmt::format("normal_{}", by),
                     mux(log_q_.bit(level), zext(further, bits), shifted.slice(0, bits)));
  }
  const Expr rounded = m_.let("normal_rounded", zext(shifted, kNormalBits + 1) + 1);
  m_.unused(rounded.bit(0), "unused_normal");
  m_.assign(normal_, rounded.slice(1, kNormalBits));
  m_.always_ff(clk_, [&](Block& b) {
    b.when(known_q_.bit(1), [&](Block& t) { t.assign(divisor_q_, normal_); });
  });
}

/// One restoring division of 2^32 + divisor / 2, its lower bits from the reciprocal's register.
void SoftmaxUnit::reciprocal() {
  m_.section("Reciprocal of the sum");
  constexpr int kRestBits = kNormalBits - 1;
  const Expr rest_q = m_.logic("rest_q", kRestBits, "What is left, less than the divisor.");
  const Expr rest = m_.let("rest", cat({rest_q, reciprocal_q_.bit(kReciprocalBits - 1)}),
                           "And the dividend's next bit.");
  const Expr fits = m_.let("fits", rest >= divisor_q_);
  const Expr left = m_.let("left", rest - (divisor_q_ & repeat(kNormalBits, fits)));
  m_.unused(left.bit(kRestBits), "unused_left");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(known_q_.bit(1), [&](Block& t) {
       t.assign(rest_q, std::int64_t{1} << (kMantissaFraction - 1));
       t.assign(reciprocal_q_, normal_.slice(1, kReciprocalBits));
     }).else_when(divide_q_, [&](Block& t) {
      t.assign(rest_q, left.slice(0, kRestBits));
      t.assign(reciprocal_q_, cat({reciprocal_q_.slice(0, kReciprocalBits - 1), fits}));
    });
  });
}

/// mantissa * reciprocal, below 2^33, by halves of the reciprocal; what lies below is not needed.
void SoftmaxUnit::product() {
  m_.section("Mantissa times reciprocal");
  constexpr int kDrop = 2 * kMantissaFraction + 1 - kShareBits - kHalf;
  const Expr wide = m_.let("wide_mantissa", zext(mantissa_q_, kHalfProductBits));
  const Expr low = m_.let("low_product", shift_and_add(wide, reciprocal_q_.slice(0, kHalf)));
  const Expr high = m_.let(
      "high_product", shift_and_add(wide, reciprocal_q_.slice(kHalf, kReciprocalBits - kHalf)));
  m_.unused(low.slice(0, kHalf), "unused_low_product");
  const Expr low_q = m_.logic("low_q", kMantissaBits, "Times the reciprocal's lower half.");
  const Expr high_q = m_.logic("high_q", kHalfProductBits, "Times its upper half.");
  const Expr product = m_.let("full_product", high_q + zext(low_q, kHalfProductBits));
  m_.unused(product.slice(0, kDrop), "unused_product");
  m_.always_ff(clk_, [&](Block& b) {
    b.when(advance_, [&](Block& t) {
      t.assign(low_q, low.slice(kHalf, kMantissaBits));
      t.assign(high_q, high);
      t.assign(share_q_, product.slice(kDrop, kShareBits));
    });
  });
}

/// The sum's logarithm and the distance to the maximum are not both 0, so a place is taken off: a
/// score at the maximum weighs 1 already.
void SoftmaxUnit::places() {
  m_.section("Places of the probability");
  const int levels = shift_levels(kShareBits), bits = kWholeBits + 1;
  const Expr places = m_.let("places", zext(distance_, bits) + zext(log_q_, bits) - 1);
  const Expr halves_places_q = m_.logic("halves_places_q", levels);
  const Expr halves_nothing_q = m_.logic("halves_nothing_q", 1);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(advance_, [&](Block& t) {
      t.assign(halves_places_q, places.slice(0, levels));
      t.assign(halves_nothing_q,
               weight_masked_q_ || empty_q_ || reduce_or(places.slice(levels, bits - levels)));
      t.assign(places_q_, halves_places_q);
      t.assign(nothing_q_, halves_nothing_q);
    });
  });
}

void SoftmaxUnit::probability() {
  m_.section("Probability");
  const Expr rounded = rounded_shift("rounded_share", share_q_, places_q_);
  const Expr over = m_.let("over", rounded.bit(kProbabilityBits), "1 or more.");
  const Expr probability_q = m_.logic("probability_q", kProbabilityBits);
  m_.always_ff(clk_, [&](Block& b) {
    b.when(advance_, [&](Block& t) {
      t.assign(probability_q,
               (rounded.slice(0, kProbabilityBits) | repeat(kProbabilityBits, over)) &
                   repeat(kProbabilityBits, !nothing_q_));
    });
  });
  m_.assign(m_.output("probability_o", kProbabilityBits, "The score's probability, U0.16."),
            probability_q);
}

/// Where the scores are that have been taken.
void SoftmaxUnit::follow_scores() {
  m_.section("Scores on their way");
  const std::vector<std::pair<Expr, Expr>> stages = {
      {exponent_valid_q_, taken_},
      {weight_valid_q_, exponent_valid_q_},
      {halves_valid_q_, weight_valid_q_ && second_q_},
      {product_valid_q_, halves_valid_q_},
      {probability_valid_q_, product_valid_q_}};
  const BlockBody clear = [&](Block& b) {
    for (const auto& [valid, before] : stages) b.assign(valid, 0);
  };
  m_.always_ff(clk_, rst_n_, clear, [&](Block& b) {
    b.when(begin_, clear).else_when(advance_, [&](Block& t) {
      for (const auto& [valid, before] : stages) t.assign(valid, before);
    });
  });
  m_.assign(m_.output("score_ready_o", 1, "The score is taken."), ready_);
  m_.assign(m_.output("probability_valid_o", 1, "It is valid."), probability_valid_q_);
}

void SoftmaxUnit::sequence() {
  m_.section("What is done");
  const Expr summed = m_.let("summed", weight_valid_q_ && weight_last_q_ && !second_q_);
  const Expr count_q = m_.logic("count_q", 5, "Bits of the quotient after this one.");
  const Expr done = m_.let("done", divide_q_ && count_q == 0);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        for (const Expr& state : {first_q_, divide_q_, second_q_}) b.assign(state, 0);
        b.assign(known_q_, 0);
      },
      [&](Block& b) {
        b.assign(first_q_, begin_ || (first_q_ && !(taken_ && last_)));
        b.assign(known_q_, cat({known_q_.bit(0), summed}) & repeat(2, !begin_));
        b.assign(divide_q_, !begin_ && (known_q_.bit(1) || (divide_q_ && !done)));
        b.assign(second_q_, !begin_ && (second_q_ || done));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.assign(count_q, mux(divide_q_, count_q - 1, lit(kReciprocalBits - 1, 5)));
  });
}

}  // namespace

Module softmax_mantissas() {
  constexpr int kEntries = 1 << kExponentFraction;
  Module m("softmax_mantissas", "2^(i / 1024), the leading one left out: 16 bits after the point.");
  m.set_unit("softmax");
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
