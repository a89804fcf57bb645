// SPDX-License-Identifier: Apache-2.0
// Liberty files: what is read, what is missing in words, what is refused with its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>

#include "synth/error.hpp"
#include "synth/files.hpp"
#include "synth/liberty/function.hpp"
#include "synth/liberty/library.hpp"
#include "synth/liberty/table.hpp"
#include "synth/liberty/text.hpp"
#include "synth/synth.hpp"
#include "synth/tests/fixture.hpp"
#include "synth/timing/memory_model.hpp"
#include "synth/timing/speed.hpp"

namespace hasse::synth {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

constexpr const char* kInverter = R"(
  cell (INV) { area : 2; pin (A) { direction : input; capacitance : 0.01 }
    pin (Y) { direction : output; function : "A'";
      timing () { related_pin : "A";
        cell_rise (by_both) { values ("0.10, 0.20", "0.30, 0.40"); }
        cell_fall (by_both) { values ("0.10, 0.20", \
                                      "0.30, 0.40"); }
        rise_transition (by_both) { values ("0.1, 0.1", "0.1, 0.1"); }
        fall_transition (by_both) { values ("0.1, 0.1", "0.1, 0.1"); } } } }
)";
constexpr const char* kNand = R"(
  cell (NAND) { area : 3.5; pin (A) { direction : input; } pin (B) { direction : input; }
    pin (Y) { direction : output; function : "(A B)'"; } }
)";
constexpr const char* kFlipFlop = R"(
  cell (DFF) { area : 12; ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; }
    pin (D) { direction : input; } pin (CK) { direction : input; clock : true; }
    pin (Q) { direction : output; function : "IQ"; } }
)";
constexpr const char* kAdder = R"(
  cell (ADD) { area : 9; pin (X) { direction : input; capacitance : 0.03; }
    pin (Y) { direction : input; capacitance : 0.01; }
    pin (Z) { direction : input; capacitance : 0.02; }
    pin (S) { direction : output; function : "X ^ Y ^ Z"; }
    pin (CO) { direction : output; function : "X Y | Z X + Z Y";
}
}
)";

std::string library_text(const std::string& cells) {
  return "/* a comment */\nlibrary (small) {\n  time_unit : \"1ps\"; // another\n"
         "  capacitive_load_unit (1, ff);\n"
         "  lu_table_template (by_both) { variable_1 : input_net_transition;\n"
         "    variable_2 : total_output_net_capacitance; index_1 (\"0, 1\"); index_2 (\"0, 0.1\"); "
         "}\n" +
         cells + "}\n";
}

Library small_library(const std::string& more = {}) {
  return Library::parse(library_text(std::string(kInverter) + kNand + kFlipFlop + more),
                        "small.lib");
}

TEST(Liberty, ReadsCellsUnitsAndLandmarks) {
  const Library library = small_library();
  EXPECT_EQ(library.name(), "small");
  EXPECT_DOUBLE_EQ(library.time_unit_ns(), 1e-3);
  EXPECT_DOUBLE_EQ(library.capacitance_unit_pf(), 1e-3);
  EXPECT_EQ(library.cells().size(), 3U);
  EXPECT_EQ(library.smallest_flip_flop().name, "DFF");
  EXPECT_EQ(library.smallest_flip_flop().data_pin, "D");
  EXPECT_EQ(library.smallest_flip_flop().clock_pin, "CK");
  EXPECT_EQ(library.smallest_inverter().name, "INV");
  EXPECT_DOUBLE_EQ(library.gate_area(), 3.5);
  EXPECT_EQ(library.find("NAND")->kind, CellKind::combinational);
  EXPECT_EQ(library.find("absent"), nullptr);
}

TEST(Liberty, RecognisesAFullAdderByItsFunctions) {
  const Library library = small_library(kAdder);
  ASSERT_TRUE(library.full_adder().has_value());
  EXPECT_EQ(library.full_adder()->cell, "ADD");
  EXPECT_EQ(library.full_adder()->sum, "S");
  EXPECT_EQ(library.full_adder()->carry_out, "CO");
  EXPECT_EQ(library.full_adder()->carry_in, "Y") << "the lightest pin carries";
}

TEST(Liberty, SaysWhatIsMissing) {
  EXPECT_THAT(small_library().remarks(),
              ::testing::ElementsAre(HasSubstr("no latch"), HasSubstr("no full-adder")));
  EXPECT_THAT(small_library("cell (ODD) { pin (A) { direction : input; } }").remarks(),
              ::testing::Contains("1 of 4 cells state no area"));
  EXPECT_THAT(
      [] { Library::parse(library_text(std::string(kInverter) + kNand), "small.lib"); },
      ThrowsMessage<InputError>(AllOf(HasSubstr("small.lib"), HasSubstr("no D flip-flop"))));
  EXPECT_THAT([] { Library::parse(library_text(""), "small.lib"); },
              ThrowsMessage<InputError>(HasSubstr("no cells")));
}

TEST(Liberty, RefusesBadTextWithItsLine) {
  const auto expect = [](const std::string& text, const std::string& reason) {
    EXPECT_THAT([&] { Library::parse(text, "bad.lib"); },
                ThrowsMessage<InputError>(AllOf(HasSubstr("bad.lib:"), HasSubstr(reason))));
  };
  expect("hello", "bad.lib:1: expected 'library");
  expect("library (x) {\n  cell (y) {\n", "bad.lib:2: 'cell' is never closed");
  expect("library (x) {\n  a : \"b", "bad.lib:2: this string is never closed");
  expect("library (x) {\n\n  {", "bad.lib:3: expected a statement");
  expect("library (x) { /* ", "bad.lib:1: this comment is never closed");
  expect("library (x) {\n cell (y) { area : big; }\n}", "bad.lib:2: 'area' holds 'big'");
  expect("library (x) {\n a (b, c;\n}", "bad.lib:2: expected ')'");
  expect(library_text(std::string(kInverter) + kInverter), "defined twice");
}

