// SPDX-License-Identifier: Apache-2.0
// Every parser on its corpus, and on what a few thousand small changes make of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "golden/tensor/file.hpp"
#include "verif/fuzz/targets.hpp"
#include "verif/harness/stream.hpp"

namespace hasse::fuzz {
namespace {

namespace fs = std::filesystem;

class Fuzz : public testing::TestWithParam<std::string> {
 protected:
  std::size_t below(std::size_t limit) {
    return static_cast<std::size_t>(random_.next() >> 16) % std::max<std::size_t>(limit, 1);
  }

  /// `bytes` with one to four changes: a bit, a byte, a stretch cut out or repeated.
  std::string changed(std::string bytes) {
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 1:
          bytes.insert(at, 1, static_cast<char>(below(256)));
          break;
        case 2:
          bytes.erase(at, below(16));
          break;
        default:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(32)));
      }
    }
    return bytes;
  }

  const Target& target_ = *find_target(GetParam());
  harness::Random random_{131};
};

TEST_P(Fuzz, RefusesWhatItCannotReadInWords) {
  int inputs = 0;
  for (const auto& entry :
       fs::directory_iterator(HASSE_SOURCE_DIR "/verif/fuzz/corpus/" + GetParam())) {
    const std::string bytes = tensor::read_file(entry.path());
    SCOPED_TRACE(entry.path().filename().string());
    EXPECT_NO_THROW(target_.run(bytes));
    for (int i = 0; i < 1000; ++i) {
      const std::string input = changed(bytes);
      EXPECT_NO_THROW(target_.run(input)) << testing::PrintToString(input);
    }
    ++inputs;
  }
  EXPECT_GT(inputs, 0);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Target& target : targets()) all.emplace_back(target.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Parsers, Fuzz, testing::ValuesIn(names()),
                         [](const auto& parser) { return parser.param; });

}  // namespace
}  // namespace hasse::fuzz
