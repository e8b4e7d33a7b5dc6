#include "cli/engine/output.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/engine/escape.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/table.hpp"
#include "daemon/base/money.hpp"
#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

std::string tsv_line(const Json& record, const Shape& shape) {
  std::string line;
  for (const auto& column : shape.columns) {
    if (&column != &shape.columns.front()) line += '\t';
    line += escape_tsv(cell_at(record, column));
  }
  return line + "\n";
}

/// A field of RFC 4180: quoted where it must be.
std::string csv_field(std::string text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos && trim_ascii(text) == text) return text;
  for (auto at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2)) text.insert(at, 1, '"');
  return '"' + text + '"';
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const auto& field : fields) line.append(&field == &fields.front() ? "" : ",").append(csv_field(field));
  return line + "\n";
}

std::string csv_heading(const Shape& shape, const View& view) {
  return view.heading ? csv_line(shape.columns) : std::string();
}

std::string csv_line(const Json& record, const Shape& shape, const View& view) {
  std::vector<std::string> fields;
  for (const auto& column : shape.columns) {
    const std::string text = cell_at(record, column);
    fields.push_back(view.terminal ? escape_lines(text) : text);
  }
  return csv_line(fields);
}

std::string raw(const Json& value, bool terminal) {
  const std::string text = value.is_string() ? value.get<std::string>() : json_text(value);
  return (terminal ? escape_lines(text) : text) + "\n";
}

Failure no_field(const std::string& path) {
  return {Exit::negative, "the answer has no field \"" + path + "\"; -o json shows what it has"};
}

std::string field_of_list(const Json& document, const std::string& path, bool terminal) {
  if (const Json* found = at_path(document, path)) return raw(*found, terminal);
  const Json& items = value_at(document, "items");
  std::string out;
  for (const auto& item : items) {
    const Json* found = at_path(item, path);
    if (!found) throw no_field(path);
    out += raw(*found, terminal);
  }
  return out;
}

bool plain_yaml(const std::string& text) {
  static const std::vector<std::string> kReserved = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  if (!is_alphanumeric(text, "_-") || std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
  return std::ranges::find(kReserved, lower_ascii(text)) == kReserved.end();
}

/// YAML reads JSON's scalars, and `[]` and `{}`, unchanged. But for readers of YAML 1.1, 1e+20 is text.
std::string yaml_scalar(const Json& value) {
  if (value.is_string() && plain_yaml(value.get<std::string>())) return value.get<std::string>();
  std::string text = json_text(value);
  if (value.is_number_float() && text.find('.') == std::string::npos) text.insert(text.find('e'), ".0");
  return text;
}

/// Readers of YAML take no key of more than 1024 characters without the question mark; libyaml writes it from 128 on.
std::string yaml_key(const std::string& key, const std::string& indent) {
  const std::string text = yaml_scalar(Json(key));
  return text.size() < 128 ? text + ":" : "? " + text + "\n" + indent + ":";
}

void append_yaml(std::string& out, const Json& value, std::size_t depth) {
  const std::string indent(depth * 2, ' ');
  const auto append_child = [&](const std::string& lead, const Json& child) {
    if (child.is_structured() && !child.empty()) {
      out += indent + lead + "\n";
      append_yaml(out, child, depth + 1);
    } else {
      out += indent + lead + " " + yaml_scalar(child) + "\n";
    }
  };
  if (value.is_object() && !value.empty()) {
    for (const auto& [key, child] : value.items()) append_child(yaml_key(key, indent), child);
  } else if (value.is_array() && !value.empty()) {
    for (const auto& child : value) append_child("-", child);
  } else {
    out += indent + yaml_scalar(value) + "\n";
  }
}

std::string money_text(const Json& money) {
  const std::string amount = amount_text(money.at("amount_micros").get<std::int64_t>());
  const Json& currency = money.at("currency");
  return currency.is_string() ? amount + " " + currency.get<std::string>() : amount;
}

std::string number_text(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6);
  return error == std::errc() ? std::string(text, end) : "?";
}

}  // namespace

const Json* at_path(const Json& value, std::string_view path) {
  if (path.empty()) return &value;
  if (value.is_object()) {
    // Longest key first, so that a key with dots in it wins over a path through it.
    for (auto end = path.size(); end != std::string_view::npos; end = path.rfind('.', end - 1)) {
      if (end == 0) break;
      const auto it = value.find(std::string(path.substr(0, end)));
      if (it != value.end()) return at_path(*it, end == path.size() ? "" : path.substr(end + 1));
    }
    return nullptr;
  }
  if (!value.is_array()) return nullptr;
  const auto word = path.substr(0, path.find('.'));
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), index);
  if (error != std::errc() || stop != word.data() + word.size() || index >= value.size()) return nullptr;
  return at_path(value[index], word.size() == path.size() ? "" : path.substr(word.size() + 1));
}

