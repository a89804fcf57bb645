// SPDX-License-Identifier: Apache-2.0
#include "golden/transitive/program_file.hpp"

#include <fmt/format.h>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::transitive {
namespace {

constexpr std::size_t kPartBytes = 4;  ///< A word is stored in parts of 32 bits.

/// Header words by name, in order.
constexpr const char* kFields[] = {"magic and version", "digest of the design", "N and K",
                                   "weight bits and group", "rows of an N-tile"};

std::string field_text(int index, std::uint32_t value) {
  if (index == 2) return fmt::format("N = {}, K = {}", value & 0xFFFFU, value >> 16);
  if (index == 3) return fmt::format("{} bits, group {}", value & 0xFFFFU, value >> 16);
  if (index == 4) return fmt::format("{}", value);
  return fmt::format("{:#010x}", value);
}

/// `program` is that of one unit.
void check_header(const std::string& file, const Program& program, const EngineConfig& config) {
  for (int i = 0; i + 1 < kHeaderWords; ++i) {
    const std::uint32_t is = get_field(program.word(static_cast<std::size_t>(i)), 0, 32);
    const std::uint32_t expected = header_field(config, program.shape, i);
    if (is != expected)
      throw tensor::FormatError(file, kFields[i], field_text(i, is), field_text(i, expected));
  }
}

}  // namespace

void write_program(const std::filesystem::path& file, const Program& program) {
  std::string bytes;
  bytes.reserve(program.words.size() * kPartBytes);
  for (const std::uint32_t part : program.words)
    for (unsigned byte = 0; byte < kPartBytes; ++byte)
      bytes.push_back(static_cast<char>((part >> (8 * byte)) & 0xFFU));
  std::filesystem::path partial = file;
  partial += ".partial";
  tensor::write_file(partial, bytes);
  std::filesystem::rename(partial, file);
}

Program read_program(const std::filesystem::path& file, const ArrayConfig& config,
                     const Shape& shape) {
  Program program{shape, (program_word_bits(config) + 31) / 32, {}};
  program.shape.m = 1;
  const std::string bytes = tensor::read_file(file);
  const std::size_t word_bytes = static_cast<std::size_t>(program.packed) * kPartBytes;
  if (bytes.size() % word_bytes != 0 || bytes.size() < kHeaderWords * word_bytes)
    throw tensor::FormatError(
        file.string(), "size", fmt::format("{} bytes", bytes.size()),
        fmt::format("whole words of {} bytes, {} or more", word_bytes, kHeaderWords));
  program.words.resize(bytes.size() / kPartBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    program.words[i / kPartBytes] |= std::uint32_t{static_cast<std::uint8_t>(bytes[i])}
                                     << (8 * (i % kPartBytes));
  for (int unit = 0; unit < config.units; ++unit)
    check_header(file.string(), unit_program(config, program, unit), config.unit);
  return program;
}

}  // namespace hasse::transitive
