// SPDX-License-Identifier: Apache-2.0
// What is emitted around the RTL of an attention engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/emit/bundle.hpp"
#include "generator/emit/memory_layout.hpp"
#include "generator/units/engine.hpp"

namespace hasse::emit {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

class EmitAttention : public testing::Test {
 protected:
  std::string text(const std::string& path) const {
    for (const File& file : bundle_.files)
      if (file.path == path) return file.text;
    throw std::out_of_range(path);
  }

  const design::Design design_ = design::load(HASSE_SOURCE_DIR "/flows/designs/attention.json");
  const Bundle bundle_ = bundle(design_, units::build(design_));
};

TEST_F(EmitAttention, TheTopIsTheEngineAroundItsArray) {
  const Json manifest = Json::parse(text("manifest.json"));
  EXPECT_EQ(manifest["top"], "attention_engine");
  EXPECT_EQ(manifest["design"]["attention"]["max_pages"], 2048);
  std::set<std::string> names;
  for (const Json& module : manifest["modules"]) names.insert(module["name"]);
  EXPECT_THAT(names, testing::IsSupersetOf({"transitive_gemm", "selector", "softmax_unit"}));
  for (const Json& file : manifest["files"]) EXPECT_FALSE(text(file).empty()) << file;
  EXPECT_THAT(text("hasse.core"), AllOf(HasSubstr("toplevel: attention_engine"),
                                        HasSubstr("description: Attention engine")));
  EXPECT_THAT(text("waves/attention_engine.gtkw"), HasSubstr("TOP.attention_engine.read_page_o["));
  EXPECT_THAT(text("rtl/attention_engine.v"), HasSubstr("columns = 4,"));
}

TEST_F(EmitAttention, HeadersStateWhatIsNotTheDefault) {
  design::Design design = design_;
  design.attention->page = 64;
  EXPECT_THAT(file_header(design).back(), testing::EndsWith(" attention, attention.page = 64."));
  EXPECT_THAT(file_header(design_).back(), testing::EndsWith(" attention."));
}

TEST_F(EmitAttention, SizesAreInTheManifest) {
  EXPECT_EQ(memory_json(design_), Json::parse(R"({"word_bits": 256, "bounds_words": 64,
      "scale_words": 2, "key_words": {"8": 32, "4": 16}, "value_parts": {"8": 8, "4": 4},
      "value_part_words": {"8": 4, "4": 4}})"));
  EXPECT_EQ(Json::parse(text("manifest.json"))["memory"], memory_json(design_));
}

TEST_F(EmitAttention, APageSaysWhatIsReadInWhichOrder) {
  EXPECT_THAT(text("doc/index.md"), AllOf(HasSubstr("[Memory and streams](memory.md)"),
                                          HasSubstr("| `attention.page` | 16 | Tokens of a page")));
  EXPECT_THAT(
      text("doc/memory.md"),
      AllOf(HasSubstr("words that hold it, of 256 bits"),
            HasSubstr("| 1 | scales of keys, then the keys' codes | page `read_page_o` | 2 + 32 | "
                      "2 + 16 |"),
            HasSubstr("part `read_part_o` of 8 (of 4 if"), HasSubstr("weights [16 x 128] of 8"),
            HasSubstr("for every 8 rows of 8 bits, or 16 of 4"), HasSubstr("16 beats of queries")));
}

TEST(EmitArray, HasNoMemory) {
  const design::Design design;
  EXPECT_TRUE(memory_files(design).empty());
}

}  // namespace
}  // namespace hasse::emit
