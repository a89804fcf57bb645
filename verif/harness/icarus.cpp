// SPDX-License-Identifier: Apache-2.0
// Records a Verilated run and replays it in Icarus Verilog.
#include "verif/harness/icarus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "golden/tensor/file.hpp"
#include "synth/process/process.hpp"
#include "verif/harness/errors.hpp"
#include "verif/harness/toolchain.hpp"
#include "verif/harness/verilated_library.hpp"

namespace hasse::harness {
namespace {

namespace fs = std::filesystem;

std::size_t total_bits(const std::vector<Port>& ports) {
  std::size_t bits = 0;
  for (const Port& port : ports) bits += port.bits();
  return bits;
}

// The values of `ports`, the first in the lowest bits, as one hexadecimal number.
std::string hexadecimal(const std::vector<Port>& ports) {
  const std::size_t bits = total_bits(ports);
  std::vector<std::uint32_t> words((bits + 31) / 32);
  std::size_t at = 0;
  for (const Port& port : ports) {
    for (unsigned lo = 0; lo < port.bits(); lo += 32) {
      const unsigned width = std::min(32U, port.bits() - lo);
      put_bits(words, at + lo, width, port.get_bits(lo, width));
    }
    at += port.bits();
  }
  std::string text;
  for (auto word = words.rbegin(); word != words.rend(); ++word)
    text += fmt::format("{:08x}", *word);
  return text;
}

std::string lines(const std::vector<std::string>& vectors) {
  std::string text;
  for (const std::string& vector : vectors) text += vector + "\n";
  return text;
}

// One line per port: `format` with its name, highest bit and lowest bit in the vector.
template <class Format>
std::string per_port(const std::vector<Port>& ports, const Format& format) {
  std::string text;
  std::size_t lo = 0;
  for (const Port& port : ports) {
    text += format(port.name(), lo + port.bits() - 1, lo);
    lo += port.bits();
  }
  return text;
}

std::string parameters(const RtlSource& source) {
  std::string text;
  for (const auto& [name, value] : source.parameters) {
    text += fmt::format("{}.{}({})", text.empty() ? "" : ", ", name, value);
  }
  return text.empty() ? "" : fmt::format("#({}) ", text);
}

std::string connections(const Recording& recording) {
  std::string text = "    .clk_i(clk)";
  const auto connect = [](const char* vector) {
    return [vector](const std::string& name, std::size_t hi, std::size_t lo) {
      return fmt::format(",\n    .{}({}[{}:{}])", name, vector, hi, lo);
    };
  };
  return text + per_port(recording.inputs(), connect("in")) +
         per_port(recording.outputs(), connect("out"));
}

// Names the first port that differs; `|x === 1` is true as soon as one bit is known to differ.
std::string comparisons(const Recording& recording) {
  return per_port(recording.outputs(), [](const std::string& name, std::size_t hi, std::size_t lo) {
    return fmt::format(
        "        if (first && |difference[{0}:{1}] === 1'b1) begin\n"
        "          $display(\"FIRST cycle %0d: {2} is %h, recorded as %h\", cycle, out[{0}:{1}],\n"
        "                   response[cycle][{0}:{1}]);\n"
        "          first = 0;\n"
        "        end\n",
        hi, lo, name);
  });
}

// The bit of the stimulus that is the reset, or 1.
std::string out_of_reset(const Recording& recording) {
  std::string bit = "1'b1";
  per_port(recording.inputs(), [&](const std::string& name, std::size_t hi, std::size_t) {
    if (name == "rst_ni") bit = fmt::format("in[{}]", hi);
    return "";
  });
  return bit;
}

constexpr const char* kTestbench = R"(`timescale 1ns / 1ns
module hasse_testbench;
  reg clk;
  reg [{input_bits}-1:0] in;
  wire [{output_bits}-1:0] out;
  reg [{input_bits}-1:0] stimulus [0:{cycles}-1];
  reg [{output_bits}-1:0] response [0:{cycles}-1];
  reg [{output_bits}-1:0] difference;
  reg first;
  integer cycle, compared, mismatches, unknown;

  {top} {parameters}u_top (
{connections}
  );

  initial begin
    $readmemh("stimulus.hex", stimulus);
    $readmemh("response.hex", response);
    clk = 0;
    first = 1;
    compared = 0;
    mismatches = 0;
    unknown = 0;
    for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin
      in = stimulus[cycle];
      #5;
      if ({out_of_reset}) begin
        difference = out ^ response[cycle];
        compared = compared + 1;
        if (|difference === 1'b1) mismatches = mismatches + 1;
        if (^difference === 1'bx) unknown = unknown + 1;
{comparisons}      end
      clk = 1;
      #5;
      clk = 0;
    end
    $display("RESULT %0d %0d %0d", compared, mismatches, unknown);
    $finish;
  end
endmodule
)";

IcarusResult parse(const std::string& log) {
  IcarusResult result;
  std::istringstream in(log);
  bool finished = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("FIRST ")) result.first = line.substr(6);
    if (!line.starts_with("RESULT ")) continue;
    std::istringstream(line.substr(7)) >> result.compared >> result.mismatches >> result.unknown;
    finished = true;
  }
  if (!finished) throw HarnessError("Icarus ended without a result: " + log);
  return result;
}

}  // namespace

Recording::Recording(Model& model, std::size_t limit) : model_(model), limit_(limit) {
  for (const Port& port : model.ports()) {
    if (port.name() != "clk_i") (port.is_input() ? inputs_ : outputs_).push_back(port);
  }
  model_.observe([this] { sample(); });
}

Recording::~Recording() {
  model_.observe({});
}

void Recording::sample() {
  if (cycles() == limit_) return;
  stimulus_.push_back(hexadecimal(inputs_));
  response_.push_back(hexadecimal(outputs_));
}

std::string icarus_testbench(const RtlSource& source, const Recording& recording) {
  std::string text = kTestbench;
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"{input_bits}", std::to_string(total_bits(recording.inputs()))},
      {"{output_bits}", std::to_string(total_bits(recording.outputs()))},
      {"{cycles}", std::to_string(recording.cycles())},
      {"{top}", source.top},
      {"{parameters}", parameters(source)},
      {"{connections}", connections(recording)},
      {"{out_of_reset}", out_of_reset(recording)},
      {"{comparisons}", comparisons(recording)}};
  for (const auto& [field, value] : fields) {
    for (std::size_t at = text.find(field); at != std::string::npos;
         at = text.find(field, at + value.size())) {
      text.replace(at, field.size(), value);
    }
  }
  return text;
}

IcarusResult icarus_run(const RtlSource& source, const Recording& recording) {
  if (recording.cycles() == 0) throw HarnessError("nothing was recorded to replay");
  const Workspace work(default_cache());
  const fs::path& folder = work.path();
  tensor::write_file(folder / "testbench.v", icarus_testbench(source, recording));
  tensor::write_file(folder / "stimulus.hex", lines(recording.stimulus()));
  tensor::write_file(folder / "response.hex", lines(recording.response()));
  Arguments compile = {"iverilog", "-g2012",         "-s",         "hasse_testbench",
                       "-o",       "simulation.vvp", "testbench.v"};
  for (const std::string& file : source.files) compile.push_back(fs::absolute(source.root / file));
  synth::run_checked({compile, folder, folder / "iverilog.log"});
  synth::run_checked({{"vvp", "-n", "simulation.vvp"}, folder, folder / "vvp.log"});
  return parse(tensor::read_file(folder / "vvp.log"));
}

}  // namespace hasse::harness
