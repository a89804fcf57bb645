  // What comes with a beat.
  wire seen_first_o = valid_o && first_o;
  wire seen_complete_o = valid_o && complete_o;
  wire seen_first_k_o = valid_o && first_k_o;
  wire seen_last_k_o = valid_o && last_k_o;
  wire seen_first_row_o = valid_o && first_row_o;
  wire [63:0] seen_transrows_o = valid_o ? transrows_o : 0;
