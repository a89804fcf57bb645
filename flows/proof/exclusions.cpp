// SPDX-License-Identifier: Apache-2.0
#include "flows/proof/coverage_tally.hpp"

namespace hasse::proof {

std::vector<Exclusion> argued_exclusions() {
  return {
      {"(gemm|array)_control|axi_registers|transitive_.*|result_.*",
       "(unit_)?(cycles|transrows|zero_transrows|nodes_built|stall_cycles|si_misses)(_[0-9]_q|_[io]"
       ")?"
       "\\[[0-9]+\\]",
       "counters of 48 bits: filling their upper bits takes 2^20 to 2^48 cycles"},
  };
}

}  // namespace hasse::proof
