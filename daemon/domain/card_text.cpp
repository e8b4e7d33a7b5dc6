#include "daemon/domain/card_text.hpp"

#include <re2/re2.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <istream>
#include <streambuf>
#include <vector>

#include "daemon/base/text.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::domain {
namespace {

namespace schema = http::schema;

// ---- the header ---------------------------------------------------------------------------------------------------

// JavaScript does not preserve larger whole numbers.
constexpr std::int64_t kWholeMax = (std::int64_t{1} << 53) - 1;

[[noreturn]] void refuse_header(const YAML::Mark& mark, int lines_before, const std::string& why) {
  const std::string where =
      "line " + std::to_string(mark.line + 1 + lines_before) + ", column " + std::to_string(mark.column + 1) + ": ";
  throw Problem(problems::validation_failed, "the card's header: " + where + why)
      .with_errors({{"/header", where + why}});
}

/// The plain scalars that are no text, by YAML's core schema.
struct Scalars {
  const RE2 null{"~?|null|Null|NULL"}, yes{"true|True|TRUE"}, no{"false|False|FALSE"};
  const RE2 whole{"[-+]?[0-9]+"}, hexadecimal{"0x([0-9a-fA-F]+)"}, octal{"0o([0-7]+)"};
  const RE2 decimal{"[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"};
  const RE2 not_finite{"[-+]?\\.(inf|Inf|INF|nan|NaN|NAN)"};
};

const Scalars& scalars() {
  static const Scalars kScalars;
  return kScalars;
}

std::optional<std::int64_t> whole_of(std::string_view text, int base) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value > kWholeMax || value < -kWholeMax) return std::nullopt;
  return value;
}

/// Refuses control characters that YAML does not allow (1.2.2 section 5.1). yaml-cpp uses one of them as its own end
/// mark.
void judge_characters(std::string_view yaml, int lines_before) {
  YAML::Mark mark;
  for (const char c : yaml) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F)
      refuse_header(mark, lines_before, "control characters are not taken: write \\x04 between double quotes");
    mark.column = c == '\n' ? 0 : mark.column + 1;
    mark.line += c == '\n';
  }
}

/// Builds the value from the parser's events, and judges each event as it comes.
class HeaderBuilder : public YAML::EventHandler {
 public:
  explicit HeaderBuilder(int lines_before) : lines_before_(lines_before) {}

  Json take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { fault(mark, "anchors are not taken"); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { fault(mark, "aliases are not taken"); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    if (!levels_.empty() && levels_.back().value.is_object() && !levels_.back().key) fault(mark, "a key is text");
    scalar(mark, "?", "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    scalar(mark, tag, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Json::array());
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, tag, Json::object());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Json value;
    std::optional<std::string> key = {};  // of a mapping: the key that was read, before its value
  };

  [[noreturn]] void fault(const YAML::Mark& mark, const std::string& why) const {
    refuse_header(mark, lines_before_, why);
  }

  void scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    if (tag != "?" && tag != "!") fault(mark, "tags are not taken");
    if (levels_.empty()) fault(mark, "a header is a mapping: `name: value` lines");
    Level& level = levels_.back();
    if (!level.value.is_object() || level.key) return put(tag == "!" ? Json(text) : value_of(mark, text));
    if (level.value.contains(text)) fault(mark, "the same key stands there twice");
    level.key = text;
  }

  void open(const YAML::Mark& mark, const std::string& tag, Json empty) {
    if (!tag.empty() && tag != "?") fault(mark, "tags are not taken");
    if (levels_.empty() && !empty.is_object()) fault(mark, "a header is a mapping: `name: value` lines");
    if (!levels_.empty() && levels_.back().value.is_object() && !levels_.back().key)
      fault(mark, "a key is text, never a list or a mapping");
    if (levels_.size() == limits::card_header_depth_max)
      fault(mark, "is nested more than " + std::to_string(limits::card_header_depth_max) + " deep");
    levels_.push_back({std::move(empty)});
  }

  void close() {
    Json done = std::move(levels_.back().value);
    levels_.pop_back();
    if (levels_.empty())
      root_ = std::move(done);
    else
      put(std::move(done));
  }

  void put(Json value) {
    Level& level = levels_.back();
    if (level.value.is_array()) return level.value.push_back(std::move(value));
    level.value[*level.key] = std::move(value);
    level.key.reset();
  }

  Json value_of(const YAML::Mark& mark, const std::string& text) const {
    const Scalars& form = scalars();
    std::string digits;
    if (RE2::FullMatch(text, form.null)) return nullptr;
    if (RE2::FullMatch(text, form.yes)) return true;
    if (RE2::FullMatch(text, form.no)) return false;
    if (RE2::FullMatch(text, form.whole)) return whole(mark, text[0] == '+' ? text.substr(1) : text, 10);
    if (RE2::FullMatch(text, form.hexadecimal, &digits)) return whole(mark, digits, 16);
    if (RE2::FullMatch(text, form.octal, &digits)) return whole(mark, digits, 8);
    if (RE2::FullMatch(text, form.not_finite)) fault(mark, "a number is finite: quote it if it is text");
    return RE2::FullMatch(text, form.decimal) ? decimal(mark, text) : Json(text);
  }

