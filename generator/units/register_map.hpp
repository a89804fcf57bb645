// SPDX-License-Identifier: Apache-2.0
// The registers behind the AXI4-Lite port, in one table: hardware, documentation and C header
// follow it.
#pragma once

#include <string>
#include <vector>

#include "generator/units/geometry.hpp"

namespace hasse::units {

/// Who may do what with a register.
enum class Access { read_only, write_only, read_write };

/// "read", "write" or "read, write".
const char* to_string(Access access);

/// Bits of a register that belong together.
struct RegisterField {
  std::string name;  ///< Also the core's port it stands for, unless the register says otherwise.
  int low = 0;
  int bits = 1;
  std::string doc;
};

/// A 32-bit register.
struct Register {
  std::string name;
  int offset = 0;  ///< In bytes, a multiple of 4.
  Access access = Access::read_only;
  std::string doc;
  std::vector<RegisterField> fields;
};

/// Bits of an AXI4-Lite address; all of them are decoded.
inline constexpr int kRegisterAddressBits = 8;
/// What the fields of the `id` register read as.
inline constexpr int kRegisterMapMagic = 0x4853;
inline constexpr int kRegisterMapVersion = 1;

/// All registers of the design, by offset.
std::vector<Register> register_map(const Geometry& g);

}  // namespace hasse::units
