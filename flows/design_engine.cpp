// SPDX-License-Identifier: Apache-2.0
#include "flows/design_engine.hpp"

#include "generator/design/design.hpp"
#include "verif/harness/generated.hpp"

namespace hasse::flows {

harness::Engine engine_of(const std::filesystem::path& design) {
  if (std::filesystem::is_directory(design)) return harness::generated_engine(design);
  const design::Design read = design::load(design);
  return harness::engine_of(design::to_json(read), design::to_json(design::derive(read)), design);
}

}  // namespace hasse::flows
