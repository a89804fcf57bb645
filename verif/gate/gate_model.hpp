// SPDX-License-Identifier: Apache-2.0
// A mapped netlist behind the interface of a simulated module, so that the drivers can use it.
#pragma once

#include <memory>

#include "synth/activity/simulator.hpp"
#include "verif/harness/model.hpp"

namespace hasse::gate {

/// A gate-level simulation and the model that drives it.
class GateModel {
 public:
  /// Both must outlive the model. Throws what GateSimulator throws.
  GateModel(const synth::Netlist& netlist, const synth::Library& library, std::uint32_t seed = 1);
  ~GateModel();
  GateModel(const GateModel&) = delete;
  GateModel& operator=(const GateModel&) = delete;

  harness::Model& model() { return *model_; }
  synth::GateSimulator& simulator();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
  std::unique_ptr<harness::Model> model_;
};

}  // namespace hasse::gate
