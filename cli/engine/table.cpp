#include "cli/engine/table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "cli/engine/escape.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

constexpr std::size_t kGap = 2;          // between columns
constexpr std::size_t kCutAtLeast = 12;  // a shorter beginning tells nothing
constexpr std::size_t kHashShown = 12;

std::string_view last_word_of(std::string_view path) { return path.substr(path.rfind('.') + 1); }

/// Of `body.actor.id` ACTOR, of `body.subject.type` SUBJECT TYPE.
std::string heading(std::string_view path) {
  std::string text(last_word_of(path));
  if (const std::size_t dot = path.rfind('.'); dot != path.npos && (text == "id" || text == "type")) {
    const std::string parent(last_word_of(path.substr(0, dot)));
    text = text == "id" ? parent : parent + " " + text;
  }
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return c == '_' ? ' ' : static_cast<char>(std::toupper(c)); });
  return text;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Sentences to read and commands to copy.
bool stays_whole(std::string_view column) {
  constexpr std::array<std::string_view, 4> names = {"detail", "remedy", "why", "try"};
  return std::ranges::find(names, last_word_of(column)) != names.end();
}

/// What people read instead of the value; nothing where they read the value itself.
std::optional<std::string> reading_of(std::string_view path, const Json& value, Micros now) {
  const std::string_view name = last_word_of(path);
  if (value.is_number_integer() && name.ends_with("_bytes")) return size_for_people(value.get<std::int64_t>());
  if (!value.is_string() || !(name.ends_with("_at") || name == "at" || name == "since")) return std::nullopt;
  const auto at = parse_rfc3339(value.get_ref<const std::string&>());
  return at ? std::optional(age_for_people(*at, now)) : std::nullopt;
}

std::string plain_cell(const Json& value) {
  const std::string text = escape_controls(cell_text(value));
  return text.empty() ? "-" : text;
}

std::string cell_of(std::string_view path, const Json& value, const View& view) {
  if (!view.terminal) return plain_cell(value);
  if (auto reading = reading_of(path, value, now_micros())) return *reading;
  std::string text = plain_cell(value);
  return is_hash(text) ? cut_to(text, kHashShown + 1) : text;
}

/// Green for what passes, red for what blocks.
std::string coloured(std::string_view padded, std::string_view cell, const View& view) {
  const std::string word = lower_ascii(cell);
  const char* colour = word == "pass" ? "\x1b[32m" : word == "block" ? "\x1b[31m" : nullptr;
  if (!view.terminal || !view.colour || colour == nullptr) return std::string(padded);
  return colour + std::string(padded) + "\x1b[0m";
}

std::vector<std::size_t> widths_of(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  return widths;
}

std::size_t whole_width(const std::vector<std::size_t>& widths) {
  std::size_t sum = kGap * (widths.size() - std::min<std::size_t>(widths.size(), 1));
  for (const std::size_t width : widths) sum += width;
  return sum;
}

/// Narrows the widest column that may be cut, again and again. Returns whether the table fits.
bool narrow(std::vector<std::size_t>& widths, const Rows& rows, const Shape& shape, std::size_t columns) {
  while (whole_width(widths) > columns) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::size_t least = std::max(kCutAtLeast, display_width(rows.front()[i]));
      const bool may_be_cut = shape.columns[i] != shape.name && !stays_whole(shape.columns[i]) && widths[i] > least;
      if (may_be_cut && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == widths.size()) return false;
    --widths[widest];
  }
  return true;
}

std::string in_columns(const Rows& rows, const std::vector<std::size_t>& widths, const View& view) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = cut_to(row[i], widths[i]);
      const std::size_t padding = i + 1 < row.size() ? widths[i] - display_width(cell) + kGap : 0;
      out += coloured(cell + std::string(padding, ' '), cell, view);
    }
    out += "\n";
  }
  return out;
}

