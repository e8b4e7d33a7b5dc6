// Header lines of one part and their parameters; strict where leniency would let two readers disagree.
#include "daemon/blobs/form_head.hpp"

#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::blobs::detail {
namespace {

[[noreturn]] void refuse(const char* detail) { throw Problem(problems::blob_form_invalid, detail); }

/// Browsers write `"` as %22, older ones and curl as \"; a backslash before anything else is a Windows path.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    value += text[i];
  }
  return std::nullopt;
}

PartHead parse_disposition(std::string_view value) {
  const std::size_t end = value.find(';');
  if (end == std::string_view::npos || !iequals_ascii(trim_ascii(value.substr(0, end)), "form-data"))
    refuse("A part is not form-data with a name.");
  std::string_view rest = value.substr(end);
  std::optional<std::string> name;
  PartHead head;
  while (!trim_ascii(rest).empty()) {
    auto parameter = take_parameter(rest);
    if (!parameter) refuse("A Content-Disposition is malformed.");
    const bool is_name = iequals_ascii(parameter->name, "name");
    if (!is_name && !iequals_ascii(parameter->name, "filename")) continue;
    auto& target = is_name ? name : head.file_name;
    if (target) refuse("A Content-Disposition names its part twice.");
    target = std::move(parameter->value);
  }
  if (!name || name->empty()) refuse("A part has no name.");
  head.name = std::move(*name);
  return head;
}

/// Other encodings are refused: decoding would store bytes that nobody sent.
void check_transfer_encoding(std::string_view value) {
  for (const auto plain : {"binary", "8bit", "7bit"})
    if (iequals_ascii(value, plain)) return;
  refuse("A part uses a Content-Transfer-Encoding; send it as it is.");
}

void check_line(std::string_view line) {
  if (line.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos)
    refuse("A part's header holds a stray control character.");
  if (line.empty() || line[0] == ' ' || line[0] == '\t') refuse("A part's header is folded.");
}

}  // namespace

std::optional<Parameter> take_parameter(std::string_view& text) {
  text = trim_ascii(text);
  if (!text.starts_with(';')) return std::nullopt;
  text = trim_ascii(text.substr(1));
  const std::size_t equals = text.find_first_of("=;\" ");
  if (equals == std::string_view::npos || equals == 0 || text[equals] != '=') return std::nullopt;
  Parameter out{text.substr(0, equals), {}};
  text.remove_prefix(equals + 1);
  if (text.starts_with('"')) {
    auto value = take_quoted(text);
    if (!value) return std::nullopt;
    out.value = std::move(*value);
    return out;
  }
  const std::string_view token = text.substr(0, text.find(';'));
  out.value = trim_ascii(token);
  text.remove_prefix(token.size());
  return out;
}

PartHead parse_part_head(std::string_view head) {
  std::optional<PartHead> out;
  std::optional<std::string> type;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    check_line(line);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) refuse("A part's header has no colon.");
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_ascii(line.substr(colon + 1));
    if (iequals_ascii(name, "Content-Transfer-Encoding")) check_transfer_encoding(value);
    if (iequals_ascii(name, "Content-Type")) {
      if (type) refuse("A part has two Content-Types.");
      type = value;
    }
    if (!iequals_ascii(name, "Content-Disposition")) continue;
    if (out) refuse("A part has two Content-Dispositions.");
    out = parse_disposition(value);
  }
  if (!out) refuse("A part has no Content-Disposition.");
  out->content_type = std::move(type);
  return *out;
}

}  // namespace nexus::blobs::detail
