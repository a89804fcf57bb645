// SPDX-License-Identifier: Apache-2.0
// Descriptions of rtl/*.v; a test compares them with the files.
#include "generator/hdl/primitives.hpp"

namespace hasse::hdl {

namespace {

Module make_ram_1r1w() {
  Module m =
      Module::external("ram_1r1w", "Memory with one write port and one synchronous read port.");
  const Width width = m.parameter("Width", 8, "Bits of an entry.");
  const Width depth = m.parameter("Depth", 2, "Number of entries.");
  m.input("clk_i", 1, "Clock.");
  m.input("write_enable_i", 1, "Writes one entry.");
  m.input("write_address_i", address_bits(depth), "Entry to write.");
  m.input("write_data_i", width, "Its new value.");
  m.input("read_enable_i", 1, "Reads one entry.");
  m.input("read_address_i", address_bits(depth), "Entry to read.");
  m.output("read_data_o", width, "Its value, from the next cycle until the next read.");
  m.mark_memory();
  m.set_unit("memory");
  return m;
}

void add_stream_ports(Module& m, const Width& width) {
  m.input("clk_i", 1, "Clock.");
  m.input("rst_ni", 1, "Asynchronous reset, active low: empties it.");
  m.input("data_i", width, "Item offered by the producer.");
  m.input("valid_i", 1, "The producer offers an item.");
  m.output("ready_o", 1, "The item is taken in this cycle if valid.");
  m.output("data_o", width, "Oldest item.");
  m.output("valid_o", 1, "There is an item.");
  m.input("ready_i", 1, "The consumer takes the item in this cycle if valid.");
}

Module make_stream_fifo() {
  Module m =
      Module::external("stream_fifo", "First-in first-out buffer between two valid/ready streams.");
  const Width width = m.parameter("Width", 8, "Bits of an item.");
  m.parameter("Depth", 4, "Number of items it holds.");
  add_stream_ports(m, width);
  return m;
}

Module make_stream_skid() {
  Module m =
      Module::external("stream_skid", "Register slice of a valid/ready stream, two entries.");
  const Width width = m.parameter("Width", 8, "Bits of an item.");
  add_stream_ports(m, width);
  return m;
}

}  // namespace

const Module& ram_1r1w() {
  static const Module module = make_ram_1r1w();
  return module;
}

const Module& stream_fifo() {
  static const Module module = make_stream_fifo();
  return module;
}

const Module& stream_skid() {
  static const Module module = make_stream_skid();
  return module;
}

}  // namespace hasse::hdl
