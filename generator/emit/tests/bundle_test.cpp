// SPDX-License-Identifier: Apache-2.0
// What a generated directory consists of.
#include "generator/emit/bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "generator/design/defaults.hpp"
#include "generator/design/fields.hpp"
#include "generator/emit/tests/toy.hpp"

namespace hasse::emit {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::json;

const std::string& text(const Bundle& bundle, const std::string& path) {
  const auto file = std::find_if(bundle.files.begin(), bundle.files.end(),
                                 [&](const File& f) { return f.path == path; });
  if (file == bundle.files.end()) {
    throw std::out_of_range(path);
  }
  return file->text;
}

class BundleTest : public testing::Test {
 protected:
  Bundle bundle_ = bundle(design::Design{}, toy());
  Json manifest_ = Json::parse(text(bundle_, "manifest.json"));
};

TEST_F(BundleTest, HasAllFiles) {
  std::vector<std::string> paths;
  for (const File& file : bundle_.files) {
    paths.push_back(file.path);
  }
  EXPECT_THAT(paths, ElementsAre("rtl/stream_skid.v", "rtl/counter.v", "rtl/toy_top.v", "hasse.f",
                                 "hasse.core", "manifest.json", "doc/index.md", "doc/toy_top.md",
                                 "doc/counter.md", "doc/stream_skid.md", "waves/counter.gtkw",
                                 "waves/toy_top.gtkw"));
}

TEST_F(BundleTest, SavesWavesOfEveryModule) {
  EXPECT_THAT(text(bundle_, "waves/counter.gtkw"),
              AllOf(HasSubstr("[treeopen] TOP.toy_top."), HasSubstr("@200\n-counter: "),
                    HasSubstr("@200\n-inputs\n@28\nTOP.toy_top."), HasSubstr(".clk_i\n"),
                    HasSubstr("@200\n-outputs\n")));
}

TEST_F(BundleTest, CountsModulesAndLines) {
  long lines = 0;
  for (const File& file : bundle_.files) {
    if (file.path.rfind("rtl/", 0) == 0) {
      lines += std::count(file.text.begin(), file.text.end(), '\n');
    }
  }
  EXPECT_EQ(bundle_.modules, 3);
  EXPECT_EQ(bundle_.lines, lines);
}

TEST_F(BundleTest, IsTheSameEveryTime) {
  const Bundle again = bundle(design::Design{}, toy());
  ASSERT_EQ(again.files.size(), bundle_.files.size());
  for (std::size_t i = 0; i < again.files.size(); ++i) {
    EXPECT_EQ(again.files[i].path, bundle_.files[i].path);
    EXPECT_EQ(again.files[i].text, bundle_.files[i].text);
  }
  EXPECT_EQ(again.digest, bundle_.digest);
}

TEST_F(BundleTest, DigestFollowsTheRtl) {
  EXPECT_THAT(bundle_.digest, testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(digest({{"a", "b"}}), digest({{"ab", ""}}));
  EXPECT_NE(digest({{"a", "b"}}), digest({{"a", "c"}}));
  EXPECT_NE(digest({{"a", "b"}}), digest({{"a", "b"}, {"c", ""}}));
}

TEST_F(BundleTest, ManifestNamesDesignFilesAndTop) {
  EXPECT_EQ(manifest_["format"], 1);
  EXPECT_EQ(manifest_["top"], "toy_top");
  EXPECT_EQ(manifest_["design"]["tile_bits"], 8);
  EXPECT_EQ(manifest_["derived"]["prefix_lanes"], 7);
  EXPECT_EQ(manifest_["digest"], bundle_.digest);
  EXPECT_EQ(manifest_["files"], Json({"rtl/stream_skid.v", "rtl/counter.v", "rtl/toy_top.v"}));
}

TEST_F(BundleTest, ManifestDescribesEveryModule) {
  ASSERT_EQ(manifest_["modules"].size(), 3u);
  const Json& counter = manifest_["modules"][1];
  EXPECT_EQ(counter["name"], "counter");
  EXPECT_EQ(counter["file"], "rtl/counter.v");
  EXPECT_EQ(counter["unit"], "control");
  EXPECT_EQ(counter["memory"], false);
  EXPECT_EQ(counter["ports"][3], Json({{"name", "count_o"},
                                       {"direction", "output"},
                                       {"width", 8},
                                       {"signed", false},
                                       {"doc", "Cycles so far."}}));
  EXPECT_EQ(manifest_["modules"][0]["unit"], "control") << "that of the module that uses it";
  EXPECT_EQ(manifest_["modules"][2]["instances"][0],
            Json({{"name", "u_counter"}, {"module", "counter"}, {"count", 2}}));
}

TEST_F(BundleTest, FileListIsInCompileOrder) {
  EXPECT_EQ(text(bundle_, "hasse.f"), "rtl/stream_skid.v\nrtl/counter.v\nrtl/toy_top.v\n");
}

TEST_F(BundleTest, CoreNamesFilesAndTop) {
  EXPECT_THAT(text(bundle_, "hasse.core"),
              AllOf(HasSubstr("CAPI=2:\n"), HasSubstr("name: hasse:accelerator:default:"),
                    HasSubstr("      - rtl/counter.v\n"), HasSubstr("toplevel: toy_top")));
}

TEST_F(BundleTest, PagesHavePortsInstancesAndLinks) {
  EXPECT_THAT(
      text(bundle_, "doc/index.md"),
      AllOf(HasSubstr("| [counter](counter.md) | Counts the cycles in which it is enabled. |"),
            HasSubstr("| `tile_bits` | 8 |")));
  EXPECT_THAT(text(bundle_, "doc/counter.md"),
              AllOf(HasSubstr("Wraps around at 2^8."), HasSubstr("Used by [toy_top](toy_top.md)."),
                    HasSubstr("| `enable_i` | input | 1 | Counts when set \\| else waits. |")));
  EXPECT_THAT(text(bundle_, "doc/toy_top.md"),
              AllOf(HasSubstr("Top of the design."),
                    HasSubstr("| `u_counter` | [counter](counter.md) | 2 |")));
}

TEST_F(BundleTest, HeaderFitsTheLine) {
  // A design that is like the default one in nothing.
  design::Design other;
  for (const design::Field& field : design::fields())
    std::visit(
        [&](auto member) {
          if constexpr (std::is_same_v<decltype(member), int design::Design::*>)
            other.*member = -1;
          else
            other.*member = "x";
        },
        field.member);
  ASSERT_GT(file_header(other).size(), 4u);
  for (const std::string& line : file_header(other)) {
    EXPECT_LE(line.size(), 97u);
  }
}

TEST_F(BundleTest, HeaderStatesVersionAndDesign) {
  EXPECT_THAT(file_header(design::defaults(design::kDefaultEngine)),
              ElementsAre("SPDX-License-Identifier: Apache-2.0",
                          testing::EndsWith(" from the default design.")));
  design::Design tiny = design::defaults(design::kDefaultEngine);
  tiny.name = "tiny";
  tiny.tile_bits = 4;
  EXPECT_THAT(file_header(tiny).back(),
              testing::EndsWith(" from the default design with name = tiny, tile_bits = 4."));
  EXPECT_THAT(text(bundle_, "rtl/counter.v"), HasSubstr("from the default design"));
}

}  // namespace
}  // namespace hasse::emit
