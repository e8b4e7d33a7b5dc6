#include "daemon/blobs/form_parser.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/verify.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kMultipart = "multipart/form-data";
constexpr std::size_t kBoundaryBytesMax = 70;
/// A boundary begins a line. Ours stands before the form, whose first line may be a boundary.
constexpr std::string_view kGivenLineEnd = "\r\n";

[[noreturn]] void refuse(const char* detail) { throw Problem(problems::blob_form_invalid, detail); }

bool is_boundary(std::string_view text) {
  return text.size() <= kBoundaryBytesMax && is_alphanumeric(text, "'()+_,-./:=? ") && text.back() != ' ';
}

// ---- the head of a part; strict where leniency would let two readers disagree ---------------------------------------

struct PartHead {
  std::string name;
  std::optional<std::string> file_name;
  std::optional<std::string> content_type;  // as sent
};

/// `name=value` or `name="value"` after a `;`.
struct Parameter {
  std::string_view name;
  std::string value;
};

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

/// Whether a parameter is left; empty ones (RFC 9110 5.6.6) are dropped.
bool has_parameter(std::string_view& text) {
  text = trim_ascii(text);
  for (auto next = text; next.starts_with(';'); text = next) {
    next = trim_ascii(next.substr(1));
    if (!next.empty() && next[0] != ';') break;
  }
  return !text.empty();
}

/// Takes one parameter off the front of `text`. Returns nothing when it is malformed.
std::optional<Parameter> take_parameter(std::string_view& text) {
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

/// The name in `filename*` (RFC 8187: UTF-8, percent-encoded), which clients send beside one in ASCII. Nothing where it
/// is no such name.
std::optional<std::string> extended_name(std::string_view value) {
  constexpr std::string_view charset = "utf-8'";
  const std::size_t language_end = value.find('\'', charset.size());
  if (language_end == std::string_view::npos || !iequals_ascii(value.substr(0, charset.size()), charset))
    return std::nullopt;
  auto name = percent_decode(value.substr(language_end + 1));
  return name && !name->empty() && is_utf8(*name) ? name : std::nullopt;
}

PartHead parse_disposition(std::string_view value) {
  const std::size_t end = value.find(';');
  if (end == std::string_view::npos || !iequals_ascii(trim_ascii(value.substr(0, end)), "form-data"))
    refuse("A part is not form-data with a name.");
  std::string_view rest = value.substr(end);
  std::optional<std::string> name, extended;
  PartHead head;
  while (has_parameter(rest)) {
    auto parameter = take_parameter(rest);
    if (!parameter) refuse("A Content-Disposition is malformed.");
    const bool is_name = iequals_ascii(parameter->name, "name");
    const bool is_extended = iequals_ascii(parameter->name, "filename*");
    if (!is_name && !is_extended && !iequals_ascii(parameter->name, "filename")) continue;
    auto& target = is_name ? name : is_extended ? extended : head.file_name;
    if (target) refuse("A Content-Disposition names its part twice.");
    target = std::move(parameter->value);
  }
  if (!name || name->empty()) refuse("A part has no name.");
  head.name = std::move(*name);
  if (auto full = extended ? extended_name(*extended) : std::nullopt) head.file_name = std::move(full);
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

/// `head` is all header lines, without the empty line that ends them.
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

// ---- states ---------------------------------------------------------------------------------------------------------

/// How many bytes at the end of `text` might be the beginning of `delimiter`.
std::size_t possible_start(std::string_view text, std::string_view delimiter) {
  const std::size_t from = text.size() - std::min(text.size(), delimiter.size() - 1);
  for (std::size_t at = text.find('\r', from); at != std::string_view::npos; at = text.find('\r', at + 1))
    if (delimiter.starts_with(text.substr(at))) return text.size() - at;
  return 0;
}

}  // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
  const std::size_t end = content_type.find(';');
  if (end == std::string_view::npos || !iequals_ascii(trim_ascii(content_type.substr(0, end)), kMultipart))
    return std::nullopt;
  std::string_view rest = content_type.substr(end);
  std::optional<std::string> boundary;
  while (has_parameter(rest)) {
    auto parameter = take_parameter(rest);
    if (!parameter) return std::nullopt;
    if (!iequals_ascii(parameter->name, "boundary")) continue;
    if (boundary || !is_boundary(parameter->value)) return std::nullopt;
    boundary = std::move(parameter->value);
  }
  return boundary;
}

FormParser::FormParser(std::string_view boundary, FormEvents events, AfterFile after)
    : events_(std::move(events)), after_(after) {
  delimiter_.append("\r\n--").append(boundary);
  buffer_ = kGivenLineEnd;
}

