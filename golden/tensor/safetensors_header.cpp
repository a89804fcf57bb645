// SPDX-License-Identifier: Apache-2.0
// Parses the JSON header of a safetensors file.
#include "golden/tensor/safetensors_header.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace hasse::tensor {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "lengths are copied as they are");

/// Longest header the format's own library accepts.
constexpr std::uint64_t kLongestHeader = 100'000'000;
/// The header, a tensor and its lists: nothing nests deeper.
constexpr int kDeepest = 3;

constexpr std::array<std::pair<std::string_view, Dtype>, 8> kNames{{{"I8", Dtype::i8},
                                                                    {"I16", Dtype::i16},
                                                                    {"I32", Dtype::i32},
                                                                    {"I64", Dtype::i64},
                                                                    {"U8", Dtype::u8},
                                                                    {"F16", Dtype::f16},
                                                                    {"BF16", Dtype::bf16},
                                                                    {"F32", Dtype::f32}}};

/// Refuses what the JSON library would let pass: a key given twice, and absurd nesting.
class StrictKeys {
 public:
  explicit StrictKeys(const std::string& name) : name_(name) {}

  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    if (depth > kDeepest) throw FormatError(name_, "header", "nested", "at most 3 levels");
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key) check_new(parsed.get_ref<const std::string&>());
    return true;
  }

 private:
  void check_new(const std::string& key) {
    if (!keys_.back().insert(key).second) {
      throw FormatError(name_, "header key", key, "each key once");
    }
  }

  const std::string& name_;
  std::vector<std::set<std::string>> keys_;
};

json parse_json(std::string_view text, const std::string& name) {
  if (text.empty() || text.front() != '{') {
    throw FormatError(name, "header", text, "a JSON object starting with '{'");
  }
  StrictKeys strict(name);
  const auto check = [&strict](int depth, json::parse_event_t event, const json& parsed) {
    return strict(depth, event, parsed);
  };
  try {
    return json::parse(text, check);
  } catch (const json::exception& error) {
    throw FormatError(name, "header", error.what(), "a JSON object");
  }
}

std::map<std::string, std::string> parse_metadata(const json& object, const std::string& name) {
  if (!object.is_object()) {
    throw FormatError(name, "__metadata__", object.type_name(), "an object of strings");
  }
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) {
      throw FormatError(name, "__metadata__." + key, value.type_name(), "a string");
    }
    result[key] = value.get<std::string>();
  }
  return result;
}

Dtype parse_dtype(const json& value, const std::string& where) {
  if (value.is_string()) {
    for (const auto& [text, dtype] : kNames) {
      if (value.get_ref<const std::string&>() == text) return dtype;
    }
  }
  throw FormatError(where, "dtype", value.dump(), "I8, I16, I32, I64, U8, F16, BF16 or F32");
}

std::vector<std::size_t> parse_sizes(const json& value, const char* field,
                                     const std::string& where) {
  const auto is_size = [](const json& item) { return item.is_number_unsigned(); };
  if (!value.is_array() || !std::ranges::all_of(value, is_size)) {
    throw FormatError(where, field, value.dump(), "a list of integers from 0 to 2^64 - 1");
  }
  return value.get<std::vector<std::size_t>>();
}

void check_fields(const json& object, const std::string& where) {
  if (!object.is_object()) throw FormatError(where, "entry", object.type_name(), "an object");
  for (const auto& [key, value] : object.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      throw FormatError(where, "field", key, "dtype, shape or data_offsets");
    }
  }
  for (const char* field : {"dtype", "shape", "data_offsets"}) {
    if (!object.contains(field)) throw FormatError(where, field, "missing", "a value");
  }
}

