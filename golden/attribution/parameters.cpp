// SPDX-License-Identifier: Apache-2.0
// Weights in and out of files.
#include "golden/attribution/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hasse::attribution {
namespace {

using tensor::FormatError;
using tensor::Matrix;

Matrix<float> read_one(const tensor::Safetensors& file, const std::string& name) {
  const tensor::TensorInfo& info = file.info(name);
  if (info.shape.empty() || info.shape.size() > 2)
    throw FormatError(file.name(), name, fmt::format("of {} dimensions", info.shape.size()),
                      "one or two");
  std::vector<float> values = file.values<float>(name);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw FormatError(file.name(), fmt::format("{}[{}]", name, i), fmt::format("{}", values[i]),
                        "a finite number");
  const std::size_t rows = info.shape.size() == 2 ? info.shape[0] : 1;
  return {rows, info.shape.back(), std::move(values)};
}

std::string shape_text(std::size_t rows, std::size_t cols) {
  return fmt::format("{} x {}", rows, cols);
}

void add_linear(std::vector<TensorShape>& tensors, const std::string& name, std::size_t outputs,
                std::size_t inputs) {
  tensors.push_back({name + ".weight", outputs, inputs});
  tensors.push_back({name + ".bias", 1, outputs});
}

void add_lstm(std::vector<TensorShape>& tensors, int layer, std::size_t hidden,
              std::size_t inputs) {
  const std::string end = fmt::format("_l{}", layer);
  tensors.push_back({"lstm.weight_ih" + end, 4 * hidden, inputs});
  tensors.push_back({"lstm.weight_hh" + end, 4 * hidden, hidden});
  tensors.push_back({"lstm.bias_ih" + end, 1, 4 * hidden});
  tensors.push_back({"lstm.bias_hh" + end, 1, 4 * hidden});
}

std::string category_table(std::size_t column) {
  return fmt::format("cat_embedding_list.{}.weight", column);
}

}  // namespace

Parameters read_parameters(const tensor::Safetensors& file) {
  Parameters parameters;
  for (const auto& [name, info] : file.tensors()) parameters[name] = read_one(file, name);
  return parameters;
}

std::string format_parameters(const Parameters& parameters,
                              const std::map<std::string, std::string>& metadata) {
  std::vector<tensor::TensorData> tensors;
  for (const auto& [name, matrix] : parameters) {
    tensors.push_back(tensor::tensor_data(name, matrix));
    if (name.find("bias") != name.npos) tensors.back().shape = {matrix.cols()};
  }
  return tensor::format_safetensors(tensors, metadata);
}

const Matrix<float>& parameter(const Parameters& parameters, const std::string& name,
                               const std::string& tensor) {
  const auto found = parameters.find(tensor);
  if (found == parameters.end()) throw FormatError(name, tensor, "missing", "a tensor");
  return found->second;
}

const Matrix<float>& parameter(const Parameters& parameters, const std::string& name,
                               const std::string& tensor, std::size_t rows, std::size_t cols) {
  const Matrix<float>& matrix = parameter(parameters, name, tensor);
  if (matrix.rows() != rows || matrix.cols() != cols)
    throw FormatError(name, tensor + " shape", shape_text(matrix.rows(), matrix.cols()),
                      shape_text(rows, cols));
  return matrix;
}

std::vector<float> values_of(const Matrix<float>& row) {
  return row.values();
}

std::vector<TensorShape> dcrmta_tensors(const Sizes& sizes) {
  const Vocabulary& known = sizes.vocabulary;
  std::vector<TensorShape> tensors;
  tensors.push_back({"channel_embedding.weight", known.channels + 1, sizes.channel_dim});
  for (std::size_t column = 0; column < known.categories.size(); ++column)
    tensors.push_back({category_table(column), known.categories[column] + 1, sizes.category_dim});
  tensors.push_back({"user_embedding.weight", known.users, sizes.user_dim});
  add_lstm(tensors, 0, sizes.hidden, sizes.inputs());
  add_lstm(tensors, 1, sizes.hidden, sizes.hidden);
  add_linear(tensors, "dense_1.0", sizes.attention, sizes.hidden + sizes.inputs());
  add_linear(tensors, "dense_1.2", sizes.hidden, sizes.attention);
  add_linear(tensors, "dense_1.4", 1, sizes.hidden);
  add_linear(tensors, "dense_2.0", sizes.attention, sizes.features());
  add_linear(tensors, "dense_2.3", sizes.hidden, sizes.attention);
  add_linear(tensors, "dense_3", sizes.hidden, sizes.user_dim);
  add_linear(tensors, "dense_final.0", 1, sizes.hidden);
  add_linear(tensors, "dense_rev", known.channels + 1, sizes.hidden);
  return tensors;
}

Sizes dcrmta_sizes(const Parameters& parameters, const std::string& name) {
  Sizes sizes;
  const auto get = [&](const std::string& tensor) -> const Matrix<float>& {
    const Matrix<float>& matrix = parameter(parameters, name, tensor);
    if (matrix.rows() > 0 && matrix.cols() > 0) return matrix;
    throw FormatError(name, tensor, "empty", "at least one row and column");
  };
  sizes.vocabulary.channels = get("channel_embedding.weight").rows() - 1;
  sizes.channel_dim = get("channel_embedding.weight").cols();
  for (std::size_t column = 0; parameters.contains(category_table(column)); ++column) {
    sizes.vocabulary.categories.push_back(get(category_table(column)).rows() - 1);
    sizes.category_dim = get(category_table(column)).cols();
  }
  sizes.vocabulary.users = get("user_embedding.weight").rows();
  sizes.user_dim = get("user_embedding.weight").cols();
  sizes.hidden = get("lstm.weight_hh_l0").cols();
  sizes.attention = get("dense_1.0.weight").rows();
  const std::vector<TensorShape> tensors = dcrmta_tensors(sizes);
  for (const TensorShape& tensor : tensors)
    parameter(parameters, name, tensor.name, tensor.rows, tensor.cols);
  for (const auto& [tensor, matrix] : parameters)
    if (std::ranges::none_of(tensors, [&](const auto& known) { return known.name == tensor; }))
      throw FormatError(name, "tensor", tensor, "one of DCRMTA's");
  return sizes;
}

}  // namespace hasse::attribution