void FormParser::feed(std::string_view chunk) {
  if (state_ == State::failed) refuse("The form was refused already.");
  try {
    buffer_.append(chunk);
    while (step()) {
    }
    check_overhead(state_ == State::headers || state_ == State::after_boundary ? buffer_.size() - position_ : 0);
  } catch (...) {
    state_ = State::failed;
    throw;
  }
  buffer_.erase(0, std::exchange(position_, 0));
}

void FormParser::finish() {
  if (state_ == State::done) return;
  const bool begun = std::exchange(state_, State::failed) != State::preamble;
  refuse(begun ? "The form ended early." : "No line of the form is the boundary that its Content-Type names.");
}

/// Returns true when the step consumed bytes, so that another step may follow.
bool FormParser::step() {
  switch (state_) {
    case State::after_boundary:
      return step_after_boundary();
    case State::headers:
      return step_headers();
    case State::preamble:
    case State::field:
    case State::file:
    case State::skipped:
      return step_body();
    case State::done:
      consume(buffer_.size() - position_);
      return false;
    case State::failed:
      return false;
  }
  return false;
}

bool FormParser::step_after_boundary() {
  const std::string_view have = std::string_view(buffer_).substr(position_);
  const std::size_t padding = std::min(have.find_first_not_of(" \t"), have.size());  // RFC 2046 allows it
  const std::string_view mark = have.substr(padding, 2);
  if (mark.size() < 2) {
    const bool possible = mark.empty() || mark == "\r" || (mark == "-" && padding == 0);
    if (!possible) refuse("A boundary is not followed by the end of its line.");
    return false;
  }
  if (mark == "--" && padding == 0) {
    if (!file_seen_) refuse("The form has no part named file.");
    state_ = State::done;
    return true;
  }
  if (mark != "\r\n") refuse("A boundary is not followed by the end of its line.");
  consume(padding + 2);
  state_ = State::headers;
  return true;
}

bool FormParser::step_headers() {
  const std::string_view have = std::string_view(buffer_).substr(position_);
  const std::size_t end = have.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string head(have.substr(0, end));
  consume(end + 4);
  begin_part(head);
  return true;
}

void FormParser::begin_part(std::string_view head) {
  PartHead part = parse_part_head(head);
  const bool is_file = iequals_ascii(part.name, "file");
  if (file_seen_ && after_ == AfterFile::skipped) {
    state_ = State::skipped;
  } else if (is_file && file_seen_) {
    refuse("The form has two parts named file.");
  } else if (is_file) {
    file_name_ = std::move(part.file_name).value_or("");
    file_type_ = std::move(part.content_type);
    file_seen_ = true;
    overhead_ = 0;  // bytes after the file have an allowance of their own
    state_ = State::file;
    if (events_.on_file) events_.on_file();
  } else {
    if (fields_.size() == kFormFieldsMax) refuse("The form has more than 64 fields.");
    fields_.emplace_back(std::move(part.name), "");
    state_ = State::field;
  }
}

/// Everything up to the delimiter is content. A tail that could begin a delimiter stays in the buffer.
bool FormParser::step_body() {
  const std::string_view have = std::string_view(buffer_).substr(position_);
  const std::size_t end = have.find(delimiter_);
  if (end == std::string_view::npos) {
    const std::size_t sure = have.size() - possible_start(have, delimiter_);
    take_body(have.substr(0, sure));
    return false;
  }
  take_body(have.substr(0, end));
  consume(delimiter_.size());
  if (state_ == State::preamble) overhead_ -= kGivenLineEnd.size();
  state_ = State::after_boundary;
  return true;
}

void FormParser::take_body(std::string_view bytes) {
  if (bytes.empty()) return;
  if (state_ == State::field) fields_.back().second.append(bytes);
  if (state_ == State::file) {
    position_ += bytes.size();
    if (events_.on_bytes) events_.on_bytes(bytes);
  } else {
    consume(bytes.size());
  }
}

/// Consumes bytes that are not the file's content.
void FormParser::consume(std::size_t bytes) {
  position_ += bytes;
  overhead_ += bytes;
  check_overhead(0);
}

/// `waiting`: received bytes that are not yet parsed. They count, because an endless head would fill the memory.
void FormParser::check_overhead(std::size_t waiting) const {
  if (overhead_ + waiting <= kFormHeadBytesMax) return;
  if (state_ == State::preamble) refuse("The boundary that the Content-Type names does not come within 20 KB.");
  refuse(file_seen_ ? "What follows the file exceeds 20 KB." : "The fields before the file exceed 20 KB.");
}

}  // namespace nexus::blobs
