// SPDX-License-Identifier: Apache-2.0
// Operands from .npy files, a language model, or a random generator.
#include "verif/harness/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "golden/model/llama.hpp"
#include "golden/quant/olive_quantize.hpp"
#include "golden/quant/quantize.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/npy.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/language_model.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::harness {
namespace {

using Codes = tensor::Matrix<std::int32_t>;

constexpr int kDefaultWeightBits = 4;

template <class To, class From>
tensor::Matrix<To> cast(const tensor::Matrix<From>& from) {
  std::vector<To> values(from.size());
  std::ranges::transform(from.values(), values.begin(),
                         [](From value) { return static_cast<To>(value); });
  return {from.rows(), from.cols(), std::move(values)};
}

/// A file of integers, and whether their type is unsigned.
struct CodeFile {
  Codes values;
  bool is_unsigned = false;
};

template <class T>
bool take_codes(const tensor::NpyArray& array, CodeFile& codes) {
  const auto* matrix = std::get_if<tensor::Matrix<T>>(&array);
  if (matrix == nullptr) return false;
  codes = {cast<std::int32_t>(*matrix), std::is_unsigned_v<T>};
  return true;
}

// An int8, int16, int32, uint8 or uint16 file.
CodeFile read_file_of_codes(const std::filesystem::path& file) {
  const tensor::NpyArray array = tensor::read_npy(file);
  CodeFile codes;
  if (!take_codes<std::int8_t>(array, codes) && !take_codes<std::int16_t>(array, codes) &&
      !take_codes<std::int32_t>(array, codes) && !take_codes<std::uint8_t>(array, codes) &&
      !take_codes<std::uint16_t>(array, codes))
    throw tensor::FormatError(file.string(), "descr", tensor::name_of(tensor::dtype_of(array)),
                              "int8, int16, int32, uint8 or uint16");
  return codes;
}

// Sets the activations of `operands`, and whether they are unsigned.
void read_activations(const Engine& engine, const WorkloadOptions& options, Operands& operands) {
  CodeFile codes = read_file_of_codes(options.activations);
  const int least = codes.values.empty() ? 0 : *std::ranges::min_element(codes.values.values());
  operands.unsigned_activations =
      options.unsigned_activations || (codes.is_unsigned && engine.takes_unsigned);
  if (operands.unsigned_activations && least < 0)
    throw HarnessError(fmt::format("{}: holds {}, but activations are to be unsigned",
                                   options.activations.string(), least));
  const int bits = bits_needed(codes.values) - (operands.unsigned_activations ? 1 : 0);
  if (bits > engine.activation_bits)
    throw HarnessError(fmt::format("{}: holds values of {} bits, but the design takes {}",
                                   options.activations.string(), bits, engine.activation_bits));
  operands.activations = std::move(codes.values);
}

quant::GroupScales read_scales(const WorkloadOptions& options) {
  const Codes scales = read_codes(options.scales, 9);
  for (const int scale : scales.values())
    if (scale < 0)
      throw HarnessError(
          fmt::format("{}: holds the scale {}, expected 0..255", options.scales.string(), scale));
  return {options.group, cast<std::uint8_t>(scales),
          options.zeros.empty() ? tensor::Matrix<std::int8_t>(scales.rows(), scales.cols())
                                : cast<std::int8_t>(read_codes(options.zeros, 8))};
}

Workload from_files(const Engine& engine, const WorkloadOptions& options) {
  if (options.weights.empty() || options.activations.empty()) {
    throw HarnessError("weights and activations have to be given together");
  }
  const Codes weights = read_codes(options.weights, engine.weight_bits);
  if (options.scales.empty() != (options.group == 0))
    throw HarnessError("the weights' group and the file of their scales have to be given together");
  Operands operands{cast<std::int8_t>(weights),
                    {},
                    options.weight_bits.value_or(std::clamp(
                        bits_needed(weights), engine.least_weight_bits(), engine.weight_bits))};
  read_activations(engine, options, operands);
  if (options.group > 0) operands.scales = read_scales(options);
  return {std::move(operands), fmt::format("{} x {}", options.weights.filename().string(),
                                           options.activations.filename().string())};
}

int default_bits(const Engine& engine, const WorkloadOptions& options) {
  const int bits = std::min(kDefaultWeightBits, engine.weight_bits);
  return options.weight_bits.value_or(std::max(bits, engine.least_weight_bits()));
}

// A model's scheme, and its group where that has one.
struct Grouping {
  Scheme scheme;
  int group;
};

Grouping grouping_of(const Engine& engine, const WorkloadOptions& options) {
  if (options.scheme == Scheme::plain && options.group > 0)
    throw HarnessError("the plain scheme has no groups, but a group was given");
  if (options.group > 0) return {options.scheme.value_or(Scheme::symmetric), options.group};
  if (options.scheme) return {*options.scheme, kDefaultGroup};
  const bool scaled = engine.config.scaling && engine.weight_bits >= kDefaultWeightBits &&
                      engine.max_k >= kDefaultGroup;
  if (!scaled || options.weight_bits) return {Scheme::plain, 0};
  return {Scheme::qserve, kDefaultGroup};
}

Operands model_operands(const tensor::Matrix<float>& weights, const Codes& activations, int bits,
                        const Grouping& grouping) {
  if (grouping.scheme == Scheme::plain)
    return {quant::quantize_weights(weights, bits).values, activations, bits};
  const quant::GroupedWeights grouped =
      grouping.scheme == Scheme::qserve
          ? quant::quantize_qserve(weights, grouping.group)
          : quant::quantize_symmetric_groups(weights, bits, grouping.group);
  return {grouped.codes, activations, grouped.bits, grouped.groups};
}

// Codes as two's complement numbers of `bits`.
template <class T>
tensor::Matrix<T> as_numbers(const tensor::Matrix<std::uint8_t>& codes, int bits) {
  std::vector<T> values(codes.size());
  std::ranges::transform(codes.values(), values.begin(), [bits](std::uint8_t code) {
    return static_cast<T>(sign_extend(code, static_cast<unsigned>(bits)));
  });
  return {codes.rows(), codes.cols(), std::move(values)};
}

// Outlier-victim pairs of the types that the engine reads.
Operands pair_operands(const Engine& engine, const tensor::Matrix<float>& weights,
                       const tensor::Matrix<float>& activations) {
  const std::array left = {engine.weight_pairs}, right = {engine.activation_pairs};
  const quant::OliveWeights w = quant::quantize_olive_weights(weights, left);
  const quant::OliveActivations x =
      quant::quantize_olive_activations(activations, quant::calibrate_olive(activations, right));
  return {as_numbers<std::int8_t>(w.codes, engine.weight_bits),
          as_numbers<std::int32_t>(x.codes, engine.activation_bits), engine.weight_bits};
}

Workload from_model(const Engine& engine, const WorkloadOptions& options) {
  const model::Llama llama = load_model(options.model);
  const std::string name = options.tensor.empty() ? kDefaultTensor : options.tensor;
  const std::filesystem::path file = options.text.empty() ? kDefaultText : options.text;
  const std::string text = tensor::read_file(file);
  const std::string model_name =
      options.model.empty() ? "embedded model" : options.model.filename().string();
  const std::string description = fmt::format("{}, {}, {} bytes of {}", model_name, name,
                                              options.tokens, file.filename().string());
  if (engine.config.decodes_pairs())
    return {pair_operands(engine, llama.weight(name), llama.capture(text, name, options.tokens)),
            description};
  const int bits = default_bits(engine, options);
  const tensor::Matrix<float> inputs = llama.capture(text, name, options.tokens);
  const Codes activations =
      options.unsigned_activations
          ? quant::quantize_unsigned_activations(inputs, engine.activation_bits).values
          : quant::quantize_activations<std::int32_t>(inputs, engine.activation_bits).values;
  Operands operands =
      model_operands(llama.weight(name), activations, bits, grouping_of(engine, options));
  operands.unsigned_activations = options.unsigned_activations;
  return {std::move(operands), description};
}

Workload from_random(const Engine& engine, const WorkloadOptions& options) {
  transitive::Shape shape = *options.random;
  shape.weight_bits = default_bits(engine, options);
  shape.unsigned_activations = options.unsigned_activations;
  Operands operands = random_operands(engine, shape, options.seed);
  if (options.group > 0) operands.scales = random_scales(shape, options.group, options.seed);
  return {std::move(operands), fmt::format("random, seed {}", options.seed)};
}

template <class T>
void fill(tensor::Matrix<T>& matrix, int bits, Random& random) {
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    for (T& value : matrix.row(r)) {
      value = static_cast<T>(sign_extend(random.next() >> 16, static_cast<unsigned>(bits)));
    }
  }
}

