// SPDX-License-Identifier: Apache-2.0
// Registered sum of two vectors of any width, with ports of every storage class of the simulator.
module wide_adder #(
  // Bits of the operands.
  parameter int Width = 100
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Operands.
  input  logic [Width-1:0] a_i,
  input  logic [Width-1:0] b_i,
  // Sum of the operands of the previous cycle.
  output logic [Width:0]   sum_o,
  // Copies of the inputs of one width each.
  input  logic [7:0]       byte_i,
  output logic [7:0]       byte_o,
  input  logic [15:0]      half_i,
  output logic [15:0]      half_o,
  input  logic [30:0]      word_i,
  output logic [30:0]      word_o,
  input  logic [47:0]      long_i,
  output logic [47:0]      long_o,
  // A register that reset leaves alone.
  output logic [31:0]      forgotten_o,
  input  logic             remember_i
);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sum_o <= '0;
    end else begin
      sum_o <= {1'b0, a_i} + {1'b0, b_i};
    end
  end

  always_ff @(posedge clk_i) begin
    if (remember_i) begin
      forgotten_o <= 32'hcafe;
    end
  end

  assign byte_o = byte_i;
  assign half_o = half_i;
  assign word_o = word_i;
  assign long_o = long_i;

endmodule
