// SPDX-License-Identifier: Apache-2.0
// The exception of everything that reads or checks tensors.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace hasse::tensor {

/// A file, or a tensor from one, is not what it has to be. The message reads
/// "<file>: <field> is <value>, expected <expected>".
class FormatError : public std::runtime_error {
 public:
  /// `file` names the file or the tensor, `field` the part of it that is wrong, `value` what that
  /// part holds (unprintable bytes are escaped, long values cut), `expected` what it may hold.
  FormatError(std::string_view file, std::string_view field, std::string_view value,
              std::string_view expected);
};

}  // namespace hasse::tensor
