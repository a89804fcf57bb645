// SPDX-License-Identifier: Apache-2.0
// Models and tokenizers in the formats of the llama2.c project.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden/model/llama.hpp"

namespace hasse::model {

/// Reads a model of llama2.c's first format: seven int32 (dim, hidden dim, layers, heads, KV heads,
/// vocabulary, longest sequence), then float32 weights; the output head is the embedding, which a
/// positive vocabulary states. Queries and keys are reordered from the format's neighbouring rotary
/// pairs to Llama's halves, which leaves every result as it was. Throws tensor::FormatError naming
/// the field, or the size of the file when it is not what the sizes ask for.
Llama load_llama2c(const std::filesystem::path& path);

/// As load_llama2c, from the `bytes` of a file that messages call `name`.
Llama parse_llama2c(std::string_view bytes, const std::string& name);

/// A tokenizer of llama2.c: pieces with scores, merged greedily by the best score, bytes as a last
/// resort (entries 3 to 258).
class Tokenizer {
 public:
  /// Reads `path`, whose `vocab_size` pieces follow one int32, the longest piece. Throws
  /// tensor::FormatError when the file ends early or goes on.
  static Tokenizer load(const std::filesystem::path& path, std::size_t vocab_size);

  /// As load, from the `bytes` of a file that messages call `name`.
  static Tokenizer parse(std::string_view bytes, const std::string& name, std::size_t vocab_size);

  /// `text` as tokens, the beginning-of-text entry (1) first and a space put before the text.
  std::vector<Token> encode(std::string_view text) const;

  /// The bytes of `token`; a piece <0x41> is its byte.
  std::string piece(Token token) const;

 private:
  /// One word with the space before it: no piece reaches into the next.
  std::vector<Token> encode_word(std::string_view word) const;
  /// Merges the two neighbours whose piece has the highest score; false when no two make a piece.
  bool merge_best(std::vector<Token>& tokens) const;

  std::vector<std::string> pieces_;
  std::vector<float> scores_;
  std::map<std::string, Token, std::less<>> numbers_;
};

}  // namespace hasse::model