  Json whole(const YAML::Mark& mark, const std::string& text, int base) const {
    const auto value = whole_of(text, base);
    if (!value) fault(mark, "a whole number beyond 2^53 - 1 would lose digits: quote it");
    return *value;
  }

  Json decimal(const YAML::Mark& mark, const std::string& text) const {
    double value = 0;
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
      fault(mark, "the number is beyond what a double holds: quote it");
    return value;
  }

  int lines_before_;
  std::vector<Level> levels_;
  Json root_ = Json::object();
};

/// A stream buffer over bytes that it does not own, because yaml-cpp reads from streams.
struct Bytes : std::streambuf {
  explicit Bytes(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // never written to: there is no put area
    setg(begin, begin, begin + text.size());
  }
};

/// The message of yaml-cpp without the text that it repeats after a colon.
std::string reason_of(const YAML::ParserException& error) {
  return "is not YAML: " + error.msg.substr(0, error.msg.find(':'));
}

/// `lines_before` lines of the card come before the header, because errors count from the card's first line. Throws the
/// 422 that names line and column.
Json parse_card_header(std::string_view yaml, int lines_before) {
  if (yaml.size() > limits::card_header_bytes_max)
    refuse_header(YAML::Mark(), lines_before,
                  "a header has at most " + std::to_string(limits::card_header_bytes_max) + " bytes");
  judge_characters(yaml, lines_before);
  Bytes bytes(yaml);
  std::istream stream(&bytes);
  HeaderBuilder builder(lines_before);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    HeaderBuilder second(lines_before);
    if (parser.HandleNextDocument(second)) refuse_header(YAML::Mark(), lines_before, "a header is one document");
  } catch (const YAML::ParserException& error) {
    refuse_header(error.mark, lines_before, reason_of(error));
  }
  return builder.take();
}

// ---- the card -----------------------------------------------------------------------------------------------------

constexpr std::string_view kSeparator = "---";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kVersionBytesMax = 64;

/// A line of the text from `at`, without its end; `at` moves behind it.
std::string_view take_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

[[noreturn]] void refuse(const std::string& pointer, const std::string& why) {
  model::Faults faults;
  faults.add(pointer, why);
  faults.raise();
  throw Problem(problems::validation_failed);
}

struct Parts {
  std::size_t header_at = 0, header_end = 0, body_at = 0;
  int lines_before = 0;
};

Parts split_card(std::string_view text) {
  Parts parts;
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  parts.header_at = at;
  if (take_line(text, at) == kSeparator) {
    parts.header_at = at;
    parts.lines_before = 1;
  }
  for (at = parts.header_at; at < text.size();) {
    parts.header_end = at;
    if (take_line(text, at) == kSeparator) {
      parts.body_at = at;
      return parts;
    }
  }
  refuse("", "a card is a YAML header, a line ---, and a body: there is no line --- after the header");
}

std::string card_type_of(const Json& header) {
  const auto found = header.find("card_type");
  if (found == header.end()) refuse("/header/card_type", "is missing: the header names the card's type");
  const auto* type = found->get_ptr<const std::string*>();
  if (type == nullptr || !model::is_action_name(*type))
    refuse("/header/card_type", "must be text of up to 64 of a-z, 0-9 and _, beginning with a letter");
  return *type;
}

std::optional<std::string> version_of(const Json& header) {
  const auto found = header.find("version");
  if (found == header.end() || found->is_null()) return std::nullopt;
  if (found->is_number_integer()) return std::to_string(found->get<std::int64_t>());
  const auto* version = found->get_ptr<const std::string*>();
  if (version == nullptr || version->empty() || version->size() > kVersionBytesMax)
    refuse("/header/version", "must be a whole number, or text of 1 to 64 bytes: quote 1.0");
  return *version;
}

}  // namespace

CardText parse_card_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) refuse("", "a card must not hold U+0000");
  const Parts parts = split_card(text);
  CardText card;
  card.header = parse_card_header(text.substr(parts.header_at, parts.header_end - parts.header_at), parts.lines_before);
  model::Faults faults;
  model::refuse_nul(card.header, "/header", faults);
  faults.raise();
  card.card_type = card_type_of(card.header);
  card.version = version_of(card.header);
  const std::string_view body = trim_ascii(text.substr(parts.body_at));
  card.body_at = body.empty() ? static_cast<std::int64_t>(text.size()) : body.data() - text.data();
  card.body_bytes = static_cast<std::int64_t>(body.size());
  return card;
}

Json card_json(const Card& card) {
  Json json = listed_card_json(card);
  json["full_text"] = card.full_text;
  return json;
}

Json card_schema() {
  return schema::with(schema::named("Card", listed_card_schema()),
                      {{"full_text", schema::text("byte for byte as it was sent")}});
}

http::Route takes_card(http::Route route) {
  Json text = schema::text("a YAML header with card_type at least, a line of ---, and the body; at most 256 KiB");
  text["example"] = "card_type: note\n---\nWhat is worth keeping.\n";
  route.docs.request = std::move(text);
  route.body = http::Body::text;
  route.body_bytes_max = limits::card_bytes_max;
  return route;
}

Json listed_card_json(const Card& card) {
  Json json = model::json_of(kCard, card);
  json["body_text"] = card.body_text();
  return json;
}

Json listed_card_schema() {
  return schema::with(model::answer_schema(kCard),
                      {{"body_text", schema::text("the body without the white space around it")}});
}

}  // namespace nexus::domain
