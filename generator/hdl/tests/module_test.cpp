// SPDX-License-Identifier: Apache-2.0
// Accessors of modules, and the layout rules a reader relies on.
#include "generator/hdl/module.hpp"

#include <gtest/gtest.h>

#include "generator/hdl/hdl.hpp"
#include "generator/hdl/tests/example.hpp"

namespace hasse::hdl::testing {
namespace {

TEST(Module, ListsPortsInOrder) {
  const std::vector<Port> ports = make_adder_lane().ports();
  ASSERT_EQ(ports.size(), 7U);
  EXPECT_EQ(ports[0].name, "clk_i");
  EXPECT_EQ(ports[3].width.value(), 44);
  EXPECT_EQ(ports[3].width.str(), "Columns*NodeBits");
  EXPECT_STREQ(to_string(ports[5].direction), "output");
  EXPECT_EQ(ports[0].doc, "Clock.");
}

TEST(Module, CountsInstancesThroughLoops) {
  const std::vector<Instance> instances = make_example()[2].instances();
  ASSERT_EQ(instances.size(), 3U);
  EXPECT_EQ(instances[0].module, "sequencer");
  EXPECT_EQ(instances[0].count, 1);
  EXPECT_EQ(instances[1].name, "u_rows");
  EXPECT_EQ(instances[1].module, "ram_1r1w");
  EXPECT_EQ(instances[1].count, 2);
  EXPECT_EQ(instances[0].path, instances[0].name);
  EXPECT_TRUE(instances[1].path.ends_with("[0].u_rows")) << instances[1].path;
}

TEST(Module, KeepsUnitAndMemoryMark) {
  Module m("bank", "A bank.");
  m.set_unit("prefix_banks");
  EXPECT_EQ(m.unit(), "prefix_banks");
  EXPECT_FALSE(m.is_memory());
  EXPECT_TRUE(ram_1r1w().is_memory());
  EXPECT_TRUE(ram_1r1w().is_external());
}

TEST(Module, LocalparamsAreNoOverridableParameters) {
  Module m("shape", "Shape.");
  m.parameter("Width", 8, "Bits.");
  m.localparam("Twice", 16, "Bits.");
  ASSERT_EQ(m.parameters().size(), 1U);
  EXPECT_EQ(m.parameters()[0].name, "Width");
  EXPECT_EQ(m.parameters()[0].value, 8);
}

TEST(Module, HeaderComesFirst) {
  const std::string text = make_adder_lane().to_string({"First line.", "", "Third line."});
  EXPECT_TRUE(text.starts_with("// First line.\n//\n// Third line.\n\n`default_nettype none\n"))
      << text;
  EXPECT_TRUE(text.ends_with("endmodule : adder_lane\n\n`default_nettype wire\n")) << text;
}

TEST(Module, OneBitSignalsThatAreIndexedAreVectors) {
  Module m("narrow", "One lane only.");
  const Expr in = m.input("in_i", 1, "In.");
  const Expr out = m.output("out_o", 1, "Out.");
  m.generate_for("index", 1, "gen_copy",
                 [&](Scope& s, const Expr& index) { s.assign(out.bit(index), in.bit(index)); });
  EXPECT_NE(m.to_string().find("logic [0:0] in_i"), std::string::npos) << m.to_string();
}

TEST(Module, LoopsNestAndAddressTwoDimensions) {
  Module m("transpose", "Swaps rows and columns.");
  const Expr in = m.input("in_i", 12, "Three rows of four.");
  const Expr out = m.output("out_o", 12, "Four rows of three.");
  m.generate_for("row", 3, "gen_row", [&](Scope& s, const Expr& row) {
    s.generate_for("column", 4, "gen_column", [&](Scope& inner, const Expr& column) {
      inner.assign(out.bit(column * 3 + row), in.bit(row * 4 + column));
    });
  });
  EXPECT_NE(m.to_string().find("assign out_o[column*3+row] = in_i[row*4+column];"),
            std::string::npos)
      << m.to_string();
}

TEST(Module, ChildWidthsFollowParameterOverrides) {
  Module m("user", "Uses a memory.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr address = m.input("address_i", 5, "Address.");
  const Expr data = m.input("data_i", 20, "Data.");
  const Expr out = m.output("data_o", 20, "Data.");
  m.instance("u_ram", ram_1r1w(),
             {{"clk_i", clk},
              {"write_enable_i", lit(1, 1)},
              {"write_address_i", address},
              {"write_data_i", data},
              {"read_enable_i", lit(1, 1)},
              {"read_address_i", address},
              {"read_data_o", out}},
             {{"Width", 20}, {"Depth", 17}});
  EXPECT_NO_THROW(m.finish());
}

TEST(Module, ConnectionsStateTheirBits) {
  Module m("user", "Writes ones to address 0 of a memory.");
  const Expr clk = m.input("clk_i", 1, "Clock.");
  const Expr address = m.input("address_i", 5, "Address.");
  const Expr out = m.output("data_o", 20, "Data.");
  m.instance("u_ram", ram_1r1w(),
             {{"clk_i", clk},
              {"write_enable_i", lit(1, 1)},
              {"write_address_i", zeros(5)},
              {"write_data_i", ones(20)},
              {"read_enable_i", lit(1, 1)},
              {"read_address_i", address},
              {"read_data_o", out}},
             {{"Width", 20}, {"Depth", 17}});
  EXPECT_NE(m.to_string().find("(5'd0)"), std::string::npos) << m.to_string();
  EXPECT_NE(m.to_string().find("({20{1'b1}})"), std::string::npos) << m.to_string();
}

}  // namespace
}  // namespace hasse::hdl::testing
