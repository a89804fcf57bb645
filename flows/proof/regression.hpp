// SPDX-License-Identifier: Apache-2.0
// What flows/regression has found out, as JUnit XML and as a page.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hasse::proof {

/// A step of flows/regression.
struct Step {
  std::string name;
  std::string result;  ///< "passed", "failed" or "not run".
  int seconds = 0;
  std::string last;  ///< The last line of its log.
};

/// A test of the suite that did not pass, and why.
struct OpenTest {
  std::string name;
  std::string why;
};

/// A unit's planted faults.
struct UnitFaults {
  std::string unit;
  int killed = 0, survived = 0, equivalent = 0;
};

/// All of them, and what they leave open.
struct Regression {
  std::string revision;
  std::vector<Step> steps;
  std::size_t tests = 0;
  std::vector<OpenTest> open;      ///< Failed or skipped.
  std::vector<UnitFaults> faults;  ///< Of units below 95 %.
  /// Situations that the coverage names and no test meets.
  std::vector<std::string> unmet;
};

/// Reads the folder of flows/regression: steps.tsv, logs, suite.xml, coverage/coverage.json,
/// mutation/mutation.json; steps of other revisions count as not run. Throws tensor::FormatError
/// for files that are not what the flow writes.
Regression read_regression(const std::filesystem::path& folder, const std::string& revision);

/// A JUnit test case for every step.
std::string to_junit(const Regression& regression);

/// A page that begins with what is not verified.
std::string to_page(const Regression& regression);

}  // namespace hasse::proof