/// Words on lines of at most so many columns.
std::string wrapped(std::string_view text, std::size_t columns, const std::string& indent) {
  std::string out;
  std::size_t used = 0;
  for (const auto word : split(text, ' ')) {
    const std::size_t width = display_width(word);
    if (used > 0 && used + 1 + width > columns) {
      out += "\n" + indent;
      used = 0;
    }
    if (used > 0) out += ' ';
    out += word;
    used += width + (used > 0 ? 1 : 0);
  }
  return out;
}

/// Each item as a block of lines. A command to copy is not broken.
std::string in_blocks(const Rows& rows, const Shape& shape, const View& view) {
  std::size_t label_width = 0;
  for (const auto& label : rows.front()) label_width = std::max(label_width, display_width(label));
  const std::string indent(label_width + kGap, ' ');
  const std::size_t columns = view.width > indent.size() + kCutAtLeast ? view.width - indent.size() : kCutAtLeast;
  std::string out;
  for (std::size_t item = 1; item < rows.size(); ++item) {
    if (item > 1) out += "\n";
    for (std::size_t i = 0; i < rows[item].size(); ++i) {
      const std::string& cell = rows[item][i];
      if (cell == "-") continue;
      const bool breaks = last_word_of(shape.columns[i]) != "remedy";
      out += rows.front()[i] + std::string(indent.size() - display_width(rows.front()[i]), ' ');
      out += coloured(breaks ? wrapped(cell, columns, indent) : cell, cell, view) + "\n";
    }
  }
  return out;
}

void flatten(const Json& value, const std::string& path, const View& view, Rows& rows) {
  if (value.is_object() && !value.empty() && !is_money(value)) {
    for (const auto& [key, inner] : value.items()) flatten(inner, path.empty() ? key : path + "." + key, view, rows);
    return;
  }
  std::string text = plain_cell(value);
  const auto reading = view.terminal ? reading_of(path, value, now_micros()) : std::nullopt;
  if (reading && *reading != text) text += " (" + *reading + ")";
  rows.push_back({escape_controls(path), coloured(text, text, view)});
}

}  // namespace

std::string size_for_people(std::int64_t bytes) {
  constexpr std::array<const char*, 5> units = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1023.95 && unit + 1 < units.size(); ++unit) size /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", size, units[unit]);
  return text.data();
}

std::string age_for_people(Micros at, Micros now) {
  const Micros distance = at > now ? at - now : now - at;
  if (distance >= 30 * kDay) return to_rfc3339(at).substr(0, 10);
  const auto [unit, name] = distance >= kDay      ? std::pair(kDay, " d")
                            : distance >= kHour   ? std::pair(kHour, " h")
                            : distance >= kMinute ? std::pair(kMinute, " min")
                                                  : std::pair(kSecond, " s");
  const std::string text = std::to_string(distance / unit) + name;
  return at > now ? "in " + text : text + " ago";
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  const std::string_view end = sign("…", "~");
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    if (display_width(out) + display_width(text.substr(at, next - at)) + 1 > columns) break;
    out += text.substr(at, next - at);
    at = next;
  }
  return out.append(end);
}

std::string table_of(const Json& items, const Shape& shape, const View& view) {
  Rows rows(1);
  for (const auto& column : shape.columns) rows.front().push_back(heading(column));
  for (const auto& item : items) {
    auto& row = rows.emplace_back();
    for (const auto& column : shape.columns) row.push_back(cell_of(column, value_at(item, column), view));
  }
  auto widths = widths_of(rows);
  if (view.width > 0 && !narrow(widths, rows, shape, view.width)) return in_blocks(rows, shape, view);
  return in_columns(rows, widths, view);
}

std::string lines_of(const Json& record, const Shape& shape, const View& view) {
  Rows all;
  flatten(record, "", view, all);
  std::ranges::stable_sort(all, {}, [&](const auto& row) {
    const auto covers = [&](const std::string& column) { return (row[0] + ".").starts_with(column + "."); };
    return std::ranges::find_if(shape.columns, covers) - shape.columns.begin();
  });
  return render_table(all);
}

}  // namespace nexus::cli
