// SPDX-License-Identifier: Apache-2.0
// hasse eval: bits per byte and perplexity of a model, in float and quantised.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "flows/evaluate/evaluation.hpp"
#include "flows/report/svg.hpp"
#include "flows/verbs.hpp"
#include "golden/tensor/file.hpp"

namespace hasse::flows {
namespace {

namespace fs = std::filesystem;

struct Options {
  evaluate::EvalOptions evaluation;
  fs::path plot;
};

std::string pairs_text(const quant::PairStatistics& statistics) {
  const auto percent = [&](std::size_t count) {
    return 100 * static_cast<double>(count) / static_cast<double>(statistics.pairs);
  };
  return fmt::format("{:.2f} % with an outlier, {:.3f} % with two",
                     percent(statistics.outlier_normal), percent(statistics.outlier_outlier));
}

Rows rows_of(const evaluate::Evaluation& evaluation) {
  Rows rows = {
      {"text", fmt::format("{}, {} bytes scored in {} windows", evaluation.text,
                           grouped(static_cast<long long>(evaluation.bytes)), evaluation.windows)},
      {"groups", evaluation.group > 0 ? fmt::format("{} columns", evaluation.group)
                                      : std::string("whole rows")},
      {"", "bits/byte  perplexity  weights; activations"}};
  for (const evaluate::MethodResult& method : evaluation.methods)
    rows.emplace_back(method.name,
                      fmt::format("{:9.4f}  {:10.4f}  {}; {}", method.score.bits_per_byte,
                                  method.score.perplexity, method.weights, method.activations));
  for (const evaluate::MethodResult& method : evaluation.methods)
    if (method.pairs) {
      rows.emplace_back(method.name + " pairs", "weights: " + pairs_text(method.pairs->weights));
      rows.emplace_back("", "activations: " + pairs_text(method.pairs->activations));
    }
  return rows;
}

Outcome run(const Options& options, const Call& call) {
  const evaluate::Evaluation evaluation = evaluate::evaluate(
      options.evaluation,
      [&](const std::string& what, double share) { call.progress.show("eval: " + what, share); });
  if (!options.plot.empty())
    tensor::write_file(options.plot, report::standalone(evaluate::plot(evaluation)));
  Outcome outcome;
  nlohmann::ordered_json& document = outcome.document["eval"];
  document = to_json(evaluation);
  document["command"] = call.command;
  outcome.table = format_table(evaluation.model, rows_of(evaluation));
  return outcome;
}

void declare_options(CLI::App& command, Options& options) {
  evaluate::EvalOptions& evaluation = options.evaluation;
  command
      .add_option("--model", evaluation.model,
                  "A Llama as safetensors, or a .bin of llama2.c; the embedded one if left out")
      ->type_name("M.safetensors");
  command
      .add_option("--tokenizer", evaluation.tokenizer,
                  "A tokenizer of llama2.c, for models whose tokens are not bytes")
      ->type_name("FILE.bin");
  command.add_option("--text", evaluation.text, "The text that the model is scored on")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--method", evaluation.methods,
                  fmt::format("May be repeated; all if left out: {}",
                              fmt::join(evaluate::method_names(), ", ")))
      ->type_name("NAME")
      ->delimiter(',')
      ->check(CLI::IsMember(evaluate::method_names()).description(""));
  command
      .add_option("--group", evaluation.group,
                  "Columns that share a scale in w4a16_rtn, awq_w4 and qserve_w4a8; 0: whole rows")
      ->type_name("G")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  command
      .add_option("--calibration", evaluation.calibration,
                  "Text that searches read; 16 KiB of Hasse's documentation if left out")
      ->type_name("FILE");
  command.add_option("--plot", options.plot, "Also draw bits per byte by method")
      ->type_name("FILE.svg");
}

}  // namespace

Action declare_eval(CLI::App& command) {
  auto options = std::make_shared<Options>();
  declare_options(command, *options);
  command.footer(
      "Text is cut into whole windows of the model's length; the first byte of each is given, the\n"
      "others are scored. Quantised projections are computed in integers, as the hardware does.\n"
      "Methods and what they cost: docs/quantisation.md. Examples:\n"
      "  hasse eval --text /usr/share/common-licenses/Artistic\n"
      "  hasse eval --model M.safetensors --text FILE --method float,qserve_w4a8 --json -\n"
      "  hasse eval --model stories260K.bin --tokenizer tok512.bin --text FILE --plot eval.svg");
  return [options](const Call& call) { return run(*options, call); };
}

}  // namespace hasse::flows
