// SPDX-License-Identifier: Apache-2.0
// Prints what the formats of scores and weights cost, for docs/attention.md.
#include <fmt/format.h>

#include "golden/attention/units/tests/format_error.hpp"

int main() {
  using namespace hasse::attention::units;
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
}