TEST(Liberty, ReadsGzipAndRefusesDamagedGzip) {
  const testing::TemporaryDirectory folder;
  const std::string text = library_text(std::string(kInverter) + kNand + kFlipFlop);
  const std::string file = (folder.path() / "small.lib.gz").string();
  gzFile handle = gzopen(file.c_str(), "wb");
  gzwrite(handle, text.data(), static_cast<unsigned>(text.size()));
  gzclose(handle);
  EXPECT_EQ(Library::load(file).cells().size(), 3U);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  EXPECT_THAT([&] { Library::load(file); }, ThrowsMessage<InputError>(HasSubstr("small.lib.gz")));
  EXPECT_THAT([] { read_text("/nowhere.lib"); },
              ThrowsMessage<InputError>(HasSubstr("/nowhere.lib")));
}

TEST(Liberty, EvaluatesFunctions) {
  const std::vector<std::string> inputs{"A", "B", "C"};
  EXPECT_EQ(truth_table("A", inputs), 0b10101010U);
  EXPECT_EQ(truth_table("!A", inputs), 0b01010101U);
  EXPECT_EQ(truth_table("(A B)'", inputs), 0b01110111U);
  EXPECT_EQ(truth_table("A^B^C", inputs), 0b10010110U);
  EXPECT_EQ(truth_table("A + B * C", inputs), 0b11101010U);
  EXPECT_EQ(truth_table("A & B ^ C", inputs), 0b00101000U) << "xor binds tighter than and";
  EXPECT_EQ(truth_table("1", {}), 1U);
  EXPECT_EQ(truth_table("A + D", inputs), std::nullopt);
  EXPECT_EQ(truth_table("A +", inputs), std::nullopt);
}

TEST(Liberty, InterpolatesTables) {
  const Library library = small_library();
  const LibertyGroup& inverter = library.group_of(library.smallest_inverter());
  const LibertyGroup& arc = *inverter.groups[1].group("timing");
  const TimingTable table(*arc.group("cell_rise"), library.tree(), "small.lib");
  EXPECT_NEAR(table.at(0.0, 0.0), 0.10, 1e-12);
  EXPECT_NEAR(table.at(0.5, 0.05), 0.25, 1e-12);
  EXPECT_NEAR(table.at(1.0, 0.2), 0.50, 1e-12) << "linear beyond the last point";
}

TEST(Liberty, MeasuresTheSpeedOfALibrary) {
  const std::optional<LibrarySpeed> speed = measure_speed(small_library());
  ASSERT_TRUE(speed.has_value());
  EXPECT_NEAR(speed->fo4_ns, (0.10 + 0.2 * 0.1 + 1.0 * 0.04) * 1e-3, 1e-12);
  EXPECT_NEAR(default_clock_ns(*speed), 0.016, 1e-9);
}

TEST(Liberty, ReadsTheDefaultLibrary) {
  if (!std::filesystem::exists(kDefaultLiberty)) {
    GTEST_SKIP() << kDefaultLiberty << " is not installed";
  }
  const Library library = Library::load(kDefaultLiberty);
  EXPECT_EQ(library.name(), "osu018_stdcells");
  EXPECT_EQ(library.cells().size(), 32U);
  EXPECT_DOUBLE_EQ(library.smallest_flip_flop().area.value(), 96.0);
  EXPECT_EQ(library.full_adder().value().cell, "FAX1");
  EXPECT_DOUBLE_EQ(library.full_adder_area_from_gates().value(), 184.0);
  EXPECT_THAT(library.remarks(), IsEmpty());
  EXPECT_NEAR(memory_bit_area(library), 11.145, 0.001);
  EXPECT_NEAR(measure_speed(library).value().fo4_ns, 0.0995, 0.0005);
}

TEST(Liberty, ReadsAnotherLibraryWhenOneIsNamed) {
  const char* file = std::getenv("HASSE_TEST_LIBERTY");
  if (file == nullptr) {
    GTEST_SKIP() << "HASSE_TEST_LIBERTY names no Liberty file";
  }
  const Library library = Library::load(file);
  EXPECT_FALSE(library.name().empty());
  EXPECT_GT(library.gate_area(), 0.0);
  EXPECT_TRUE(measure_speed(library).has_value());
}

TEST(Liberty, MayComeInSeveralFiles) {
  const testing::TemporaryDirectory directory;
  const auto at = [&](const char* name) { return directory.path() / name; };
  write_file(at("gates.lib"), library_text(std::string(kInverter) + kNand));
  write_file(at("registers.lib"), library_text(kFlipFlop));
  const Library library = Library::load(at("gates.lib"), {at("registers.lib")});
  EXPECT_NE(library.find("NAND"), nullptr);
  EXPECT_EQ(library.smallest_flip_flop().name, "DFF");
  EXPECT_THAT(library.source(), HasSubstr("gates.lib + registers.lib"));

  std::string other = library_text(kFlipFlop);
  other.replace(other.find("\"1ps\""), 5, "\"1ns\"");
  write_file(at("other.lib"), other);
  EXPECT_THAT([&] { Library::load(at("gates.lib"), {at("other.lib")}); },
              ThrowsMessage<InputError>(HasSubstr("other.lib: time_unit: 1ns, expected 1ps")));
  EXPECT_THAT([&] { Library::load(at("gates.lib"), {at("gates.lib")}); },
              ThrowsMessage<InputError>(HasSubstr("cell 'INV' is defined twice")));
}

}  // namespace
}  // namespace hasse::synth
