// SPDX-License-Identifier: Apache-2.0
// Restores floats from codes.
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <utility>

#include "flows/quantize/blocks.hpp"
#include "flows/quantize/quantize.hpp"
#include "golden/quant/group_scales.hpp"
#include "golden/quant/olive_quantize.hpp"
#include "golden/tensor/floats.hpp"
#include "golden/tensor/safetensors_stream.hpp"

namespace hasse::quantize {
namespace {

using tensor::Dtype;
using tensor::FormatError;
using tensor::Matrix;
using tensor::SafetensorsReader;
using tensor::SafetensorsWriter;
using tensor::TensorEntry;
using tensor::TensorInfo;

constexpr int kDefaultGroup = 128;

/// `count` rows from `first` on of a tensor of `T`s with one or two dimensions.
template <class T>
Matrix<T> rows_of(SafetensorsReader& file, const std::string& name, std::size_t first,
                  std::size_t count) {
  const TensorInfo& info = file.info(name);
  if (info.dtype != tensor::kDtypeOf<T>)
    throw FormatError(file.name() + ": " + name, "dtype", tensor::name_of(info.dtype),
                      tensor::name_of(tensor::kDtypeOf<T>));
  const std::size_t columns = info.shape.size() == 2 ? info.shape[1] : 1;
  Matrix<T> result(count, columns);
  const std::size_t row_bytes = columns * sizeof(T);
  const std::string bytes = file.bytes(name, first * row_bytes, count * row_bytes);
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

void require_shape(const SafetensorsReader& file, const std::string& name,
                   std::vector<std::size_t> shape) {
  if (file.info(name).shape != shape)
    throw FormatError(file.name() + ": " + name, "shape", "another", "one that fits the codes'");
}

/// One weight that is made from several tensors.
class WeightDecoder {
 public:
  virtual ~WeightDecoder() = default;
  virtual std::size_t rows() const = 0;
  virtual std::size_t columns() const = 0;
  /// Rows `first` .. first + count - 1 of the weight.
  virtual Matrix<float> read(SafetensorsReader& file, std::size_t first, std::size_t count) = 0;
};

class PlainDecoder : public WeightDecoder {
 public:
  PlainDecoder(const SafetensorsReader& file, std::string name) : name_(std::move(name)) {
    const auto& codes = two_sides(file, name_ + ".codes");
    const auto& scales = two_sides(file, name_ + ".scales");
    rows_ = codes[0];
    columns_ = codes[1];
    groups_ = scales[1];
    if (groups_ == 0 || columns_ % groups_ != 0)
      throw FormatError(file.name() + ": " + name_ + ".scales", "columns",
                        fmt::format("{}", groups_), fmt::format("a divisor of {}", columns_));
    require_shape(file, name_ + ".scales", {rows_, groups_});
    require_shape(file, name_ + ".zeros", {rows_, groups_});
    require_shape(file, name_ + ".row_scales", {rows_});
  }

  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return columns_; }

  Matrix<float> read(SafetensorsReader& file, std::size_t first, std::size_t count) override {
    return quant::dequantize(
        quant::GroupedWeights{rows_of<std::int8_t>(file, name_ + ".codes", first, count),
                              {static_cast<int>(columns_ / groups_),
                               rows_of<std::uint8_t>(file, name_ + ".scales", first, count),
                               rows_of<std::int8_t>(file, name_ + ".zeros", first, count)},
                              rows_of<float>(file, name_ + ".row_scales", first, count).values(),
                              8});
  }

 private:
  static const std::vector<std::size_t>& two_sides(const SafetensorsReader& file,
                                                   const std::string& name) {
    const auto& shape = file.info(name).shape;
    if (shape.size() != 2)
      throw FormatError(file.name() + ": " + name, "shape",
                        fmt::format("{} dimensions", shape.size()), "two dimensions");
    return shape;
  }

  std::string name_;
  std::size_t rows_ = 0, columns_ = 0, groups_ = 0;
};

class OliveDecoder : public WeightDecoder {
 public:
  OliveDecoder(const SafetensorsReader& file, std::string name) : name_(std::move(name)) {
    const auto type = file.metadata().find("hasse.olive_type." + name_);
    if (type == file.metadata().end())
      throw FormatError(file.name(), "__metadata__.hasse.olive_type." + name_, "missing",
                        "the type of its pairs");
    format_ = quant::olive_format(type->second);
    const auto& shape = file.info(name_ + ".pairs").shape;
    if (shape.size() != 2)
      throw FormatError(file.name() + ": " + name_ + ".pairs", "shape",
                        fmt::format("{} dimensions", shape.size()), "two dimensions");
    rows_ = shape[0];
    columns_ = shape[1] * 8 / static_cast<std::size_t>(format_.bits);
    require_shape(file, name_ + ".row_scales", {rows_});
  }

  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return columns_; }

