// SPDX-License-Identifier: Apache-2.0
#include "generator/emit/memory_layout.hpp"

#include <fmt/format.h>

#include "generator/units/attention_engine.hpp"

namespace hasse::emit {
namespace {

using units::AttentionGeometry;

/// Of sixteen logical pages.
int bounds_words(const AttentionGeometry& g) {
  return g.kBoundsBlock * 2 * g.dim * 8 / g.word_bits();
}

/// Words of the part of a page's values that is asked for at once.
int part_words(const AttentionGeometry& g, int code_bits) {
  return g.code_words(code_bits) / g.parts(code_bits);
}

std::string requests(const AttentionGeometry& g) {
  return fmt::format(
      "## Reading\n\n"
      "A KV head's cache is read through one port. `read_*` names what is wanted; the words that "
      "hold it, of {0} bits,\nare expected at `memory_*` in the order of the requests, whole. "
      "Places without a token or a logical page may hold\nanything.\n\n"
      "| `read_kind_o` | is | of | words, codes of 8 bits | of 4 bits |\n|---|---|---|---|---|\n"
      "| 0 | bounds | sixteen logical pages, `read_page_o` the number of sixteen | {1} | {1} |\n"
      "| 1 | scales of keys, then the keys' codes | page `read_page_o` | {2} + {3} | {2} + {4} |\n"
      "| 2 | scales of values | page `read_page_o` | {2} | {2} |\n"
      "| 3 | the values' codes, part `read_part_o` of {5} (of {6} if codes have 4 bits) | page "
      "`read_page_o` | {7} | {8} |\n\n"
      "`short_i` says that codes have 4 bits.\n",
      g.word_bits(), bounds_words(g), g.scale_words(), g.code_words(8), g.code_words(4), g.parts(8),
      g.parts(4), part_words(g, 8), part_words(g, 4));
}

std::string matrices(const AttentionGeometry& g) {
  return fmt::format(
      "\n## What the words hold\n\n"
      "- **Scales**: of a page's {0} tokens {{range, low}}, 32 bits each, the first token lowest: "
      "range, the largest less the\n  smallest element, unsigned, in the upper half; low, the "
      "smallest element, signed, in the lower. A code c of b bits\n  stands for low + c * range / "
      "(2^b - 1).\n"
      "- **Bounds**: weights [16 x {1}] of 8 bits, a row a logical page of {2} tokens: the largest "
      "keys of its {3} channels,\n  then the smallest.\n"
      "- **Keys**: weights [{0} x {3}], a row a token, of the codes less 2^(b-1).\n"
      "- **Values**: weights [{3} x {0}], a row a channel, of the codes less 2^(b-1); a part is "
      "{4} channels, or {5} if codes\n  have 4 bits.\n",
      g.page, 2 * g.dim, g.page / g.logical_pages, g.dim, g.dim / g.parts(8), g.dim / g.parts(4));
}

std::string weights(const AttentionGeometry& g) {
  const design::Design& d = g.array.design;
  const int depth = g.array.engine.depth();
  return fmt::format(
      "\n## Weights in words\n\n"
      "    for every {0} rows of 8 bits, or {1} of 4      an N-tile\n"
      "      for every {2} columns                      a K-tile\n"
      "        for every {3} rows                       one in every lane\n"
      "          for every {4} of their planes          most significant first: a word\n\n"
      "Bit `(l*{4} + p)*{2} + i` of a word is plane p, the lowest of the word first, of the weight "
      "in row l and column i.\n",
      g.array.engine.rows_per_tile(8), g.array.engine.rows_per_tile(4), depth, d.lanes, d.planes);
}

std::string other_streams(const AttentionGeometry& g) {
  return fmt::format(
      "\n## Queries and outputs\n\n"
      "A step takes {0} beats of queries: {1} elements of 8 bits of each of the {2} columns, pairs "
      "of a token and a query\nhead, element r of column c at place c*{1} + r. It ends with {3} "
      "beats of outputs, a channel of all columns in each: 32\nbits, in units of 1 / (2^b - 1). "
      "Columns that are not in use are sent, too. What a step reads and chooses is said by the\n"
      "[ports](attention_engine.md) besides these streams, which stay as they are from `start_i` "
      "to `done_o`.\n",
      g.dim / g.operand_rows(), g.operand_rows(), g.columns(), g.dim);
}

}  // namespace

nlohmann::ordered_json memory_json(const design::Design& design) {
  const AttentionGeometry g(design);
  const auto by_bits = [](int eight, int four) {
    return nlohmann::ordered_json{{"8", eight}, {"4", four}};
  };
  return {{"word_bits", g.word_bits()},
          {"bounds_words", bounds_words(g)},
          {"scale_words", g.scale_words()},
          {"key_words", by_bits(g.code_words(8), g.code_words(4))},
          {"value_parts", by_bits(g.parts(8), g.parts(4))},
          {"value_part_words", by_bits(part_words(g, 8), part_words(g, 4))}};
}

std::vector<File> memory_files(const design::Design& design) {
  if (!design.attention) return {};
  const AttentionGeometry g(design);
  return {{"doc/memory.md",
           "# Memory and streams\n\nAll streams are valid/ready; the first item "
           "of a beat is in its lowest bits.\n\n" +
               requests(g) + matrices(g) + weights(g) + other_streams(g)}};
}

}  // namespace hasse::emit
