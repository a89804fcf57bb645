// SPDX-License-Identifier: Apache-2.0
// A first-in first-out buffer between two valid/ready streams, which can be told to misbehave.
module fifo #(
  // Bits of a beat.
  parameter int Width = 72,
  // 0: correct. 1: withdraws a waiting beat. 2: changes a waiting beat.
  parameter int Fault = 0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Beats in.
  input  logic [Width-1:0] in_data_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  // Beats out, in the same order.
  output logic [Width-1:0] out_data_o,
  output logic             out_valid_o,
  input  logic             out_ready_i
);

  logic [Width-1:0] storage [4];
  logic [2:0] write_q;
  logic [2:0] read_q;
  logic [4:0] age_q;
  logic misbehave;

  assign in_ready_o = (write_q - read_q) != 3'd4;
  assign misbehave = age_q == 5'd20;
  assign out_valid_o = write_q != read_q && !(Fault == 1 && misbehave);
  assign out_data_o = storage[read_q[1:0]] ^ Width'(Fault == 2 && misbehave);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q <= '0;
      age_q <= '0;
    end else begin
      age_q <= age_q + 5'd1;
      if (in_valid_i && in_ready_o) begin
        write_q <= write_q + 3'd1;
      end
      if (out_valid_o && out_ready_i) begin
        read_q <= read_q + 3'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o) begin
      storage[write_q[1:0]] <= in_data_i;
    end
  end

endmodule
