// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>

#include "generator/units/array.hpp"
#include "generator/units/ports.hpp"

namespace hasse::units {
namespace {

using hdl::cat;
using hdl::Expr;
using hdl::Module;
using hdl::PortMap;
using hdl::Scope;
using hdl::Width;

/// The modules an array consists of.
struct Parts {
  Module unit, control, fork, results;
};

/// Builds the top level, a stretch of the data path per function.
class Array {
 public:
  Array(const Geometry& g, const Parts& parts) : g_(g), parts_(parts) {}

  Module build() {
    m_.set_unit("control");
    declare_ports();
    control();
    streams();
    units();
    results();
    return m_;
  }

 private:
  void declare_ports();
  void declare_weights();
  void declare_streams();
  void control();
  void streams();
  void fork(const std::string& stream);
  void units();
  void results();
  Expr weights_of(const Expr& unit) const;
  Expr activations_of(const Expr& unit) const;
  Expr side_data_of(const Signal& stream, const Expr& unit) const;
  Width side_bits(const Signal& stream) const;
  std::vector<Signal> summed_counters() const;
  PortMap unit_ports(Scope& s, const Expr& unit) const;

  /// A parameter that a design without codes has no use for.
  Width of_codes(const std::string& name, int value, const std::string& doc) {
    return g_.takes_programs() ? Width(value) : m_.localparam(name, value, doc);
  }
  const Expr& at(const std::string& name) const { return net_.at(name); }
  void add(const std::string& name, const Width& width, const std::string& doc = "") {
    net_.emplace(name, m_.logic(name, width, doc));
  }
  void input(const std::string& name, const Width& width, const std::string& doc) {
    net_.emplace(name, m_.input(name, width, doc));
  }
  void output(const std::string& name, const Width& width, const std::string& doc) {
    net_.emplace(name, m_.output(name, width, doc));
  }

