// SPDX-License-Identifier: Apache-2.0
// Loads a Verilated shared object and drives it.
#include "verif/harness/model.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "verif/harness/errors.hpp"

namespace hasse::harness {
namespace {

// Time units of the trace: inputs settle in the middle of a cycle, the clock rises at its end.
constexpr std::uint64_t kCycleUnits = 10;
constexpr std::uint64_t kSettleUnit = 5;

// Never unloaded: the Verilated runtime inside keeps thread-local state.
const hasse_model_api* load(const std::filesystem::path& library) {
  void* object = dlopen(std::filesystem::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) throw HarnessError(fmt::format("{}", dlerror()));
  const void* symbol = dlsym(object, "hasse_model");
  if (symbol == nullptr) {
    throw HarnessError(
        fmt::format("{}: not a Verilated library of this harness", library.string()));
  }
  return static_cast<const hasse_model_api*>(symbol);
}

}  // namespace

Model::Model(const std::filesystem::path& library, std::uint32_t seed)
    : Model(*load(library), load(library)->create(std::max(seed & 0x7fffffffU, 1U))) {}

Model::Model(const hasse_model_api& api, void* handle) : api_(&api), handle_(handle) {
  const hasse_port* table = nullptr;
  const std::size_t count = api_->ports(handle_, &table);
  for (std::size_t i = 0; i < count; ++i) ports_.emplace_back(table[i]);
  for (const Port& port : ports_) {
    if (port.is_input()) port.write(std::vector<std::uint32_t>(port.word_count() + 1).data());
  }
  clock_ = find("clk_i");
}

Model::~Model() {
  stop_trace();
  api_->destroy(handle_);
}

bool Model::write_coverage(const std::filesystem::path& file) const {
  return api_->coverage_write(handle_, file.c_str()) != 0;
}

const Port* Model::find(std::string_view name) const {
  const auto at = std::ranges::find(ports_, name, &Port::name);
  return at == ports_.end() ? nullptr : &*at;
}

bool Model::has_port(std::string_view name) const {
  return find(name) != nullptr;
}

const Port& Model::port(std::string_view name) const {
  if (const Port* found = find(name)) return *found;
  std::string known;
  for (const Port& port : ports_) known += (known.empty() ? "" : ", ") + port.name();
  throw HarnessError(fmt::format("no port {}; the module has {}", name, known));
}

void Model::require_clock() const {
  if (clock_ == nullptr) throw HarnessError("the module has no clock clk_i; use eval()");
}

void Model::settle() {
  require_clock();
  clock_->set(0);
  eval();
  dump(cycles_ * kCycleUnits + kSettleUnit);
}

void Model::dump(std::uint64_t time) {
  if (!tracing_ || time <= dumped_until_) return;
  api_->trace_dump(handle_, time);
  dumped_until_ = time;
}

void Model::edge() {
  require_clock();
  if (observer_) observer_();
  clock_->set(1);
  eval();
  ++cycles_;
  dump(cycles_ * kCycleUnits);
}

void Model::reset(unsigned cycles) {
  const Port& reset = port("rst_ni");
  reset.set(0);
  for (unsigned i = 0; i < cycles; ++i) tick();
  reset.set(1);
  settle();
}

void Model::start_trace(const std::filesystem::path& file) {
  stop_trace();
  if (api_->trace_open(handle_, file.c_str()) == 0) {
    throw HarnessError(fmt::format(
        "{}: no trace; the library was built without tracing or the file cannot be written",
        file.string()));
  }
  tracing_ = true;
}

void Model::stop_trace() {
  if (tracing_) api_->trace_close(handle_);
  tracing_ = false;
}

}  // namespace hasse::harness
