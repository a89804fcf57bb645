// SPDX-License-Identifier: Apache-2.0
// Formats are wide enough for the byte-level model.
#include <gtest/gtest.h>

#include "golden/attention/units/tests/format_error.hpp"

namespace hasse::attention::units {
namespace {

TEST(Formats, SixteenBitsChooseThePagesThatRealScoresChoose) {
  const auto rows = real_rows("/usr/share/common-licenses/Artistic", 200, 50);
  const PageChoice choice = page_choice(rows, 16);
  EXPECT_GT(choice.same_pages, 0.95);
  EXPECT_NEAR(choice.integer_mass, choice.real_mass, 0.005);
  EXPECT_LT(page_choice(rows, 4).integer_mass, choice.integer_mass - 0.005)
      << "too few bits are seen";
}

TEST(Formats, SixteenBitsOfWeightKeepTheMass) {
  const auto rows = real_rows("/usr/share/common-licenses/Artistic", 200, 50);
  const MassChoice choice = mass_choice(rows, 16, .85);
  EXPECT_GT(choice.least_mass, .84);
  EXPECT_NEAR(choice.integer_tokens, choice.real_tokens, .02 * choice.real_tokens);
  EXPECT_LT(mass_choice(rows, 8, .85).least_mass, .84) << "too few bits are seen";
}

}  // namespace
}  // namespace hasse::attention::units
