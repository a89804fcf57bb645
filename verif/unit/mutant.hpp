// SPDX-License-Identifier: Apache-2.0
// Units with planted faults, to see whether their tests notice.
//
// Yosys' mutate plants faults by the dozen in one module, not in those it instantiates: an inverted
// bit, a constant, two bits swapped. Each is dormant until the input hasse_mutant has its number,
// so that one simulation serves all of them; number 0 wakes none. The environment asks for it:
//
//   HASSE_MUTANTS=40 HASSE_MUTANT=7 [HASSE_MUTANT_SEED=1] unit_test --gtest_filter=...
#pragma once

#include <cstdint>
#include <optional>

#include "verif/harness/rtl_source.hpp"

namespace hasse::unit {

/// The input that wakes a fault.
inline constexpr const char* kMutantPort = "hasse_mutant";

/// What the environment asks for.
struct Mutant {
  int count = 0;             ///< Faults that are planted.
  std::uint64_t number = 0;  ///< The one that is awake, 1..count; 0: none.
  int seed = 1;              ///< Of where they are planted.
};

/// Nothing unless HASSE_MUTANTS is set.
std::optional<Mutant> mutant_asked();

/// `source` with `mutant.count` dormant faults in its top, mutated.v, kept in the harness's cache
/// under mutants/, where mutated.il is all of it for Yosys. Throws synth::ToolError when yosys is
/// missing or fails.
harness::RtlSource with_mutants(const harness::RtlSource& source, const Mutant& mutant);

}  // namespace hasse::unit
