// SPDX-License-Identifier: Apache-2.0
// The toy design of the emission tests.
#include "generator/emit/tests/toy.hpp"

#include "generator/hdl/hdl.hpp"

namespace hasse::emit {
namespace {

using hdl::Expr;
using hdl::Module;

Module make_counter() {
  Module m("counter", "Counts the cycles in which it is enabled.\nWraps around at 2^8.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr enable = m.input("enable_i", 1, "Counts when set | else waits.");
  const Expr count = m.output("count_o", 8, "Cycles so far.");
  m.always_ff(
      clk, rst_n, [&](hdl::Block& b) { b.assign(count, 0); },
      [&](hdl::Block& b) {
        b.when(enable, [&](hdl::Block& then) { then.assign(count, count + 1); });
      });
  m.set_unit("control");
  return m;
}

Module make_top(const Module& counter) {
  Module m("toy_top", "Two counters in a row, and a register slice.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr data = m.output("data_o", 8, "Sum of both counters.");
  const Expr valid = m.output("valid_o", 1, "There is a sum.");
  const Expr ready = m.input("ready_i", 1, "The sum is taken.");
  const Expr go = m.logic("go", 1);
  const Expr counts = m.logic("counts", 16);
  m.generate_for("i", 2, "gen_counter", [&](hdl::Scope& s, const Expr& i) {
    s.instance(
        "u_counter", counter,
        {{"clk_i", clk}, {"rst_ni", rst_n}, {"enable_i", go}, {"count_o", counts.lane(i, 8)}});
  });
  const Expr sum = m.let("sum", counts.lane(0, 8) + counts.lane(1, 8));
  m.instance("u_slice", hdl::stream_skid(),
             {{"clk_i", clk},
              {"rst_ni", rst_n},
              {"data_i", sum},
              {"valid_i", hdl::lit(1, 1)},
              {"ready_o", go},
              {"data_o", data},
              {"valid_o", valid},
              {"ready_i", ready}},
             {{"Width", 8}});
  m.set_unit("control");
  return m;
}

}  // namespace

std::vector<Module> toy() {
  const Module counter = make_counter();
  return {counter, make_top(counter)};
}

}  // namespace hasse::emit