// The engine as operands of fewer activation bits see it: on its port they are extended.
Engine with_activation_bits(Engine engine, const WorkloadOptions& options) {
  const int bits = options.activation_bits.value_or(engine.activation_bits);
  if ((bits != 4 && bits != 8 && bits != 16) || bits > engine.activation_bits)
    throw HarnessError(
        fmt::format("activation bits are {}, expected 4, 8 or 16, at most the design's {}", bits,
                    engine.activation_bits));
  if (engine.config.decodes_pairs() && bits != engine.activation_bits)
    throw HarnessError(
        fmt::format("codes of pairs have {} bits, activation bits of {} would misread "
                    "them; leave them out",
                    engine.activation_bits, bits));
  engine.activation_bits = bits;
  return engine;
}

// `matrix` repeated, or cut, to rows x cols.
template <class T>
tensor::Matrix<T> filled(const tensor::Matrix<T>& matrix, int rows, int cols) {
  tensor::Matrix<T> result(static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
  for (std::size_t r = 0; r < result.rows(); ++r)
    for (std::size_t c = 0; c < result.cols(); ++c)
      result(r, c) = matrix(r % matrix.rows(), c % matrix.cols());
  return result;
}

void fill_shape(Workload& workload, const transitive::Shape& shape) {
  Operands& operands = workload.operands;
  if (operands.scales) throw HarnessError("scaled groups cannot be repeated to fill a shape");
  operands.weights = filled(operands.weights, shape.n, shape.k);
  operands.activations = filled(operands.activations, shape.k, shape.m);
  workload.description += ", repeated";
}

// Every row's largest result becomes 127 or less.
std::vector<quant::Rescale> fitting_rescales(const Engine& engine, const Operands& operands) {
  const tensor::Matrix<std::int64_t> y = exact_results(engine, operands);
  std::vector<quant::Rescale> rescales;
  for (std::size_t row = 0; row < y.rows(); ++row) {
    std::int64_t largest = 127;
    for (const std::int64_t value : y.row(row)) largest = std::max(largest, std::abs(value));
    rescales.push_back(quant::rescale_of(127.0 / static_cast<double>(largest)));
  }
  return rescales;
}

}  // namespace

