// SPDX-License-Identifier: Apache-2.0
// The units of the systolic arrays, of plain operands and of outlier-victim pairs: formats or
// geometry in, module out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generator/design/design.hpp"
#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"
#include "golden/quant/olive_pair.hpp"

namespace hasse::units {

/// Name of a unit of the array: systolic_* or olive_*.
std::string pair_unit(const Geometry& g, const std::string& part);

/// Fields of a decoded value, integer * 2^exponent: {exponent, integer in two's complement}.
/// Plain operands have no exponent.
struct PairValue {
  int exponent_bits = 0;
  int integer_bits = 0;
  int bits() const { return exponent_bits + integer_bits; }
};

/// The smallest fields that hold every value of `format`.
PairValue pair_value(const quant::OliveFormat& format);

/// Whether outputs are wires or registers.
enum class Output { combinational, registered };

/// What an encoder rounds: two's complement numbers with a binary point.
struct EncoderInput {
  int bits = 16;          ///< Of a number, 2..31.
  int fraction_bits = 4;  ///< Of them right of the point, in units of the normal values' scale.
};

/// One code, read as a normal value or as an outlier.
hdl::Module olive_value(const quant::OliveFormat& format);
/// A pair of codes to two values; `value` reads one of them.
hdl::Module olive_decoder(const quant::OliveFormat& format, const hdl::Module& value,
                          Output output = Output::combinational);
/// One number to its code and whether it is an outlier: to the nearest, from the middle away from
/// 0.
hdl::Module olive_rounder(const quant::OliveFormat& format, const EncoderInput& input);
/// Two numbers to a pair of codes; `rounder` makes one of them.
hdl::Module olive_encoder(const quant::OliveFormat& format, const EncoderInput& input,
                          const hdl::Module& rounder,
                          quant::OutlierRule rule = quant::OutlierRule::keep_larger,
                          Output output = Output::combinational);

/// What a processing element multiplies and adds up.
struct PairDatapath {
  explicit PairDatapath(const Geometry& g);
  PairValue weight, activation;
  int code_bits;             ///< Of a weight: 4 or 8 where pairs are decoded.
  int activation_code_bits;  ///< Of an activation: the same where pairs are decoded.
  int product_bits;          ///< Of the signed product of two values.
  int accumulator_bits;

  /// A weight on its way through the array: {first of its tile, exponent, integer}.
  int weight_word() const { return 1 + weight.bits(); }
  int activation_word() const { return activation.bits(); }
};

/// (b * d) << (a + c) of <a, b> and <c, d>, integers of up to four bits.
hdl::Module olive_product(const PairDatapath& path);
/// Multiplies the values that pass, adds the products up; 8-bit values by four 4-bit products.
hdl::Module olive_pe(const PairDatapath& path, const hdl::Module& product);

/// Multiplies the integers that pass, adds the products up.
hdl::Module systolic_pe(const PairDatapath& path);

/// Which border of the array.
enum class Border { weights, activations };
/// Decodes the pairs of a border if there is a `decoder`, sends them element after element, and
/// delays line i by i cycles.
hdl::Module olive_border(const Geometry& g, Border border,
                         const std::optional<hdl::Module>& decoder);
/// Picks the sum of a column that leaves the array in this cycle.
hdl::Module olive_column(const Geometry& g);
/// lanes x columns processing elements and their borders.
hdl::Module olive_array(const Geometry& g, const hdl::Module& weights,
                        const hdl::Module& activations, const hdl::Module& pe,
                        const hdl::Module& column);
/// Collects the rows that leave the array, a column a cycle later than the one before.
hdl::Module olive_rows(const Geometry& g);
/// Takes pairs of both streams, and paces their elements and tiles.
hdl::Module olive_sequencer(const Geometry& g, const hdl::Module& walker);

/// All modules of an engine of pairs, in the order of build(); the top is olive_gemm.
std::vector<hdl::Module> build_olive(const design::Design& design);

}  // namespace hasse::units
