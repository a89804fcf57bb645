// SPDX-License-Identifier: Apache-2.0
// .npy files that come back as written, and malformed ones.
#include "golden/tensor/npy.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "golden/tensor/tests/refusal.hpp"
#include "golden/tensor/tests/scratch_file.hpp"

namespace hasse::tensor {
namespace {

using namespace std::string_literals;

/// A file of version 1.0 with the dictionary `header` and `data` after it.
std::string file_of(const std::string& header, const std::string& data) {
  const std::string text = header + "\n";
  return "\x93NUMPY\x01\x00"s + static_cast<char>(text.size()) + '\0' + text + data;
}

std::string header_of(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

template <class T>
class NpyRoundTrip : public testing::Test {};
using Elements = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, float>;
TYPED_TEST_SUITE(NpyRoundTrip, Elements);

TYPED_TEST(NpyRoundTrip, KeepsEveryElement) {
  using Limits = std::numeric_limits<TypeParam>;
  const Matrix<TypeParam> matrix(2, 3, {0, 1, 2, 3, Limits::lowest(), Limits::max()});
  const ScratchFile file;
  write_npy(file.path(), matrix);
  EXPECT_EQ(read_npy_as<TypeParam>(file.path()), matrix);
  EXPECT_EQ(dtype_of(read_npy(file.path())), kDtypeOf<TypeParam>);
}

TEST(Npy, WritesWhatNumpyWrites) {
  const std::string expected =
      "\x93NUMPY\x01\x00\x76\x00{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }"s +
      std::string(58, ' ') + "\n\x01\x00\xff\xff"s;
  EXPECT_EQ(format_npy(Matrix<std::int16_t>(1, 2, {1, -1})), expected);
}

TEST(Npy, ReadsVersionTwo) {
  const std::string header = header_of("|i1", "(1, 2)") + "\n";
  const std::string bytes =
      "\x93NUMPY\x02\x00"s + static_cast<char>(header.size()) + "\0\0\0"s + header + "\x05\xfb";
  EXPECT_EQ(std::get<Matrix<std::int8_t>>(parse_npy(bytes, "f")),
            Matrix<std::int8_t>(1, 2, {5, -5}));
}

TEST(Npy, RefusesAnotherElementTypeThanAskedFor) {
  const ScratchFile file;
  write_npy(file.path(), Matrix<float>(1, 1));
  expect_refusal([&] { read_npy_as<std::int8_t>(file.path()); },
                 file.path() + ": descr is float32, expected int8");
}

TEST(Npy, RefusesToWriteAnEmptyMatrix) {
  expect_refusal([] { format_npy(Matrix<float>(0, 3)); },
                 "shape is (0, 3), expected two sides of 1 to 2147483647");
}

TEST(Npy, EveryTruncationIsRefused) {
  const std::string bytes = format_npy(Matrix<std::int16_t>(3, 2, std::int16_t{9}));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse_npy(bytes.substr(0, size), "f"), FormatError) << size << " bytes";
  }
}

TEST(Npy, EveryFlippedBitIsRefusedOrReadWithoutCrash) {
  const std::string bytes = format_npy(Matrix<std::int16_t>(3, 2, std::int16_t{9}));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      parse_npy(flipped, "f");
    } catch (const FormatError&) {
      continue;
    }
  }
}

struct Refused {
  std::string bytes;
  const char* words;
};

class NpyRefused : public testing::TestWithParam<Refused> {};

TEST_P(NpyRefused, IsNamed) {
  expect_refusal([] { parse_npy(GetParam().bytes, "f"); }, GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, NpyRefused,
    testing::Values(
        Refused{"", "f: file is 0 bytes, expected at least 8 for magic and version"},
        Refused{"PK\x03\x04 a zip, not an array", "magic is PK\\x03\\x04 a, expected \\x93NUMPY"},
        Refused{"\x93NUMPY\x03\x00\x01\x00\x00\x00\n"s, "version is 3.0, expected 1.0 or 2.0"},
        Refused{"\x93NUMPY\x01\x01\x01\x00\n"s, "version is 1.1"},
        Refused{"\x93NUMPY\x02\x00\xff\xff\xff\xff{}\n"s, "at least 4294967307 for the header"},
        Refused{file_of(header_of("<f8", "(1, 1)"), "12345678"), "descr is <f8, expected |i1"},
        Refused{file_of(header_of(">i2", "(1, 1)"), "12"), "descr is >i2"},
        Refused{file_of(header_of("|b1", "(1, 1)"), "1"), "descr is |b1"},
        Refused{file_of(header_of("|O", "(1, 1)"), "1"), "descr is |O"},
        Refused{file_of("{'descr': '|i1', 'fortran_order': True, 'shape': (1, 1)}", "1"),
                "fortran_order is True, expected False (C order)"},
        Refused{file_of(header_of("|i1", "(4,)"), "1234"), "shape is (4), expected two sides"},
        Refused{file_of(header_of("|i1", "()"), "1"), "shape is (), expected two sides"},
        Refused{file_of(header_of("|i1", "(1, 2, 2)"), "1234"), "shape is (1, 2, 2)"},
        Refused{file_of(header_of("|i1", "(0, 4)"), ""), "shape is (0, 4)"},
        Refused{file_of(header_of("|i1", "(4294967296, 4294967296)"), ""),
                "shape is (4294967296, 4294967296), expected two sides of 1 to 2147483647"},
        Refused{file_of(header_of("<i8", "(2147483647, 2147483647)"), "12345678"),
                "data is 8 bytes, expected 2147483647 x 2147483647 elements of 8 bytes"},
        Refused{file_of(header_of("<i2", "(2, 2)"), "1234567"),
                "data is 7 bytes, expected 2 x 2 elements of 2 bytes"},
        Refused{file_of(header_of("<i2", "(2, 2)"), "123456789"), "data is 9 bytes"},
        Refused{file_of(header_of("<i2", "(2, 2)"), "1234567890"), "data is 10 bytes"}));

}  // namespace
}  // namespace hasse::tensor
