  // A plan is carried out once, without a pause, after its search; only then the next one is asked for.
  reg planned, going;
  always @(posedge clk_i)
    if (!reset_n) {planned, going} <= 0;
    else begin
      planned <= take_i || (planned && !(go_i && last_o));
      going <= go_i && !last_o;
    end
  wire allowed = take_i ? !planned && !go_i : go_i ? planned && !searching_o : !going;
  // A lane's node and operand count if it has one.
  localparam Lanes = $bits(valid_o);
  wire [Lanes*Lanes-1:0] seen_node_o, seen_operand_o;
  for (genvar lane = 0; lane < Lanes; lane = lane + 1) begin : gen_lane
    assign seen_node_o[lane*Lanes+:Lanes] = valid_o[lane] ? node_o[lane*Lanes+:Lanes] : 0;
    assign seen_operand_o[lane*Lanes+:Lanes] = valid_o[lane] ? operand_o[lane*Lanes+:Lanes] : 0;
  end
  wire [63:0] seen_picker_lane_o = pick_o == 0 ? 0 : picker_lane_o;
  wire seen_last_o = go_i && last_o;
