// SPDX-License-Identifier: Apache-2.0
//
// Memory with one write port and one synchronous read port.
//
// The one place where memory is inferred: to use a macro, replace this file and keep its ports.
// - Read: read_data_o shows the addressed entry in the cycle after read_enable_i, and holds it
//   while read_enable_i is low.
// - Reading an entry in the cycle it is written returns its old value.
// - There is no reset: entries, and read_data_o before the first read, are undefined.

`default_nettype none

module ram_1r1w #(
  parameter  int Width       = 8,  // Bits of an entry.
  parameter  int Depth       = 2,  // Number of entries.
  localparam int AddressBits = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  logic                   clk_i,
  input  logic                   write_enable_i,   // Writes one entry.
  input  logic [AddressBits-1:0] write_address_i,  // Entry to write, below Depth.
  input  logic [Width-1:0]       write_data_i,     // Its new value.
  input  logic                   read_enable_i,    // Reads one entry.
  input  logic [AddressBits-1:0] read_address_i,   // Entry to read, below Depth.
  output logic [Width-1:0]       read_data_o       // Its value, from the next cycle on.
);

  logic [Width-1:0] entries [0:Depth-1];

  always_ff @(posedge clk_i) begin
    if (write_enable_i) begin
      entries[write_address_i] <= write_data_i;
    end
    if (read_enable_i) begin
      read_data_o <= entries[read_address_i];
    end
  end

endmodule : ram_1r1w

`default_nettype wire
