// SPDX-License-Identifier: Apache-2.0
// A stand-in for the generated engine: same ports, same stream orders, plain multiplications inside.
// Computes a sub-tile in one cycle once its streams are in; cannot be synthesised.
module transitive_gemm #(
  parameter int T = 4,
  parameter int Lanes = 2,
  parameter int C = 4,
  parameter int Q = 2,
  parameter int A = 8,
  parameter int R = 32,
  parameter int Acc = 32,
  // 0: correct. 1: one wrong result. 2: stops taking weights. 3: forgets result_last_o.
  parameter int Fault = 0
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               start_i,
  input  logic [9:0]         n_i,
  input  logic [9:0]         k_i,
  input  logic [9:0]         m_i,
  input  logic [3:0]         weight_bits_i,
  output logic               busy_o,
  output logic               done_o,
  output logic               error_o,
  input  logic [Lanes*T-1:0] weight_data_i,
  input  logic               weight_valid_i,
  output logic               weight_ready_o,
  input  logic [C*A-1:0]     activation_data_i,
  input  logic               activation_valid_i,
  output logic               activation_ready_o,
  output logic [Q*Acc-1:0]   result_data_o,
  output logic               result_valid_o,
  input  logic               result_ready_i,
  output logic               result_last_o,
  output logic [47:0]        cycles_o,
  output logic [47:0]        transrows_o,
  output logic [47:0]        zero_transrows_o,
  output logic [47:0]        nodes_built_o,
  output logic [47:0]        stall_cycles_o,
  output logic               subtile_done_o
);

  integer n, k, m, s, tile_rows, rows, beats, operands, m0, n0, k0, weight_at, operand_at, row, column;
  integer i, b, c, value;
  logic loading, draining;
  logic [T-1:0] codes [R];
  logic signed [A-1:0] x [T][C];
  logic signed [Acc-1:0] y [R][C];

  assign weight_ready_o = loading && weight_at < beats && !(Fault == 2 && n0 > 0);
  assign activation_ready_o = loading && operand_at < operands;
  assign result_valid_o = draining;
  assign result_last_o = draining && Fault != 3 && row == rows - 1 && column + Q >= C_used()
                         && n0 + tile_rows >= n && m0 + C >= m;
  always_comb begin
    for (c = 0; c < Q; c = c + 1) begin
      result_data_o[c*Acc+:Acc] = column + c < C ? y[row][column + c] : '0;
    end
  end

  function automatic integer C_used();
    return m - m0 < C ? m - m0 : C;
  endfunction

  task automatic begin_subtile();
    rows = n - n0 < tile_rows ? n - n0 : tile_rows;
    beats = (rows + Lanes - 1) / Lanes * s;
    operands = k - k0 < T ? k - k0 : T;
    weight_at = 0;
    operand_at = 0;
    loading = 1;
  endtask

  // weight row i's contribution of this sub-tile
  task automatic multiply();
    for (i = 0; i < rows; i = i + 1) begin
      for (b = 0; b < operands; b = b + 1) begin
        value = 0;
        for (c = 0; c < s; c = c + 1) begin
          if (codes[(i / Lanes * s + c) * Lanes + i % Lanes][b]) begin
            value = c == 0 ? value - (1 << (s - 1)) : value + (1 << (s - 1 - c));
          end
        end
        for (c = 0; c < C; c = c + 1) begin
          y[i][c] = y[i][c] + Acc'(value) * Acc'(x[b][c]);
        end
      end
      for (c = 0; c < s; c = c + 1) begin
        transrows_o = transrows_o + 48'd1;
        if (codes[(i / Lanes * s + c) * Lanes + i % Lanes] == 0) zero_transrows_o = zero_transrows_o + 48'd1;
      end
    end
    nodes_built_o = nodes_built_o + 48'd10;
    subtile_done_o = 1;
  endtask

  task automatic clear();
    for (i = 0; i < R; i = i + 1) for (c = 0; c < C; c = c + 1) y[i][c] = 0;
  endtask

  task automatic start();
    n = int'(n_i); k = int'(k_i); m = int'(m_i); s = int'(weight_bits_i);
    m0 = 0; n0 = 0; k0 = 0; row = 0; column = 0;
    {cycles_o, transrows_o, zero_transrows_o, nodes_built_o, stall_cycles_o} = '0;
    if (n == 0 || k == 0 || m == 0 || n > 1000 || s < 2 || s > 8) begin
      done_o = 1;
      error_o = 1;
    end else begin
      busy_o = 1;
      tile_rows = R / (Lanes * s) * Lanes;
      clear();
      begin_subtile();
    end
  endtask

  task automatic load();
    if (weight_valid_i && weight_ready_o) begin
      for (i = 0; i < Lanes; i = i + 1) codes[weight_at * Lanes + i] = weight_data_i[i*T+:T];
    end
    if (activation_valid_i && activation_ready_o) begin
      for (c = 0; c < C; c = c + 1) x[operand_at][c] = activation_data_i[c*A+:A];
    end
    if (weight_valid_i && weight_ready_o) weight_at = weight_at + 1;
    else if (weight_ready_o) stall_cycles_o = stall_cycles_o + 48'd1;
    if (activation_valid_i && activation_ready_o) operand_at = operand_at + 1;
    if (weight_at == beats && operand_at == operands) begin
      loading = 0;
      multiply();
      k0 = k0 + T;
      if (k0 < k) begin_subtile();
      else begin
        draining = 1;
        if (Fault == 1) y[0][0] = y[0][0] + 1;
      end
    end
  endtask

  task automatic drain();
    column = column + Q;
    if (column < C_used()) return;
    column = 0;
    row = row + 1;
    if (row < rows) return;
    row = 0;
    draining = 0;
    k0 = 0;
    n0 = n0 + tile_rows;
    if (n0 >= n) begin
      n0 = 0;
      m0 = m0 + C;
    end
    clear();
    if (m0 < m) begin_subtile();
    else begin
      busy_o = 0;
      done_o = 1;
    end
  endtask

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {busy_o, done_o, error_o, loading, draining, subtile_done_o} = '0;
      {cycles_o, transrows_o, zero_transrows_o, nodes_built_o, stall_cycles_o} = '0;
    end else begin
      {done_o, error_o, subtile_done_o} = '0;
      if (busy_o) cycles_o = cycles_o + 48'd1;
      if (start_i && !busy_o) start();
      else if (loading) load();
      else if (draining && result_ready_i) drain();
    end
  end

endmodule
