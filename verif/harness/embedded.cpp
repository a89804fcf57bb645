// SPDX-License-Identifier: Apache-2.0
// Files carried inside the binary. HASSE_EMBED_* are their paths, set by the build.
#include "verif/harness/embedded.hpp"

// Puts the bytes of `path` between the symbols `name`_begin and `name`_end.
#define HASSE_EMBED(name, path)                                           \
  asm(".pushsection .rodata\n.balign 16\n.global " #name "_begin\n" #name \
      "_begin:\n.incbin \"" path "\"\n.global " #name "_end\n" #name      \
      "_end:\n"                                                           \
      ".byte 0\n.popsection\n");                                          \
  extern "C" const char name##_begin[];                                   \
  extern "C" const char name##_end[]

HASSE_EMBED(hasse_embedded_adapter, HASSE_EMBED_ADAPTER);
HASSE_EMBED(hasse_embedded_abi, HASSE_EMBED_ABI);
HASSE_EMBED(hasse_embedded_model, HASSE_EMBED_MODEL);
HASSE_EMBED(hasse_embedded_calibration, HASSE_EMBED_CALIBRATION);

namespace hasse::harness {

std::string_view embedded_adapter() {
  return {hasse_embedded_adapter_begin, hasse_embedded_adapter_end};
}
std::string_view embedded_abi() {
  return {hasse_embedded_abi_begin, hasse_embedded_abi_end};
}
std::string_view embedded_model() {
  return {hasse_embedded_model_begin, hasse_embedded_model_end};
}
std::string_view embedded_calibration() {
  return {hasse_embedded_calibration_begin, hasse_embedded_calibration_end};
}

}  // namespace hasse::harness
