// SPDX-License-Identifier: Apache-2.0
// Spellings of the .npy dictionary that are accepted, and those that are not.
#include "golden/tensor/npy_header.hpp"

#include <gtest/gtest.h>

#include "golden/tensor/tests/refusal.hpp"

namespace hasse::tensor {
namespace {

struct Accepted {
  const char* text;
  std::vector<std::uint64_t> shape;
};

class NpyHeaderAccepted : public testing::TestWithParam<Accepted> {};

TEST_P(NpyHeaderAccepted, IsParsed) {
  const NpyHeader header = parse_npy_header(GetParam().text, "f");
  EXPECT_EQ(header.descr, "<i2");
  EXPECT_TRUE(header.fortran_order);
  EXPECT_EQ(header.shape, GetParam().shape);
}

INSTANTIATE_TEST_SUITE_P(
    Spellings, NpyHeaderAccepted,
    testing::Values(
        Accepted{"{'descr': '<i2', 'fortran_order': True, 'shape': (3, 4), }   \n", {3, 4}},
        Accepted{"{'shape':(),'fortran_order':True,'descr':'<i2'}\n", {}},
        Accepted{"{\"descr\": \"<i2\", \"fortran_order\": True, \"shape\": (7,)}\n", {7}},
        Accepted{" { 'descr' : '<i2' , 'fortran_order' : True , 'shape' : ( 1 , 2 , 3 , ) , } \n",
                 {1, 2, 3}}));

struct Refused {
  const char* text;
  const char* words;
};

class NpyHeaderRefused : public testing::TestWithParam<Refused> {};

TEST_P(NpyHeaderRefused, IsNamed) {
  expect_refusal([] { parse_npy_header(GetParam().text, "f"); }, GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    Malformed, NpyHeaderRefused,
    testing::Values(
        Refused{"", "f: header is at its end, expected '{'"}, Refused{"[1, 2]\n", "expected '{'"},
        Refused{"{'descr': '<i2', 'fortran_order': True, 'shape': (3, 4)", "expected ','"},
        Refused{"{'descr' '<i2'}\n", "expected ':'"}, Refused{"{'descr': <i2}\n", "expected '''"},
        Refused{"{'descr': '<i2}\n", "expected a closing quote"},
        Refused{"{'fortran_order': 0}\n", "header is 0}\\x0a, expected True or False"},
        Refused{"{'shape': [3, 4]}\n", "expected '('"},
        Refused{"{'shape': (3 4)}\n", "expected ','"},
        Refused{"{'shape': (-3, 4)}\n", "expected an integer from 0 to 2^64 - 1"},
        Refused{"{'shape': (18446744073709551616, 4)}\n", "expected an integer"},
        Refused{"{'shape': (3, 4), 'shape': (3, 4)}\n", "header key is shape, expected each key"},
        Refused{"{'order': 'C'}\n", "header key is order, expected descr, fortran_order or shape"},
        Refused{"{}\n", "f: descr is missing"},
        Refused{"{'descr': '<i2'}\n", "f: fortran_order is missing"},
        Refused{"{'descr': '<i2', 'fortran_order': True}\n", "f: shape is missing"},
        Refused{"{'descr': '<i2', 'fortran_order': True, 'shape': (3, 4)}", "one newline after"},
        Refused{"{'descr': '<i2', 'fortran_order': True, 'shape': (3, 4)} x\n", "header is x"}));

}  // namespace
}  // namespace hasse::tensor
