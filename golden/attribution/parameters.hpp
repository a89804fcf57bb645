// SPDX-License-Identifier: Apache-2.0
// The weights of attribution models by name, and the sizes of DCRMTA.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden/attribution/journeys.hpp"
#include "golden/tensor/matrix.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::attribution {

/// Float tensors by name; one of a single dimension is a row.
using Parameters = std::map<std::string, tensor::Matrix<float>>;

/// All tensors of `file`. Throws tensor::FormatError when one is not a float tensor of one or two
/// dimensions, or holds a value that is not finite.
Parameters read_parameters(const tensor::Safetensors& file);

/// The bytes of a safetensors file of `parameters`; single rows become tensors of one dimension.
std::string format_parameters(const Parameters& parameters,
                              const std::map<std::string, std::string>& metadata);

/// The matrix `tensor` of `parameters`. Throws tensor::FormatError when the file `name` has none.
const tensor::Matrix<float>& parameter(const Parameters& parameters, const std::string& name,
                                       const std::string& tensor);

/// The same, and throws unless its shape is `rows` x `cols`.
const tensor::Matrix<float>& parameter(const Parameters& parameters, const std::string& name,
                                       const std::string& tensor, std::size_t rows,
                                       std::size_t cols);

/// The elements of a row.
std::vector<float> values_of(const tensor::Matrix<float>& row);

/// Sizes of DCRMTA (arXiv 2401.08875); the defaults are those of its published configuration.
struct Sizes {
  Vocabulary vocabulary;  ///< Tables have one row more, for padding, but that of users.
  std::size_t channel_dim = 4;
  std::size_t category_dim = 5;
  std::size_t user_dim = 5;
  std::size_t hidden = 64;      ///< Of the recurrent layers and of all representations.
  std::size_t attention = 256;  ///< Of the perceptrons.

  /// Features of a touch, the channel's left out and included.
  std::size_t features() const { return category_dim * vocabulary.categories.size(); }
  std::size_t inputs() const { return channel_dim + features(); }
};

/// Name and shape of one of DCRMTA's tensors.
struct TensorShape {
  std::string name;
  std::size_t rows, cols;
};

/// All tensors of a DCRMTA of these sizes, named as in its published code. `dense_rev` is used in
/// training only.
std::vector<TensorShape> dcrmta_tensors(const Sizes& sizes);

/// The sizes that the shapes in `parameters`, read from the file `name`, imply. Throws
/// tensor::FormatError for a tensor that is missing, unknown or does not fit the others.
Sizes dcrmta_sizes(const Parameters& parameters, const std::string& name);

}  // namespace hasse::attribution