Codes read_codes(const std::filesystem::path& file, int most) {
  Codes codes = read_file_of_codes(file).values;
  if (const int bits = bits_needed(codes); bits > most)
    throw HarnessError(fmt::format("{}: holds values of {} bits, but the design takes {}",
                                   file.string(), bits, most));
  return codes;
}

int bits_needed(const Codes& matrix) {
  int bits = 2;
  for (const std::int64_t value : matrix.values()) {
    const auto limit = [&] { return std::int64_t{1} << (bits - 1); };
    while (value < -limit() || value >= limit()) ++bits;
  }
  return bits;
}

Operands random_operands(const Engine& engine, const transitive::Shape& shape, std::uint64_t seed) {
  const auto size = [](int side) { return static_cast<std::size_t>(std::max(side, 0)); };
  Operands operands{
      {size(shape.n), size(shape.k)}, {size(shape.k), size(shape.m)}, shape.weight_bits};
  Random random(seed);
  fill(operands.weights, shape.weight_bits, random);
  fill(operands.activations, engine.activation_bits, random);
  operands.unsigned_activations = shape.unsigned_activations;
  for (std::size_t k = 0; k < operands.activations.rows(); ++k)
    for (std::int32_t& value : operands.activations.row(k))
      value = std::max(value, engine.least_activation());
  const int mask = (1 << engine.activation_bits) - 1;
  for (std::size_t k = 0; shape.unsigned_activations && k < operands.activations.rows(); ++k)
    for (std::int32_t& value : operands.activations.row(k)) value &= mask;
  return operands;
}

quant::GroupScales random_scales(const transitive::Shape& shape, int group, std::uint64_t seed) {
  const auto rows = static_cast<std::size_t>(shape.n);
  const auto groups = static_cast<std::size_t>((shape.k + group - 1) / group);
  quant::GroupScales scales{group, {rows, groups}, {rows, groups}};
  Random random(seed + 1);
  for (std::size_t n = 0; n < rows; ++n)
    for (std::uint8_t& scale : scales.scales.row(n))
      scale = static_cast<std::uint8_t>((random.next() >> 16) % (256U >> shape.weight_bits));
  fill(scales.zeros, shape.weight_bits, random);
  return scales;
}

Workload make_workload(const Engine& engine, const WorkloadOptions& options) {
  const bool files = !options.weights.empty() || !options.activations.empty();
  const bool random = options.random.has_value();
  const bool model = !options.model.empty() || !options.tensor.empty() || !options.text.empty();
  if (int{files} + int{random} + int{model} > 1) {
    throw HarnessError(
        "operands come from .npy files, from a model or from a random generator, not from several");
  }
  const Engine source = with_activation_bits(engine, options);
  Workload workload = files    ? from_files(source, options)
                      : random ? from_random(source, options)
                               : from_model(source, options);
  if (options.filled && random)
    throw HarnessError("random operands have the shape they are given, there is none to fill");
  if (options.filled) fill_shape(workload, *options.filled);
  if (options.calibration_rows > 0 && engine.config.planner != transitive::Planner::listed)
    throw HarnessError(
        fmt::format("calibration rows are for a static planner, not for {}", engine.planner));
  workload.operands.calibration_rows = options.calibration_rows;
  workload.operands.tile_rows = engine.array().balanced(workload.operands.shape()).tile_rows;
  check(engine, workload.operands);
  if (options.requantise) workload.operands.rescales = fitting_rescales(engine, workload.operands);
  check(engine, workload.operands);
  return workload;
}

}  // namespace hasse::harness
