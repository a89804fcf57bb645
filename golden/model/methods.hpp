// SPDX-License-Identifier: Apache-2.0
// The ways of quantising a whole model that are compared with each other.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/awq.hpp"
#include "golden/model/integer_linear.hpp"
#include "golden/model/llama.hpp"

namespace hasse::model {

/// How weights and activations of all projections are rounded. In all of them norms, attention and
/// the head stay in float, and projections are IntegerLinear.
enum class Method {
  w8a8,         ///< Symmetric, a step per weight row and per token.
  w4a8_rtn,     ///< The same with weights of 4 bits.
  w4a16_rtn,    ///< The 4-bit groups of AWQ without its searches; activations of 16 bits.
  awq_w4,       ///< AWQ's 4-bit groups with zero points; activations of 16 bits.
  qserve_w4a8,  ///< QServe's progressive groups, or a zero point per row without groups.
  olive4,       ///< Outlier-victim pairs of 4 bits, weights and activations.
  olive8        ///< The same of 8 bits.
};

/// A method's name and what it rounds to, in a few words each.
struct MethodInfo {
  Method method;
  std::string_view name;
  std::string_view weights;
  std::string_view activations;
};

/// All methods, in the order of Method.
std::span<const MethodInfo> methods();

/// The method called `name`; nothing when there is none.
std::optional<Method> method_of(std::string_view name);

/// What methods need beyond the model.
struct MethodOptions {
  /// Columns that share a scale in w4a16_rtn, awq_w4 and qserve_w4a8; 0: whole rows. The last group
  /// of a row may be shorter, as in the hardware.
  int group = 128;
  /// Windows of text to calibrate on; awq_w4 searches on all, the activations of olive4 and olive8
  /// get their scales from the first.
  std::vector<std::vector<Token>> calibration;
};

/// Projections by name.
using IntegerLayers = std::map<std::string, IntegerLinear>;

/// Told what is being done, and the share of it done, 0..1.
using MethodProgress = std::function<void(const std::string& what, double share)>;

/// A model whose projections are integers.
struct QuantisedModel {
  Llama model;  ///< Its projections are stood in for by `layers`.
  IntegerLayers layers;
};

/// Quantises `model` by `method`. Throws ModelError when a method lacks calibration, and
/// quant::QuantError for values that are not finite.
QuantisedModel quantise(const Llama& model, Method method, const MethodOptions& options,
                        const MethodProgress& progress = {});

/// Pair statistics of outlier-victim pairs: of all weights of `layers` and of their activations
/// over `window` in the float model.
struct PairReport {
  quant::PairStatistics weights;
  quant::PairStatistics activations;
};
PairReport pair_report(const Llama& model, const IntegerLayers& layers,
                       std::span<const Token> window);

}  // namespace hasse::model
