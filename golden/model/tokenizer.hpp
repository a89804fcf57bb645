// SPDX-License-Identifier: Apache-2.0
// Text to tokens and back, by the vocabulary of a llama2.c tokenizer file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hasse::model {

/// The token that a text begins with.
inline constexpr std::uint32_t kBeginning = 1;

/// Byte-pair encoding with the scores of a SentencePiece vocabulary. Format: llama2.c's tokenizer
/// files: int32 longest piece, then for every token float32 score, int32 length and the piece.
class Tokenizer {
 public:
  /// Reads the `vocabulary` tokens of `path`. Throws tensor::FormatError naming what is wrong.
  static Tokenizer load(const std::filesystem::path& path, std::size_t vocabulary);

  /// As load, from the `bytes` of a file that messages call `name`.
  static Tokenizer parse(std::string_view bytes, const std::string& name, std::size_t vocabulary);

  /// The tokens of `text`, without kBeginning: a blank is put in front, characters become tokens,
  /// those without one the tokens of their bytes, and the neighbours whose union has the best score
  /// are merged, the leftmost first, until no union is a token.
  std::vector<std::uint32_t> encode(std::string_view text) const;

  /// The text that `token` stands for: its piece, or the byte that a piece like "<0x0A>" names.
  /// `token` is within the vocabulary.
  std::string text(std::uint32_t token) const;

 private:
  std::vector<std::uint32_t> characters(std::string_view text) const;

  std::vector<std::string> pieces_;
  std::vector<float> scores_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

}  // namespace hasse::model
