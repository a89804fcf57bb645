// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/necklace.hpp"

#include <bit>

namespace hasse::transitive {
namespace {

int highest_bit(Code code) {
  return std::bit_width(code) - 1;
}

}  // namespace

Orbit orbit(Code code, int dimension) {
  Orbit best{code, 0};
  for (int turn = 1; turn < dimension; ++turn) {
    const Code candidate = rotate_left(code, dimension - turn, dimension);
    if (candidate < best.necklace) best = {candidate, turn};
  }
  return best;
}

int period(Code code, int dimension) {
  int turn = 1;
  while (rotate_left(code, turn, dimension) != code) ++turn;
  return turn;
}

std::vector<Code> necklaces(int dimension) {
  std::vector<Code> found;
  for (Code code = 0; code < (Code{1} << dimension); ++code)
    if (orbit(code, dimension).necklace == code) found.push_back(code);
  return found;
}

Code orbit_parent(Code code, int dimension) {
  const Orbit place = orbit(code, dimension);
  const Code shorter = place.necklace & ~(Code{1} << highest_bit(place.necklace));
  return rotate_left(shorter, place.rotation, dimension);
}

int orbit_operand(Code code, int dimension) {
  const Orbit place = orbit(code, dimension);
  return (highest_bit(place.necklace) + place.rotation) % dimension;
}

}  // namespace hasse::transitive
