// Cells in columns, as wide as a terminal is. Pure functions from texts to text: nothing here knows JSON.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::cli {

struct Column {
  /// How its cells give way where there is no room: not at all, by losing their ends, by breaking into lines, by moving
  /// below the row, unbroken (a command to copy), or by being left out.
  enum class Way { whole, cut, wrap, below, spare };
  std::string heading;
  Way way = Way::wrap;
};

/// Cells are safe to print; a line break in one is a line break. `name` is the column that names a row; it may stand on
/// a line of its own. Every row has a cell a column; `-` is an empty one.
struct Grid {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows = {};
  std::size_t name = 0;
};

/// Colours a piece of a cell; gets the whole cell, too.
using Paint = std::function<std::string(std::string_view cell, std::string piece)>;

/// One row under the other. Where that is wider than `width` (0: nothing is), what is spare is left out; then headings
/// break; then cells give way; then the name moves to a line above its row; at last each row becomes a block of lines.
std::string laid_out(const Grid& grid, std::size_t width, const Paint& paint);

/// The lines of a text in at most so many columns, broken between words. A wider word is broken at a sign such as `/`
/// or `_`, if one is near; or, without `inside_words`, it stays whole, to be copied, and its line is wider.
std::vector<std::string> broken(std::string_view text, std::size_t width, bool inside_words = true);

/// The widest line of a text, in columns of a terminal.
std::size_t widest_line(std::string_view text);

/// The beginning of the text with `…` behind it (`~` where the locale is not UTF-8), in at most so many columns of a
/// terminal.
std::string cut_to(std::string_view text, std::size_t columns);

}  // namespace nexus::cli
