// SPDX-License-Identifier: Apache-2.0
// Selects tensors and refuses those that cannot be quantised.
#include "flows/quantize/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "golden/tensor/floats.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::quantize {
namespace {

using tensor::FormatError;
using tensor::SafetensorsReader;
using tensor::TensorInfo;

constexpr std::array<std::string_view, 7> kProjections = {
    "self_attn.q_proj.weight", "self_attn.k_proj.weight", "self_attn.v_proj.weight",
    "self_attn.o_proj.weight", "mlp.gate_proj.weight",    "mlp.up_proj.weight",
    "mlp.down_proj.weight"};

/// What precedes a projection's name: "model.layers.0."; nothing for other tensors.
std::optional<std::string> layer_of(const std::string& name) {
  for (const std::string_view projection : kProjections)
    if (name.ends_with(projection)) return name.substr(0, name.size() - projection.size());
  return std::nullopt;
}

std::vector<std::string> all_projections(const SafetensorsReader& file) {
  std::set<std::string> layers;
  for (const auto& [name, info] : file.tensors())
    if (const auto layer = layer_of(name)) layers.insert(*layer);
  if (layers.empty())
    throw FormatError(file.name(), "tensors", fmt::format("{} without one", file.tensors().size()),
                      "projections as in Hugging Face's Llama, \"...self_attn.q_proj.weight\" and "
                      "six more, or names given by --tensor");
  std::vector<std::string> names;
  for (const std::string& layer : layers)
    for (const std::string_view projection : kProjections)
      names.push_back(fmt::format("{}{}", layer, projection));
  return names;
}

void check_type(const SafetensorsReader& file, const std::string& name) {
  const TensorInfo& info = file.info(name);
  const std::string where = file.name() + ": " + name;
  if (!tensor::is_float(info.dtype))
    throw FormatError(where, "dtype", tensor::name_of(info.dtype), "float16, bfloat16 or float32");
  const std::string shape = fmt::format("[{}]", fmt::join(info.shape, ", "));
  if (info.shape.size() != 2) throw FormatError(where, "shape", shape, "two dimensions");
  if (info.shape[0] == 0 || info.shape[1] == 0)
    throw FormatError(where, "shape", shape, "at least one element");
}

void check_columns(const SafetensorsReader& file, const std::string& name, const Request& request) {
  const std::size_t k = file.info(name).shape[1];
  const auto group = static_cast<std::size_t>(request.group_in_force());
  const std::string where = file.name() + ": " + name;
  if (group > 0 && k % group != 0)
    throw FormatError(where, "K", fmt::format("{}", k),
                      fmt::format("a multiple of the group, {}", group));
  if (request.scheme == Scheme::olive && k % 2 != 0)
    throw FormatError(where, "K", fmt::format("{}", k), "an even number, pairs lie along it");
}

void check_mixture(const SafetensorsReader& file) {
  const std::pair<const std::string, TensorInfo>* first = nullptr;
  for (const auto& entry : file.tensors()) {
    if (!tensor::is_float(entry.second.dtype)) continue;
    if (first == nullptr) first = &entry;
    if (entry.second.dtype != first->second.dtype)
      throw FormatError(
          file.name() + ": " + entry.first, "dtype", tensor::name_of(entry.second.dtype),
          fmt::format("{}, as {} has", tensor::name_of(first->second.dtype), first->first));
  }
}

}  // namespace

std::vector<std::string> select(const SafetensorsReader& file, const Request& request) {
  std::vector<std::string> names =
      request.tensors.empty() ? all_projections(file) : request.tensors;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  check_mixture(file);
  for (const std::string& name : names) {
    check_type(file, name);
    check_columns(file, name, request);
  }
  return names;
}

}  // namespace hasse::quantize
