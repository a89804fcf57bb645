// SPDX-License-Identifier: Apache-2.0
// Writes codes, scales and zero points where the format has them.
#include "flows/quantize/encoding.hpp"

#include <algorithm>
#include <utility>

#include "golden/quant/affine.hpp"
#include "golden/tensor/floats.hpp"

namespace hasse::quantize {
namespace {

using tensor::Dtype;
using tensor::Matrix;
using tensor::SafetensorsWriter;
using tensor::TensorEntry;

template <class T>
std::string_view bytes_of(const T* data, std::size_t count) {
  return {reinterpret_cast<const char*>(data), count * sizeof(T)};
}

template <class T>
std::string_view bytes_of(const Matrix<T>& matrix) {
  return bytes_of(matrix.data(), matrix.size());
}

double squared_error(const Matrix<float>& w, const Matrix<float>& back) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double difference = static_cast<double>(w.data()[i]) - back.data()[i];
    sum += difference * difference;
  }
  return sum;
}

/// Codes, integer scales and zero points, and a step per row.
class PlainEncoder : public WeightEncoder {
 public:
  PlainEncoder(std::string name, std::size_t rows, std::size_t columns, const Request& request)
      : name_(std::move(name)),
        rows_(rows),
        columns_(columns),
        group_(request.group_in_force() > 0 ? static_cast<std::size_t>(request.group_in_force())
                                            : columns),
        request_(request) {}

  std::vector<TensorEntry> entries() const override {
    return {{name_ + ".codes", Dtype::i8, {rows_, columns_}},
            {name_ + ".row_scales", Dtype::f32, {rows_}},
            {name_ + ".scales", Dtype::u8, {rows_, groups()}},
            {name_ + ".zeros", Dtype::i8, {rows_, groups()}}};
  }

  double write(std::size_t first, const Matrix<float>& rows, SafetensorsWriter& writer) override {
    const quant::GroupedWeights w = quantised(rows);
    writer.write(name_ + ".codes", first * columns_, bytes_of(w.codes));
    writer.write(name_ + ".scales", first * groups(), bytes_of(w.groups.scales));
    writer.write(name_ + ".zeros", first * groups(), bytes_of(w.groups.zeros));
    writer.write(name_ + ".row_scales", first * sizeof(float),
                 bytes_of(w.row_scales.data(), w.row_scales.size()));
    return squared_error(rows, quant::dequantize(w));
  }

 private:
  std::size_t groups() const { return columns_ / group_; }

  quant::GroupedWeights quantised(const Matrix<float>& rows) const {
    const auto group = static_cast<int>(group_);
    const bool whole_rows = request_.group_in_force() == 0;
    switch (request_.scheme) {
      case Scheme::rtn:
        return whole_rows ? quant::as_groups(quant::quantize_weights(rows, request_.bits))
                          : quant::quantize_symmetric_groups(rows, request_.bits, group);
      case Scheme::qserve:
        return whole_rows ? quant::quantize_qserve_rows(rows) : quant::quantize_qserve(rows, group);
      default:
        return quant::with_integer_scales(quant::quantize_affine(rows, request_.bits, group));
    }
  }

  std::string name_;
  std::size_t rows_, columns_, group_;
  const Request& request_;
};

/// The layouts of AWQ checkpoints, packed when the last row is there.
class PackedEncoder : public WeightEncoder {
 public:
  PackedEncoder(const std::string& name, std::size_t rows, std::size_t columns,
                const Request& request)
      : stem_(stem_of(name)), layout_(request.layout.value()) {
    const auto group = static_cast<std::size_t>(request.group_in_force());
    const std::size_t groups = group > 0 ? columns / group : 0;
    weights_ = {{rows, columns}, {rows, groups}, {rows, groups}, 4, request.group_in_force()};
    // An unsuitable shape is refused before anything is written.
    sizes_ = quant::packed_sizes(rows, columns, weights_.group, layout_);
  }

