// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "generator/units/axi.hpp"
#include "generator/units/ports.hpp"
#include "generator/units/register_map.hpp"

namespace hasse::units {
namespace {

using hdl::Block;
using hdl::cat;
using hdl::Expr;
using hdl::lit;
using hdl::Module;
using hdl::mux;
using hdl::repeat;

constexpr int kWordBits = 32;
constexpr int kIndexBits = kRegisterAddressBits - 2;

/// Builds the module, a section of it per function.
class AxiRegisters {
 public:
  explicit AxiRegisters(const Geometry& g) : g_(g) {}

  Module build();

 private:
  struct Write;

  void status();
  void request(const Write& w);
  void respond(const Write& w);
  Expr fits(const Write& w, const Register& r) const;
  void store(const Write& w, const Register& r);
  void read();
  Expr word(const Register& r) const;
  Expr hit(const Expr& address, const Register& r) const {
    return address == lit(r.offset / 4, kIndexBits);
  }

  const Geometry& g_;
  std::vector<Register> map_ = register_map(g_);
  std::map<std::string, Expr> value_;  ///< What every readable field reads as.
  Module m_{"axi_registers",
            "The registers of a design behind an AXI4-Lite slave.\n"
            "One write and one read at a time, independent of each other. SLVERR answers an "
            "address without a\n"
            "register, a write while a product is under way, a write to what cannot be written, "
            "and bits that no\n"
            "field of the register has; such a write changes nothing."};
  Expr clk_ = m_.input("clk_i", 1, "Clock.");
  Expr rst_n_ = m_.input("rst_ni", 1, "Asynchronous reset, active low.");
  Expr awaddr_ = m_.input("awaddr_i", kRegisterAddressBits, "Write address, in bytes.");
  Expr awvalid_ = m_.input("awvalid_i", 1, "Write address is valid.");
  Expr awready_ = m_.output("awready_o", 1, "Write address is taken.");
  Expr wdata_ = m_.input("wdata_i", kWordBits, "Write data.");
  Expr wstrb_ = m_.input("wstrb_i", 4, "Bytes to write.");
  Expr wvalid_ = m_.input("wvalid_i", 1, "Write data are valid.");
  Expr wready_ = m_.output("wready_o", 1, "Write data are taken.");
  Expr bresp_ = m_.output("bresp_o", 2, "0: written, 2 (SLVERR): refused.");
  Expr bvalid_ = m_.output("bvalid_o", 1, "The write is answered.");
  Expr bready_ = m_.input("bready_i", 1, "The answer is taken.");
  Expr araddr_ = m_.input("araddr_i", kRegisterAddressBits, "Read address, in bytes.");
  Expr arvalid_ = m_.input("arvalid_i", 1, "Read address is valid.");
  Expr arready_ = m_.output("arready_o", 1, "Read address is taken.");
  Expr rdata_ = m_.output("rdata_o", kWordBits, "Read data.");
  Expr rresp_ = m_.output("rresp_o", 2, "0: read, 2 (SLVERR): no such register.");
  Expr rvalid_ = m_.output("rvalid_o", 1, "Read data are valid.");
  Expr rready_ = m_.input("rready_i", 1, "Read data are taken.");
  Expr busy_ = m_.input("busy_i", 1, "A product is under way.");
  Expr done_ = m_.input("done_i", 1, "The product is complete, or refused: one cycle.");
  Expr error_ = m_.input("error_i", 1, "With done_i: it is refused.");
  Expr start_q_ = m_.logic("start_q", 1);
  Expr closed_ = m_.let("closed", busy_ || start_q_, "Nothing can be written now.");
};

/// The write that has arrived.
struct AxiRegisters::Write {
  const AxiRegisters& in;
  Module m = in.m_;
  Expr address_q = m.logic("write_index_q", kIndexBits, "Register to be written.");
  Expr address_held_q = m.logic("write_address_q", 1, "An address has arrived.");
  Expr data_q = m.logic("write_data_q", kWordBits);
  Expr strobe_q = m.logic("write_strobe_q", 4);
  Expr data_held_q = m.logic("write_data_held_q", 1, "Data have arrived.");
  Expr answer_q = m.logic("answer_q", 1, "An answer waits.");
  Expr refused_q = m.logic("refused_q", 1);
  Expr now = m.let("write", address_held_q&& data_held_q && !answer_q);
  Expr bytes = m.let("written_bits", cat({repeat(8, strobe_q.bit(3)), repeat(8, strobe_q.bit(2)),
                                          repeat(8, strobe_q.bit(1)), repeat(8, strobe_q.bit(0))}));
  Expr accepted = m.logic("accepted", 1, "It may be written.");
  Expr commit = m.let("commit", now&& accepted);
};

Module AxiRegisters::build() {
  m_.set_unit("control");
  m_.unused(awaddr_.slice(0, 2), "unused_awaddr");
  m_.unused(araddr_.slice(0, 2), "unused_araddr");
  m_.section("Status");
  status();
  m_.section("A write arrives, is checked, and is answered");
  const Write w{*this};
  request(w);
  respond(w);
  m_.section("Registers that are written");
  for (const Register& r : map_)
    if (r.access != Access::read_only) store(w, r);
  m_.section("A read");
  read();
  return m_;
}

void AxiRegisters::status() {
  const Expr done_q = m_.logic("done_q", 1);
  const Expr error_q = m_.logic("error_q", 1);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(done_q, 0);
        b.assign(error_q, 0);
      },
      [&](Block& b) {
        b.assign(done_q, (done_q || done_) && !start_q_);
        b.assign(error_q, (error_q || (done_ && error_)) && !start_q_);
      });
  value_.emplace("busy", closed_);
  value_.emplace("done", done_q);
  value_.emplace("error", error_q);
  value_.emplace("version", lit(kRegisterMapVersion, 16));
  value_.emplace("magic", lit(kRegisterMapMagic, 16));
  value_.emplace("units", lit(g_.design.units, 8));
  for (const Signal& counter : counters(g_)) {
    const Expr count = m_.input(counter.name + "_i", counter.bits, "Counter of the last product.");
    value_.emplace(counter.name + "_low", count.slice(0, kWordBits));
    value_.emplace(counter.name + "_high",
                   count.slice(kWordBits, Geometry::kCounterBits - kWordBits));
  }
}

