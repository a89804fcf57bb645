// SPDX-License-Identifier: Apache-2.0
// The content digest under which simulations are cached.
#include "verif/harness/rtl_source.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <memory>

#include "golden/tensor/file.hpp"

namespace hasse::harness {
namespace {

class Hasher {
 public:
  Hasher() { XXH3_128bits_reset(state_.get()); }
  void add(std::string_view text) {
    const std::uint64_t size = text.size();
    XXH3_128bits_update(state_.get(), &size, sizeof size);
    XXH3_128bits_update(state_.get(), text.data(), text.size());
  }
  std::string hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
  }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_{XXH3_createState(),
                                                                  XXH3_freeState};
};

}  // namespace

std::string digest(const RtlSource& source, std::string_view salt) {
  Hasher hasher;
  hasher.add(salt);
  hasher.add(source.top);
  for (const auto& [name, value] : source.parameters) hasher.add(fmt::format("{}={}", name, value));
  for (const std::string& file : source.files) {
    hasher.add(std::filesystem::path(file).filename().string());
    hasher.add(tensor::read_file(source.root / file));
  }
  return hasher.hex();
}

}  // namespace hasse::harness
