// SPDX-License-Identifier: Apache-2.0
#include "verif/unit/bench.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <stdexcept>

#include "generator/design/design.hpp"
#include "generator/emit/primitives.hpp"
#include "golden/tensor/file.hpp"
#include "synth/error.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/verilated_library.hpp"
#include "verif/unit/coverage.hpp"
#include "verif/unit/mutant.hpp"

namespace hasse::unit {
namespace {

namespace fs = std::filesystem;

/// Keeps other processes that lock the same file waiting.
class FileLock {
 public:
  explicit FileLock(const fs::path& file)
      : descriptor_(open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0 || flock(descriptor_, LOCK_EX) != 0)
      throw std::runtime_error("cannot lock " + file.string());
  }
  ~FileLock() { close(descriptor_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace

units::Geometry geometry(const std::string& json) {
  nlohmann::json design = nlohmann::json::parse(json);
  if (!design.contains("engine")) design["engine"] = "banked";
  return units::Geometry(design::parse(design.dump(), "the test's design"));
}

fs::path build_once(const harness::RtlSource& source) {
  const fs::path cache = harness::default_cache();
  fs::create_directories(cache);
  const FileLock lock(cache / (source.top + "-" + harness::digest(source, "") + ".lock"));
  if (coverage_asked()) return build_covered(source);
  return harness::VerilatedLibrary::build(source).object;
}

fs::path build_as_asked(const harness::RtlSource& source) {
  const std::optional<Mutant> mutant = mutant_asked();
  if (!mutant) return build_once(source);
  fs::create_directories(harness::default_cache());
  const FileLock lock(harness::default_cache() / (source.top + "-mutants.lock"));
  const harness::RtlSource mutated = with_mutants(source, *mutant);
  harness::BuildOptions options;
  options.lint = false;
  options.verilator_flags = {"-fno-gate"};
  return harness::VerilatedLibrary::build(mutated, options).object;
}

EmittedSource::EmittedSource(const std::vector<hdl::Module>& modules,
                             std::map<std::string, std::int64_t> parameters)
    : folder_(testing::TempDir()) {
  source_ = {folder_.path(), {}, modules.back().name(), std::move(parameters)};
  const auto add = [&](const std::string& name, std::string_view text) {
    source_.files.push_back(name + ".v");
    tensor::write_file(folder_.path() / source_.files.back(), text);
  };
  for (const char* primitive : {"ram_1r1w", "stream_skid", "stream_fifo"})
    add(primitive, emit::primitive_source(primitive));
  for (const hdl::Module& module : modules)
    if (!module.is_external()) add(module.name(), module.to_string());
}

Bench::Bench(const std::vector<hdl::Module>& modules,
             std::map<std::string, std::int64_t> parameters)
    : emitted_(modules, std::move(parameters)), model_(build_as_asked(emitted_.source())) {
  if (model_.has_port(kMutantPort)) model_.set(kMutantPort, mutant_asked()->number);
  if (model_.has_port("rst_ni")) model_.reset();
}

Bench::~Bench() {
  collect_coverage(model_, source());
}

std::int64_t Bench::number(const std::string& port, int index, int bits) const {
  return harness::sign_extend(field(port, index, bits), static_cast<unsigned>(bits));
}

std::uint64_t Bench::field(const std::string& port, int index, int bits) const {
  return model_.port(port).get_bits(static_cast<std::size_t>(index * bits),
                                    static_cast<unsigned>(bits));
}

void Bench::set_field(const std::string& port, int index, int bits, std::int64_t value) {
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bits);
  model_.port(port).set_bits(static_cast<std::size_t>(index * bits), static_cast<unsigned>(bits),
                             static_cast<std::uint64_t>(value) & mask);
}

void expect_icarus_agrees(const Bench& bench, const harness::Recording& recording) {
  if (mutant_asked()) GTEST_SKIP() << "Icarus would replay the unit without its faults";
  try {
    synth::find_tool("iverilog");
  } catch (const synth::ToolError& error) {
    GTEST_SKIP() << error.what();
  }
  const harness::IcarusResult result = harness::icarus_run(bench.source(), recording);
  EXPECT_EQ(result.mismatches, 0U) << result.first;
  EXPECT_GT(result.compared, result.unknown);
}

int below(harness::Random& random, int limit) {
  return static_cast<int>((random.next() >> 20) % static_cast<std::uint64_t>(limit));
}

std::int64_t random_number(harness::Random& random, int bits) {
  const std::int64_t least = -(std::int64_t{1} << (bits - 1));
  switch (below(random, 8)) {
    case 0:
      return least;
    case 1:
      return -least - 1;
    default:
      return harness::sign_extend(random.next(), static_cast<unsigned>(bits));
  }
}

}  // namespace hasse::unit
