// SPDX-License-Identifier: Apache-2.0
// The mapped netlist of a small engine: exact, and the same in Verilator as in our simulator.
#include "verif/gate/gate_model.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "generator/design/design.hpp"
#include "generator/emit/bundle.hpp"
#include "generator/emit/directory.hpp"
#include "generator/units/engine.hpp"
#include "golden/tensor/file.hpp"
#include "synth/process/process.hpp"
#include "synth/synth.hpp"
#include "verif/harness/gemm_driver.hpp"
#include "verif/harness/generated.hpp"
#include "verif/harness/verilated_library.hpp"
#include "verif/harness/workload.hpp"

namespace hasse::gate {
namespace {

namespace fs = std::filesystem;

/// A design of verif/gate/designs, generated and mapped.
class GateLevel : public testing::TestWithParam<const char*> {
 protected:
  GateLevel() {
    const design::Design design =
        design::load(std::string(HASSE_SOURCE_DIR "/verif/gate/designs/") + GetParam() + ".json");
    emit::write(emit::bundle(design, units::build(design)), dir_);
    synth::Options options;
    options.dir = dir_;
    mapped_ = synth::run(options);
    library_ = synth::Library::load(options.liberty);
    netlist_ = synth::read_netlist(mapped_.netlist, top(), library_, dir_);
    engine_ = harness::generated_engine(dir_);
    transitive::Shape shape{2 * engine_.config.lanes + 1, 40, engine_.config.columns + 1};
    shape.weight_bits = engine_.weight_bits;
    operands_ = harness::random_operands(engine_, shape, 7);
  }
  ~GateLevel() override { fs::remove_all(dir_); }

  std::string top() const { return synth::Manifest::load(dir_).top; }

  /// The product by `model`, with stalls; what every output port shows in every cycle is kept.
  tensor::Matrix<std::int64_t> multiply(harness::Model& model,
                                        std::vector<std::vector<std::uint32_t>>& outputs) {
    model.reset();
    model.observe([&] {
      outputs.emplace_back();
      for (const char* port : {"weight_ready_o", "activation_ready_o", "result_valid_o", "done_o"})
        outputs.back().push_back(static_cast<std::uint32_t>(model.get(port)));
      if (model.get("result_valid_o") == 0) return;
      for (const std::uint32_t word : model.words("result_data_o")) outputs.back().push_back(word);
    });
    harness::GemmDriver driver(model, engine_);
    harness::GemmOptions options;
    options.stall = 0.2;
    return driver.run(operands_, options).y;
  }

  /// The netlist with the library's cells as Yosys reads them, and the memory, in Verilator.
  harness::VerilatedLibrary verilated() {
    const std::string script =
        "read_liberty -ignore_miss_func cells.lib; write_verilog -noattr cells.v";
    synth::run_checked({{"yosys", "-q", "-p", script}, dir_, dir_ / "cells.log"});
    std::string memories = tensor::read_file(dir_ / "rtl/ram_1r1w.v");
    for (const synth::NetlistMemory& memory : netlist_.memories) {
      const std::string name =
          "ram_1r1w_" + std::to_string(memory.width) + "x" + std::to_string(memory.depth);
      if (memories.find("module " + name) != std::string::npos) continue;
      const auto range = [](std::size_t bits) { return "[" + std::to_string(bits - 1) + ":0] "; };
      const std::string address = range(memory.write_address.size()),
                        data = range(memory.write_data.size());
      memories += "module " + name + "(input clk_i, input write_enable_i, input " + address +
                  "write_address_i, input " + data + "write_data_i, input read_enable_i, input " +
                  address + "read_address_i, output " + data +
                  "read_data_o);\n  ram_1r1w #(.Width(" + std::to_string(memory.width) +
                  "), .Depth(" + std::to_string(memory.depth) + ")) u_ram (.*);\nendmodule\n";
    }
    tensor::write_file(dir_ / "memories.v", memories);
    harness::RtlSource source;
    source.top = top();
    source.files = {dir_ / "cells.v", dir_ / "memories.v", mapped_.netlist};
    harness::BuildOptions options;
    options.lint = false;
    options.optimisation = "-O0";
    // Verilator 5.006 gets the netlist of bitvert wrong if it merges gates, bit trees left alone.
    options.verilator_flags = {"-fno-gate"};
    return harness::VerilatedLibrary::build(source, options);
  }

  fs::path dir_ = fs::path(testing::TempDir()) / ("gate" + std::to_string(getpid()));
  synth::Result mapped_;
  synth::Library library_;
  synth::Netlist netlist_;
  harness::Engine engine_;
  harness::Operands operands_;
};

TEST_P(GateLevel, IsExactAndTheSameInBothSimulators) {
  GateModel gates(netlist_, library_, 3);
  std::vector<std::vector<std::uint32_t>> ours, verilators;
  EXPECT_EQ(multiply(gates.model(), ours), harness::exact_results(engine_, operands_));
  harness::Model model(verilated().object);
  EXPECT_EQ(multiply(model, verilators), harness::exact_results(engine_, operands_));
  EXPECT_EQ(ours, verilators);
  EXPECT_GT(ours.size(), 50U) << "cycles";
}

INSTANTIATE_TEST_SUITE_P(Engines, GateLevel,
                         testing::Values("lattice", "split", "bitvert", "olive"),
                         [](const auto& point) { return std::string(point.param); });

}  // namespace
}  // namespace hasse::gate