TensorInfo parse_tensor(const json& object, std::size_t data_size, const std::string& where) {
  check_fields(object, where);
  TensorInfo info{parse_dtype(object["dtype"], where), parse_sizes(object["shape"], "shape", where),
                  0, 0};
  const auto offsets = parse_sizes(object["data_offsets"], "data_offsets", where);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_size) {
    throw FormatError(where, "data_offsets", fmt::format("[{}]", fmt::join(offsets, ", ")),
                      fmt::format("[begin, end] with begin <= end <= {}", data_size));
  }
  info.begin = offsets[0];
  info.end = offsets[1];
  if (byte_size(info.dtype, info.shape) != info.end - info.begin) {
    throw FormatError(where, "data_offsets", fmt::format("{} bytes", info.end - info.begin),
                      fmt::format("the size of shape [{}] of {}", fmt::join(info.shape, ", "),
                                  name_of(info.dtype)));
  }
  return info;
}

/// Refuses tensors that overlap or leave bytes of the data to nobody.
void check_cover(const SafetensorsHeader& header, std::size_t data_size, const std::string& name) {
  std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::string>> spans;
  for (const auto& [tensor, info] : header.tensors) {
    spans.push_back({{info.begin, info.end}, tensor});
  }
  std::ranges::sort(spans);
  std::size_t covered = 0;
  for (const auto& [span, tensor] : spans) {
    if (span.first != covered) {
      throw FormatError(name + ": " + tensor, "data_offsets", fmt::format("from {}", span.first),
                        fmt::format("from {}, where the tensor before it ends", covered));
    }
    covered = span.second;
  }
  if (covered != data_size) {
    throw FormatError(name, "data", fmt::format("{} bytes", data_size),
                      fmt::format("{}, where the last tensor ends", covered));
  }
}

}  // namespace

std::size_t header_length(std::string_view bytes, std::size_t size, const std::string& name) {
  std::uint64_t length = 0;
  if (bytes.size() < kHeaderLengthSize || size < kHeaderLengthSize)
    throw FormatError(name, "file", fmt::format("{} bytes", size),
                      "at least 8 for the header length");
  std::memcpy(&length, bytes.data(), kHeaderLengthSize);
  if (length > kLongestHeader || length > size - kHeaderLengthSize)
    throw FormatError(name, "header length", fmt::format("{}", length),
                      fmt::format("at most {}, which the file has left, and {}",
                                  size - kHeaderLengthSize, kLongestHeader));
  return length;
}

std::string format_safetensors_header(const std::vector<TensorEntry>& tensors,
                                      const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t end = 0;
  for (const TensorEntry& tensor : tensors) {
    if (tensor.name == "__metadata__" || header.contains(tensor.name))
      throw FormatError("safetensors", "name", tensor.name, "a name of its own");
    const std::optional<std::size_t> size = byte_size(tensor.dtype, tensor.shape);
    if (!size)
      throw FormatError(tensor.name, "shape", fmt::format("[{}]", fmt::join(tensor.shape, ", ")),
                        "fewer than 2^64 bytes");
    header[tensor.name] = {{"dtype", safetensors_name(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {end, end + *size}}};
    end += *size;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kHeaderLengthSize, '\0');
  std::memcpy(bytes.data(), &length, kHeaderLengthSize);
  return bytes + text;
}

std::string_view safetensors_name(Dtype dtype) {
  const auto* found = std::ranges::find(kNames, dtype, &std::pair<std::string_view, Dtype>::second);
  return found->first;
}

std::optional<std::size_t> byte_size(Dtype dtype, const std::vector<std::size_t>& shape) {
  std::size_t size = size_of(dtype);
  if (std::ranges::find(shape, 0U) != shape.end()) return 0;
  for (const std::size_t side : shape) {
    if (size > std::numeric_limits<std::size_t>::max() / side) return std::nullopt;
    size *= side;
  }
  return size;
}

SafetensorsHeader parse_safetensors_header(std::string_view text, std::size_t data_size,
                                           const std::string& name) {
  const json object = parse_json(text, name);
  SafetensorsHeader header;
  for (const auto& [key, value] : object.items()) {
    if (key == "__metadata__") {
      header.metadata = parse_metadata(value, name);
    } else {
      header.tensors[key] = parse_tensor(value, data_size, name + ": " + key);
    }
  }
  check_cover(header, data_size, name);
  return header;
}

}  // namespace hasse::tensor
