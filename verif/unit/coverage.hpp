// SPDX-License-Identifier: Apache-2.0
// What the simulations of a test program cover. The environment asks for it:
//
//   HASSE_COVERAGE=FOLDER unit_test
//
// Every module's text is one emission; what any simulation covers of it counts, whatever design or
// bench it is part of. When the program ends it writes FOLDER/PROGRAM-PID.tsv, a line a point:
// module, digest of its text, kind (line, branch, toggle, cover), place, times met.
#pragma once

#include <filesystem>
#include <optional>

#include "verif/harness/model.hpp"
#include "verif/harness/rtl_source.hpp"

namespace hasse::unit {

/// The folder that HASSE_COVERAGE names.
std::optional<std::filesystem::path> coverage_asked();

/// A simulation of `source` that counts what it covers, cover points among it.
std::filesystem::path build_covered(const harness::RtlSource& source);

/// Adds what `model`, a simulation of `source`, has covered, if that is asked for. The files of
/// `source` have to be there still.
void collect_coverage(const harness::Model& model, const harness::RtlSource& source);

}  // namespace hasse::unit
