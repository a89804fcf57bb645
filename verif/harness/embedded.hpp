// SPDX-License-Identifier: Apache-2.0
// Files carried inside the binary, so that it runs without the source tree.
#pragma once

#include <string_view>

namespace hasse::harness {

/// `verif/harness/adapter/adapter.cpp`, compiled with every Verilated module.
std::string_view embedded_adapter();

/// `verif/harness/adapter/abi.h`, which the adapter includes.
std::string_view embedded_abi();

/// `golden/model/bytelm.safetensors`, the bytes of the default model.
std::string_view embedded_model();

/// `golden/model/calibration.txt`, what searches read unless told otherwise.
std::string_view embedded_calibration();

}  // namespace hasse::harness
