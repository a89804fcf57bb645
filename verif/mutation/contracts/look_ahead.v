  // The reorder buffer frees what it has allotted.
  reg [15:0] used;
  always @(posedge clk_i)
    if (!reset_n) used <= 0;
    else used <= used + alloc_o - credit_i;
  wire allowed = !credit_i || used != 0;
  // A tag and flags come with an entry.
  wire [63:0] seen_alloc_tag_o = alloc_o ? alloc_tag_o : 0;
  wire [63:0] seen_alloc_flags_o = alloc_o ? alloc_flags_o : 0;
