// SPDX-License-Identifier: Apache-2.0
// Compiled with every Verilated module: offers the model behind the C interface of abi.h.
//
// HASSE_PORTS(X), generated beside this file in ports.inc, expands to X(name, bits, is_input) for
// every port.
#include <memory>
#include <type_traits>
#include <vector>

#include "Vmodel.h"
#include "abi.h"
#include "ports.inc"
#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include "verilated_cov.h"
#endif

// Asked for by the Verilated runtime when no simulation time is kept.
double sc_time_stamp() {
  return 0;
}

namespace {

template <typename T>
void* storage(T& value) {
  if constexpr (std::is_integral_v<T>) {
    return &value;
  } else {
    return value.data();
  }
}

struct Simulation {
  explicit Simulation(uint32_t seed) {
    context->randReset(2);
    context->randSeed(static_cast<int>(seed));
    context->traceEverOn(VM_TRACE != 0);
    Verilated::threadContextp(context.get());
    model = std::make_unique<Vmodel>(context.get());
#define HASSE_PORT(name, bits, is_input) \
  ports.push_back({#name, storage(model->name), bits, is_input});
    HASSE_PORTS(HASSE_PORT)
#undef HASSE_PORT
  }
  ~Simulation() {
    model->final();
  }

  std::unique_ptr<VerilatedContext> context = std::make_unique<VerilatedContext>();
  std::unique_ptr<Vmodel> model;
  std::vector<hasse_port> ports;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> trace;
#endif
};

Simulation& simulation(void* handle) {
  return *static_cast<Simulation*>(handle);
}

void* create(uint32_t seed) {
  return new Simulation(seed);
}

void destroy(void* handle) {
  delete &simulation(handle);
}

size_t ports(void* handle, const hasse_port** table) {
  *table = simulation(handle).ports.data();
  return simulation(handle).ports.size();
}

void eval(void* handle) {
  simulation(handle).model->eval();
}

#if VM_TRACE
int trace_open(void* handle, const char* path) {
  Simulation& self = simulation(handle);
  self.trace = std::make_unique<VerilatedFstC>();
  self.model->trace(self.trace.get(), 99);
  self.trace->open(path);
  return self.trace->isOpen();
}

void trace_dump(void* handle, uint64_t time) {
  simulation(handle).trace->dump(time);
}

void trace_close(void* handle) {
  simulation(handle).trace->close();
  simulation(handle).trace.reset();
}
#else
int trace_open(void*, const char*) {
  return 0;
}
void trace_dump(void*, uint64_t) {}
void trace_close(void*) {}
#endif

int coverage_write([[maybe_unused]] void* handle, [[maybe_unused]] const char* path) {
#if VM_COVERAGE
  simulation(handle).context->coveragep()->write(path);
  return 1;
#else
  return 0;
#endif
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const hasse_model_api hasse_model = {
    create, destroy, ports, eval, trace_open, trace_dump, trace_close, coverage_write};
