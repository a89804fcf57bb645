// SPDX-License-Identifier: Apache-2.0
// Gate files and head classification.
#include "golden/attention/head_gates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <utility>
#include <vector>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::attention {
namespace {

using tensor::FormatError;
using tensor::Matrix;

float parse_gate(const std::string& word, const std::string& where) {
  char* end = nullptr;
  const float value = std::strtof(word.c_str(), &end);
  if (end != word.c_str() + word.size() || !std::isfinite(value)) {
    throw FormatError(where, "gate", word, "a finite number");
  }
  return value;
}

std::vector<float> parse_line(const std::string& line, const std::string& where) {
  std::istringstream words(line);
  std::vector<float> gates;
  for (std::string word; words >> word;) gates.push_back(parse_gate(word, where));
  return gates;
}

std::vector<float> clipped(const Matrix<float>& gates) {
  std::vector<float> values = gates.values();
  for (float& value : values) value = std::clamp(value, 0.0F, 1.0F);
  return values;
}

Matrix<std::uint8_t> at_least(const Matrix<float>& gates, double threshold) {
  Matrix<std::uint8_t> full(gates.rows(), gates.cols());
  std::ranges::transform(clipped(gates), full.data(),
                         [threshold](float gate) { return gate >= threshold ? 1 : 0; });
  return full;
}

Matrix<std::uint8_t> highest(const Matrix<float>& gates, std::size_t count) {
  const std::vector<float> values = clipped(gates);
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&values](std::size_t i) { return values[i]; });
  Matrix<std::uint8_t> full(gates.rows(), gates.cols());
  for (std::size_t i = order.size() - count; i < order.size(); ++i) full.data()[order[i]] = 1;
  return full;
}

}  // namespace

Matrix<float> load_gates(const std::filesystem::path& path) {
  return parse_gates(tensor::read_file(path), path.string());
}

Matrix<float> parse_gates(std::string_view text, const std::string& name) {
  std::istringstream lines{std::string(text)};
  std::vector<float> values;
  std::size_t layers = 0;
  std::size_t heads = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string where = fmt::format("{}: line {}", name, layers + 1);
    const std::vector<float> gates = parse_line(line, where);
    if (layers++ == 0) heads = gates.size();
    if (gates.empty() || gates.size() != heads) {
      throw FormatError(where, "gates", fmt::format("{}", gates.size()),
                        heads == 0 ? "at least one" : fmt::format("{}, as in line 1", heads));
    }
    values.insert(values.end(), gates.begin(), gates.end());
  }
  if (layers == 0) throw FormatError(name, "gates", "", "a line for every layer");
  return {layers, heads, std::move(values)};
}

std::string format_gates(const Matrix<float>& gates) {
  std::string text;
  for (std::size_t layer = 0; layer < gates.rows(); ++layer) {
    text += fmt::format("{:.9g}\n", fmt::join(gates.row(layer), "\t"));
  }
  return text;
}

double gate_quantile(const Matrix<float>& gates, double share) {
  std::vector<float> values = clipped(gates);
  std::ranges::sort(values);
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  const double low = values[below];
  return low + (place - static_cast<double>(below)) * (values[above] - low);
}

Matrix<std::uint8_t> retrieval_heads(const Matrix<float>& gates, double streaming, GateRule rule) {
  if (rule == GateRule::ranked) {
    const double kept = (1 - streaming) * static_cast<double>(gates.size());
    return highest(gates, static_cast<std::size_t>(std::llround(kept)));
  }
  if (streaming >= 1) return Matrix<std::uint8_t>(gates.rows(), gates.cols());
  return at_least(gates, streaming <= 0 ? -1 : gate_quantile(gates, streaming));
}

}  // namespace hasse::attention
