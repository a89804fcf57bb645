// SPDX-License-Identifier: Apache-2.0
// Reads llama2.c's tokenizer and merges pieces.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "golden/model/llama2c.hpp"
#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::model {
namespace {

using tensor::FormatError;

constexpr Token kBeginning = 1;
constexpr Token kFirstByte = 3;

/// Takes values off the front of a file's bytes.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& name) : rest_(bytes), name_(name) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      throw FormatError(name_, "size", "too small", "all pieces of the vocabulary");
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  void expect_end() const {
    if (rest_.empty()) return;
    throw FormatError(name_, "size", fmt::format("{} bytes more", rest_.size()),
                      "nothing after the last piece");
  }

 private:
  std::string_view rest_;
  const std::string& name_;
};

}  // namespace

Tokenizer Tokenizer::load(const std::filesystem::path& path, std::size_t vocab_size) {
  return parse(tensor::read_file(path), path.string(), vocab_size);
}

Tokenizer Tokenizer::parse(std::string_view bytes, const std::string& name,
                           std::size_t vocab_size) {
  Bytes file(bytes, name);
  const auto longest = file.number<std::int32_t>();
  Tokenizer result;
  for (std::size_t token = 0; token < vocab_size; ++token) {
    result.scores_.push_back(file.number<float>());
    const auto length = file.number<std::int32_t>();
    if (length < 0 || length > longest) {
      throw FormatError(name, fmt::format("length of piece {}", token), fmt::format("{}", length),
                        fmt::format("0 to {}", longest));
    }
    result.pieces_.emplace_back(file.take(static_cast<std::size_t>(length)));
    result.numbers_.emplace(result.pieces_.back(), static_cast<Token>(token));
  }
  file.expect_end();
  return result;
}

std::vector<Token> Tokenizer::encode(std::string_view text) const {
  std::vector<Token> tokens = {kBeginning};
  if (text.empty()) return tokens;
  std::string spaced(1, ' ');
  spaced += text;
  for (std::size_t begin = 0; begin < spaced.size();) {
    const std::size_t end = std::min(spaced.find(' ', begin + 1), spaced.size());
    const std::vector<Token> word =
        encode_word(std::string_view(spaced).substr(begin, end - begin));
    tokens.insert(tokens.end(), word.begin(), word.end());
    begin = end;
  }
  return tokens;
}

std::vector<Token> Tokenizer::encode_word(std::string_view word) const {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const auto found = numbers_.find(word.substr(i, 1));
    tokens.push_back(found != numbers_.end()
                         ? found->second
                         : static_cast<Token>(kFirstByte + static_cast<std::uint8_t>(word[i])));
  }
  while (merge_best(tokens)) {
  }
  return tokens;
}

bool Tokenizer::merge_best(std::vector<Token>& tokens) const {
  float best = -std::numeric_limits<float>::infinity();
  auto place = tokens.end();
  Token merged = 0;
  for (auto at = tokens.begin(); at + 1 < tokens.end(); ++at) {
    const auto found = numbers_.find(pieces_[*at] + pieces_[*(at + 1)]);
    if (found == numbers_.end() || scores_[found->second] <= best) continue;
    best = scores_[found->second];
    place = at;
    merged = found->second;
  }
  if (place == tokens.end()) return false;
  *place = merged;
  tokens.erase(place + 1);
  return true;
}

std::string Tokenizer::piece(Token token) const {
  const std::string& piece = pieces_.at(token);
  if (piece.size() == 6 && piece.starts_with("<0x") && piece.back() == '>') {
    return {static_cast<char>(std::stoi(piece.substr(3, 2), nullptr, 16))};
  }
  return piece;
}

}  // namespace hasse::model