void AxiRegisters::request(const Write& w) {
  m_.assign(awready_, !w.address_held_q);
  m_.assign(wready_, !w.data_held_q);
  m_.always_ff(
      clk_, rst_n_,
      [&](Block& b) {
        b.assign(w.address_held_q, 0);
        b.assign(w.data_held_q, 0);
        b.assign(w.answer_q, 0);
      },
      [&](Block& b) {
        b.assign(w.address_held_q, (w.address_held_q || awvalid_) && !w.now);
        b.assign(w.data_held_q, (w.data_held_q || wvalid_) && !w.now);
        b.assign(w.answer_q, w.now || (w.answer_q && !bready_));
      });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(awvalid_ && awready_,
           [&](Block& t) { t.assign(w.address_q, awaddr_.slice(2, kIndexBits)); });
    b.when(wvalid_ && wready_, [&](Block& t) {
      t.assign(w.data_q, wdata_);
      t.assign(w.strobe_q, wstrb_);
    });
    b.when(w.now, [&](Block& t) { t.assign(w.refused_q, !w.accepted); });
  });
}

/// One bit: `r` is meant, and has a field for every bit that is to be set.
Expr AxiRegisters::fits(const Write& w, const Register& r) const {
  std::int64_t mask = 0;
  for (const RegisterField& f : r.fields) mask |= ((std::int64_t{1} << f.bits) - 1) << f.low;
  const Expr beyond =
      w.data_q & w.bytes & lit(((std::int64_t{1} << kWordBits) - 1) & ~mask, kWordBits);
  return hit(w.address_q, r) && beyond == 0;
}

