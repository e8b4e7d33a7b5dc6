#include "daemon/domain/card_text.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"
#include "daemon/domain/yaml.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::domain {
namespace {

namespace schema = http::schema;

constexpr const char* kMappingExpected = "a header is a mapping: `key: value` lines, with a blank behind the colon";

// ---- the header ---------------------------------------------------------------------------------------------------

[[noreturn]] void refuse_header(const YamlPlace& place, int lines_before, const std::string& why,
                                const std::string& field = {}) {
  const std::string where = "line " + std::to_string(place.line + static_cast<std::size_t>(lines_before)) +
                            ", column " + std::to_string(place.column) + ": ";
  throw Problem(problems::validation_failed, "the card's header: " + where + (field.empty() ? "" : field + " ") + why)
      .with_errors({{"/header" + field, where + why}});
}

/// `lines_before` lines of the card come before the header, because errors count from the card's first line. Throws the
/// 422 that names line and column.
Json parse_card_header(std::string_view yaml, int lines_before) {
  if (yaml.size() > limits::card_header_bytes_max)
    refuse_header({}, lines_before, "a header has at most " + std::to_string(limits::card_header_bytes_max) + " bytes");
  try {
    YamlDocument document = read_yaml(yaml, limits::card_header_depth_max);
    if (document.value.is_null()) return Json::object();
    if (!document.value.is_object()) refuse_header(document.place, lines_before, kMappingExpected);
    return std::move(document.value);
  } catch (const YamlFault& fault) {
    refuse_header(fault.place, lines_before, fault.what(), fault.pointer);
  }
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
  std::size_t line = 0, nearly = 0;  // the first line that is a separator but for white space around it
  for (at = parts.header_at; at < text.size();) {
    parts.header_end = at;
    const std::string_view taken = take_line(text, at);
    if (taken == kSeparator) {
      parts.body_at = at;
      return parts;
    }
    ++line;
    if (nearly == 0 && trim_ascii(taken) == kSeparator) nearly = line + static_cast<std::size_t>(parts.lines_before);
  }
  refuse("", "is no card, which is a YAML header, a line --- and a text: " +
                 (nearly == 0 ? "there is no line --- after the header"
                              : "line " + std::to_string(nearly) + " has blanks beside its ---"));
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
  if (found->is_number_integer()) return to_text(*found);
  const auto* version = found->get_ptr<const std::string*>();
  if (version == nullptr || version->empty() || version->size() > kVersionBytesMax)
    refuse("/header/version", "must be a whole number, or text of 1 to 64 bytes: quote 1.0");
  return *version;
}

}  // namespace

CardText parse_card_text(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) refuse("", "must not hold U+0000");
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
