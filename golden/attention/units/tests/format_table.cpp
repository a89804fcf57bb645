// SPDX-License-Identifier: Apache-2.0
// Prints what the formats of scores and weights cost, and what an engine's outputs are off by, for
// docs/attention.md.
#include <fmt/format.h>

#include "golden/attention/units/tests/engine_error.hpp"
#include "golden/attention/units/tests/format_error.hpp"

namespace {

using namespace hasse::attention::units;

void print(const char* operands, int bits, const Measured& m) {
  fmt::print(
      "{} operands, codes of {} bits: mean {:.5f}, worst {:.4f}; bound {:.4f} = scores {:.4f}, "
      "probabilities {:.4f}, weights {:.4f}, values {:.4f}\n",
      operands, bits, m.mean, m.worst, m.bound.all(), m.bound.scores, m.bound.probabilities,
      m.bound.weights, m.bound.values);
}

}  // namespace

int main() {
  const auto rows = real_rows("/usr/share/common-licenses/Artistic", 200, 13);
  fmt::print("{} rows of the byte-level model\n", rows.size());
  for (const int bits : {8, 12, 16, 20}) {
    const PageChoice choice = page_choice(rows, bits);
    fmt::print("page scores of {:2} bits: kept mass {:.4f}, real {:.4f}, same pages {:.2f} %\n",
               bits, choice.integer_mass, choice.real_mass, 100 * choice.same_pages);
  }
  for (const double p : {.85, .95}) {
    for (const int bits : {12, 16, 20}) {
      const MassChoice choice = mass_choice(rows, bits, p);
      fmt::print("weights of {} bits, p = {}: {:.2f} tokens, real {:.2f}, least mass {:.4f}\n",
                 bits, p, choice.integer_tokens, choice.real_tokens, choice.least_mass);
    }
  }
  const auto operands = real_operands("/usr/share/common-licenses/Artistic", 200, 13);
  fmt::print("{} steps of {} query heads\n", operands.size(), operands.front().q.rows());
  for (const int bits : {8, 4}) {
    const EngineErrors errors = engine_errors(operands, bits);
    print("stored", bits, errors.stored);
    print("real", bits, errors.real);
  }
}