  std::vector<TensorEntry> entries() const override {
    const auto shape = [](const quant::PackedSizes::Side& side) {
      return std::vector<std::size_t>{side.rows, side.columns};
    };
    const bool v2 = layout_ == quant::Int4Layout::v2;
    std::vector<TensorEntry> result{
        {stem_ + ".qweight", v2 ? Dtype::i16 : Dtype::i32, shape(sizes_.weights)}};
    if (v2)
      result.push_back({stem_ + ".scaled_zeros", Dtype::f16, shape(sizes_.zeros)});
    else
      result.push_back({stem_ + ".qzeros", Dtype::i32, shape(sizes_.zeros)});
    result.push_back({stem_ + ".scales", Dtype::f16, shape(sizes_.scales)});
    return result;
  }

  double write(std::size_t first, const Matrix<float>& rows, SafetensorsWriter& writer) override {
    const quant::AffineWeights w = quant::quantize_affine(rows, 4, weights_.group);
    copy_rows(w.codes, weights_.codes, first);
    copy_rows(w.scales, weights_.scales, first);
    copy_rows(w.zeros, weights_.zeros, first);
    if (first + rows.rows() == weights_.codes.rows()) finish(writer);
    return squared_error(rows, quant::dequantize(w));
  }

 private:
  template <class T>
  static void copy_rows(const Matrix<T>& from, Matrix<T>& to, std::size_t first) {
    std::copy(from.data(), from.data() + from.size(), to.data() + first * to.cols());
  }

  void finish(SafetensorsWriter& writer) {
    const quant::PackedInt4 packed = quant::pack_int4(weights_, layout_);
    const auto halves = [](const Matrix<float>& values) {
      return tensor::bytes_of(Dtype::f16, values.values());
    };
    if (layout_ == quant::Int4Layout::v2) {
      writer.write(stem_ + ".qweight", 0, bytes_of(packed.halves));
      writer.write(stem_ + ".scaled_zeros", 0, halves(packed.scaled_zeros));
    } else {
      writer.write(stem_ + ".qweight", 0, bytes_of(packed.words));
      writer.write(stem_ + ".qzeros", 0, bytes_of(packed.zero_words));
    }
    writer.write(stem_ + ".scales", 0, halves(packed.scales));
  }

  std::string stem_;
  quant::Int4Layout layout_;
  quant::PackedSizes sizes_;
  quant::AffineWeights weights_;
};

/// Aligned bytes of outlier-victim pairs.
class OliveEncoder : public WeightEncoder {
 public:
  OliveEncoder(std::string name, std::size_t rows, std::size_t columns,
               const quant::OliveFormat& format)
      : name_(std::move(name)),
        rows_(rows),
        row_bytes_(columns * static_cast<std::size_t>(format.bits) / 8),
        format_(format) {}

  std::vector<TensorEntry> entries() const override {
    return {{name_ + ".pairs", Dtype::u8, {rows_, row_bytes_}},
            {name_ + ".row_scales", Dtype::f32, {rows_}}};
  }

  double write(std::size_t first, const Matrix<float>& rows, SafetensorsWriter& writer) override {
    const quant::OliveWeights w = quant::quantize_olive_weights(rows, {&format_, 1});
    writer.write(name_ + ".pairs", first * row_bytes_,
                 bytes_of(quant::pack_pairs(w.codes, format_.bits)));
    writer.write(name_ + ".row_scales", first * sizeof(float),
                 bytes_of(w.scales.data(), w.scales.size()));
    return w.squared_error;
  }

 private:
  std::string name_;
  std::size_t rows_, row_bytes_;
  quant::OliveFormat format_;
};

}  // namespace

std::unique_ptr<WeightEncoder> make_encoder(const std::string& name, std::size_t rows,
                                            std::size_t columns, const Request& request) {
  if (request.layout) return std::make_unique<PackedEncoder>(name, rows, columns, request);
  return std::make_unique<PlainEncoder>(name, rows, columns, request);
}

std::unique_ptr<WeightEncoder> make_olive_encoder(const std::string& name, std::size_t rows,
                                                  std::size_t columns,
                                                  const quant::OliveFormat& format) {
  return std::make_unique<OliveEncoder>(name, rows, columns, format);
}

std::string stem_of(const std::string& name) {
  constexpr std::string_view kSuffix = ".weight";
  return name.ends_with(kSuffix) ? name.substr(0, name.size() - kSuffix.size()) : name;
}

}  // namespace hasse::quantize
