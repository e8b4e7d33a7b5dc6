// The states of the parser and their steps. Each step parses a bit more of the buffer or waits for bytes.
#include "daemon/blobs/form_parser.hpp"

#include <algorithm>

#include "daemon/base/problem.hpp"
#include "daemon/base/text.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/verify.hpp"

namespace nexus::blobs {
namespace {

constexpr std::string_view kMultipart = "multipart/form-data";
constexpr std::size_t kBoundaryBytesMax = 70;

[[noreturn]] void refuse(const char* detail) { throw Problem(problems::blob_form_invalid, detail); }

bool is_boundary_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= kBoundaryBytesMax && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), is_boundary_character);
}

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
  while (!trim_ascii(rest).empty()) {
    auto parameter = detail::take_parameter(rest);
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
  state_ = State::failed;
  refuse("The form ended early.");
}

/// Returns true when the step consumed bytes, so that another step may follow.
bool FormParser::step() {
  switch (state_) {
    case State::start:
      return step_start();
    case State::after_boundary:
      return step_after_boundary();
    case State::headers:
      return step_headers();
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

bool FormParser::step_start() {
  const std::string_view first = std::string_view(delimiter_).substr(2);
  const std::string_view have = std::string_view(buffer_).substr(position_);
  if (!have.starts_with(first.substr(0, have.size()))) refuse("The form does not begin with its boundary.");
  if (have.size() < first.size()) return false;
  consume(first.size());
  state_ = State::after_boundary;
  return true;
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
  detail::PartHead part = detail::parse_part_head(head);
  const bool is_file = iequals_ascii(part.name, "file");
  if (file_seen_ && after_ == AfterFile::skipped) {
    state_ = State::skipped;
  } else if (is_file && file_seen_) {
    refuse("The form has two parts named file.");
  } else if (is_file) {
    begin_file(std::move(part));
  } else {
    if (fields_.size() == kFormFieldsMax) refuse("The form has more than 64 fields.");
    fields_.emplace_back(std::move(part.name), "");
    state_ = State::field;
  }
}

void FormParser::begin_file(detail::PartHead part) {
  file_name_ = std::move(part.file_name).value_or("");
  file_type_ = std::move(part.content_type);
  file_seen_ = true;
  overhead_ = 0;  // bytes after the file have an allowance of their own
  state_ = State::file;
  if (events_.on_file) events_.on_file();
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
  refuse(file_seen_ ? "What follows the file exceeds 20 KB." : "The fields before the file exceed 20 KB.");
}

}  // namespace nexus::blobs
