// SPDX-License-Identifier: Apache-2.0
// Files of random weights, and a folder for them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "golden/tensor/file.hpp"
#include "golden/tensor/floats.hpp"
#include "golden/tensor/safetensors.hpp"

namespace hasse::quantize {

/// A folder of a test's own, removed with it.
class Scratch {
 public:
  Scratch()
      : path_(std::filesystem::path(testing::TempDir()) /
              ("hasse_quantize_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A tensor of `dtype` with normally distributed elements.
inline tensor::TensorData random_tensor(std::string name, std::vector<std::size_t> shape,
                                        tensor::Dtype dtype = tensor::Dtype::f32) {
  std::mt19937 random(static_cast<unsigned>(name.size()));
  std::normal_distribution<float> value(0.01F, 0.5F);
  std::size_t size = 1;
  for (const std::size_t side : shape) size *= side;
  std::vector<float> values(size);
  for (float& v : values) v = value(random);
  return {std::move(name), dtype, std::move(shape), tensor::bytes_of(dtype, values)};
}

/// A weight, a normalisation and an embedding, all of `dtype`; the weight is "a.weight" [n x k].
inline std::vector<tensor::TensorData> small_model(std::size_t n, std::size_t k,
                                                   tensor::Dtype dtype = tensor::Dtype::f32) {
  return {random_tensor("a.weight", {n, k}, dtype), random_tensor("norm.weight", {k}, dtype),
          random_tensor("table", {5, 3}, dtype)};
}

}  // namespace hasse::quantize