  Matrix<float> read(SafetensorsReader& file, std::size_t first, std::size_t count) override {
    return quant::dequantize(quant::OliveWeights{
        format_,
        quant::unpack_pairs(rows_of<std::uint8_t>(file, name_ + ".pairs", first, count),
                            format_.bits),
        columns_,
        rows_of<float>(file, name_ + ".row_scales", first, count).values(),
        {},
        0});
  }

 private:
  std::string name_;
  quant::OliveFormat format_;
  std::size_t rows_ = 0, columns_ = 0;
};

/// A weight in a published layout; its codes are unpacked whole when the first row is read.
class PackedDecoder : public WeightDecoder {
 public:
  PackedDecoder(const SafetensorsReader& file, std::string stem, quant::Int4Layout layout,
                int group)
      : stem_(std::move(stem)), layout_(layout), group_(group) {
    const auto& shape = file.info(stem_ + ".qweight").shape;
    if (shape.size() != 2)
      throw FormatError(file.name() + ": " + stem_ + ".qweight", "shape",
                        fmt::format("{} dimensions", shape.size()), "two dimensions");
    const std::size_t a = shape[0], b = shape[1];
    rows_ = layout == quant::Int4Layout::gemm ? 8 * b : layout == quant::Int4Layout::v2 ? 4 * a : a;
    columns_ = layout == quant::Int4Layout::gemm ? a : layout == quant::Int4Layout::v2 ? b : 8 * b;
  }

  std::size_t rows() const override { return rows_; }
  std::size_t columns() const override { return columns_; }

  Matrix<float> read(SafetensorsReader& file, std::size_t first, std::size_t count) override {
    if (weights_.codes.empty()) weights_ = quant::unpack_int4(packed(file));
    quant::AffineWeights part{{count, columns_},
                              {count, weights_.scales.cols()},
                              {count, weights_.zeros.cols()},
                              4,
                              group_};
    copy_rows(weights_.codes, first, part.codes);
    copy_rows(weights_.scales, first, part.scales);
    copy_rows(weights_.zeros, first, part.zeros);
    return quant::dequantize(part);
  }

 private:
  template <class T>
  static void copy_rows(const Matrix<T>& from, std::size_t first, Matrix<T>& to) {
    std::copy_n(from.data() + first * from.cols(), to.size(), to.data());
  }

  quant::PackedInt4 packed(SafetensorsReader& file) const {
    quant::PackedInt4 result;
    result.layout = layout_;
    result.group = group_;
    const auto side = [&](const char* part) { return file.info(stem_ + part).shape.at(0); };
    if (layout_ == quant::Int4Layout::v2) {
      result.halves = rows_of<std::int16_t>(file, stem_ + ".qweight", 0, side(".qweight"));
      result.scaled_zeros = file.rows(stem_ + ".scaled_zeros", 0, side(".scaled_zeros"));
    } else {
      result.words = rows_of<std::int32_t>(file, stem_ + ".qweight", 0, side(".qweight"));
      result.zero_words = rows_of<std::int32_t>(file, stem_ + ".qzeros", 0, side(".qzeros"));
    }
    result.scales = file.rows(stem_ + ".scales", 0, side(".scales"));
    return result;
  }

