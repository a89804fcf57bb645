// SPDX-License-Identifier: Apache-2.0
// What libFuzzer calls; HASSE_FUZZ_TARGET names the parser. Started by flows/fuzz.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "verif/fuzz/targets.hpp"

namespace {

const hasse::fuzz::Target* target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("HASSE_FUZZ_TARGET");
  target = name == nullptr ? nullptr : hasse::fuzz::find_target(name);
  if (target != nullptr) return 0;
  std::fputs("HASSE_FUZZ_TARGET has to be one of", stderr);
  for (const hasse::fuzz::Target& one : hasse::fuzz::targets())
    std::fprintf(stderr, " %s", one.name.data());
  std::fputs("\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
