// SPDX-License-Identifier: Apache-2.0
// Policy, JSON and tables of hasse gates.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "flows/gates/gates.hpp"
#include "flows/report/text.hpp"

namespace hasse::gates {
namespace {

using Json = nlohmann::ordered_json;
using tensor::Matrix;

Json matrix_json(const Matrix<float>& matrix) {
  Json json = Json::array();
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    json.push_back(std::vector<float>(matrix.row(r).begin(), matrix.row(r).end()));
  }
  return json;
}

std::string gates_table(const GatesResult& result) {
  const Matrix<float>& gates = result.trained.gates;
  std::vector<std::vector<std::string>> lines(gates.rows() + 1);
  lines[0] = {"layer \\ KV head"};
  for (std::size_t head = 0; head < gates.cols(); ++head)
    lines[0].push_back(fmt::format("{}", head));
  for (std::size_t layer = 0; layer < gates.rows(); ++layer) {
    lines[layer + 1].push_back(fmt::format("{}", layer));
    for (std::size_t head = 0; head < gates.cols(); ++head) {
      const bool kept = result.choices[1].gates(layer, head) == 1;
      lines[layer + 1].push_back(
          fmt::format("{:.4f} {}", gates(layer, head), kept ? "reads all" : "streams"));
    }
  }
  for (auto& line : lines) line.emplace_back();
  return report::ruled_table(lines);
}

std::string choices_table(const GatesResult& result) {
  std::vector<std::vector<std::string>> lines = {
      {"heads", "distillation", "bits/byte", "bits a digit", "keys found", ""}};
  for (const Choice& choice : result.choices) {
    lines.push_back({choice.name, fmt::format("{:.5f}", choice.distillation),
                     fmt::format("{:.4f}", choice.bits_per_byte),
                     fmt::format("{:.3f}", choice.bits_per_digit),
                     fmt::format("{}/{}", choice.keys_found, result.options.samples), ""});
  }
  return report::ruled_table(lines);
}

}  // namespace

Json policy_of(const GatesResult& result, const std::filesystem::path& gates) {
  const attention::GateTraining& training = result.options.training;
  return {{"name", "duo " + gates.stem().string()},
          {"gates",
           {{"file", gates.filename().string()},
            {"streaming", result.options.streaming},
            {"rule", "ranked"},
            {"stream",
             {{"like", "duo_training"},
              {"sink", training.sink},
              {"recent", training.recent},
              {"prefill_recent", training.recent}}}}}};
}

Json to_json(const GatesResult& result) {
  Json json = {{"text", result.options.text.string()},
               {"held_out", result.options.held_out.string()},
               {"steps", result.options.training.steps},
               {"seed", result.options.training.seed},
               {"gates", matrix_json(result.trained.gates)},
               {"first_loss", result.first_loss()},
               {"last_loss", result.last_loss()},
               {"losses", result.trained.losses},
               {"choices", Json::array()}};
  for (const Choice& choice : result.choices) {
    json["choices"].push_back({{"heads", choice.name},
                               {"gates", matrix_json(choice.gates)},
                               {"distillation", choice.distillation},
                               {"bits_per_byte", choice.bits_per_byte},
                               {"bits_per_digit", choice.bits_per_digit},
                               {"keys_found", choice.keys_found},
                               {"keys", result.options.samples}});
  }
  return json;
}

std::string to_table(const GatesResult& result) {
  return fmt::format("gates after {} steps, loss {:.5f} to {:.5f}\n{}\n{}, pass keys hidden\n{}",
                     result.options.training.steps, result.first_loss(), result.last_loss(),
                     gates_table(result), result.options.held_out.string(), choices_table(result));
}

}  // namespace hasse::gates
