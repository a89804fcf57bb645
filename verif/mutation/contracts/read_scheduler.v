  // Half and address count where a bank is read.
  localparam Banks = $bits(read_o), AddressBits = $bits(read_address_o) / Banks;
  wire [Banks-1:0] seen_read_half_o = read_half_o & read_o;
  wire [Banks*AddressBits-1:0] seen_read_address_o;
  for (genvar bank = 0; bank < Banks; bank = bank + 1) begin : gen_bank
    assign seen_read_address_o[bank*AddressBits+:AddressBits] =
      read_o[bank] ? read_address_o[bank*AddressBits+:AddressBits] : 0;
  end
