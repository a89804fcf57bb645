// SPDX-License-Identifier: Apache-2.0
#include "verif/formal/proof.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "golden/tensor/file.hpp"
#include "synth/error.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/toolchain.hpp"
#include "verif/unit/bench.hpp"
#include "verif/unit/mutant.hpp"

namespace hasse::formal {
namespace {

namespace fs = std::filesystem;

/// Commands that read `source`, or what the environment wants to be proved in its place: its top
/// with planted faults of which one is awake.
std::string reads(const harness::RtlSource& source) {
  const std::optional<unit::Mutant> mutant = unit::mutant_asked();
  const harness::RtlSource asked = mutant ? unit::with_mutants(source, *mutant) : source;
  std::string script;
  for (const std::string& file : asked.files)
    script += fmt::format("read_verilog -sv {}\n", (asked.root / file).string());
  if (mutant)
    script += fmt::format("cd {0}\nproc\ndelete -input w:{1}\nconnect -set {1} 16'd{2}\ncd ..\n",
                          asked.top, unit::kMutantPort, mutant->number);
  return script;
}

/// Makes an SMT problem of the checker and what it instantiates. Asynchronous resets become
/// synchronous ones, which changes nothing as long as resets do not fall between clock edges.
void write_problem(const Question& question, const fs::path& folder) {
  const unit::EmittedSource emitted(question.modules);
  tensor::write_file(folder / "checker.v", question.checker);
  const std::string script =
      reads(emitted.source()) +
      "read_verilog -sv -formal checker.v\n"
      "prep -flatten -top proof\nmemory_map\nasync2sync\ndffunmap\nopt_clean\n"
      "write_smt2 -wires checker.smt2\n";
  tensor::write_file(folder / "prepare.ys", script);
  synth::run_checked({{"yosys", "-q", "-s", "prepare.ys"}, folder, folder / "yosys.log"});
}

}  // namespace

bool holds(const Question& question, std::string* why) {
  const harness::Workspace folder(testing::TempDir());
  write_problem(question, folder.path());
  const fs::path log = folder.path() / "solver.log";
  std::vector<std::string> argv = {"yosys-smtbmc", "-s", "z3", "--noprogress", "--unroll", "-t"};
  argv.push_back(std::to_string(question.cycles));
  if (question.from == From::any_state) argv.push_back("-i");
  argv.push_back("checker.smt2");
  const synth::Outcome outcome = synth::run_process({argv, folder.path(), log});
  const std::string text = synth::tail_of_file(log, 40);
  if (why != nullptr) *why = text;
  const bool passed = text.find("Status: PASSED") != std::string::npos;
  const bool failed = text.find("Status: FAILED") != std::string::npos;
  if (passed == failed || passed != (outcome.exit_code == 0))
    throw synth::ToolError("yosys-smtbmc gave no answer:\n" + text);
  return passed;
}

std::string missing_tool() {
  for (const char* tool : {"yosys", "yosys-smtbmc", "z3"}) try {
      synth::find_tool(tool);
    } catch (const synth::ToolError& error) {
      return error.what();
    }
  return {};
}

}  // namespace hasse::formal
