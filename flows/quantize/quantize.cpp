// SPDX-License-Identifier: Apache-2.0
// Streams a model through a quantiser.
#include "flows/quantize/quantize.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "flows/quantize/blocks.hpp"
#include "flows/quantize/calibration.hpp"
#include "flows/quantize/encoding.hpp"
#include "flows/quantize/selection.hpp"
#include "golden/model/awq.hpp"
#include "golden/tensor/floats.hpp"

namespace hasse::quantize {
namespace {

using tensor::Dtype;
using tensor::Matrix;
using tensor::SafetensorsReader;
using tensor::SafetensorsWriter;
using tensor::TensorInfo;

/// Weights and normalisations as they are quantised and kept: the file's, or what awq made of them.
class Source {
 public:
  Source(const Request& request, const ProgressFn& progress) : file_(request.input) {
    if (request.scheme != Scheme::awq) return;
    const model::Llama llama = model::Llama::load(request.input);
    const int group = request.group_in_force();
    const auto whole =
        static_cast<int>(std::max(llama.config().intermediate_size, llama.config().query_size()));
    searched_ =
        model::awq_search(llama, calibration_windows(llama.config(), request.calibration),
                          {request.bits, group > 0 ? group : whole, true},
                          [&](const std::string& layer, double share) {
                            if (progress)
                              progress("searching " + layer.substr(0, layer.size() - 1), share);
                          });
  }

  SafetensorsReader& file() { return file_; }

  Matrix<float> rows(const std::string& name, std::size_t first, std::size_t count) {
    if (!searched_) return file_.rows(name, first, count);
    const Matrix<float>& w = searched_->weight(name);
    const auto part = std::span(w.values()).subspan(first * w.cols(), count * w.cols());
    return {count, w.cols(), std::vector<float>(part.begin(), part.end())};
  }

  /// Whether awq folded scales into the tensor, which is none of the weights.
  bool is_folded(const std::string& name) const {
    return searched_ && name.ends_with("layernorm.weight");
  }

  const std::vector<float>& folded(const std::string& name) const { return searched_->norm(name); }

