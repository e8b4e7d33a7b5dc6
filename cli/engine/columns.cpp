#include "cli/engine/columns.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/engine/escape.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

using Way = Column::Way;
using Sizes = std::vector<std::size_t>;

constexpr std::size_t kGap = 2;           // between columns
constexpr std::size_t kIndent = 2;        // of what belongs to the line above
constexpr std::size_t kCellAtLeast = 12;  // a shorter beginning, or piece, tells nothing
constexpr std::size_t kProseFrom = 25;    // a text with blanks that is so wide is read, not looked up
constexpr std::size_t kProseRoomy = 40;   // its least width beside other columns
constexpr std::size_t kProseNarrow = 24;  // the same below a name on a line of its own
constexpr std::size_t kProseScarce = 16;  // the same before rows become blocks
constexpr std::size_t kLongName = 20;     // a longer one may have a line of its own

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// How many bytes of the text fit into the columns, at least one character.
std::size_t fitting(std::string_view text, std::size_t columns) {
  std::size_t at = 0, used = 0;
  while (at < text.size()) {
    std::size_t next = at + 1;
    while (next < text.size() && is_continuation(text[next])) ++next;
    used += display_width(text.substr(at, next - at));
    if (used > columns && at > 0) break;
    at = next;
  }
  return at;
}

/// The same, but behind the last sign that parts a word, if that is not too early.
std::size_t good_break(std::string_view word, std::size_t columns) {
  const std::size_t most = fitting(word, columns);
  if (most == word.size()) return most;
  const auto sign = word.substr(0, most).find_last_of(",;:/_.-&?=");
  return sign == std::string_view::npos || sign + 1 < most / 2 ? most : sign + 1;
}

/// Appends one line of the text, broken.
void append_broken(std::vector<std::string>& lines, std::string_view text, std::size_t width, bool inside_words) {
  std::string line;
  std::size_t used = 0;
  bool begun = false;
  for (std::string_view word : split(text, ' ')) {
    if (begun && fitting(word, width) == word.size() && used + 1 + display_width(word) <= width) {
      line += ' ';
      ++used;
    } else if (begun) {
      lines.push_back(std::exchange(line, {}));
      used = 0;
    }
    while (inside_words && fitting(word, width) < word.size()) {
      const std::size_t piece = good_break(word, width);
      lines.emplace_back(word.substr(0, piece));
      word.remove_prefix(piece);
    }
    line += word;
    used += display_width(word);
    begun = true;
  }
  lines.push_back(std::move(line));
}

std::size_t widest_word(std::string_view text) {
  std::size_t most = 0;
  for (const auto word : split(text, ' ')) most = std::max(most, display_width(word));
  return most;
}

std::size_t sum_of(const Sizes& widths) {
  std::size_t sum = kGap * (widths.size() - std::min<std::size_t>(widths.size(), 1));
  for (const std::size_t width : widths) sum += width;
  return sum;
}

/// Takes from the widest that is above its least, again and again. Returns whether the sum fits.
bool shrink(Sizes& widths, const Sizes& least, std::size_t width) {
  while (sum_of(widths) > width) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (widths[i] > least[i] && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    if (widest == widths.size()) return false;
    --widths[widest];
  }
  return true;
}

/// The layouts of one grid.
class Layout {
 public:
  Layout(const Grid& grid, std::size_t width, const Paint& paint) : grid_(grid), width_(width), paint_(paint) {
    for (std::size_t i = 0; i < grid.columns.size(); ++i) all_.push_back(i);
  }

  std::string text() const {
    Sizes widths = natural(all_);
    if (width_ == 0 || sum_of(widths) <= width_) return in_rows({all_, std::move(widths), false});
    const Sizes beside = beside_each_other();
    if (const auto plan = fit(beside, width_, kProseRoomy)) return in_rows(*plan);
    const bool long_name = width_of(grid_.name) > kLongName;
    if (long_name && beside.size() > 2 && width_ > kIndent) {
      Sizes rest = beside;
      std::erase(rest, grid_.name);
      if (auto plan = fit(rest, width_ - kIndent, kProseNarrow); plan && width_of(grid_.name) <= width_) {
        plan->name_above = true;
        return in_rows(*plan);
      }
    }
    if (const auto plan = fit(beside, width_, kProseScarce)) return in_rows(*plan);
    return in_blocks();
  }

 private:
  struct Plan {
    Sizes columns;  // their indices
    Sizes widths;   // of each of them
    bool name_above = false;
  };

  /// Of the widest cell.
  std::size_t width_of(std::size_t column) const {
    std::size_t most = 0;
    for (const auto& row : grid_.rows) most = std::max(most, widest_line(row[column]));
    return most;
  }

  bool is_prose(std::size_t column) const {
    const auto has_blank = [&](const auto& row) { return row[column].find(' ') != std::string::npos; };
    return width_of(column) >= kProseFrom && std::ranges::any_of(grid_.rows, has_blank);
  }

