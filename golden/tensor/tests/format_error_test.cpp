// SPDX-License-Identifier: Apache-2.0
// What the message of a FormatError looks like.
#include "golden/tensor/format_error.hpp"

#include <gtest/gtest.h>

namespace hasse::tensor {
namespace {

TEST(FormatError, NamesFileFieldValueAndExpectation) {
  EXPECT_STREQ(FormatError("w.npy", "descr", "<f8", "<f4").what(),
               "w.npy: descr is <f8, expected <f4");
}

TEST(FormatError, EscapesBytesThatATerminalWouldInterpret) {
  EXPECT_STREQ(FormatError("f", "magic", "\x1b[2J\n", "NUMPY").what(),
               "f: magic is \\x1b[2J\\x0a, expected NUMPY");
}

TEST(FormatError, SaysWhenTheValueIsEmpty) {
  EXPECT_STREQ(FormatError("f", "name", "", "a name").what(), "f: name is empty, expected a name");
}

TEST(FormatError, CutsLongValues) {
  const std::string message = FormatError("f", "header", std::string(5000, 'x'), "less").what();
  EXPECT_LT(message.size(), 200U);
  EXPECT_NE(message.find("xxx..., expected less"), std::string::npos);
}

}  // namespace
}  // namespace hasse::tensor
