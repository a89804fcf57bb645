// SPDX-License-Identifier: Apache-2.0
// Which designs are compared, on what.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flows/predict/shapes.hpp"

namespace hasse::compare {

/// One design of a comparison, in the format it is given.
struct Contender {
  std::string name;
  std::filesystem::path design;  ///< Its design JSON.
  int weight_bits = 4;           ///< Of the layers' weights and of the verified product's.
  std::string accuracy;          ///< The method of `hasse eval` with this format; empty: none.
};

/// A comparison, as its JSON file describes it.
struct Workload {
  std::string name;
  predict::Shapes shapes;          ///< What throughput is measured on.
  std::optional<double> clock_ns;  ///< Of all designs; none: 100 FO4 delays of the library.
  std::filesystem::path liberty;   ///< Empty: the default library.
  std::filesystem::path text;      ///< What accuracy is measured on; empty: not measured.
  std::string reference;           ///< The contender that the others are held against.
  std::vector<Contender> contenders;
};

/// Reads the workload file `path`; docs/compare.md has its schema. Paths in it are relative to its
/// folder. Throws report::ReportError naming file, JSON pointer, value and what is expected.
Workload load_workload(const std::filesystem::path& path);

}  // namespace hasse::compare
