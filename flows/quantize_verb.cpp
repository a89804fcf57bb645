// SPDX-License-Identifier: Apache-2.0
// hasse quantize: a safetensors model of floats in, one of codes, scales and zero points out.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>

#include "flows/quantize/quantize.hpp"
#include "flows/verbs.hpp"

namespace hasse::flows {
namespace {

using quant::Int4Layout;
using quantize::Scheme;

struct Options {
  quantize::Request request;
  bool dequantize = false;
};

const std::map<std::string, Scheme>& schemes() {
  static const std::map<std::string, Scheme> all = {{"rtn", Scheme::rtn},
                                                    {"affine", Scheme::affine},
                                                    {"awq", Scheme::awq},
                                                    {"qserve", Scheme::qserve},
                                                    {"olive", Scheme::olive}};
  return all;
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}

std::string title_of(const Options& options) {
  const quantize::Request& request = options.request;
  if (options.dequantize) return fmt::format("floats in {}", request.output.string());
  std::string title = fmt::format("{}, {} bits", quantize::name_of(request.scheme), request.bits);
  if (request.group_in_force() > 0)
    title += fmt::format(", groups of {}", request.group_in_force());
  if (request.layout) title += fmt::format(", layout {}", quant::name_of(*request.layout));
  return fmt::format("{}, in {}", title, request.output.string());
}

nlohmann::ordered_json document_of(const Options& options, const quantize::Summary& summary,
                                   const std::string& command) {
  const quantize::Request& request = options.request;
  nlohmann::ordered_json document;
  if (!options.dequantize) {
    document["method"] = quantize::name_of(request.scheme);
    document["bits"] = request.bits;
    document["group"] = request.group_in_force();
    document["layout"] = request.layout ? quant::name_of(*request.layout) : "plain";
  }
  document["tensors"] = summary.quantised;
  document["copied"] = summary.copied;
  document["weights"] = summary.weights;
  if (summary.relative_error) document["relative_error"] = *summary.relative_error;
  document["input_bytes"] = summary.input_bytes;
  document["output_bytes"] = summary.output_bytes;
  document["command"] = command;
  return document;
}

Outcome run(const Options& options, const Call& call) {
  const quantize::Request& request = options.request;
  const auto progress = [&](const std::string& what, double share) {
    call.progress.show("quantize: " + what, share);
  };
  const quantize::Summary summary =
      options.dequantize
          ? quantize::restore({request.input, request.output, request.layout, request.group},
                              progress)
          : quantize::quantise(request, progress);
  Outcome outcome;
  outcome.document["quantize"] = document_of(options, summary, call.command);
  Rows rows = {{options.dequantize ? "restored" : "quantised",
                fmt::format("{} tensors, {} weights", summary.quantised,
                            grouped(static_cast<long long>(summary.weights)))},
               {"as they were", fmt::format("{} tensors", summary.copied)}};
  if (summary.relative_error)
    rows.emplace_back("error |W - Q| / |W|",
                      fmt::format("{:.2f} %", 100 * *summary.relative_error));
  rows.emplace_back("size", fmt::format("{} from {}", megabytes(summary.output_bytes),
                                        megabytes(summary.input_bytes)));
  outcome.table = format_table(title_of(options), rows);
  return outcome;
}

/// Refuses combinations that mean nothing, before anything is read.
void check(const Options& options, bool has_method) {
  const quantize::Request& request = options.request;
  const auto refuse = [](const std::string& what) { throw CLI::ValidationError(what); };
  if (options.dequantize) return;
  if (!has_method) refuse("--method is required, unless --dequantize is given");
  const auto bits = [&](int least, int most) {
    if (request.bits < least || request.bits > most)
      refuse(fmt::format(
          "--bits is {}, expected {} for --method {}", request.bits,
          least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most),
          quantize::name_of(request.scheme)));
  };
  if (request.scheme == Scheme::qserve) bits(4, 4);
  if (request.scheme == Scheme::awq) bits(3, 4);
  if (request.scheme == Scheme::olive && request.bits != 4 && request.bits != 8)
    refuse(fmt::format("--bits is {}, expected 4 or 8 for --method olive", request.bits));
  if (request.scheme == Scheme::olive && request.group)
    refuse("--group has no meaning for --method olive, whose scales are per row");
  const bool affine = request.scheme == Scheme::affine || request.scheme == Scheme::awq;
  if (request.layout && (!affine || request.bits != 4))
    refuse("--layout is for --method awq or affine and --bits 4");
  if (!request.calibration.empty() && request.scheme != Scheme::awq)
    refuse("--calibration is for --method awq");
}

void declare_options(CLI::App& command, Options& options) {
  quantize::Request& request = options.request;
  command.add_option("IN", request.input, "The model, a safetensors file")
      ->type_name("")
      ->required();
  command.add_option("-o,--output", request.output, "The file to write; replaced when complete")
      ->type_name("OUT.safetensors")
      ->required();
  CLI::Option* method =
      command.add_option("--method", request.scheme, "How weights are rounded; see below")
          ->type_name("rtn|affine|awq|qserve|olive")
          ->transform(CLI::CheckedTransformer(schemes()).description(""));
  CLI::Option* bits = command.add_option("--bits", request.bits, "Bits of a code")
                          ->check(CLI::Range(2, 8))
                          ->capture_default_str();
  command
      .add_option("--group", request.group,
                  "Columns that share a scale, 0: whole rows; 128 if left out, 0 for rtn")
      ->type_name("G")
      ->check(CLI::Range(0, 1 << 20));
  const std::map<std::string, Int4Layout> layouts = {
      {"gemm", Int4Layout::gemm}, {"gemv", Int4Layout::gemv}, {"v2", Int4Layout::v2}};
  command.add_option("--layout", request.layout, "A layout of AWQ's checkpoints, not plain codes")
      ->type_name("gemm|gemv|v2")
      ->transform(CLI::CheckedTransformer(layouts).description(""));
  command
      .add_option("--tensor", request.tensors,
                  "Tensor to quantise, may be repeated; all projections of a Llama if left out")
      ->type_name("NAME");
  command
      .add_option("--calibration", request.calibration,
                  "Text that awq searches on; 16 KiB of Hasse's documentation if left out")
      ->type_name("FILE");
  command
      .add_flag("--dequantize", options.dequantize,
                "IN holds codes: write the floats that they stand for")
      ->excludes(method)
      ->excludes(bits);
}

constexpr const char* lesson =
    "Methods:\n"
    "  rtn     round to nearest, symmetric: a step per row, or integer scales per group\n"
    "  affine  groups with zero points, 2 to 8 bits\n"
    "  awq     the same with 3 or 4 bits after AWQ's search for scales and limits; runs the model\n"
    "  qserve  QServe's progressive groups, 4 bits: what the array takes by default\n"
    "  olive   outlier-victim pairs of 4 or 8 bits\n"
    "Tensors are streamed: a model may be larger than memory (not with awq). The names of what is\n"
    "written: docs/quantisation.md. Examples:\n"
    "  hasse quantize M.safetensors --method qserve --bits 4 -o Q.safetensors\n"
    "  hasse quantize M.safetensors --method awq --bits 4 --layout gemm -o Q.safetensors\n"
    "  hasse quantize Q.safetensors --dequantize -o F.safetensors";

}  // namespace

Action declare_quantize(CLI::App& command) {
  auto options = std::make_shared<Options>();
  declare_options(command, *options);
  command.footer(lesson);
  command.parse_complete_callback(
      [options, &command] { check(*options, command.count("--method") > 0); });
  return [options](const Call& call) { return run(*options, call); };
}

}  // namespace hasse::flows
