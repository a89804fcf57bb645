// SPDX-License-Identifier: Apache-2.0
// A signed 3 x 3 bit multiply-accumulate with a 7-bit sum, mapped by Yosys 0.23 to the cells below.
// Simulated wrongly by Verilator 5.006 unless -fno-const-bit-op-tree is given.
module mac (
  input  wire       clk_i,
  input  wire       rst_ni,
  input  wire [2:0] a_i,
  input  wire [2:0] b_i,
  output wire [6:0] acc_o
);
  wire n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19,
      n20, n21, n22, n23, n24, n25, n26, n27, n28, n29, n30, n31, n32, n33, n34, n35, n36, n37,
      n38, n39, n40, n41, n42, n43, n44, n45, n46, n47, n48, n49, n50, n51, n52, n53, n54, n55,
      n56, n57, n58, n59, n60, n61, n62, n63, n64, n65, n66, n67, n68, n69, n70, n71, n72, n73,
      n74, n75, n76, n77, n78, n79, n80, n81, n82, n83, n84, n85, n86, n87, n88, n89, n90, n91,
      n92, n93, n94, n95;
  wire [6:0] n96, n97, n98, n99;

  INV u0 (a_i[0], n20);
  INV u1 (a_i[1], n21);
  INV u2 (b_i[2], n22);
  NAND2 u3 (b_i[0], a_i[0], n23);
  NOR2 u4 (n0, n23, n24);
  XOR2 u5 (n0, n23, n96[0]);
  NAND2 u6 (a_i[0], b_i[1], n25);
  INV u7 (n25, n26);
  AND3 u8 (b_i[0], a_i[1], acc_o[1], n27);
  AOI21 u9 (b_i[0], a_i[1], acc_o[1], n28);
  INV u10 (n28, n29);
  OR2 u11 (n27, n28, n30);
  NOR2 u12 (n25, n30, n31);
  XNOR2 u13 (n26, n30, n32);
  NAND2 u14 (n24, n32, n33);
  XOR2 u15 (n24, n32, n96[1]);
  NAND2 u16 (n20, b_i[2], n34);
  NAND2 u17 (a_i[1], b_i[1], n35);
  AOI21 u18 (n26, n29, n27, n36);
  OR2 u19 (n27, n31, n37);
  NAND2 u20 (b_i[0], a_i[2], n38);
  INV u21 (n38, n39);
  NAND2 u22 (acc_o[2], b_i[2], n40);
  XOR2 u23 (acc_o[2], b_i[2], n41);
  NAND3 u24 (b_i[0], a_i[2], n41, n42);
  XNOR2 u25 (n38, n41, n43);
  NAND2 u26 (n37, n43, n44);
  XNOR2 u27 (n36, n43, n45);
  NAND3 u28 (a_i[1], b_i[1], n45, n46);
  XNOR2 u29 (n35, n45, n47);
  NAND3 u30 (n24, n32, n47, n48);
  XNOR2 u31 (n33, n47, n49);
  NAND3 u32 (n20, b_i[2], n47, n50);
  XNOR2 u33 (n34, n49, n97[2]);
  NAND2 u34 (n48, n50, n51);
  NAND2 u35 (n44, n46, n52);
  NAND2 u36 (n40, n42, n53);
  NOR2 u37 (n1, n38, n54);
  XOR2 u38 (n1, n38, n55);
  AND2 u39 (b_i[1], a_i[2], n56);
  NAND2 u40 (b_i[1], a_i[2], n57);
  XNOR2 u41 (n55, n56, n58);
  INV u42 (n58, n59);
  NAND2 u43 (n53, n59, n60);
  XOR2 u44 (n53, n58, n61);
  NAND2 u45 (n21, b_i[2], n62);
  OR2 u46 (n61, n62, n63);
  XOR2 u47 (n61, n62, n64);
  OR2 u48 (n52, n64, n65);
  NAND2 u49 (n52, n64, n66);
  AND2 u50 (n65, n66, n67);
  NAND2 u51 (n51, n67, n68);
  NAND2 u52 (n60, n63, n69);
  NOR2 u53 (n22, a_i[2], n70);
  AOI21 u54 (n55, n56, n54, n71);
  INV u55 (n71, n72);
  XOR2 u56 (acc_o[4], n38, n73);
  NOR2 u57 (n57, n73, n74);
  XNOR2 u58 (n56, n73, n75);
  NAND2 u59 (n72, n75, n76);
  XNOR2 u60 (n71, n75, n77);
  NAND2 u61 (n70, n77, n78);
  XNOR2 u62 (n70, n77, n79);
  INV u63 (n79, n80);
  NAND2 u64 (n69, n80, n81);
  XNOR2 u65 (n69, n79, n82);
  NAND3 u66 (n52, n64, n82, n83);
  XNOR2 u67 (n66, n82, n84);
  NAND4 u68 (n51, n65, n66, n82, n85);
  XNOR2 u69 (n68, n84, n99[4]);
  NAND2 u70 (n76, n78, n86);
  AOI21 u71 (acc_o[4], n39, n74, n87);
  NAND2 u72 (n2, n56, n88);
  NOR2 u73 (n2, n56, n89);
  AOI21 u74 (n38, n88, n89, n90);
  XNOR2 u75 (n2, n57, n91);
  XNOR2 u76 (n38, n91, n3);
  NOR2 u77 (n87, n3, n4);
  NAND2 u78 (n87, n3, n5);
  XNOR2 u79 (n87, n3, n6);
  XNOR2 u80 (n70, n6, n7);
  NAND2 u81 (n86, n7, n8);
  XNOR2 u82 (n86, n7, n9);
  NOR2 u83 (n81, n9, n10);
  XNOR2 u84 (n81, n9, n11);
  AOI21 u85 (n83, n85, n11, n12);
  AND3 u86 (n83, n85, n11, n13);
  NOR2 u87 (n12, n13, n99[5]);
  NOR2 u88 (n10, n12, n14);
  AOI21 u89 (n70, n5, n4, n15);
  XNOR2 u90 (acc_o[6], n70, n16);
  XNOR2 u91 (n90, n16, n17);
  XNOR2 u92 (n15, n17, n18);
  XNOR2 u93 (n8, n18, n19);
  XNOR2 u94 (n14, n19, n99[6]);
  XOR2 u95 (n51, n67, n98[3]);
  DFFR u_acc_o_0 (clk_i, rst_ni, n96[0], acc_o[0], n0);
  DFFR u_acc_o_1 (clk_i, rst_ni, n96[1], acc_o[1], n93);
  DFFR u_acc_o_2 (clk_i, rst_ni, n97[2], acc_o[2], n94);
  DFFR u_acc_o_3 (clk_i, rst_ni, n98[3], acc_o[3], n1);
  DFFR u_acc_o_4 (clk_i, rst_ni, n99[4], acc_o[4], n95);
  DFFR u_acc_o_5 (clk_i, rst_ni, n99[5], acc_o[5], n2);
  DFFR u_acc_o_6 (clk_i, rst_ni, n99[6], acc_o[6], n92);
