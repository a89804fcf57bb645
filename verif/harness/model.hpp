// SPDX-License-Identifier: Apache-2.0
// A simulated module in this process: ports by name, a clock, a reset, a trace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verif/harness/port.hpp"

namespace hasse::harness {

/// One simulation of a module built by `VerilatedLibrary`. Any number of models, of the same or of
/// different libraries, live side by side in one process; each is used by one thread at a time.
///
/// A clock cycle is: set inputs, `settle()`, look at outputs, `edge()`. `tick()` is both.
/// The clock is the port `clk_i`, the reset the active-low port `rst_ni`; modules without them are
/// combinational and use `eval()`.
class Model {
 public:
  /// Loads `library` and creates a simulation whose uninitialised bits are drawn from `seed` (>=
  /// 1). All inputs are 0. Throws HarnessError when the file is not a library built by
  /// VerilatedLibrary.
  explicit Model(const std::filesystem::path& library, std::uint32_t seed = 1);
  /// A simulation by other means than Verilator's: `handle` is what `api.create` would return, and
  /// is handed to `api.destroy` in the end. All inputs are 0.
  Model(const hasse_model_api& api, void* handle);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// The port called `name`. Throws HarnessError that lists the module's ports when there is none.
  const Port& port(std::string_view name) const;
  /// All ports, in Verilator's order.
  const std::vector<Port>& ports() const { return ports_; }
  /// True when the module has a port called `name`.
  bool has_port(std::string_view name) const;

  /// `port(name)` read and written; see Port.
  std::uint64_t get(std::string_view name) const { return port(name).get(); }
  std::int64_t get_signed(std::string_view name) const { return port(name).get_signed(); }
  std::vector<std::uint32_t> words(std::string_view name) const { return port(name).words(); }
  void set(std::string_view name, std::uint64_t value) { port(name).set(value); }
  void set_bits(std::string_view name, std::size_t lo, unsigned width, std::uint64_t value) {
    port(name).set_bits(lo, width, value);
  }

  /// Evaluates the module with the present inputs, the clock included.
  void eval() { api_->eval(handle_); }
  /// Evaluates with the clock low: outputs now answer the present inputs.
  void settle();
  /// One rising edge of the clock; registers take their next values. Counts one cycle.
  void edge();
  /// settle() and edge().
  void tick() {
    settle();
    edge();
  }
  /// Holds the reset low for `cycles` clock cycles, at any time; other inputs stay as they are.
  void reset(unsigned cycles = 2);
  /// `observer` is called before every rising edge, when inputs and settled outputs belong
  /// together.
  void observe(std::function<void()> observer) { observer_ = std::move(observer); }
  /// Rising clock edges since construction.
  std::uint64_t cycles() const { return cycles_; }

  /// Traces every signal to `file` (FST) from now on, ten time units a cycle.
  /// Throws HarnessError when the library was built without tracing or the file cannot be written.
  void start_trace(const std::filesystem::path& file);
  /// Closes the trace, if there is one.
  void stop_trace();
  /// Writes what has been covered so far, in Verilator's format; false when the library was built
  /// without coverage.
  bool write_coverage(const std::filesystem::path& file) const;

 private:
  const Port* find(std::string_view name) const;
  void require_clock() const;
  void dump(std::uint64_t time);

  const hasse_model_api* api_ = nullptr;
  void* handle_ = nullptr;
  std::vector<Port> ports_;
  const Port* clock_ = nullptr;
  std::uint64_t cycles_ = 0;
  bool tracing_ = false;
  std::uint64_t dumped_until_ = 0;  ///< Time of the last step in the trace, which may not repeat.
  std::function<void()> observer_;
};

}  // namespace hasse::harness
