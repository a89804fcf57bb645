// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/tests/example.hpp"

#include "generator/hdl/hdl.hpp"

namespace hasse::hdl::testing {

Module make_adder_lane() {
  Module m("adder_lane",
           "One adder per column: builds one node of the graph per cycle.\n\n"
           "The sum of a column is registered; the flag that goes with it is reset.");
  const Width activation_bits = m.localparam("ActivationBits", 8, "Bits of an activation.");
  const Width bits = m.localparam("NodeBits", activation_bits + 3, "Bits of a node value.");
  const Width columns = m.localparam("Columns", 4, "Activation columns served in parallel.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr valid = m.input("valid_i", 1, "Parents and activations are valid.");
  const Expr parent = m.input("parent_i", columns * bits, "Parent node values, one per column.");
  const Expr activation = m.input("activation_i", columns * activation_bits, "One per column.");
  const Expr node =
      m.output("node_o", columns * bits,
               "Node values, one per column, a cycle after the parents they are built from.");
  const Expr valid_out = m.output("valid_o", 1, "The node values are valid.");

  m.section("Additions");
  m.generate_for("column", columns, "gen_column", [&](Scope& s, const Expr& column) {
    const Expr operand = s.logic("operand", activation_bits, "This column's activation.");
    s.assign(operand, activation.lane(column, activation_bits));
    const Expr sum = s.let("sum", parent.lane(column, bits) + sext(operand, bits));
    s.always_ff(clk, [&](Block& b) {
      b.when(valid, [&](Block& then) { then.assign(node.lane(column, bits), sum); });
    });
  });

  m.section("Valid");
  m.always_ff(
      clk, rst_n, [&](Block& b) { b.assign(valid_out, 0); },
      [&](Block& b) { b.assign(valid_out, valid); });
  return m;
}

Module make_sequencer() {
  Module m("sequencer", "Counts through a table of read addresses once per start.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr start = m.input("start_i", 1, "Starts a run.");
  const Expr address = m.output("address_o", 6, "Address of this step.");
  const Expr busy = m.output("busy_o", 1, "A run is in progress.");

  const Expr idle = m.constant("StateIdle", 2, 0, "Waiting for start.");
  const Expr run = m.constant("StateRun", 2, 1, "One address per cycle.");
  const Expr done = m.constant("StateDone", 2, 2);
  const Expr state_d = m.logic("state_d", 2);
  const Expr state_q = m.logic("state_q", 2);
  const Expr step_q = m.logic("step_q", 3, "Step of the run.");
  const auto go_to = [&](const Expr& state) { return [=](Block& b) { b.assign(state_d, state); }; };

  m.comment("Next state.");
  m.always_comb([&](Block& b) {
    b.assign(state_d, state_q);
    b.select(state_q,
             {{idle, [&](Block& c) { c.when(start, go_to(run)); }},
              {run, [&](Block& c) { c.when(step_q == 7, go_to(done)); }},
              {done, go_to(idle)}},
             go_to(idle));
  });
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(state_q, idle);
        b.assign(step_q, 0);
      },
      [&](Block& b) {
        b.assign(state_q, state_d);
        b.when(state_q == run, [&](Block& c) { c.assign(step_q, step_q + 1); })
            .else_when(start && !reduce_or(step_q), [&](Block& c) { c.assign(step_q, 0); })
            .otherwise([&](Block& c) { c.assign(step_q, 0); });
      });
  m.assign(busy, state_q == run);

  m.section("Address table");
  std::vector<std::pair<CaseLabel, BlockBody>> table;
  for (int step = 0; step < 8; ++step) {
    table.emplace_back(step, [=](Block& b) { b.assign(address, (step * 37) % 64); });
  }
  m.always_comb(
      [&](Block& b) { b.select(step_q, table, [&](Block& c) { c.assign(address, 0); }); });
  return m;
}

Module make_engine(const Module& lane, const Module& sequencer) {
  Module m("example_engine", "Two lanes that add activations to rows of their memory.");
  const Width depth = m.localparam("Depth", 64, "Rows of a memory.");
  const Width row_bits = m.localparam("RowBits", 44, "Four node values.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr start = m.input("start_i", 1, "Starts a run.");
  const Expr write = m.input("write_i", 1, "Writes a row of both memories.");
  const Expr write_address = m.input("write_address_i", address_bits(depth), "Row to write.");
  const Expr data = m.input("data_i", 2 * row_bits, "Its new values.");
  const Expr activation = m.input("activation_i", 32, "Four activations.");
  const Expr node = m.output("node_o", 2 * row_bits, "Node values of both lanes.");
  const Expr valid = m.output("valid_o", 1, "They are valid.");

  const Expr read = m.logic("read", 1, "The sequencer runs.");
  const Expr address = m.logic("address", 6, "Row to read.");
  m.instance("u_sequencer", sequencer,
             {{"clk_i", clk},
              {"rst_ni", rst_n},
              {"start_i", start},
              {"address_o", address},
              {"busy_o", read}});
  const Expr read_q = m.logic("read_q", 1, "The row is there.");
  m.always_ff(
      clk, rst_n, [&](Block& b) { b.assign(read_q, 0); },
      [&](Block& b) { b.assign(read_q, read); });

  const Expr lane_valid = m.logic("lane_valid", 2, "Per lane; they are the same.");
  m.generate_for("index", 2, "gen_lane", [&](Scope& s, const Expr& index) {
    const Expr row = s.logic("row", row_bits);
    s.instance("u_rows", ram_1r1w(),
               {{"clk_i", clk},
                {"write_enable_i", write},
                {"write_address_i", write_address},
                {"write_data_i", data.lane(index, row_bits)},
                {"read_enable_i", read},
                {"read_address_i", address},
                {"read_data_o", row}},
               {{"Width", row_bits}, {"Depth", depth}},
               "One row holds a node value for every column.");
    s.instance("u_lane", lane,
               {{"clk_i", clk},
                {"rst_ni", rst_n},
                {"valid_i", read_q},
                {"parent_i", row},
                {"activation_i", activation},
                {"node_o", node.lane(index, row_bits)},
                {"valid_o", lane_valid.bit(index)}});
  });
  m.assign(valid, lane_valid.bit(0));
  m.unused(lane_valid.bit(1));
  return m;
}

std::vector<Module> make_example() {
  const Module lane = make_adder_lane();
  const Module sequencer = make_sequencer();
  return {lane, sequencer, make_engine(lane, sequencer)};
}

std::vector<std::string> example_header() {
  return {"SPDX-License-Identifier: Apache-2.0", "Generated by Hasse 0.1.0: example."};
}

}  // namespace hasse::hdl::testing