endmodule

module AND2 (input wire A, input wire B, output wire Y);
  assign Y = A & B;
endmodule

module AND3 (input wire A, input wire B, input wire C, output wire Y);
  assign Y = A & B & C;
endmodule

module AOI21 (input wire A, input wire B, input wire C, output wire Y);
  assign Y = ~((A & B) | C);
endmodule

module DFFR (input wire CK, input wire RN, input wire D, output reg Q, output wire QN);
  always @(posedge CK or negedge RN) begin
    if (!RN) Q <= 1'b0;
    else Q <= D;
  end
  assign QN = ~Q;
endmodule

module INV (input wire A, output wire Y);
  assign Y = ~A;
endmodule

module NAND2 (input wire A, input wire B, output wire Y);
  assign Y = ~(A & B);
endmodule

module NAND3 (input wire A, input wire B, input wire C, output wire Y);
  assign Y = ~(A & B & C);
endmodule

module NAND4 (input wire A, input wire B, input wire C, input wire D, output wire Y);
  assign Y = ~(A & B & C & D);
endmodule

module NOR2 (input wire A, input wire B, output wire Y);
  assign Y = ~(A | B);
endmodule

module OR2 (input wire A, input wire B, output wire Y);
  assign Y = A | B;
endmodule

module XNOR2 (input wire A, input wire B, output wire Y);
  assign Y = ~(A ^ B);
endmodule

module XOR2 (input wire A, input wire B, output wire Y);
  assign Y = A ^ B;
endmodule
