// SPDX-License-Identifier: Apache-2.0
#include "verif/attention/page_memory.hpp"

#include <algorithm>

#include "generator/design/design.hpp"
#include "verif/harness/generated.hpp"

namespace hasse::harness {

using attention::units::KvMemory;
using attention::units::KvWord;
using tensor::Matrix;

KvStore::KvStore(const units::AttentionGeometry& g, const KvMemory& memory, int kv_bits,
                 std::uint64_t seed)
    : g_(g),
      array_(engine_of(design::to_json(g.array.design), design::to_json(g.array.derived),
                       "the test's design")),
      random_(seed),
      parts_(g.parts(kv_bits)) {
  const auto block = static_cast<std::size_t>(g.kBoundsBlock);
  for (std::size_t b = 0; b * block < memory.bounds.pages(); ++b)
    bounds_.push_back(codes(bounds(memory, b), 8));
  for (const attention::units::KvPage& page : memory.pages) {
    keys_.push_back(scales(page.keys));
    const std::vector<std::uint32_t> key_codes = codes(matrix(page.keys, kv_bits), kv_bits);
    keys_.back().insert(keys_.back().end(), key_codes.begin(), key_codes.end());
    value_scales_.push_back(scales(page.values));
    values_.push_back(codes(tensor::transpose(matrix(page.values, kv_bits)), kv_bits));
  }
}

std::span<const std::uint32_t> KvStore::read(Request request, std::size_t page,
                                             std::size_t part) const {
  switch (request) {
    case Request::bounds:
      return bounds_.at(page);
    case Request::keys:
      return keys_.at(page);
    case Request::value_scales:
      return value_scales_.at(page);
    case Request::values:
      break;
  }
  const std::span<const std::uint32_t> all = values_.at(page);
  const std::size_t size = all.size() / static_cast<std::size_t>(parts_);
  return all.subspan(part * size, size);
}

std::vector<std::uint32_t> KvStore::scales(const std::vector<KvWord>& words) {
  std::vector<std::uint32_t> packed;
  for (std::size_t t = 0; t < static_cast<std::size_t>(g_.page); ++t)
    packed.push_back(t < words.size() ? std::uint32_t{words[t].range} << 16U |
                                            static_cast<std::uint16_t>(words[t].low)
                                      : static_cast<std::uint32_t>(random_.next()));
  return packed;
}

Matrix<std::int8_t> KvStore::matrix(const std::vector<KvWord>& words, int bits) {
  Matrix<std::int8_t> rows(static_cast<std::size_t>(g_.page), static_cast<std::size_t>(g_.dim));
  for (std::size_t t = 0; t < rows.rows(); ++t)
    for (std::size_t d = 0; d < rows.cols(); ++d) {
      const int code =
          t < words.size() ? words[t].codes[d] : static_cast<int>(random_.next() >> (64 - bits));
      rows(t, d) = static_cast<std::int8_t>(code - (1 << (bits - 1)));
    }
  return rows;
}

/// Of sixteen logical pages, the largest keys and then the smallest.
Matrix<std::int8_t> KvStore::bounds(const KvMemory& memory, std::size_t block) {
  const auto pages = static_cast<std::size_t>(g_.kBoundsBlock);
  const auto dim = static_cast<std::size_t>(g_.dim);
  Matrix<std::int8_t> rows(pages, 2 * dim);
  for (std::size_t p = 0; p < pages; ++p) {
    const std::size_t page = block * pages + p;
    for (std::size_t d = 0; d < 2 * dim; ++d) {
      const bool there = page < memory.bounds.pages();
      const std::int8_t bound = !there    ? static_cast<std::int8_t>(random_.next())
                                : d < dim ? memory.bounds.max(page)[d]
                                          : memory.bounds.min(page)[d - dim];
      rows(p, d) = bound;
    }
  }
  return rows;
}

std::vector<std::uint32_t> KvStore::codes(const Matrix<std::int8_t>& rows, int bits) const {
  Operands operands{rows, Matrix<std::int32_t>(rows.cols(), 1), bits};
  const PackedBeats packed = array_.config.streams()
                                 ? pack_streamed_weights(array_, operands)
                                 : pack_weights(array_, {array_.config, operands.shape(), rows});
  return packed.words;
}

PageMemory::PageMemory(Model& model, const units::AttentionGeometry& g, const KvStore& store,
                       const MemoryPace& pace, std::uint64_t seed)
    : model_(model),
      word_(static_cast<std::size_t>(g.word_bits()) / 32),
      scale_words_(static_cast<std::size_t>(g.page)),
      store_(store),
      pace_(pace),
      random_(seed) {}

void PageMemory::drive() {
  const bool room = answers_.size() < pace_.outstanding;
  model_.set("read_ready_i", room && !random_.chance(pace_.stall) ? 1 : 0);
}

void PageMemory::sample() {
  now_ += 1;
  if (model_.get("read_valid_o") == 0 || model_.get("read_ready_i") == 0) return;
  const auto request = static_cast<Request>(model_.get("read_kind_o"));
  const std::size_t page = model_.get("read_page_o"), part = model_.get("read_part_o");
  if (request == Request::keys) key_pages_.push_back(page);
  if (request == Request::values && part == 0) value_pages_.push_back(page);
  answers_.push_back({store_.read(request, page, part), now_ + pace_.latency, request});
}

const std::uint32_t* PageMemory::next() {
  if (answers_.empty()) return nullptr;
  const Answer& answer = answers_.front();
  const double bytes = static_cast<double>(word_ * 4);
  const double comes = std::max(come_, answer.first) + bytes / pace_.bytes_per_cycle;
  if (comes > now_) return nullptr;
  come_ = comes;
  count(answer);
  const std::uint32_t* words = answer.words.data() + at_;
  at_ += word_;
  if (at_ < answer.words.size()) return words;
  at_ = 0;
  answers_.pop_front();
  return words;
}

void PageMemory::count(const Answer& answer) {
  const std::size_t bytes = word_ * 4;
  switch (answer.request) {
    case Request::bounds:
      bytes_.bounds += bytes;
      break;
    case Request::keys:
      (at_ < scale_words_ ? bytes_.key_scales : bytes_.key_codes) += bytes;
      break;
    case Request::value_scales:
      bytes_.value_scales += bytes;
      break;
    case Request::values:
      bytes_.value_codes += bytes;
      break;
  }
}

}  // namespace hasse::harness