std::optional<std::string> find_text(const Json& value, std::string_view path) {
  const Json* found = at_path(value, path);
  return found && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

bool is_money(const Json& value) {
  if (!value.is_object() || value.size() != 2) return false;
  const auto amount = value.find("amount_micros"), currency = value.find("currency");
  return amount != value.end() && currency != value.end() && amount->is_number_integer() && !currency->is_structured();
}

std::string cell_text(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  if (is_money(value)) return money_text(value);
  const bool flat = value.is_array() &&
                    std::none_of(value.begin(), value.end(), [](const Json& item) { return item.is_structured(); });
  if (!flat) return json_text(value);
  std::string out;
  for (const auto& item : value) out += (out.empty() ? "" : ",") + cell_text(item);
  return out;
}

const Json& value_at(const Json& value, std::string_view path) {
  static const Json null;
  const Json* found = at_path(value, path);
  return found ? *found : null;
}

std::string cell_at(const Json& value, std::string_view path) { return cell_text(value_at(value, path)); }

std::string plot(const std::vector<PlotPoint>& points, std::size_t width) {
  double least = 0, most = 0;
  std::size_t label_width = 0, number_width = 0;
  for (const auto& point : points) {
    least = std::min(least, point.value);
    most = std::max(most, point.value);
    label_width = std::max(label_width, point.label.size());
    number_width = std::max(number_width, number_text(point.value).size());
  }
  // Halved, so that the distance of the two largest doubles is finite too.
  const double range = most / 2 - least / 2;
  const auto column = [&](double value) {
    const double share = range > 0 ? (value / 2 - least / 2) / range : 0;
    return static_cast<std::size_t>(std::lround(share * static_cast<double>(width - 1)));
  };
  const std::size_t zero = column(0);
  std::string out;
  for (const auto& point : points) {
    const std::string number = number_text(point.value);
    const std::size_t at = column(point.value);
    const std::size_t from = std::min(zero, at);
    std::string bar(width, ' ');
    bar.replace(from, std::max(zero, at) - from + 1, std::max(zero, at) - from + 1, '#');
    bar[zero] = '|';
    bar.erase(bar.find_last_not_of(' ') + 1);
    out += point.label + std::string(label_width - point.label.size() + 2, ' ') +
           std::string(number_width - number.size(), ' ') + number + (point.marked ? " ! " : "   ") + bar + "\n";
  }
  return out;
}

std::string to_yaml(const Json& value) {
  std::string out;
  append_yaml(out, value, 0);
  return out;
}

std::string render_list(const Json& document, const Shape& shape, const View& view) {
  if (view.field) return field_of_list(document, *view.field, view.terminal);
  const Json& items = value_at(document, "items");
  std::string out;
  switch (view.format) {
    case Format::json:
      return json_text(document, 2) + "\n";
    case Format::yaml:
      return to_yaml(document);
    case Format::table:
      return table_of(items, shape, view);
    case Format::csv:
      out = csv_heading(shape, view);
      for (const auto& item : items) out += csv_line(item, shape, view);
      return out;
    case Format::jsonl:
      for (const auto& item : items) out += json_text(item) + "\n";
      return out;
    case Format::tsv:
      for (const auto& item : items) out += tsv_line(item, shape);
      return out;
    case Format::name:
      for (const auto& item : items) out += escape_tsv(cell_at(item, shape.name)) + "\n";
      return out;
  }
  return out;
}

std::string render_record(const Json& record, const Json& extra, const Shape& shape, const View& view) {
  Json whole = record;
  if (whole.is_object() && extra.is_object()) whole.update(extra);
  if (view.field) {
    const Json* found = at_path(whole, *view.field);
    if (!found) throw no_field(*view.field);
    return raw(*found, view.terminal);
  }
  switch (view.format) {
    case Format::json:
      return json_text(record, 2) + "\n";
    case Format::jsonl:
      return json_text(record) + "\n";
    case Format::yaml:
      return to_yaml(record);
    case Format::table:
      return lines_of(whole, shape, view);
    case Format::csv:
      return csv_heading(shape, view) + csv_line(whole, shape, view);
    case Format::tsv:
      return tsv_line(whole, shape);
    case Format::name:
      return escape_tsv(cell_at(whole, shape.name)) + "\n";
  }
  return {};
}

}  // namespace nexus::cli
