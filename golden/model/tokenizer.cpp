// SPDX-License-Identifier: Apache-2.0
// Reads vocabularies and merges pairs.
#include "golden/model/tokenizer.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "golden/tensor/file.hpp"
#include "golden/tensor/format_error.hpp"

namespace hasse::model {
namespace {

using tensor::FormatError;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

/// The tokens of bytes 0..255 follow those for unknown, beginning and end.
constexpr std::uint32_t kFirstByte = 3;
constexpr std::int32_t kLongestPiece = 1 << 16;

/// Takes numbers and text off the front of a file.
class Cursor {
 public:
  Cursor(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  std::string_view take(std::size_t count, const std::string& field) {
    if (count > bytes_.size() - at_)
      throw FormatError(name_, field, fmt::format("cut off at byte {}", bytes_.size()),
                        fmt::format("{} bytes from byte {} on", count, at_));
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

  template <class T>
  T number(const std::string& field) {
    T value;
    std::memcpy(&value, take(sizeof(T), field).data(), sizeof(T));
    return value;
  }

  std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
};

/// Bytes of the UTF-8 character that starts `text`; 1 for a stray byte.
std::size_t character_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && size < 4 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
    ++size;
  return size;
}

/// A list of tokens whose neighbours are merged: places never move, so the leftmost stays leftmost.
class Merger {
 public:
  Merger(const std::vector<std::string>& pieces, const std::vector<float>& scores,
         const std::map<std::string, std::uint32_t, std::less<>>& numbers,
         std::vector<std::uint32_t> tokens)
      : pieces_(pieces), scores_(scores), numbers_(numbers), tokens_(std::move(tokens)) {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      next_.push_back(i + 1);
      previous_.push_back(i == 0 ? tokens_.size() : i - 1);
    }
    for (std::size_t i = 0; i < tokens_.size(); ++i) offer(i);
  }

  std::vector<std::uint32_t> run() {
    while (!offers_.empty()) {
      const std::size_t at = offers_.begin()->second;
      merge(at);
    }
    std::vector<std::uint32_t> result;
    for (std::size_t i = 0; i < tokens_.size(); i = next_[i]) result.push_back(tokens_[i]);
    return result;
  }

 private:
  std::optional<std::uint32_t> merged(std::size_t at) const {
    if (next_[at] >= tokens_.size()) return std::nullopt;
    const auto found = numbers_.find(pieces_[tokens_[at]] + pieces_[tokens_[next_[at]]]);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }

  // Best score first, then leftmost.
  std::pair<float, std::size_t> key(std::uint32_t token, std::size_t at) const {
    return {-scores_[token], at};
  }

  void offer(std::size_t at) {
    if (const auto token = merged(at)) offers_.insert(key(*token, at));
  }

  void withdraw(std::size_t at) {
    if (const auto token = merged(at)) offers_.erase(key(*token, at));
  }

  void merge(std::size_t at) {
    const std::uint32_t token = merged(at).value();
    const std::size_t gone = next_[at], before = previous_[at];
    withdraw(at);
    withdraw(gone);
    if (before < tokens_.size()) withdraw(before);
    tokens_[at] = token;
    next_[at] = next_[gone];
    if (next_[at] < tokens_.size()) previous_[next_[at]] = at;
    offer(at);
    if (before < tokens_.size()) offer(before);
  }

  const std::vector<std::string>& pieces_;
  const std::vector<float>& scores_;
  const std::map<std::string, std::uint32_t, std::less<>>& numbers_;
  std::vector<std::uint32_t> tokens_;
  std::vector<std::size_t> next_, previous_;
  std::set<std::pair<float, std::size_t>> offers_;
};

}  // namespace

Tokenizer Tokenizer::load(const std::filesystem::path& path, std::size_t vocabulary) {
  return parse(tensor::read_file(path), path.string(), vocabulary);
}

Tokenizer Tokenizer::parse(std::string_view bytes, const std::string& name,
                           std::size_t vocabulary) {
  Cursor cursor(bytes, name);
  cursor.number<std::int32_t>("longest piece");
  Tokenizer result;
  for (std::size_t i = 0; i < vocabulary; ++i) {
    const std::string token = fmt::format("token {}", i);
    const auto score = cursor.number<float>(token + ", score");
    const auto size = cursor.number<std::int32_t>(token + ", length");
    if (!std::isfinite(score))
      throw FormatError(name, token + ", score", fmt::format("{}", score), "a finite number");
    if (size < 0 || size > kLongestPiece)
      throw FormatError(name, token + ", length", fmt::format("{}", size),
                        fmt::format("0 to {}", kLongestPiece));
    result.scores_.push_back(score);
    result.pieces_.emplace_back(cursor.take(static_cast<std::size_t>(size), token));
    result.numbers_.emplace(result.pieces_.back(), static_cast<std::uint32_t>(i));
  }
  if (cursor.left() != 0)
    throw FormatError(name, "file", fmt::format("{} bytes longer", cursor.left()),
                      fmt::format("{} tokens, the model's vocabulary", vocabulary));
  if (vocabulary < kFirstByte + 256)
    throw FormatError(name, "vocabulary", fmt::format("{} tokens", vocabulary),
                      "at least 259: unknown, beginning, end and 256 bytes");
  return result;
}

std::vector<std::uint32_t> Tokenizer::characters(std::string_view text) const {
  std::vector<std::uint32_t> tokens;
  const auto append = [&](std::string_view character) {
    const auto found = numbers_.find(character);
    if (found != numbers_.end()) return tokens.push_back(found->second);
    for (const char byte : character)
      tokens.push_back(kFirstByte + static_cast<unsigned char>(byte));
  };
  if (!text.empty()) append(" ");
  for (std::size_t at = 0; at < text.size(); at += character_size(text.substr(at)))
    append(text.substr(at, character_size(text.substr(at))));
  return tokens;
}

std::vector<std::uint32_t> Tokenizer::encode(std::string_view text) const {
  return Merger(pieces_, scores_, numbers_, characters(text)).run();
}

std::string Tokenizer::text(std::uint32_t token) const {
  const bool byte = token >= kFirstByte && token < kFirstByte + 256;
  return byte ? std::string(1, static_cast<char>(token - kFirstByte)) : pieces_.at(token);
}

}  // namespace hasse::model
