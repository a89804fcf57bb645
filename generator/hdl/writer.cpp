// SPDX-License-Identifier: Apache-2.0
// Layout of the emitted text.
#include "generator/hdl/writer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hasse::hdl::detail {

namespace {

/// Trailing comments need this many characters a line; with less they stand above.
constexpr std::size_t min_note_room = 28;

/// Where to end a line: the last break of the smallest depth that leaves a well-filled line.
std::size_t choose_break(const std::vector<Piece>& pieces, std::size_t first, std::size_t room) {
  std::size_t best = 0;
  std::size_t length = 0;
  std::size_t best_length = 0;
  for (std::size_t i = first; i < pieces.size(); ++i) {
    const bool can_break = i > first && pieces[i].depth >= 0;
    if (length > room && best != 0) break;
    const bool is_short = best_length < room / 2;
    if (can_break && (best == 0 || pieces[i].depth <= pieces[best].depth || is_short)) {
      best = i;
      best_length = length;
    }
    length += pieces[i].text.size();
  }
  return length <= room || best == 0 ? pieces.size() : best;
}

std::vector<std::size_t> cell_widths(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.cells.size()), 0);
    for (std::size_t i = 0; i + 1 < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], row.cells[i].size());
    }
  }
  return widths;
}

std::string join_cells(const Row& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const bool is_last = i + 1 == row.cells.size();
    line += row.cells[i];
    if (is_last || widths[i] == 0) continue;
    line.append(widths[i] - row.cells[i].size() + 1, ' ');
  }
  return line;
}

/// Lines of at most `room` characters; "\n" starts a new one.
std::vector<std::string> wrap_words(std::string_view text, std::size_t room) {
  std::vector<std::string> lines;
  while (true) {
    const std::size_t newline = std::min(text.find('\n'), text.size());
    std::string_view rest = text.substr(0, newline);
    do {
      std::size_t cut = rest.size() > room ? rest.rfind(' ', room) : rest.size();
      if (cut == std::string_view::npos || cut == 0) cut = std::min(rest.find(' '), rest.size());
      lines.emplace_back(rest.substr(0, cut));
      rest.remove_prefix(std::min(cut + 1, rest.size()));
    } while (!rest.empty());
    if (newline == text.size()) return lines;
    text.remove_prefix(newline + 1);
  }
}

}  // namespace

void Writer::blank() {
  if (!text_.ends_with("\n\n") && !text_.empty()) text_ += '\n';
}

void Writer::line(std::string_view text) {
  if (!text.empty()) text_.append(margin()).append(text);
  text_ += '\n';
}

void Writer::statement(const std::vector<Piece>& pieces) {
  std::size_t first = 0;
  std::string lead = margin();
  while (first < pieces.size()) {
    const std::size_t room = columns > lead.size() + 20 ? columns - lead.size() : 20;
    const std::size_t last = choose_break(pieces, first, room);
    std::string out;
    for (std::size_t i = first; i < last; ++i) out += pieces[i].text;
    const std::size_t start = std::min(out.find_first_not_of(' '), out.size());
    const std::size_t end = out.find_last_not_of(' ') + 1;
    text_.append(lead).append(out, start, end - start).append("\n");
    if (first == 0) lead += "    ";
    first = last;
  }
}

void Writer::comment(std::string_view text) {
  for (const std::string& words : wrap_words(text, columns - margin().size() - 3)) {
    line(words.empty() ? "//" : fmt::format("// {}", words));
  }
}

void Writer::banner(std::string_view title) {
  const std::string bar(title.size() + 6, '/');
  line(bar);
  line(fmt::format("// {} //", title));
  line(bar);
}

void Writer::table(const std::vector<Row>& rows) {
  const std::vector<std::size_t> widths = cell_widths(rows);
  std::vector<std::string> lines;
  std::size_t note_column = 0;
  for (const Row& row : rows) {
    lines.push_back(join_cells(row, widths));
    if (!row.note.empty()) note_column = std::max(note_column, lines.back().size());
  }
  const std::size_t used = margin().size() + note_column + 5;
  const bool notes_trail = used + min_note_room <= columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].note.empty()) {
      line(lines[i]);
    } else if (!notes_trail) {
      comment(rows[i].note);
      line(lines[i]);
    } else {
      for (const std::string& words : wrap_words(rows[i].note, columns - used)) {
        line(fmt::format("{:<{}}  // {}", lines[i], note_column, words));
        lines[i].clear();
      }
    }
  }
}

}  // namespace hasse::hdl::detail
