// SPDX-License-Identifier: Apache-2.0
// Which model a file holds, and what it says of whole journeys.
#include "golden/attribution/predictor.hpp"

#include <numeric>

#include "golden/attribution/causalmta.hpp"
#include "golden/attribution/dcrmta.hpp"

namespace hasse::attribution {

std::unique_ptr<Predictor> load_predictor(const std::filesystem::path& path,
                                          const Arithmetic& arithmetic) {
  const tensor::Safetensors file = tensor::Safetensors::load(path);
  const Parameters parameters = read_parameters(file);
  if (parameters.contains("bi_lstm.weight_ih_l0"))
    return std::make_unique<CausalMta>(parameters, file.name(), arithmetic);
  if (parameters.contains("dense_final.0.weight"))
    return std::make_unique<Dcrmta>(parameters, file.name(), arithmetic);
  throw tensor::FormatError(file.name(), "tensors", "neither DCRMTA's nor CausalMTA's",
                            "\"dense_final.0.weight\" or \"bi_lstm.weight_ih_l0\"");
}

std::vector<float> probabilities(const Predictor& predictor, const Journeys& journeys) {
  constexpr std::size_t kBatch = 512;
  std::vector<float> result;
  for (std::size_t first = 0; first < journeys.size(); first += kBatch) {
    std::vector<std::size_t> which(std::min(kBatch, journeys.size() - first));
    std::iota(which.begin(), which.end(), first);
    for (const Verdict& verdict : predictor.run(whole_journeys(journeys, std::move(which))))
      result.push_back(verdict.probability);
  }
  return result;
}

}  // namespace hasse::attribution
