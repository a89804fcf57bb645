// SPDX-License-Identifier: Apache-2.0
// Whole files in and out.
#include "golden/tensor/file.hpp"

#include <gtest/gtest.h>

#include "golden/tensor/tests/refusal.hpp"
#include "golden/tensor/tests/scratch_file.hpp"

namespace hasse::tensor {
namespace {

TEST(File, WhatIsWrittenIsRead) {
  const ScratchFile file;
  const std::string bytes("a\0\xff\n", 4);
  write_file(file.path(), bytes);
  EXPECT_EQ(read_file(file.path()), bytes);
  write_file(file.path(), "");
  EXPECT_EQ(read_file(file.path()), "");
}

TEST(File, MissingFileIsRefused) {
  expect_refusal([] { read_file("/nowhere/at/all"); },
                 "/nowhere/at/all: path is missing, expected a file");
}

TEST(File, DirectoryIsRefused) {
  expect_refusal([] { read_file("/usr"); }, "/usr: path is not a regular file");
}

TEST(File, UnwritablePathIsRefused) {
  expect_refusal([] { write_file("/nowhere/at/all", "x"); },
                 "/nowhere/at/all: path is not writable");
}

}  // namespace
}  // namespace hasse::tensor
