// SPDX-License-Identifier: Apache-2.0
// From a file of floats to a file of codes, and back.
#pragma once

#include "flows/quantize/request.hpp"

namespace hasse::quantize {

/// Quantises `request.input` into `request.output`, which takes its place when complete. Tensors
/// pass through in blocks of a few megabytes, whatever their size; only awq, which runs the model,
/// holds it whole, and a published layout the codes of one tensor. Metadata is kept, and
/// "hasse.method", "hasse.bits", "hasse.group", "hasse.layout" and, for every weight NAME in pairs,
/// "hasse.olive_type.NAME" are added. With awq, normalisations are written as float32: they carry
/// inverse scales. Throws tensor::FormatError, quant::QuantError and model::ModelError for input
/// that cannot be used; nothing is left behind then.
Summary quantise(const Request& request, const ProgressFn& progress = {});

/// What a file of codes says of itself, or is said of it.
struct Restoration {
  std::filesystem::path input;
  std::filesystem::path output;
  /// Layout and group of a checkpoint that has no "hasse." metadata.
  std::optional<quant::Int4Layout> layout;
  std::optional<int> group;
};

/// Writes the floats that the codes of `restoration.input` stand for, under the names they had, all
/// floating-point tensors as float32. Throws as quantise.
Summary restore(const Restoration& restoration, const ProgressFn& progress = {});

}  // namespace hasse::quantize
