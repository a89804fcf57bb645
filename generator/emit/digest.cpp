// SPDX-License-Identifier: Apache-2.0
// The digest of a list of files.
#include "generator/emit/digest.hpp"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace hasse::emit {

std::string digest(const std::vector<File>& files) {
  std::string bytes;
  for (const File& file : files) {
    bytes += fmt::format("{}\n{}\n", file.path, file.text.size());
    bytes += file.text;
  }
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace hasse::emit
