#include "daemon/domain/card_text.hpp"

#include "daemon/base/text.hpp"
#include "daemon/domain/card_header.hpp"
#include "daemon/model/field.hpp"
#include "daemon/model/fields.hpp"
#include "daemon/model/problems.hpp"

namespace nexus::domain {
namespace {

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

}  // namespace nexus::domain
