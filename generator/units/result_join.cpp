// SPDX-License-Identifier: Apache-2.0
#include "generator/units/array.hpp"

namespace hasse::units {

using hdl::Expr;
using hdl::Module;
using hdl::repeat;

Module result_join(const Geometry& g) {
  Module m{"result_join",
           "Puts the results of all units side by side: a beat when every unit has one.\n"
           "Units have the same number of beats. Rows beyond N and columns beyond M are among "
           "them, for the\n"
           "host to drop."};
  m.set_unit("control");
  const hdl::Width units = m.localparam("ArrayUnits", g.design.units, "Units side by side.");
  const hdl::Width beat = m.localparam("BeatBits", g.beat_bits, "Results of one column group.");
  const Expr data = m.input("unit_data_i", units * beat, "Results of every unit, unit 0 lowest.");
  const Expr valid = m.input("unit_valid_i", units, "The unit's results are valid.");
  const Expr unit_last = m.input("unit_last_i", 1, "The units' last results.");
  const Expr ready = m.input("ready_i", 1, "The host takes the beat.");
  const Expr complete = m.let("complete", reduce_and(valid));
  const Expr take = m.let("take", complete && ready);
  m.assign(m.output("unit_ready_o", units, "The unit's results are taken."), repeat(units, take));
  m.assign(m.output("data_o", units * beat, "Results of every unit, unit 0 lowest."), data);
  m.assign(m.output("valid_o", 1, "Results are valid."), complete);
  m.assign(m.output("last_o", 1, "The product's last results."), unit_last);
  m.assign(m.output("finished_o", 1, "The product's last results are taken."), take && unit_last);
  return m;
}

}  // namespace hasse::units
