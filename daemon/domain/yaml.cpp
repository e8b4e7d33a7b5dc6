#include "daemon/domain/yaml.hpp"

#include <re2/re2.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "daemon/domain/yaml_text.hpp"

namespace nexus::domain {
namespace {

constexpr std::size_t kKeyBytesMax = 1024;  // YAML 1.2.2 section 7.4.2
constexpr const char* kKeyIsText = "a key is text, never a list, a mapping or nothing";
constexpr const char* kKeyValue = "`key: value` was expected, with a blank behind the colon";
constexpr const char* kKeyTooLong = "a key has at most 1024 bytes";
constexpr const char* kNumberLost = "a number that would not be kept as it is written: quote it";

// ---- plain scalars ------------------------------------------------------------------------------------------------

/// The plain scalars that are no text, by YAML's core schema.
struct CoreForms {
  const RE2 null{"~?|null|Null|NULL"}, yes{"true|True|TRUE"}, no{"false|False|FALSE"};
  const RE2 whole{"[-+]?[0-9]+"}, other_base{"0x[0-9a-fA-F]+|0o[0-7]+"};
  const RE2 decimal{"[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"};
  const RE2 not_finite{"[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"};
};

const CoreForms& core_forms() {
  static const CoreForms kForms;
  return kForms;
}

template <class Number>
std::optional<Json> kept_number(const std::string& text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return to_text(Json(value)) == text ? std::optional<Json>(value) : std::nullopt;
}

/// Nothing for a number that JSON would not write in the same way.
std::optional<Json> core_value(const std::string& text) {
  const CoreForms& form = core_forms();
  if (RE2::FullMatch(text, form.null)) return Json();
  if (RE2::FullMatch(text, form.yes)) return Json(true);
  if (RE2::FullMatch(text, form.no)) return Json(false);
  if (RE2::FullMatch(text, form.whole)) {
    const auto value = kept_number<std::int64_t>(text);
    return value ? value : kept_number<std::uint64_t>(text);
  }
  if (RE2::FullMatch(text, form.decimal)) return kept_number<double>(text);
  if (RE2::FullMatch(text, form.other_base) || RE2::FullMatch(text, form.not_finite)) return std::nullopt;
  return Json(text);
}

// ---- structure ----------------------------------------------------------------------------------------------------

struct YamlNode {
  std::size_t at = 0;
  std::optional<YamlScalar> scalar = {};  // else a list or a mapping, in `value`
  Json value = nullptr;
};

YamlNode scalar_node(YamlScalar scalar) { return {scalar.at, std::move(scalar)}; }

/// One document. The functions that read a node leave the place on the first character behind it: in block style that
/// of the next line that is not empty.
class YamlReader {
 public:
  YamlReader(std::string_view text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  YamlDocument document();

 private:
  /// Counts the lists and mappings around a place.
  struct Level {
    Level(YamlReader& reader, std::size_t at);
    ~Level() { --reader_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    YamlReader& reader_;
  };
  /// The place of a list's or mapping's bracket, and how far the lines inside must be indented.
  struct Brackets {
    std::size_t open, indent;
  };

  // Block style. `parent` is the column of the list or mapping around; -1 if there is none.
  YamlNode node(int parent, bool compact, bool list_beside);
  YamlNode content(int parent, bool collections);
  YamlNode leaf(int parent);
  YamlNode list();
  YamlNode mapping();
  void entry(Json& mapping, int column);
  YamlNode implicit_key(int column);
  bool goes_on(std::size_t column) const;

  // Flow style.
  YamlNode flow_node(const Brackets& in);
  YamlNode flow_collection(std::size_t indent);
  void flow_item(Json& items, const Brackets& in);
  void flow_pair(Json& mapping, const Brackets& in);
  Json flow_value(const Brackets& in);
  bool at_flow_colon(const YamlNode& key) const;

  std::string name_of(const Json& mapping, const YamlNode& key) const;
  Json value_of(YamlNode node) const;
  void refuse_properties() const;
  [[noreturn]] void refuse_rest() const;

  YamlText text_;
  std::size_t depth_max_;
  std::size_t depth_ = 0;
  Json::json_pointer path_;  // of the value that is read
};

YamlReader::Level::Level(YamlReader& reader, std::size_t at) : reader_(reader) {
  if (reader.depth_ == reader.depth_max_)
    reader.text_.refuse(at, "is nested more than " + std::to_string(reader.depth_max_) + " deep");
  ++reader.depth_;
}

YamlDocument YamlReader::document() {
  text_.to_content();
  if (text_.column() == 0 && text_.peek() == '%') text_.refuse(text_.at(), "directives are not taken");
  const bool marked = text_.document_marker() == '-';
  if (marked) text_.advance(3);
  YamlNode root = node(-1, !marked, false);
  YamlDocument document{nullptr, text_.place(root.at)};
  document.value = value_of(std::move(root));
  if (!text_.done()) refuse_rest();
  while (text_.document_marker() == '.') {
    text_.advance(3);
    text_.finish_line();
  }
  if (text_.peek() != '\0') text_.refuse(text_.at(), "a header is one document");
  return document;
}

/// Behind an indicator or a key; `compact` lists and mappings may begin on its line. With `list_beside`, those of a
/// list on the next lines may stand in the column of the parent.
YamlNode YamlReader::node(int parent, bool compact, bool list_beside) {
  YamlNode empty{text_.at(), YamlScalar{.at = text_.at(), .plain = true}};
  text_.skip_blanks();
  const std::size_t line = text_.line();
  text_.to_content();
  if (text_.done()) return empty;
  if (text_.line() == line) return content(parent, compact && !text_.tabbed());
  const auto column = static_cast<int>(text_.indent());
  if (column > parent) return content(parent, !text_.tabbed());
  if (text_.tabbed()) refuse_rest();
  const bool list = list_beside && column == parent && text_.indicator('-');
  return list ? content(parent, true) : empty;
}

/// `collections`: whether a list or mapping may begin here.
YamlNode YamlReader::content(int parent, bool collections) {
  refuse_properties();
  const YamlText::Mark start = text_.mark();
  if (text_.indicator('-') && collections) return list();
  if (text_.indicator('?') && collections) return mapping();
  if (text_.indicator(':')) text_.refuse(start.at, kKeyIsText);
  if (text_.peek() == '|' || text_.peek() == '>') return scalar_node(read_block(text_, parent));
  YamlNode node = leaf(parent);
  text_.skip_blanks();
  if (!text_.indicator(':')) {
    text_.finish_line();
    return node;
  }
  if (text_.line() != start.line) text_.refuse(start.at, kKeyValue);
  if (!collections) text_.refuse(text_.at(), "a colon and a blank stand behind a key only: quote the value");
  text_.go(start);
  return mapping();
}

/// What may stand on the line of a key: a scalar that is no literal, or brackets.
YamlNode YamlReader::leaf(int parent) {
  const std::size_t indent = indent_inside(parent);
  const char c = text_.peek();
  if (c == '[' || c == '{') return flow_collection(indent);
  return scalar_node(c == '"' || c == '\'' ? read_quoted(text_, indent) : read_plain(text_, indent, false));
}

bool YamlReader::goes_on(std::size_t column) const {
  return !text_.done() && text_.column() == column && !text_.tabbed();
}

YamlNode YamlReader::list() {
  const Level level(*this, text_.at());
  const std::size_t column = text_.column();
  YamlNode list{.at = text_.at(), .value = Json::array()};
  do {
    text_.advance();
    path_.push_back(std::to_string(list.value.size()));
    list.value.push_back(value_of(node(static_cast<int>(column), true, false)));
    path_.pop_back();
  } while (goes_on(column) && text_.indicator('-'));
  return list;
}

YamlNode YamlReader::mapping() {
  const Level level(*this, text_.at());
  const std::size_t column = text_.column();
  YamlNode mapping{.at = text_.at(), .value = Json::object()};
  do entry(mapping.value, static_cast<int>(column));
  while (goes_on(column));
  return mapping;
}

void YamlReader::entry(Json& mapping, int column) {
  const bool marked = text_.indicator('?');
  if (marked) text_.advance();
  const YamlNode key = marked ? node(column, true, true) : implicit_key(column);
  const std::string name = name_of(mapping, key);
  path_.push_back(name);
  Json value;
  if (!marked || (goes_on(static_cast<std::size_t>(column)) && text_.indicator(':'))) {
    text_.advance();
    value = value_of(node(column, marked, true));
  }
  mapping[name] = std::move(value);
  path_.pop_back();
}

/// Up to the colon behind it.
YamlNode YamlReader::implicit_key(int column) {
  refuse_properties();
  const YamlText::Mark start = text_.mark();
  if (text_.indicator('-') || text_.peek() == '|' || text_.peek() == '>') text_.refuse(start.at, kKeyValue);
  if (text_.indicator(':')) text_.refuse(start.at, kKeyIsText);
  YamlNode key = leaf(column);
  text_.skip_blanks();
  if (!text_.indicator(':') || text_.line() != start.line) text_.refuse(start.at, kKeyValue);
  if (text_.at() - start.at > kKeyBytesMax) text_.refuse(start.at, kKeyTooLong);
  return key;
}

// ---- brackets -----------------------------------------------------------------------------------------------------

YamlNode YamlReader::flow_node(const Brackets& in) {
  refuse_properties();
  const char c = text_.peek();
  if (c == '[' || c == '{') return flow_collection(in.indent);
  return scalar_node(c == '"' || c == '\'' ? read_quoted(text_, in.indent) : read_plain(text_, in.indent, true));
}

YamlNode YamlReader::flow_collection(std::size_t indent) {
  const Level level(*this, text_.at());
  const Brackets in{text_.at(), indent};
  const bool list = text_.peek() == '[';
  const char end = list ? ']' : '}';
  YamlNode node{.at = in.open, .value = list ? Json::array() : Json::object()};
  text_.advance();
  for (text_.to_flow_content(indent, in.open); text_.peek() != end; text_.to_flow_content(indent, in.open)) {
    if (list)
      flow_item(node.value, in);
    else
      flow_pair(node.value, in);
    text_.to_flow_content(indent, in.open);
    if (text_.peek() == end) break;
    if (text_.peek() != ',') text_.refuse(text_.at(), "a comma or the closing bracket is missing");
    text_.advance();
  }
  text_.advance();
  return node;
}

/// An item of a list: a value, or one `key: value`, which is a mapping of one key.
void YamlReader::flow_item(Json& items, const Brackets& in) {
  path_.push_back(std::to_string(items.size()));
  const YamlText::Mark start = text_.mark();
  bool pair = text_.indicator('?') || text_.indicator(':');
  YamlNode item;
  if (!pair) {
    item = flow_node(in);
    text_.skip_blanks();
    pair = at_flow_colon(item);
    if (pair && text_.line() != start.line) text_.refuse(start.at, "a key in a list stands on one line");
    if (pair && text_.at() - start.at > kKeyBytesMax) text_.refuse(start.at, kKeyTooLong);
  }
  if (pair) {
    text_.go(start);
    item = YamlNode{.value = Json::object()};
    flow_pair(item.value, in);
  }
  items.push_back(value_of(std::move(item)));
  path_.pop_back();
}

/// Whether the colon here ends a key. Behind quotes and brackets it needs no blank.
bool YamlReader::at_flow_colon(const YamlNode& key) const {
  const bool quoted = !key.scalar || !key.scalar->plain;
  return text_.peek() == ':' && (quoted || !text_.plain_safe(1, true));
}

void YamlReader::flow_pair(Json& mapping, const Brackets& in) {
  const bool marked = text_.indicator('?');
  if (marked) {
    text_.advance();
    text_.to_flow_content(in.indent, in.open);
  }
  const char c = text_.peek();
  if (c == ',' || c == ']' || c == '}' || (c == ':' && !text_.plain_safe(1, true)))
    text_.refuse(text_.at(), marked || c == ':' ? kKeyIsText : kKeyValue);
  const YamlNode key = flow_node(in);
  const std::string name = name_of(mapping, key);
  path_.push_back(name);
  text_.to_flow_content(in.indent, in.open);
  const bool valued = at_flow_colon(key);
  if (valued) text_.advance();
  mapping[name] = valued ? flow_value(in) : Json();
  path_.pop_back();
}

Json YamlReader::flow_value(const Brackets& in) {
  text_.to_flow_content(in.indent, in.open);
  const char c = text_.peek();
  return c == ',' || c == ']' || c == '}' ? Json() : value_of(flow_node(in));
}

// ---- what nodes come to -------------------------------------------------------------------------------------------

std::string YamlReader::name_of(const Json& mapping, const YamlNode& key) const {
  if (!key.scalar || (key.scalar->plain && RE2::FullMatch(key.scalar->text, core_forms().null)))
    text_.refuse(key.at, kKeyIsText);
  if (mapping.contains(key.scalar->text)) text_.refuse(key.at, "the same key stands there twice");
  return key.scalar->text;
}

Json YamlReader::value_of(YamlNode node) const {
  if (!node.scalar) return std::move(node.value);
  if (!node.scalar->plain) return std::move(node.scalar->text);
  std::optional<Json> value = core_value(node.scalar->text);
  if (!value) throw YamlFault(text_.place(node.at), kNumberLost, path_.to_string());
  return std::move(*value);
}

void YamlReader::refuse_properties() const {
  const char c = text_.peek();
  if (c == '&') text_.refuse(text_.at(), "anchors are not taken");
  if (c == '*') text_.refuse(text_.at(), "aliases are not taken");
  if (c == '!') text_.refuse(text_.at(), "tags are not taken");
}

void YamlReader::refuse_rest() const {
  text_.refuse(text_.at(), text_.tabbed() ? "a tab does not indent: use blanks"
                                          : "this line is indented unlike those that it could belong to");
}

}  // namespace

YamlDocument read_yaml(std::string_view text, std::size_t depth_max) { return YamlReader(text, depth_max).document(); }

}  // namespace nexus::domain
