#include "cli/engine/table.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

#include "cli/engine/columns.hpp"
#include "cli/engine/escape.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kGap = 2;     // between a key and its value
constexpr std::size_t kIndent = 2;  // of a list inside a record
constexpr std::size_t kHashShown = 12;
constexpr std::size_t kValueAtLeast = 24;  // columns; where a record's keys leave less, values are not broken

std::string_view last_word_of(std::string_view path) { return path.substr(path.rfind('.') + 1); }

/// Of `body.actor.id` ACTOR, of `body.subject.type` SUBJECT TYPE. On a terminal sizes have their unit in the cell.
std::string heading(std::string_view path, bool terminal) {
  std::string text(last_word_of(path));
  if (const std::size_t dot = path.rfind('.'); dot != path.npos && (text == "id" || text == "type")) {
    const std::string parent(last_word_of(path.substr(0, dot)));
    text = text == "id" ? parent : parent + " " + text;
  }
  if (terminal && text.ends_with("_bytes")) text.erase(text.size() - 6);
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return c == '_' ? ' ' : static_cast<char>(std::toupper(c)); });
  return escape_controls(text);
}

bool is_hash(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_uuid(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

/// A command to copy.
bool is_command(std::string_view path) {
  const std::string_view name = last_word_of(path);
  return name == "remedy" || name == "try";
}

bool is_time_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> ends = {"_at", "_time", "_start", "_end"};
  return name == "at" || name == "since" || std::ranges::any_of(ends, [&](auto end) { return name.ends_with(end); });
}

/// What people read instead of the value; nothing where they read the value itself.
std::optional<std::string> reading_of(std::string_view path, const Json& value, Micros now) {
  const std::string_view name = last_word_of(path);
  if (value.is_number_integer() && name.ends_with("_bytes")) return size_for_people(value.get<std::int64_t>());
  if (!value.is_string() || !is_time_name(name)) return std::nullopt;
  const auto at = parse_rfc3339(value.get_ref<const std::string&>());
  return at ? std::optional(age_for_people(*at, now)) : std::nullopt;
}

bool holds_records(const Json& value) {
  return value.is_array() && std::ranges::any_of(value, [](const Json& item) { return item.is_structured(); });
}

/// A score tells only an order.
std::string rounded(double score) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", score);
  return text.data();
}

void append_plain(std::string& out, const Json& value);

/// `role: owner, tenant_id: t_acme`: members at any depth, without those that say nothing.
void append_members(std::string& out, const Json& object, const std::string& path) {
  for (const auto& [key, inner] : object.items()) {
    const std::string name = path.empty() ? key : path + "." + key;
    if (inner.is_object() && !is_money(inner)) {
      append_members(out, inner, name);
    } else if (!inner.is_null()) {
      out += (out.empty() || out.ends_with("; ") ? "" : ", ") + name + ": ";
      append_plain(out, inner);
    }
  }
}

/// Appends any value as words: never as JSON.
void append_plain(std::string& out, const Json& value) {
  if (value.is_object() && !is_money(value)) {
    std::string members;
    append_members(members, value, "");
    out += members;
  } else if (holds_records(value)) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += "; ";
      append_plain(out, value[i]);
    }
  } else {
    out += cell_text(value);
  }
}

/// A value that is safe to print. Its line breaks stay on a terminal, and are escaped elsewhere: there a row is a line.
std::string plain_cell(const Json& value, const View& view) {
  std::string text;
  append_plain(text, value);
  if (text.empty()) return "-";
  if (!view.terminal) return escape_controls(text);
  while (text.ends_with('\n')) text.pop_back();
  std::string out;
  for (const auto line : split(text, '\n')) out += (out.empty() ? "" : "\n") + escape_controls(line);
  return out.empty() ? "-" : out;
}

std::string cell_of(std::string_view path, const Json& value, const View& view) {
  if (value.is_number_float() && last_word_of(path) == "score") return rounded(value.get<double>());
  if (!view.terminal) return plain_cell(value, view);
  if (auto reading = reading_of(path, value, now_micros())) return *reading;
  std::string text = plain_cell(value, view);
  return is_hash(text) ? cut_to(text, kHashShown + 1) : text;
}

/// Green for what passes, red for what blocks.
Paint paint_of(const View& view) {
  return [coloured = view.terminal && view.colour](std::string_view cell, std::string piece) {
    const std::string word = coloured ? lower_ascii(cell) : std::string();
    const char* colour = word == "pass" ? "\x1b[32m" : word == "block" ? "\x1b[31m" : nullptr;
    return colour == nullptr ? std::move(piece) : colour + std::move(piece) + "\x1b[0m";
  };
}

/// Ids, digests and addresses lose their ends, because `show` and -o json have them whole; what is read is broken.
Column::Way way_of(const std::vector<std::vector<std::string>>& rows, std::size_t column, const std::string& path) {
  if (is_command(path)) return Column::Way::below;
  bool long_name = false;
  for (const auto& row : rows) {
    const std::string& cell = row[column];
    if (cell.find_first_of(" \n") != std::string::npos) return Column::Way::wrap;
    long_name = long_name || is_uuid(cell) || cell.find("://") != std::string::npos;
  }
  return long_name ? Column::Way::cut : Column::Way::wrap;
}

Grid grid_of(const Json& items, const Shape& shape, const View& view) {
  Grid grid;
  for (const auto& item : items) {
    auto& row = grid.rows.emplace_back();
    const bool deleted = !shape.content.empty() && value_at(item, "deleted_at").is_string();
    for (const auto& column : shape.columns)
      row.push_back(deleted && column == shape.content ? "(deleted)" : cell_of(column, value_at(item, column), view));
  }
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const std::string& path = shape.columns[i];
    const bool names = path == shape.name;
    if (names) grid.name = i;
    const bool digest = std::ranges::any_of(items, [&](const Json& item) { return is_hash(cell_at(item, path)); });
    const Column::Way way = names ? Column::Way::whole : digest ? Column::Way::spare : way_of(grid.rows, i, path);
    grid.columns.push_back({heading(path, view.terminal), way});
  }
  return grid;
}

