// SPDX-License-Identifier: Apache-2.0
#include "flows/compare/workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flows/report/documents.hpp"
#include "golden/tensor/file.hpp"
#include "verif/harness/toolchain.hpp"

namespace hasse::compare {
namespace {

using testing::HasSubstr;

class WorkloadTest : public testing::Test {
 protected:
  Workload read(const std::string& json) {
    tensor::write_file(folder_ + "workload.json", json);
    tensor::write_file(folder_ + "a.json", "{}");
    return load_workload(folder_ + "workload.json");
  }

  std::string refusal(const std::string& json) {
    try {
      read(json);
    } catch (const report::ReportError& error) {
      EXPECT_THAT(error.what(), HasSubstr("workload.json"));
      return error.what();
    }
    return "accepted";
  }

  /// A workload with the given members of its only design.
  static std::string with_design(const std::string& members) {
    return R"({"preset": "llama2-7b", "designs": [{)" + members + "}]}";
  }

  harness::Workspace scratch_{testing::TempDir()};
  std::string folder_ = scratch_.path().string() + "/";
};

TEST_F(WorkloadTest, NamesComeFromFilesUnlessTheyAreGiven) {
  const Workload workload = read(R"({"preset": "llama2-7b", "clock_ns": 8.5, "designs": [
      {"design": "a.json", "weight_bits": 4, "accuracy": "w8a8"},
      {"name": "b", "design": "a.json", "weight_bits": 8}]})");
  EXPECT_EQ(workload.name, "workload");
  EXPECT_EQ(workload.clock_ns, 8.5);
  EXPECT_EQ(workload.reference, "a");
  ASSERT_EQ(workload.contenders.size(), 2U);
  EXPECT_EQ(workload.contenders[0].accuracy, "w8a8");
  EXPECT_EQ(workload.contenders[1].name, "b");
  EXPECT_EQ(workload.contenders[1].design, folder_ + "a.json");
  EXPECT_FALSE(workload.shapes.layers.empty());
}

TEST_F(WorkloadTest, RefusalsNameThePlace) {
  EXPECT_THAT(refusal("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"designs": []})"), HasSubstr("/preset: missing"));
  EXPECT_THAT(refusal(R"({"preset": "gpt", "designs": []})"), HasSubstr("one of llama2-7b"));
  EXPECT_THAT(refusal(R"({"preset": "llama2-7b", "designs": []})"),
              HasSubstr("/designs: found an array, expected at least one design"));
  EXPECT_THAT(refusal(R"({"preset": "llama2-7b", "speed": 3})"), HasSubstr("/speed"));
  EXPECT_THAT(refusal(with_design(R"("design": "none.json", "weight_bits": 4)")),
              HasSubstr("/designs/0/design: found \"none.json\", expected a file that exists"));
  EXPECT_THAT(refusal(with_design(R"("design": "a.json", "weight_bits": 9)")),
              HasSubstr("/designs/0/weight_bits"));
  EXPECT_THAT(refusal(with_design(R"("design": "a.json", "weight_bits": 4, "name": "../x")")),
              HasSubstr("letters, digits"));
  EXPECT_THAT(refusal(with_design(R"("design": "a.json", "weight_bits": 4, "accuracy": "int3")")),
              HasSubstr("one of float"));
}

TEST_F(WorkloadTest, NamesAreTakenOnceAndTheReferenceIsOneOfThem) {
  EXPECT_THAT(refusal(R"({"preset": "llama2-7b", "designs": [
                  {"design": "a.json", "weight_bits": 4}, {"design": "a.json", "weight_bits": 8}]})"),
              HasSubstr("a name other than a"));
  EXPECT_THAT(refusal(R"({"preset": "llama2-7b", "reference": "b", "designs": [
                  {"design": "a.json", "weight_bits": 4}]})"),
              HasSubstr("/reference: found \"b\""));
}

}  // namespace
}  // namespace hasse::compare