  const Geometry& g_;
  const Parts& parts_;
  bool by_columns_ = shares_weights(g_), joined_ = joins_results(g_);
  Module m_{
      "transitive_array",
      by_columns_
          ? "Y[N x M] = W[N x K] * X[K x M] by several engines that share the weights.\n"
            "Unit u has columns u*Columns.. of every ArrayUnits*Columns columns. The streams are "
            "those of one engine\n"
            "with ArrayUnits times the columns."
          : "Y[N x M] = W[N x K] * X[K x M] by several engines that share the activations.\n"
            "Unit u has weight rows u, u+ArrayUnits, u+2*ArrayUnits... The streams are those of "
            "one "
            "engine with ArrayUnits\n"
            "times the lanes and TransRows of a sub-tile."};
  Width units_ = m_.localparam("ArrayUnits", g_.design.units, "Engines.");
  Width lanes_ = of_codes("Lanes", g_.design.lanes, "Accumulate lanes of an engine.");
  Width code_bits_ = of_codes("CodeBits", g_.code_bits, "Weight bits of a lane in a beat.");
  Width program_bits_ =
      g_.takes_programs() && !by_columns_
          ? m_.localparam("ProgramBits", g_.program.word_bits, "Bits of a unit's program word.")
          : Width(g_.program.word_bits);
  Width columns_ = m_.localparam("Columns", g_.design.columns, "Activation columns of an engine.");
  Width activation_bits_ =
      m_.localparam("ActivationBits", g_.design.operand_rows* g_.design.activation_bits,
                    "Bits of a column's activations in a beat.");
  Width beat_ = m_.localparam("BeatBits", g_.beat_bits, "Results of one column group.");
  Width counter_ = m_.localparam("CounterBits", Geometry::kCounterBits, "Bits of a counter.");
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr core_rst_n_ = rst_n_;         ///< Also active when a wrong program is given up.
  std::map<std::string, Expr> net_;  ///< Ports of the top and wires between modules, by name.
};

void Array::declare_ports() {
  input("start_i", 1, "Take the shape and begin.");
  input("n_i", g_.n_bits, "Weight rows N.");
  input("k_i", g_.k_bits, "Inner dimension K.");
  input("m_i", g_.m_bits, "Activation columns M.");
  input("weight_bits_i", g_.weight_bits_bits, "Bits of every weight, 2 to the most generated.");
  output("busy_o", 1, "A product is under way.");
  output("done_o", 1, "The product is complete, or refused: one cycle.");
  output("error_o", 1,
         g_.takes_programs()
             ? "With done_o: shape or weight bits out of range, or a wrong program; results are "
               "void."
             : "With done_o: shape or weight bits out of range, nothing was computed.");
  for (const Signal& mode : modes(g_)) input(mode.name + "_i", mode.bits, mode.doc);
  declare_streams();
  for (const Signal& counter : counters(g_)) output(counter.name + "_o", counter_, counter.doc);
  output("subtile_done_o", units_, "The unit has made all reads of a sub-tile: one cycle.");
}

void Array::declare_weights() {
  const bool program = g_.takes_programs();
  if (program)
    input("weight_data_i", (by_columns_ ? Width(1) : units_) * program_bits_,
          by_columns_ ? "A word of the compiled program."
                      : "A word of every unit's compiled program, unit 0's lowest.");
  else
    input("weight_data_i", (by_columns_ ? Width(1) : units_) * lanes_ * code_bits_,
          by_columns_ ? "One code per lane, lane 0 lowest."
                      : "One code per weight row, row 0 lowest: row r is unit r % ArrayUnits' and "
                        "its lane r / ArrayUnits'.");
  input("weight_valid_i", 1, program ? "It is valid." : "Codes are valid.");
  output("weight_ready_o", 1, program ? "It is taken." : "Codes are taken.");
}

void Array::declare_streams() {
  declare_weights();
  input("activation_data_i", (by_columns_ ? units_ : Width(1)) * columns_ * activation_bits_,
        "One activation per column, column 0 lowest.");
  input("activation_valid_i", 1, "Activations are valid.");
  output("activation_ready_o", 1, "Activations are taken.");
  for (const Signal& stream : side_streams(g_)) {
    input(stream.name + "_data_i", side_bits(stream), stream.doc);
    input(stream.name + "_valid_i", 1, "They are valid.");
    output(stream.name + "_ready_o", 1, "They are taken.");
  }
  output("result_data_o", joined_ ? units_ * beat_ : beat_,
         joined_ ? "Results of one column group of every unit, unit 0 and its lowest column lowest."
                 : "Results of one column group, lowest column lowest.");
  output("result_valid_o", 1, "Results are valid.");
  input("result_ready_i", 1, "Results are taken.");
  output("result_last_o", 1, "The product's last results.");
}

/// Rows of a unit's own bring a place for every unit.
Width Array::side_bits(const Signal& stream) const {
  return is_per_row(stream.name) && !by_columns_ ? units_ * stream.bits : Width(stream.bits);
}

/// Counters that every unit has a part of.
std::vector<Signal> Array::summed_counters() const {
  std::vector<Signal> summed;
  for (const Signal& counter : counters(g_))
    if (counter.name != "cycles" && counter.name != "stall_cycles") summed.push_back(counter);
  return summed;
}

void Array::control() {
  m_.section("Control");
  add("begin_product", 1, "A product begins.");
  add("shape_n", g_.n_bits);
  add("shape_m", g_.m_bits);
  add("unit_start", 1, "All units start.");
  add("unit_n", g_.n_bits);
  add("unit_k", g_.k_bits);
  add("unit_m", g_.m_bits);
  add("unit_weight_bits", g_.weight_bits_bits);
  add("unit_done", units_);
  add("finished", 1, "The last result is taken.");
  for (const Signal& mode : modes(g_)) add("unit_" + mode.name, mode.bits);
  for (const Signal& counter : summed_counters()) add("unit_" + counter.name, units_ * counter_);
  Expr waits = (at("weight_ready_o") && !at("weight_valid_i")) ||
               (at("activation_ready_o") && !at("activation_valid_i")) ||
               (at("result_valid_o") && !at("result_ready_i"));
  for (const Signal& stream : side_streams(g_))
    waits = waits || (at(stream.name + "_ready_o") && !at(stream.name + "_valid_i"));
  const Expr stall = m_.let("stall", waits, "A stream waits for the host.");
  PortMap ports = {{"clk_i", clk_},
                   {"rst_ni", rst_n_},
                   {"finished_i", at("finished")},
                   {"stall_i", stall},
                   {"begin_o", at("begin_product")},
                   {"n_o", at("shape_n")},
                   {"m_o", at("shape_m")},
                   {"unit_done_i", at("unit_done")}};
  for (const char* name : {"unit_start", "unit_n", "unit_k", "unit_m", "unit_weight_bits"})
    ports.emplace_back(std::string(name) + "_o", at(name));
  for (const Signal& mode : modes(g_)) {
    ports.emplace_back(mode.name + "_i", at(mode.name + "_i"));
    ports.emplace_back("unit_" + mode.name + "_o", at("unit_" + mode.name));
  }
  for (const Signal& counter : summed_counters())
    ports.emplace_back("unit_" + counter.name + "_i", at("unit_" + counter.name));
  for (const char* name :
       {"start_i", "n_i", "k_i", "m_i", "weight_bits_i", "busy_o", "done_o", "error_o"})
    ports.emplace_back(name, at(name));
  for (const Signal& counter : counters(g_))
    ports.emplace_back(counter.name + "_o", at(counter.name + "_o"));
  if (g_.takes_programs()) {
    add("unit_error", units_);
    add("clear", 1, "The product is given up.");
    ports.insert(ports.end(), {{"unit_error_i", at("unit_error")},
                               {"result_held_i", at("result_valid_o") && !at("result_ready_i")},
                               {"clear_o", at("clear")}});
  }
  m_.instance("u_control", parts_.control, ports);
  if (g_.takes_programs())
    core_rst_n_ = m_.let("core_rst_n", rst_n_ && !at("clear"), "Reset of all other modules.");
}

void Array::streams() {
  m_.section("Streams to the units");
  fork("weight");
  fork("activation");
  for (const Signal& stream : side_streams(g_)) fork(stream.name);
}

void Array::fork(const std::string& stream) {
  add("unit_" + stream + "_valid", units_);
  add("unit_" + stream + "_ready", units_);
  m_.instance("u_" + stream + "_fork", parts_.fork,
              {{"clk_i", clk_},
               {"rst_ni", core_rst_n_},
               {"valid_i", at(stream + "_valid_i")},
               {"ready_o", at(stream + "_ready_o")},
               {"unit_valid_o", at("unit_" + stream + "_valid")},
               {"unit_ready_i", at("unit_" + stream + "_ready")}});
}

/// Codes of the lanes of `unit`.
Expr Array::weights_of(const Expr& unit) const {
  if (by_columns_) return at("weight_data_i");
  if (g_.takes_programs()) return at("weight_data_i").lane(unit, program_bits_);
  std::vector<Expr> codes;
  for (int lane = g_.design.lanes - 1; lane >= 0; --lane)
    codes.push_back(at("weight_data_i").lane(lane, units_ * code_bits_).lane(unit, code_bits_));
  return cat(codes);
}

/// Activations of the columns of `unit`.
Expr Array::activations_of(const Expr& unit) const {
  return by_columns_ ? at("activation_data_i").lane(unit, columns_ * activation_bits_)
                     : at("activation_data_i");
}

/// What `unit` is offered of a side stream: the place of its own row.
Expr Array::side_data_of(const Signal& stream, const Expr& unit) const {
  const Expr data = at(stream.name + "_data_i");
  return is_per_row(stream.name) && !by_columns_ ? data.lane(unit, stream.bits) : data;
}

PortMap Array::unit_ports(Scope& s, const Expr& unit) const {
  PortMap ports = {{"clk_i", clk_},
                   {"rst_ni", core_rst_n_},
                   {"start_i", at("unit_start")},
                   {"n_i", at("unit_n")},
                   {"k_i", at("unit_k")},
                   {"m_i", at("unit_m")},
                   {"weight_bits_i", at("unit_weight_bits")},
                   {"done_o", at("unit_done").bit(unit)},
                   {"weight_data_i", weights_of(unit)},
                   {"activation_data_i", activations_of(unit)},
                   {"result_data_o", at("unit_result_data").lane(unit, beat_)},
                   {"result_valid_o", at("unit_result_valid").bit(unit)},
                   {"result_ready_i", at("unit_result_ready").bit(unit)},
                   {"subtile_done_o", at("subtile_done_o").bit(unit)}};
  const auto shake_hands = [&](const std::string& stream) {
    ports.emplace_back(stream + "_valid_i", at("unit_" + stream + "_valid").bit(unit));
    ports.emplace_back(stream + "_ready_o", at("unit_" + stream + "_ready").bit(unit));
  };
  shake_hands("weight");
  shake_hands("activation");
  for (const Signal& mode : modes(g_))
    ports.emplace_back(mode.name + "_i", at("unit_" + mode.name));
  for (const Signal& stream : side_streams(g_)) {
    ports.emplace_back(stream.name + "_data_i", side_data_of(stream, unit));
    shake_hands(stream.name);
  }
  for (const Signal& counter : summed_counters())
    ports.emplace_back(counter.name + "_o", at("unit_" + counter.name).lane(unit, counter_));
  const auto ignore = [&](const std::string& port, const Width& width) {
    const Expr ignored = s.logic("unused_" + port, width);
    ports.emplace_back(port, ignored);
    s.unused(ignored);
  };
  ignore("busy_o", 1);
  if (g_.takes_programs())
    ports.emplace_back("error_o", at("unit_error").bit(unit));
  else
    ignore("error_o", 1);
  if (joined_)
    ports.emplace_back("result_last_o", at("unit_result_last").bit(unit));
  else
    ignore("result_last_o", 1);
  for (const char* port : {"cycles_o", "stall_cycles_o"}) ignore(port, counter_);
  return ports;
}

void Array::units() {
  m_.section("Units");
  add("unit_result_data", units_ * beat_);
  add("unit_result_valid", units_);
  add("unit_result_ready", units_);
  if (joined_) add("unit_result_last", units_, "The same for all units.");
  m_.generate_for("unit", units_, "gen_unit", [&](Scope& s, const Expr& unit) {
    s.instance("u_gemm", parts_.unit, unit_ports(s, unit));
  });
}

void Array::results() {
  m_.section("Results");
  PortMap ports = {
      {"unit_data_i", at("unit_result_data")},   {"unit_valid_i", at("unit_result_valid")},
      {"unit_ready_o", at("unit_result_ready")}, {"data_o", at("result_data_o")},
      {"valid_o", at("result_valid_o")},         {"ready_i", at("result_ready_i")},
      {"last_o", at("result_last_o")},           {"finished_o", at("finished")}};
  if (joined_) {
    ports.emplace_back("unit_last_i", at("unit_result_last").bit(0));
    m_.unused(at("unit_result_last").slice(1, units_ - 1), "unused_result_last");
    m_.unused(cat({at("begin_product"), at("shape_n"), at("shape_m")}), "unused_shape");
    return m_.instance("u_join", parts_.results, ports);
  }
  ports.insert(ports.begin(), {{"clk_i", clk_},
                               {"begin_i", at("begin_product")},
                               {"n_i", at("shape_n")},
                               {"m_i", at("shape_m")}});
  m_.instance("u_merge", parts_.results, ports);
}

}  // namespace

bool shares_weights(const Geometry& g) {
  return g.design.share == "weights";
}

bool joins_results(const Geometry& g) {
  return g.design.results == "joined";
}

void add_array(const Geometry& g, std::vector<Module>& modules) {
  const Module unit = modules.back();
  const auto keep = [&](Module m) {
    modules.push_back(m);
    return m;
  };
  const Module control = keep(array_control(g, keep(work_splitter(g))));
  const Module fork = keep(stream_fork(g));
  const Module results = keep(joins_results(g) ? result_join(g) : result_merge(g));
  modules.push_back(Array(g, {unit, control, fork, results}).build());
}

}  // namespace hasse::units
