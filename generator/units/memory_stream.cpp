// SPDX-License-Identifier: Apache-2.0
#include "generator/hdl/primitives.hpp"
#include "generator/units/attention_engine.hpp"

namespace hasse::units {

using hdl::address_bits;
using hdl::Block;
using hdl::Expr;
using hdl::Module;
using hdl::mux;
using hdl::Width;

Module memory_stream() {
  Module m("memory_stream",
           "A memory whose words leave as a stream: from the first to last_address_i, as often\n"
           "as last_lap_i says and once more. Both stay as they are while words leave.");
  const Width width = m.parameter("Width", 8, "Bits of a word.");
  const Width depth = m.parameter("Depth", 2, "Words.");
  const Width lap_bits = m.parameter("LapBits", 1, "Bits of the number of a lap.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr rst_n = m.input("rst_ni", 1, "Asynchronous reset, active low.");
  const Expr write = m.input("write_enable_i", 1, "Writes one word; not while it is read.");
  const Expr write_address = m.input("write_address_i", address_bits(depth), "Word to write.");
  const Expr write_data = m.input("write_data_i", width, "Its new value.");
  const Expr begin = m.input("begin_i", 1, "Words leave from the first one on.");
  const Expr last_address = m.input("last_address_i", address_bits(depth), "The last of a lap.");
  const Expr last_lap = m.input("last_lap_i", lap_bits, "The last lap, the first being 0.");
  const Expr ready = m.input("ready_i", 1, "The word is taken.");
  const Expr active_q = m.logic("active_q", 1, "There are words to read.");
  const Expr valid_q = m.logic("valid_q", 1, "A word is on offer.");
  const Expr next_q = m.logic("next_q", address_bits(depth), "The word that is read next.");
  const Expr next_lap_q = m.logic("next_lap_q", lap_bits, "And its lap.");
  const Expr address_q = m.logic("address_q", address_bits(depth), "The word on offer.");
  const Expr lap_q = m.logic("lap_q", lap_bits, "And its lap.");
  const Expr last_q = m.logic("last_q", 1, "It is the last of the lap.");
  const Expr read = m.let("read", active_q && (!valid_q || ready));
  const Expr lap_end = m.let("lap_end", next_q == last_address);
  m.always_ff(
      clk, rst_n,
      [&](Block& b) {
        b.assign(active_q, 0);
        b.assign(valid_q, 0);
      },
      [&](Block& b) {
        b.assign(active_q, begin || (active_q && !(read && lap_end && next_lap_q == last_lap)));
        b.assign(valid_q, !begin && (read || (valid_q && !ready)));
      });
  m.always_ff(clk, [&](Block& b) {
    b.when(begin, [&](Block& t) {
       t.assign(next_q, 0);
       t.assign(next_lap_q, 0);
     }).else_when(read, [&](Block& t) {
      t.assign(next_q, mux(lap_end, 0, next_q + 1));
      t.when(lap_end, [&](Block& u) { u.assign(next_lap_q, next_lap_q + 1); });
      t.assign(address_q, next_q);
      t.assign(lap_q, next_lap_q);
      t.assign(last_q, lap_end);
    });
  });
  m.instance("u_memory", hdl::ram_1r1w(),
             {{"clk_i", clk},
              {"write_enable_i", write},
              {"write_address_i", write_address},
              {"write_data_i", write_data},
              {"read_enable_i", read},
              {"read_address_i", next_q},
              {"read_data_o", m.output("data_o", width, "The word on offer.")}},
             {{"Width", width}, {"Depth", depth}});
  m.assign(m.output("valid_o", 1, "There is one."), valid_q);
  m.assign(m.output("address_o", address_bits(depth), "Where it lies."), address_q);
  m.assign(m.output("lap_o", lap_bits, "In which lap."), lap_q);
  m.assign(m.output("last_o", 1, "It is the last of its lap."), last_q);
  return m;
}

}  // namespace hasse::units
