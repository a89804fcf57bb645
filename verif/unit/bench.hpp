// SPDX-License-Identifier: Apache-2.0
// What the unit tests share: one emitted module on the bench, and fields of its ports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "generator/hdl/module.hpp"
#include "generator/units/geometry.hpp"
#include "verif/harness/icarus.hpp"
#include "verif/harness/model.hpp"
#include "verif/harness/rtl_source.hpp"
#include "verif/harness/stream.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::unit {

/// The numbers of the design that `json`, the text of a design JSON, describes. Most units are
/// those of the banked engine, so a text without `engine` means that one. Throws
/// design::DesignError when it cannot be built.
units::Geometry geometry(const std::string& json);

/// The simulation of `source`. Of several processes that want the same one, the first builds it and
/// the others wait for it.
std::filesystem::path build_once(const harness::RtlSource& source);

/// The same, or with planted faults if the environment asks for them (verif/unit/mutant.hpp).
std::filesystem::path build_as_asked(const harness::RtlSource& source);

/// A generated module and those below it, as files.
class EmittedSource {
 public:
  /// `modules`: the last is the top. The hand-written modules of rtl/ are added.
  explicit EmittedSource(const std::vector<hdl::Module>& modules,
                         std::map<std::string, std::int64_t> parameters = {});
  const harness::RtlSource& source() const { return source_; }

 private:
  harness::Workspace folder_;
  harness::RtlSource source_;
};

/// A simulation of an emitted module, reset if it has a reset.
class Bench {
 public:
  explicit Bench(const std::vector<hdl::Module>& modules,
                 std::map<std::string, std::int64_t> parameters = {});
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  harness::Model& model() { return model_; }
  const harness::RtlSource& source() const { return emitted_.source(); }

  std::uint64_t get(const std::string& port) const { return model_.get(port); }
  bool is_set(const std::string& port) const { return model_.get(port) != 0; }
  void set(const std::string& port, std::uint64_t value) { model_.set(port, value); }
  void settle() { model_.settle(); }
  void edge() { model_.edge(); }

  /// Element `index` of the output `port`, an array of `bits`-bit two's complement numbers.
  std::int64_t number(const std::string& port, int index, int bits) const;
  /// The same without sign.
  std::uint64_t field(const std::string& port, int index, int bits) const;
  /// Sets element `index` of the input `port` to the `bits` low bits of `value`.
  void set_field(const std::string& port, int index, int bits, std::int64_t value);

 private:
  EmittedSource emitted_;
  harness::Model model_;
};

/// Expects that Icarus, given the recorded inputs of `bench`, answers as recorded. Skips the test
/// when Icarus is not installed.
void expect_icarus_agrees(const Bench& bench, const harness::Recording& recording);

/// A random number in 0..limit-1.
int below(harness::Random& random, int limit);

/// A random `bits`-bit two's complement number; one in four is an extreme value.
std::int64_t random_number(harness::Random& random, int bits);

/// floor(value / 2)
constexpr std::int64_t half_of(std::int64_t value) {
  return value >> 1;
}

}  // namespace hasse::unit