  std::string stem_;
  quant::Int4Layout layout_;
  int group_;
  std::size_t rows_ = 0, columns_ = 0;
  quant::AffineWeights weights_;
};

std::optional<quant::Int4Layout> layout_called(std::string_view name) {
  for (const auto layout :
       {quant::Int4Layout::gemm, quant::Int4Layout::gemv, quant::Int4Layout::v2})
    if (quant::name_of(layout) == name) return layout;
  return std::nullopt;
}

/// The layout of the packed weights of `file`: what was asked for, or what it says of itself.
quant::Int4Layout layout_of(const SafetensorsReader& file, const Restoration& restoration) {
  if (restoration.layout) return *restoration.layout;
  const auto said = file.metadata().find("hasse.layout");
  if (said != file.metadata().end())
    if (const auto layout = layout_called(said->second)) return *layout;
  throw FormatError(file.name(), "__metadata__.hasse.layout",
                    said == file.metadata().end() ? "missing" : said->second,
                    "gemm, gemv or v2, or --layout");
}

int group_of(const SafetensorsReader& file, const Restoration& restoration) {
  if (restoration.group) return *restoration.group;
  const auto said = file.metadata().find("hasse.group");
  if (said == file.metadata().end()) return kDefaultGroup;
  int group = 0;
  const char* end = said->second.data() + said->second.size();
  if (std::from_chars(said->second.data(), end, group).ptr != end || group < 1)
    throw FormatError(file.name(), "__metadata__.hasse.group", said->second, "a positive number");
  return group;
}

std::optional<std::string> without(const std::string& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  return name.substr(0, name.size() - suffix.size());
}

using Decoders = std::map<std::string, std::unique_ptr<WeightDecoder>>;

/// The weights of `file` that are stored as codes, under the names they had.
Decoders decoders_of(const SafetensorsReader& file, const Restoration& restoration) {
  Decoders decoders;
  for (const auto& [name, info] : file.tensors()) {
    if (const auto weight = without(name, ".codes"))
      decoders[*weight] = std::make_unique<PlainDecoder>(file, *weight);
    else if (const auto pairs = without(name, ".pairs"))
      decoders[*pairs] = std::make_unique<OliveDecoder>(file, *pairs);
    else if (const auto stem = without(name, ".qweight"))
      decoders[*stem + ".weight"] = std::make_unique<PackedDecoder>(
          file, *stem, layout_of(file, restoration), group_of(file, restoration));
  }
  if (decoders.empty())
    throw FormatError(file.name(), "tensors", "without codes",
                      "tensors called NAME.codes, NAME.pairs or STEM.qweight");
  return decoders;
}

/// Whether a tensor is one of those that a weight is made from.
bool is_part(const std::string& name, const Decoders& decoders) {
  for (const char* suffix : {".codes", ".pairs", ".scales", ".zeros", ".row_scales"})
    if (const auto weight = without(name, suffix))
      if (decoders.contains(*weight)) return true;
  for (const char* suffix : {".qweight", ".qzeros", ".scaled_zeros", ".scales"})
    if (const auto stem = without(name, suffix))
      if (decoders.contains(*stem + ".weight")) return true;
  return false;
}

/// The metadata without what quantising added.
std::map<std::string, std::string> original_metadata(const SafetensorsReader& file) {
  auto metadata = file.metadata();
  std::erase_if(metadata, [](const auto& entry) { return entry.first.starts_with("hasse."); });
  return metadata;
}

void copy_tensor(SafetensorsReader& file, const std::string& name, SafetensorsWriter& writer) {
  const TensorInfo& info = file.info(name);
  const bool floats = tensor::is_float(info.dtype);
  const std::size_t grown = floats ? sizeof(float) / tensor::size_of(info.dtype) : 1;
  for_each_block(info.end - info.begin, 1, [&](std::size_t first, std::size_t count) {
    const std::string bytes = file.bytes(name, first, count);
    writer.write(
        name, first * grown,
        floats ? tensor::bytes_of(Dtype::f32, tensor::floats_of(info.dtype, bytes)) : bytes);
  });
}

void decode_tensor(SafetensorsReader& file, const std::string& name, WeightDecoder& decoder,
                   SafetensorsWriter& writer) {
  for_each_block(decoder.rows(), decoder.columns(), [&](std::size_t first, std::size_t count) {
    const Matrix<float> rows = decoder.read(file, first, count);
    writer.write(name, first * decoder.columns() * sizeof(float),
                 tensor::bytes_of(Dtype::f32, rows.values()));
  });
}

}  // namespace

Summary restore(const Restoration& restoration, const ProgressFn& progress) {
  SafetensorsReader file(restoration.input);
  const Decoders decoders = decoders_of(file, restoration);
  std::vector<TensorEntry> entries;
  std::vector<std::string> copied;
  for (const auto& [name, decoder] : decoders)
    entries.push_back({name, Dtype::f32, {decoder->rows(), decoder->columns()}});
  for (const auto& [name, info] : file.tensors())
    if (!is_part(name, decoders)) {
      entries.push_back({name, tensor::is_float(info.dtype) ? Dtype::f32 : info.dtype, info.shape});
      copied.push_back(name);
    }
  SafetensorsWriter writer(restoration.output, entries, original_metadata(file));
  Summary summary;
  for (const auto& [name, decoder] : decoders) {
    if (progress)
      progress("restoring " + name,
               static_cast<double>(summary.quantised) / static_cast<double>(decoders.size()));
    decode_tensor(file, name, *decoder, writer);
    summary.weights += decoder->rows() * decoder->columns();
    ++summary.quantised;
  }
  for (const std::string& name : copied) copy_tensor(file, name, writer);
  writer.finish();
  summary.copied = copied.size();
  summary.input_bytes = std::filesystem::file_size(restoration.input);
  summary.output_bytes = std::filesystem::file_size(restoration.output);
  return summary;
}

}  // namespace hasse::quantize
