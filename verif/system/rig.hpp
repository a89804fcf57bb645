// SPDX-License-Identifier: Apache-2.0
// A generated engine under test, and what golden says about every product.
#pragma once

#include <filesystem>
#include <string>

#include "golden/tensor/matrix.hpp"
#include "verif/harness/gemm_driver.hpp"
#include "verif/harness/model.hpp"
#include "verif/harness/rtl_source.hpp"
#include "verif/harness/stream.hpp"
#include "verif/harness/toolchain.hpp"
#include "verif/system/points.hpp"

namespace hasse::system {

/// The first element in which `y` differs from `exact`; empty when there is none.
std::string first_difference(const tensor::Matrix<std::int64_t>& y,
                             const tensor::Matrix<std::int64_t>& exact);

/// The directory that `hasse generate` makes of a design, gone with the object.
class Emitted {
 public:
  explicit Emitted(const Point& point);
  const std::filesystem::path& dir() const { return dir_; }
  /// Its files and its top module.
  harness::RtlSource source() const;

 private:
  harness::Workspace parent_;
  std::filesystem::path dir_;
};

/// A simulated engine, out of reset.
class Rig {
 public:
  /// `seed` fills registers and memories before the reset.
  explicit Rig(const Point& point, std::uint32_t seed = 1);
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  const harness::Engine& engine() const { return engine_; }
  const harness::RtlSource& source() const { return source_; }
  harness::Model& model() { return model_; }
  harness::GemmDriver& driver() { return driver_; }

  /// Multiplies, and expects the exact product, golden's counters and, without random stalls, the
  /// cycle model's cycles with the same memory. (Behind AXI ports products begin at another time
  /// than the memory's: no memory there.)
  harness::GemmRun multiply(const harness::Operands& operands,
                            const harness::GemmOptions& options = {});

  /// Multiplies behind memories of several bandwidths and latencies, and expects the cycles that
  /// golden predicts, some of them spent waiting.
  void expect_memory_bound(harness::Random& random);

  /// A shape of at most about `work` TransRows, with primes and edges among its sides.
  transitive::Shape random_shape(harness::Random& random, int work) const;

 private:
  Emitted emitted_;
  harness::RtlSource source_;
  harness::Engine engine_;
  harness::Model model_;
  harness::GemmDriver driver_;
};

}  // namespace hasse::system
