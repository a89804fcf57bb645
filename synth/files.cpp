// SPDX-License-Identifier: Apache-2.0
// Whole files in and out.
#include "synth/files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "synth/error.hpp"

namespace hasse::synth {

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  if (!stream.flush()) {
    throw InputError(fmt::format("{}: cannot be written", file.string()));
  }
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw InputError(fmt::format("{}: cannot be read", file.string()));
  }
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace hasse::synth