void AxiRegisters::respond(const Write& w) {
  Expr some = lit(0, 1);
  bool first = true;
  for (const Register& r : map_) {
    if (r.access == Access::read_only) continue;
    some = first ? fits(w, r) : some || fits(w, r);
    first = false;
  }
  m_.assign(w.accepted, !closed_ && (some));
  m_.assign(bvalid_, w.answer_q);
  m_.assign(bresp_, cat({w.refused_q, lit(0, 1)}));
}

void AxiRegisters::store(const Write& w, const Register& r) {
  const Expr chosen = m_.let("write_" + r.name, w.commit && hit(w.address_q, r));
  if (r.access == Access::write_only) {
    m_.always_ff(
        clk_, rst_n_, [&](Block& b) { b.assign(start_q_, 0); },
        [&](Block& b) { b.assign(start_q_, chosen && w.data_q.bit(0) && w.strobe_q.bit(0)); });
    m_.assign(m_.output("start_o", 1, "Take the shape and begin."), start_q_);
    return;
  }
  for (const RegisterField& f : r.fields) {
    const Expr field_q = m_.logic(f.name + "_q", f.bits);
    const Expr mask = w.bytes.slice(f.low, f.bits);
    m_.always_ff(
        clk_, rst_n_, [&](Block& b) { b.assign(field_q, 0); },
        [&](Block& b) {
          b.when(chosen, [&](Block& t) {
            t.assign(field_q, (w.data_q.slice(f.low, f.bits) & mask) | (field_q & ~mask));
          });
        });
    m_.assign(m_.output(f.name + "_o", f.bits, f.doc), field_q);
    value_.emplace(f.name, field_q);
  }
}

/// What `r` reads as.
Expr AxiRegisters::word(const Register& r) const {
  std::vector<Expr> parts;
  int next = 0;
  for (const RegisterField& f : r.fields) {
    if (f.low > next) parts.insert(parts.begin(), hdl::zeros(f.low - next));
    parts.insert(parts.begin(), value_.at(f.name));
    next = f.low + f.bits;
  }
  return zext(cat(parts), kWordBits);
}

void AxiRegisters::read() {
  const Expr index = m_.let("read_index", araddr_.slice(2, kIndexBits));
  Expr known = lit(0, 1), data = hdl::zeros(kWordBits);
  bool first = true;
  for (const Register& r : map_) {
    if (r.access == Access::write_only) continue;
    const Expr chosen = m_.let("read_" + r.name, hit(index, r));
    const Expr part = word(r) & repeat(kWordBits, chosen);
    known = first ? chosen : known || chosen;
    data = first ? part : data | part;
    first = false;
  }
  const Expr valid_q = m_.logic("read_valid_q", 1);
  const Expr data_q = m_.logic("read_data_q", kWordBits);
  const Expr unknown_q = m_.logic("read_unknown_q", 1);
  const Expr take = m_.let("read", arvalid_ && arready_);
  m_.assign(arready_, !valid_q);
  m_.always_ff(
      clk_, rst_n_, [&](Block& b) { b.assign(valid_q, 0); },
      [&](Block& b) { b.assign(valid_q, take || (valid_q && !rready_)); });
  m_.always_ff(clk_, [&](Block& b) {
    b.when(take, [&](Block& t) {
      t.assign(data_q, data);
      t.assign(unknown_q, !(known));
    });
  });
  m_.assign(rvalid_, valid_q);
  m_.assign(rdata_, data_q);
  m_.assign(rresp_, cat({unknown_q, lit(0, 1)}));
}

}  // namespace

Module axi_registers(const Geometry& g) {
  return AxiRegisters(g).build();
}

}  // namespace hasse::units
