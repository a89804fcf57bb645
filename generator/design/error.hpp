// SPDX-License-Identifier: Apache-2.0
// What is wrong with a design description: all problems of one file, reported together.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace hasse::design {

/// One thing that is wrong in a design file.
struct Problem {
  std::string pointer;  ///< JSON pointer of the offending value, "" for the whole document
  std::string value;    ///< the value as found, shortened if long
  std::string allowed;  ///< what would have been accepted
};

/// A design file that was refused. `what()` has one line per problem:
/// `FILE: POINTER: VALUE: ALLOWED`.
class DesignError : public std::runtime_error {
 public:
  DesignError(const std::string& file, std::vector<Problem> problems);

  /// Every problem found: fields in alphabetical order, then combinations of fields.
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

}  // namespace hasse::design
