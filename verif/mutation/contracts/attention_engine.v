  // Of three columns, without what it instantiates. Shifts are at least 1, which cuts off a value's
  // highest bit; a key's codes of 8 bits times queries of 8 have 16, and dim is 32 in the tests.
  wire [46:0] seen_gen_value_scaler_0__u_value_scaler_sum_i = gen_value_scaler_0__u_value_scaler_sum_i;
  wire [46:0] seen_gen_value_scaler_1__u_value_scaler_sum_i = gen_value_scaler_1__u_value_scaler_sum_i;
  wire [46:0] seen_gen_value_scaler_2__u_value_scaler_sum_i = gen_value_scaler_2__u_value_scaler_sum_i;
  wire [22:0] seen_gen_key_scaler_0__u_key_scaler_sum_i = gen_key_scaler_0__u_key_scaler_sum_i;
  wire [22:0] seen_gen_key_scaler_1__u_key_scaler_sum_i = gen_key_scaler_1__u_key_scaler_sum_i;
  wire [22:0] seen_gen_key_scaler_2__u_key_scaler_sum_i = gen_key_scaler_2__u_key_scaler_sum_i;
  // The array takes its shape when it starts.
  wire [15:0] seen_u_array_n_i = u_array_start_i ? u_array_n_i : 0;
  wire [15:0] seen_u_array_k_i = u_array_start_i ? u_array_k_i : 0;
  wire [15:0] seen_u_array_m_i = u_array_start_i ? u_array_m_i : 0;
  wire [3:0] seen_u_array_weight_bits_i = u_array_start_i ? u_array_weight_bits_i : 0;