 private:
  SafetensorsReader file_;
  std::optional<model::Llama> searched_;
};

using Encoders = std::map<std::string, std::unique_ptr<WeightEncoder>>;

/// The type whose pairs cost a whole tensor least.
quant::OliveFormat best_olive_format(SafetensorsReader& file, const std::string& name, int bits) {
  const std::vector<quant::OliveFormat> candidates = quant::olive_candidates(bits, true);
  std::vector<double> errors(candidates.size());
  const auto& shape = file.info(name).shape;
  for_each_block(shape[0], shape[1], [&](std::size_t first, std::size_t count) {
    const Matrix<float> rows = file.rows(name, first, count);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      errors[i] += quant::quantize_olive_weights(rows, {&candidates[i], 1}).squared_error;
  });
  return candidates[static_cast<std::size_t>(std::ranges::min_element(errors) - errors.begin())];
}

Encoders make_encoders(Source& source, const std::vector<std::string>& names,
                       const Request& request, std::map<std::string, std::string>& metadata,
                       const ProgressFn& progress) {
  Encoders encoders;
  for (const std::string& name : names) {
    const auto& shape = source.file().info(name).shape;
    if (request.scheme != Scheme::olive) {
      encoders[name] = make_encoder(name, shape[0], shape[1], request);
      continue;
    }
    if (progress)
      progress("choosing types",
               static_cast<double>(encoders.size()) / static_cast<double>(names.size()));
    const quant::OliveFormat format = best_olive_format(source.file(), name, request.bits);
    metadata["hasse.olive_type." + name] = format.name;
    encoders[name] = make_olive_encoder(name, shape[0], shape[1], format);
  }
  return encoders;
}

std::map<std::string, std::string> metadata_of(const SafetensorsReader& file,
                                               const Request& request) {
  auto metadata = file.metadata();
  metadata["hasse.method"] = name_of(request.scheme);
  metadata["hasse.bits"] = std::to_string(request.bits);
  metadata["hasse.group"] = std::to_string(request.group_in_force());
  metadata["hasse.layout"] = request.layout ? quant::name_of(*request.layout) : "plain";
  return metadata;
}

/// The tensors of the output: what weights become, and all others.
std::vector<tensor::TensorEntry> entries_of(Source& source, const Encoders& encoders) {
  std::vector<tensor::TensorEntry> entries;
  for (const auto& [name, info] : source.file().tensors()) {
    const auto encoder = encoders.find(name);
    if (encoder == encoders.end()) {
      entries.push_back({name, source.is_folded(name) ? Dtype::f32 : info.dtype, info.shape});
      continue;
    }
    for (auto& entry : encoder->second->entries()) entries.push_back(std::move(entry));
  }
  return entries;
}

void check_finite(const std::string& file, const std::string& name, const TensorInfo& info,
                  std::size_t first_byte, std::string_view bytes) {
  if (!tensor::is_float(info.dtype)) return;
  const std::vector<float> values = tensor::floats_of(info.dtype, bytes);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw tensor::FormatError(
          file + ": " + name,
          fmt::format("element {}", first_byte / tensor::size_of(info.dtype) + i),
          fmt::format("{}", values[i]), "a finite number");
}

void copy_tensor(Source& source, const std::string& name, SafetensorsWriter& writer) {
  if (source.is_folded(name))
    return writer.write(name, 0, tensor::bytes_of(Dtype::f32, source.folded(name)));
  const TensorInfo& info = source.file().info(name);
  for_each_block(info.end - info.begin, 1, [&](std::size_t first, std::size_t count) {
    const std::string bytes = source.file().bytes(name, first, count);
    check_finite(source.file().name(), name, info, first, bytes);
    writer.write(name, first, bytes);
  });
}

/// Squared errors and squares of the weights so far.
struct Errors {
  double error = 0, whole = 0;
  double relative() const { return whole > 0 ? std::sqrt(error / whole) : 0; }
};

void quantise_tensor(Source& source, const std::string& name, WeightEncoder& encoder,
                     SafetensorsWriter& writer, Errors& errors) {
  const auto& shape = source.file().info(name).shape;
  for_each_block(shape[0], shape[1], [&](std::size_t first, std::size_t count) {
    const Matrix<float> rows = source.rows(name, first, count);
    for (const float value : rows.values()) errors.whole += static_cast<double>(value) * value;
    errors.error += encoder.write(first, rows, writer);
  });
}

}  // namespace

Summary quantise(const Request& request, const ProgressFn& progress) {
  const std::vector<std::string> names = select(SafetensorsReader(request.input), request);
  Source source(request, progress);
  auto metadata = metadata_of(source.file(), request);
  const Encoders encoders = make_encoders(source, names, request, metadata, progress);
  SafetensorsWriter writer(request.output, entries_of(source, encoders), metadata);
  Summary summary;
  Errors errors;
  const auto total = static_cast<double>(source.file().tensors().size());
  for (const auto& [name, info] : source.file().tensors()) {
    const auto done = static_cast<double>(summary.quantised + summary.copied);
    if (progress) progress("quantising " + name, done / total);
    const auto encoder = encoders.find(name);
    if (encoder == encoders.end()) {
      copy_tensor(source, name, writer);
      ++summary.copied;
      continue;
    }
    quantise_tensor(source, name, *encoder->second, writer, errors);
    summary.weights += info.shape[0] * info.shape[1];
    ++summary.quantised;
  }
  writer.finish();
  summary.relative_error = errors.relative();
  summary.input_bytes = std::filesystem::file_size(request.input);
  summary.output_bytes = std::filesystem::file_size(request.output);
  return summary;
}

}  // namespace hasse::quantize
