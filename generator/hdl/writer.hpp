// SPDX-License-Identifier: Apache-2.0
// Lines of text: indentation, wrapping at 100 columns, aligned tables, comments. Not for units.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hasse::hdl::detail {

/// A fragment of a statement. A line may be broken before it when `depth` is not negative; breaks
/// at smaller depth (nearer the root of the expression) are preferred.
struct Piece {
  std::string text;
  int depth = -1;
};

/// One declaration of a table: cells are padded to columns, the note becomes a trailing comment on
/// as many lines as it needs, or stands above where the declarations leave no room.
struct Row {
  std::vector<std::string> cells;
  std::string note;
};

/// Builds the text of one file.
class Writer {
 public:
  static constexpr std::size_t columns = 100;

  void indent() { ++level_; }
  void dedent() { --level_; }

  void blank();
  void line(std::string_view text);
  /// A statement, wrapped with a continuation indent of 4.
  void statement(const std::vector<Piece>& pieces);
  /// `//` lines, wrapped by words; "\n" starts a new line.
  void comment(std::string_view text);
  void banner(std::string_view title);
  /// Rows with aligned cells; the last cell of each row is not padded.
  void table(const std::vector<Row>& rows);

  /// The text so far; the writer is left empty.
  std::string take() { return std::move(text_); }

 private:
  std::string margin() const { return std::string(2 * static_cast<std::size_t>(level_), ' '); }

  std::string text_;
  int level_ = 0;
};

}  // namespace hasse::hdl::detail