  Sizes natural(const Sizes& columns) const {
    Sizes widths;
    for (const std::size_t i : columns)
      widths.push_back(std::max(width_of(i), display_width(grid_.columns[i].heading)));
    return widths;
  }

  Sizes beside_each_other() const {
    Sizes columns;
    for (const std::size_t i : all_)
      if (grid_.columns[i].way != Way::below && grid_.columns[i].way != Way::spare) columns.push_back(i);
    return columns;
  }

  std::size_t least_of(std::size_t column, std::size_t prose) const {
    const std::size_t widest = width_of(column);
    if (grid_.columns[column].way == Way::whole) return widest;
    return std::min(widest, is_prose(column) ? prose : kCellAtLeast);
  }

  /// Headings break before a cell does; prose breaks, and ids lose their ends, before a word is broken.
  std::optional<Plan> fit(const Sizes& columns, std::size_t width, std::size_t prose) const {
    Plan plan{columns, natural(columns), false};
    Sizes whole_cells, whole_words, least;
    for (const std::size_t i : columns) {
      const std::size_t heading = widest_word(grid_.columns[i].heading);
      const bool is_word = grid_.columns[i].way == Way::wrap && !is_prose(i);
      whole_cells.push_back(std::max(heading, width_of(i)));
      least.push_back(std::max(heading, least_of(i, prose)));
      whole_words.push_back(is_word ? whole_cells.back() : least.back());
    }
    for (const Sizes& bound : {whole_cells, whole_words, least})
      if (shrink(plan.widths, bound, width)) return plan;
    return std::nullopt;
  }

  std::vector<std::string> lines_in(std::size_t column, const std::string& cell, std::size_t width) const {
    if (grid_.columns[column].way == Way::cut) return {cut_to(cell, width)};
    return broken(cell, width);
  }

  /// Cells side by side, each on as many lines as it needs.
  void append_cells(std::string& out, const Plan& plan, const std::function<std::string(std::size_t)>& cell_of,
                    bool painted) const {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      const std::string cell = cell_of(plan.columns[i]);
      cells.push_back(painted ? lines_in(plan.columns[i], cell, plan.widths[i]) : broken(cell, plan.widths[i]));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      std::string padding(plan.name_above ? kIndent : 0, ' ');
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string piece = line < cells[i].size() ? cells[i][line] : std::string();
        const std::size_t rest = plan.widths[i] - std::min(plan.widths[i], display_width(piece));
        if (!piece.empty()) out += padding + (painted ? paint_(cell_of(plan.columns[i]), piece) : piece);
        padding = (piece.empty() ? padding : std::string()) + std::string(rest + kGap, ' ');
      }
      out += "\n";
    }
  }

  std::string in_rows(const Plan& plan) const {
    std::string out;
    if (plan.name_above) out += grid_.columns[grid_.name].heading + "\n";
    append_cells(
        out, plan, [&](std::size_t i) { return grid_.columns[i].heading; }, false);
    for (const auto& row : grid_.rows) {
      if (plan.name_above) out += paint_(row[grid_.name], row[grid_.name]) + "\n";
      append_cells(
          out, plan, [&](std::size_t i) { return row[i]; }, true);
      for (const std::size_t i : all_) {
        const bool shown = std::ranges::find(plan.columns, i) != plan.columns.end();
        if (!shown && grid_.columns[i].way == Way::below && row[i] != "-")
          out += std::string(kIndent, ' ') + "try: " + row[i] + "\n";
      }
    }
    return out;
  }

  std::string in_blocks() const {
    std::size_t label_width = 0;
    for (const auto& column : grid_.columns) label_width = std::max(label_width, display_width(column.heading));
    const std::string indent(label_width + kGap, ' ');
    const std::size_t columns = width_ > indent.size() + kCellAtLeast ? width_ - indent.size() : kCellAtLeast;
    std::string out;
    for (const auto& row : grid_.rows) {
      if (!out.empty()) out += "\n";
      for (const std::size_t i : all_) {
        if (row[i] == "-") continue;
        std::string lead = grid_.columns[i].heading;
        lead.resize(indent.size(), ' ');
        const bool breaks = grid_.columns[i].way == Way::wrap;
        for (const auto& line : breaks ? broken(row[i], columns) : std::vector{row[i]})
          out += std::exchange(lead, indent) + paint_(row[i], line) + "\n";
      }
    }
    return out;
  }

  const Grid& grid_;
  std::size_t width_;
  const Paint& paint_;
  Sizes all_;
};

}  // namespace

std::vector<std::string> broken(std::string_view text, std::size_t width, bool inside_words) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) append_broken(lines, line, std::max<std::size_t>(width, 1), inside_words);
  return lines;
}

std::size_t widest_line(std::string_view text) {
  std::size_t most = 0;
  for (const auto line : split(text, '\n')) most = std::max(most, display_width(line));
  return most;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  return std::string(text.substr(0, columns < 2 ? 0 : fitting(text, columns - 1))).append(sign("…", "~"));
}

std::string laid_out(const Grid& grid, std::size_t width, const Paint& paint) {
  return Layout(grid, width, paint).text();
}

}  // namespace nexus::cli
