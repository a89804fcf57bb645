// SPDX-License-Identifier: Apache-2.0
#include "verif/harness/control.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "verif/harness/axi_check.hpp"
#include "verif/harness/axi_lite.hpp"
#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

constexpr std::uint64_t kPatience = 20000;  ///< Cycles within which registers have to answer.

/// Whether the planner's nodes are listed, and misses counted.
bool counts_misses(const Engine& engine) {
  const std::vector<std::string> streams = engine.side_streams();
  return std::find(streams.begin(), streams.end(), "table") != streams.end();
}

class WireControl : public EngineControl {
 public:
  WireControl(Model& model, const Engine& engine)
      : model_(model), engine_(engine), done_(model.port("done_o")), error_(model.port("error_o")) {
    abandon();
  }

  void set_stall(double, std::uint64_t) override {}

  void start(const transitive::Shape& shape) override {
    model_.set("n_i", static_cast<std::uint64_t>(shape.n));
    model_.set("k_i", static_cast<std::uint64_t>(shape.k));
    model_.set("m_i", static_cast<std::uint64_t>(shape.m));
    model_.set("weight_bits_i", static_cast<std::uint64_t>(shape.weight_bits));
    for (const auto& [mode, value] : engine_.modes(shape)) model_.set(mode + "_i", value);
    model_.set("start_i", 1);
    model_.tick();
    model_.set("start_i", 0);
  }

  std::span<Agent* const> agents() override { return {}; }

  std::optional<bool> ended() override {
    if (!done_.is_set()) return std::nullopt;
    return error_.is_set();
  }

  GemmCounters counters() override {
    return {model_.get("cycles_o"),         model_.get("transrows_o"),
            model_.get("zero_transrows_o"), model_.get("nodes_built_o"),
            model_.get("stall_cycles_o"),   counts_misses(engine_) ? model_.get("si_misses_o") : 0};
  }

  void abandon() override { model_.set("start_i", 0); }

 private:
  Model& model_;
  Engine engine_;
  Port done_, error_;
};

// Registers behind AXI4-Lite; the rules of all AXI ports are watched all the time.
class RegisterControl : public EngineControl {
 public:
  RegisterControl(Model& model, const Engine& engine)
      : model_(model),
        engine_(engine),
        master_(model, "s_axil"),
        lite_check_(model, "s_axil"),
        weight_check_(model, "s_axis_weight", false),
        activation_check_(model, "s_axis_activation", false),
        result_check_(model, "m_axis_result", true) {
    agents_ = {&master_, &lite_check_, &weight_check_, &activation_check_, &result_check_};
    watch_side_streams();
    for (AxiStreamCheck& check : side_checks_) agents_.push_back(&check);
  }

  void set_stall(double stall, std::uint64_t seed) override { master_.set_stall(stall, seed); }

  void start(const transitive::Shape& shape) override {
    status_.reset();
    write("n", shape.n);
    write("k", shape.k);
    write("m", shape.m);
    write_modes(shape);
    write("control", 1);
    finish_accesses();
    poll();
  }

  std::span<Agent* const> agents() override { return agents_; }

  std::optional<bool> ended() override {
    if (!status_) return std::nullopt;
    if ((*status_ & kDone) != 0) return (*status_ & kError) != 0;
    status_.reset();
    poll();
    return std::nullopt;
  }

  GemmCounters counters() override {
    return {counter("cycles"),         counter("transrows"),
            counter("zero_transrows"), counter("nodes_built"),
            counter("stall_cycles"),   counts_misses(engine_) ? counter("si_misses") : 0};
  }

  void abandon() override {
    master_.abandon();
    lite_check_ = AxiLiteCheck(model_, "s_axil");
    weight_check_ = AxiStreamCheck(model_, "s_axis_weight", false);
    activation_check_ = AxiStreamCheck(model_, "s_axis_activation", false);
    result_check_ = AxiStreamCheck(model_, "m_axis_result", true);
    side_checks_.clear();
    watch_side_streams();
  }

 private:
  // As many every time, so that the agents stay where they are.
  void watch_side_streams() {
    const std::vector<std::string> streams = engine_.side_streams();
    side_checks_.reserve(streams.size());
    for (const std::string& stream : streams)
      side_checks_.emplace_back(model_, "s_axis_" + stream, false);
  }

  // Flags stand beside the weight bits, numbers in registers of their own.
  void write_modes(const transitive::Shape& shape) {
    std::uint64_t mode = static_cast<std::uint64_t>(shape.weight_bits);
    for (const auto& [name, value] : engine_.modes(shape)) {
      const auto flag = engine_.register_fields.find("mode." + name);
      if (flag != engine_.register_fields.end())
        mode |= value << flag->second;
      else
        write(name, static_cast<int>(value));
    }
    write("mode", static_cast<int>(mode));
  }

  static constexpr std::uint32_t kDone = 2, kError = 4;  ///< Bits of the status register.

  std::uint32_t address(const std::string& name) const {
    const auto at = engine_.registers.find(name);
    if (at == engine_.registers.end())
      throw HarnessError("the manifest has no register called " + name);
    return static_cast<std::uint32_t>(at->second);
  }

  void write(const std::string& name, int value) {
    master_.write(address(name), static_cast<std::uint32_t>(value), [name](AxiResponse answer) {
      if (answer != AxiResponse::okay)
        throw ProtocolError("the write of register " + name + " was refused");
    });
  }

  void read(const std::string& name, std::function<void(std::uint32_t)> done) {
    master_.read(address(name), [name, done = std::move(done)](auto data, AxiResponse answer) {
      if (answer != AxiResponse::okay)
        throw ProtocolError("the read of register " + name + " was refused");
      done(data);
    });
  }

  void poll() {
    read("status", [this](std::uint32_t data) { status_ = data; });
  }

  std::uint64_t counter(const std::string& name) {
    std::uint64_t value = 0;
    read(name + "_low", [&](std::uint32_t data) { value |= data; });
    read(name + "_high", [&](std::uint32_t data) { value |= std::uint64_t{data} << 32; });
    finish_accesses();
    return value;
  }

  void finish_accesses() {
    for (std::uint64_t cycles = 0; !master_.idle(); ++cycles) {
      if (cycles > kPatience) throw ProtocolError("the AXI4-Lite port does not answer");
      cycle(model_, agents_);
    }
  }

  Model& model_;
  Engine engine_;
  AxiLiteMaster master_;
  AxiLiteCheck lite_check_;
  AxiStreamCheck weight_check_, activation_check_, result_check_;
  std::vector<AxiStreamCheck> side_checks_;
  std::vector<Agent*> agents_;
  std::optional<std::uint32_t> status_;
};

}  // namespace

StreamPorts stream_ports(const Engine& engine, const std::string& stream) {
  const bool out = stream == "result";
  const std::string with = out ? "_o" : "_i", against = out ? "_i" : "_o";
  if (!engine.is_axi())
    return {stream, stream + "_data" + with, stream + "_valid" + with, stream + "_ready" + against};
  const std::string prefix = (out ? "m_axis_" : "s_axis_") + stream;
  return {prefix, prefix + "_tdata" + with, prefix + "_tvalid" + with,
          prefix + "_tready" + against};
}

std::unique_ptr<EngineControl> make_control(Model& model, const Engine& engine) {
  if (engine.is_axi()) return std::make_unique<RegisterControl>(model, engine);
  return std::make_unique<WireControl>(model, engine);
}

}  // namespace hasse::harness