/// A line of a record, or a list of records in it.
struct Entry {
  std::string path;
  std::string text;
  const Json* records = nullptr;
};

void flatten(const Json& value, const std::string& path, const View& view, std::vector<Entry>& entries) {
  if (value.is_object() && !value.empty() && !is_money(value)) {
    for (const auto& [key, inner] : value.items()) flatten(inner, path.empty() ? key : path + "." + key, view, entries);
    return;
  }
  if (holds_records(value)) return entries.push_back({path, "", &value});
  Entry entry{path, plain_cell(value, view)};
  const auto reading = view.terminal ? reading_of(path, value, now_micros()) : std::nullopt;
  if (reading && *reading != entry.text) entry.text += " (" + *reading + ")";
  entries.push_back(std::move(entry));
}

void append_paths(const Json& item, const std::string& path, std::vector<std::string>& paths) {
  if (item.is_object() && !item.empty() && !is_money(item)) {
    for (const auto& [key, inner] : item.items()) append_paths(inner, path.empty() ? key : path + "." + key, paths);
  } else if (!item.is_null() && std::ranges::find(paths, path) == paths.end()) {
    paths.push_back(path);
  }
}

/// The shape of a list inside a record: as declared, or all that its items have and the record itself does not say.
Shape shape_of(const Json& items, const std::string& path, const Json& record, const Shape& shape) {
  if (const auto declared = shape.lists.find(path); declared != shape.lists.end())
    return {declared->second.front(), declared->second};
  Shape found;
  for (const auto& item : items) append_paths(item, "", found.columns);
  std::erase_if(found.columns, [&](const std::string& column) {
    const bool known = column == "tenant_id" || column == "env";
    return known && std::ranges::all_of(
                        items, [&](const Json& item) { return value_at(item, column) == value_at(record, column); });
  });
  const auto names = [](const std::string& column) { return column == "name" || column == "id" || column == "kind"; };
  std::ranges::stable_partition(found.columns, names);
  found.name = found.columns.empty() ? "" : found.columns.front();
  return found;
}

std::string indented(const std::string& text) {
  std::string out;
  for (const auto line : split(std::string_view(text).substr(0, text.size() - 1), '\n'))
    out += (line.empty() ? "" : std::string(kIndent, ' ')) + std::string(line) + "\n";
  return out;
}

std::string table_inside(const Entry& entry, const Json& record, const Shape& shape, View view) {
  if (view.width > kIndent) view.width -= kIndent;
  return indented(table_of(*entry.records, shape_of(*entry.records, entry.path, record, shape), view));
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

Micros rounded_in(Micros unit, Micros span) { return (span + unit / 2) / unit; }

/// A span in its largest unit, rounded.
std::string span_text(Micros span) {
  if (const Micros n = rounded_in(kSecond, span); n < 60) return std::to_string(n) + " s";
  if (const Micros n = rounded_in(kMinute, span); n < 60) return std::to_string(n) + " min";
  if (const Micros n = rounded_in(kHour, span); n < 24) return std::to_string(n) + " h";
  return std::to_string(rounded_in(kDay, span)) + " d";
}

/// The same in two units from an hour on: of 1 h 59 min, 2 h would promise too much.
std::string left_text(Micros span) {
  const auto both = [](Micros count, Micros per, const char* large, const char* small) {
    return std::to_string(count / per) + large + (count % per == 0 ? "" : " " + std::to_string(count % per) + small);
  };
  const Micros minutes = rounded_in(kMinute, span);
  if (minutes < 60) return span_text(span);
  return minutes < 24 * 60 ? both(minutes, 60, " h", " min") : both(rounded_in(kHour, span), 24, " d", " h");
}

std::string age_for_people(Micros at, Micros now) {
  const Micros distance = at > now ? at - now : now - at;
  if (distance >= 30 * kDay) return to_rfc3339(at).substr(0, 10);
  return at > now ? "in " + left_text(distance) : span_text(distance) + " ago";
}

std::string table_of(const Json& items, const Shape& shape, const View& view) {
  return laid_out(grid_of(items, shape, view), view.width, paint_of(view));
}

std::string lines_of(const Json& record, const Shape& shape, const View& view) {
  std::vector<Entry> entries;
  flatten(record, "", view, entries);
  std::ranges::stable_sort(entries, {}, [&](const Entry& entry) {
    const auto covers = [&](const std::string& column) { return (entry.path + ".").starts_with(column + "."); };
    return std::ranges::find_if(shape.columns, covers) - shape.columns.begin();
  });
  std::size_t keys = 0;
  for (const auto& entry : entries) keys = std::max(keys, display_width(escape_controls(entry.path)));
  const std::string margin(keys + kGap, ' ');
  const bool breaks = view.width >= margin.size() + kValueAtLeast;
  const Paint paint = paint_of(view);
  std::string out;
  for (const auto& entry : entries) {
    const std::string key = escape_controls(entry.path);
    if (entry.records != nullptr) {
      out += key + "\n" + table_inside(entry, record, shape, view);
      continue;
    }
    std::string lead = key + std::string(margin.size() - display_width(key), ' ');
    const std::size_t width = breaks && !is_command(entry.path) ? view.width - margin.size() : entry.text.size() + 1;
    for (const auto& line : broken(entry.text, width, false))
      out += std::exchange(lead, margin) + paint(entry.text, line) + "\n";
  }
  return out;
}

}  // namespace nexus::cli
