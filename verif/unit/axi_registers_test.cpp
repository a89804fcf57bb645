// SPDX-License-Identifier: Apache-2.0
// Registers behind AXI4-Lite against a model of the register map, with pauses on every channel.
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "generator/units/axi.hpp"
#include "generator/units/register_map.hpp"
#include "verif/harness/axi_check.hpp"
#include "verif/harness/axi_lite.hpp"
#include "verif/unit/bench.hpp"

namespace hasse::unit {
namespace {

using harness::AxiResponse;
using units::Access;
using units::Register;

// The top's ports without a core: names as the harness expects them.
hdl::Module with_prefix(const hdl::Module& registers) {
  hdl::Module top("axi_registers_bench", "Registers with the port names of a top.");
  hdl::PortMap ports;
  for (const hdl::Port& port : registers.ports()) {
    const bool shared = port.name == "clk_i" || port.name == "rst_ni";
    const std::string name = shared ? port.name : "s_axil_" + port.name;
    ports.emplace_back(port.name, port.direction == hdl::Direction::input
                                      ? top.input(name, port.width, port.doc)
                                      : top.output(name, port.width, port.doc));
  }
  for (const char* name : {"s_axil_awprot_i", "s_axil_arprot_i"})
    top.unused(top.input(name, 3, "Ignored."), std::string("unused_") + (name + 7));
  top.instance("u_registers", registers, ports);
  return top;
}

class AxiRegisters : public testing::TestWithParam<double> {
 protected:
  AxiRegisters() {
    master_.set_stall(GetParam(), 5);
    for (const Register& r : units::register_map(g_))
      if (r.access == Access::read_write) value_[r.offset] = 0;
  }

  void cycle() {
    harness::cycle(bench_.model(), agents_);
    starts_ += bench_.is_set("s_axil_start_o") ? 1 : 0;
  }

  void finish() {
    for (int i = 0; i < 2000 && !master_.idle(); ++i) cycle();
    ASSERT_TRUE(master_.idle()) << "the port does not answer";
  }

  AxiResponse write(int address, std::uint32_t data, unsigned strobe = 15) {
    AxiResponse answer{};
    master_.write(
        static_cast<std::uint32_t>(address), data, [&](AxiResponse r) { answer = r; }, strobe);
    finish();
    return answer;
  }

  std::pair<std::uint32_t, AxiResponse> read(int address) {
    std::pair<std::uint32_t, AxiResponse> result;
    master_.read(static_cast<std::uint32_t>(address), [&](std::uint32_t data, AxiResponse r) {
      result = {data, r};
    });
    finish();
    return result;
  }

  const Register* find(int address) const {
    for (const Register& r : map_)
      if (r.offset == address / 4 * 4) return &r;
    return nullptr;
  }

  static std::uint32_t mask_of(const Register& r) {
    std::uint64_t mask = 0;
    for (const auto& f : r.fields) mask |= ((std::uint64_t{1} << f.bits) - 1) << f.low;
    return static_cast<std::uint32_t>(mask);
  }

  // What the hardware has to do with a write, by the documentation.
  AxiResponse golden_write(int address, std::uint32_t data, unsigned strobe, bool busy) {
    std::uint32_t bytes = 0;
    for (unsigned b = 0; b < 4; ++b) bytes |= (strobe >> b & 1U) != 0 ? 0xffU << (8 * b) : 0;
    const Register* r = find(address);
    if (busy || r == nullptr || r->access == Access::read_only ||
        (data & bytes & ~mask_of(*r)) != 0)
      return AxiResponse::slave_error;
    if (r->access == Access::write_only)
      golden_starts_ += data & bytes & 1U;
    else
      value_[r->offset] = (value_[r->offset] & ~bytes) | (data & bytes);
    return AxiResponse::okay;
  }

