// SPDX-License-Identifier: Apache-2.0
//
// First-in first-out buffer between two valid/ready streams, Depth items.
//
// There is no combinational path from one side to the other. Throughput is one item per cycle,
// except for Depth 1, which is a single register and takes an item every second cycle.
// - Depth 1 and 2 are registers: an item appears in the cycle after it was taken.
// - Depth 3 and more keep the items in a ram_1r1w, whose read register shows the oldest item: an
//   item appears two cycles after it was taken.

`default_nettype none

module stream_fifo #(
  parameter int Width = 8,  // Bits of an item.
  parameter int Depth = 4   // Number of items it holds, at least 1.
) (
  input  logic             clk_i,
  input  logic             rst_ni,   // Asynchronous reset, active low: empties the buffer.
  input  logic [Width-1:0] data_i,   // Item offered by the producer.
  input  logic             valid_i,  // The producer offers an item.
  output logic             ready_o,  // The offered item is taken in this cycle.
  output logic [Width-1:0] data_o,   // Oldest item.
  output logic             valid_o,  // There is an item.
  input  logic             ready_i   // The consumer takes the oldest item in this cycle.
);

  if (Depth == 1) begin : gen_register
    logic [Width-1:0] item_q;
    logic             full_q;

    assign ready_o = !full_q;
    assign valid_o = full_q;
    assign data_o  = item_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        full_q <= 1'b0;
      end else begin
        full_q <= full_q ? !ready_i : valid_i;
      end
    end

    always_ff @(posedge clk_i) begin
      if (!full_q) begin
        item_q <= data_i;
      end
    end
  end else if (Depth == 2) begin : gen_skid
    stream_skid #(
      .Width (Width)
    ) u_skid (
      .clk_i   (clk_i),
      .rst_ni  (rst_ni),
      .data_i  (data_i),
      .valid_i (valid_i),
      .ready_o (ready_o),
      .data_o  (data_o),
      .valid_o (valid_o),
      .ready_i (ready_i)
    );
  end else begin : gen_ram
    localparam int AddressBits = $clog2(Depth);
    localparam int CountBits   = $clog2(Depth + 1);

    localparam logic [AddressBits-1:0] LastAddress = AddressBits'(Depth - 1);

    logic [AddressBits-1:0] write_address_q;
    logic [AddressBits-1:0] read_address_q;
    logic [CountBits-1:0]   waiting_q;       // Items in the memory, without the one shown.
    logic                   shown_q;         // The read register holds the oldest item.

    logic push;
    logic fetch;
    assign push  = valid_i && ready_o;
    assign fetch = (waiting_q != '0) && (ready_i || !shown_q);

    assign ready_o = waiting_q + CountBits'(shown_q) != CountBits'(Depth);
    assign valid_o = shown_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        write_address_q <= '0;
        read_address_q  <= '0;
        waiting_q       <= '0;
        shown_q         <= 1'b0;
      end else begin
        if (push) begin
          write_address_q <= (write_address_q == LastAddress) ? '0 :
              write_address_q + AddressBits'(1);
        end
        if (fetch) begin
          read_address_q <= (read_address_q == LastAddress) ? '0 : read_address_q + AddressBits'(1);
        end
        waiting_q <= waiting_q + CountBits'(push) - CountBits'(fetch);
        shown_q   <= fetch || (shown_q && !ready_i);
      end
    end

    ram_1r1w #(
      .Width (Width),
      .Depth (Depth)
    ) u_ram (
      .clk_i           (clk_i),
      .write_enable_i  (push),
      .write_address_i (write_address_q),
      .write_data_i    (data_i),
      .read_enable_i   (fetch),
      .read_address_i  (read_address_q),
      .read_data_o     (data_o)
    );
  end

endmodule : stream_fifo

`default_nettype wire
