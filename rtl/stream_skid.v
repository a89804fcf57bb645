// SPDX-License-Identifier: Apache-2.0
//
// Register slice of a valid/ready stream: two entries, one item per cycle.
//
// Every output comes straight from a register or through one inverter: there is no combinational
// path from one side to the other, so a slice cuts long ready chains as well as long data paths.
// The head is what the consumer sees; the spare catches the item that arrives in the very cycle
// in which the consumer stops.

`default_nettype none

module stream_skid #(
  parameter int Width = 8  // Bits of an item.
) (
  input  logic             clk_i,
  input  logic             rst_ni,   // Asynchronous reset, active low: empties the slice.
  input  logic [Width-1:0] data_i,   // Item offered by the producer.
  input  logic             valid_i,  // The producer offers an item.
  output logic             ready_o,  // The offered item is taken in this cycle.
  output logic [Width-1:0] data_o,   // Oldest item.
  output logic             valid_o,  // There is an item.
  input  logic             ready_i   // The consumer takes the oldest item in this cycle.
);

  logic [Width-1:0] head_q;
  logic [Width-1:0] spare_q;
  logic             head_valid_q;
  logic             spare_valid_q;

  logic head_moves;
  assign head_moves = ready_i || !head_valid_q;

  assign ready_o = !spare_valid_q;
  assign valid_o = head_valid_q;
  assign data_o  = head_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      head_valid_q  <= 1'b0;
      spare_valid_q <= 1'b0;
    end else if (head_moves) begin
      head_valid_q  <= spare_valid_q || valid_i;
      spare_valid_q <= 1'b0;
    end else if (valid_i) begin
      spare_valid_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (head_moves && (spare_valid_q || valid_i)) begin
      head_q <= spare_valid_q ? spare_q : data_i;
    end
    if (valid_i && ready_o && !head_moves) begin
      spare_q <= data_i;
    end
  end

endmodule : stream_skid

`default_nettype wire