  units::Geometry g_ = geometry(R"({"units": 3, "max_n": 1000, "max_k": 65535, "max_m": 5})");
  std::vector<Register> map_ = units::register_map(g_);
  hdl::Module registers_ = units::axi_registers(g_);
  Bench bench_{{registers_, with_prefix(registers_)}};
  harness::AxiLiteMaster master_{bench_.model(), "s_axil"};
  harness::AxiLiteCheck check_{bench_.model(), "s_axil"};
  std::array<harness::Agent*, 2> agents_ = {&master_, &check_};
  harness::Random random_{67};
  std::map<int, std::uint32_t> value_;
  std::uint64_t starts_ = 0, golden_starts_ = 0;
};

TEST_P(AxiRegisters, AnswerAsDocumented) {
  for (int i = 0; i < 600 && !HasFatalFailure(); ++i) {
    const bool busy = random_.chance(0.2);
    bench_.set("s_axil_busy_i", busy);
    const int address = random_.chance(0.2) ? 0x04 : below(random_, 0x60);
    if (random_.chance(0.5)) {
      const auto data =
          random_.chance(0.3)
              ? 1U
              : static_cast<std::uint32_t>(random_.next() >> (32 + below(random_, 32)));
      const auto strobe = static_cast<unsigned>(random_.chance(0.5) ? 15 : below(random_, 16));
      // A start makes the registers busy for a cycle, in which the next write cannot arrive.
      ASSERT_EQ(write(address, data, strobe), golden_write(address, data, strobe, busy))
          << address << " <- " << data << ", strobe " << strobe << ", busy " << busy;
    }
    for (const auto& [offset, value] : value_) {
      const auto [data, answer] = read(offset);
      ASSERT_EQ(answer, AxiResponse::okay);
      ASSERT_EQ(data, value) << offset;
    }
  }
  for (int i = 0; i < 3; ++i) cycle();
  EXPECT_EQ(starts_, golden_starts_);
  EXPECT_GT(starts_, 0U);
  EXPECT_EQ(bench_.get("s_axil_n_o"), value_[0x0c]);
  EXPECT_EQ(bench_.get("s_axil_k_o"), value_[0x10]);
  EXPECT_EQ(bench_.get("s_axil_m_o"), value_[0x14]);
  EXPECT_EQ(bench_.get("s_axil_weight_bits_o"), value_[0x18]);
}

TEST_P(AxiRegisters, RefuseToReadWhatIsNotThere) {
  for (int address = 0; address < 256; address += 4) {
    const Register* r = find(address);
    const bool readable = r != nullptr && r->access != Access::write_only;
    const auto [data, answer] = read(address);
    EXPECT_EQ(answer, readable ? AxiResponse::okay : AxiResponse::slave_error) << address;
    EXPECT_TRUE(readable || data == 0) << address;
  }
}

TEST_P(AxiRegisters, ShowStatusAndCounters) {
  const std::vector<std::string> names = {"cycles", "transrows", "zero_transrows", "nodes_built",
                                          "stall_cycles"};
  int offset = 0x20;
  for (const std::string& name : names) {
    const std::uint64_t value = random_.next() >> 16;
    bench_.set("s_axil_" + name + "_i", value);
    EXPECT_EQ(read(offset).first, value & 0xffffffffU) << name;
    EXPECT_EQ(read(offset + 4).first, value >> 32) << name;
    offset += 8;
  }
  EXPECT_EQ(read(0x00).first, 0x48530001U);
  EXPECT_EQ(read(0x1c).first, 3U);
  for (const std::uint32_t error : {0U, 1U}) {
    EXPECT_EQ(write(0x04, 1), AxiResponse::okay);
    EXPECT_EQ(read(0x08).first, 0U) << "start clears done and error";
    bench_.set("s_axil_busy_i", 1);
    EXPECT_EQ(read(0x08).first, 1U);
    bench_.set("s_axil_busy_i", 0);
    bench_.set("s_axil_done_i", 1);
    bench_.set("s_axil_error_i", error);
    cycle();
    bench_.set("s_axil_done_i", 0);
    bench_.set("s_axil_error_i", 0);
    EXPECT_EQ(read(0x08).first, 2U | error << 2);
    EXPECT_EQ(read(0x08).first, 2U | error << 2) << "until the next start";
  }
}

INSTANTIATE_TEST_SUITE_P(Pauses, AxiRegisters, testing::Values(0.0, 0.5, 0.9));

}  // namespace
}  // namespace hasse::unit
