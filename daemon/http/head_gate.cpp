#include "daemon/http/head_gate.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/limits.hpp"

namespace nexus::http {
namespace {

using Verdict = std::optional<HeadRefusal>;

HeadRefusal malformed(std::string detail) { return {problems::request_malformed, std::move(detail)}; }

struct Field {
  std::string name;  // lower case
  std::string_view value;
};

struct Head {
  std::string_view method, target, version;
  std::vector<Field> fields;

  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count(fields, name, &Field::name));
  }
  std::string_view value(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? std::string_view{} : found->value;
  }
};

/// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t count_lines(std::string_view raw) {
  std::size_t lines = 0;
  for (std::size_t at = raw.find('\n'); at != std::string_view::npos; at = raw.find('\n', at + 1)) ++lines;
  return lines;
}

/// Refuses bytes that are wrong anywhere: bare CR, bare LF, NUL and other controls.
Verdict judge_bytes(std::string_view raw) {
  for (std::size_t i = find_control(raw); i < raw.size(); i = find_control(raw, i + 1)) {
    const char c = raw[i];
    if (c == '\r' && (i + 1 == raw.size() || raw[i + 1] != '\n')) return malformed("a bare CR in the head");
    if (c == '\n' && (i == 0 || raw[i - 1] != '\r')) return malformed("a bare LF in the head");
    if (c != '\r' && c != '\n' && c != '\t') return malformed("a control byte in the head");
  }
  return std::nullopt;
}

Verdict split_request_line(std::string_view line, Head& head) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3) return malformed("the request line is not: method target version");
  head.method = parts[0];
  head.target = parts[1];
  head.version = parts[2];
  return std::nullopt;
}

Verdict split_field(std::string_view line, Head& head) {
  if (line.empty()) return malformed("an empty line in the head");
  if (line.front() == ' ' || line.front() == '\t') return malformed("a folded header field");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return malformed("a header field without a valid name");
  head.fields.push_back({lower_ascii(line.substr(0, colon)), trim_ascii(line.substr(colon + 1))});
  return std::nullopt;
}

/// Splits lines into parts. `raw` has passed judge_bytes, so every line ends with CRLF.
Verdict split_head(std::string_view raw, Head& head) {
  raw.remove_suffix(std::min<std::size_t>(raw.size(), 4));  // the last line's CRLF and the empty line
  const auto lines = split(raw, '\n');
  head.fields.reserve(lines.size());
  bool first = true;
  for (std::string_view line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (auto refusal = first ? split_request_line(line, head) : split_field(line, head)) return refusal;
    first = false;
  }
  return std::nullopt;
}

Verdict judge_version(const Head& head) {
  if (head.version == "HTTP/1.1" || head.version == "HTTP/1.0") return std::nullopt;
  if (head.version.starts_with("HTTP/")) return HeadRefusal{problems::request_version_unsupported, "send HTTP/1.1"};
  return malformed("the request line is not: method target version");
}

Verdict judge_framing(const Head& head) {
  const std::size_t encodings = head.count("transfer-encoding");
  const std::size_t lengths = head.count("content-length");
  if (encodings > 0) {
    if (lengths > 0) return malformed("Transfer-Encoding and Content-Length together");
    if (head.version == "HTTP/1.0") return malformed("Transfer-Encoding in HTTP/1.0");
    if (encodings > 1 || !iequals_ascii(head.value("transfer-encoding"), "chunked"))
      return malformed("a Transfer-Encoding that is not exactly chunked");
    return HeadRefusal{problems::request_length_required, "send Content-Length instead of Transfer-Encoding"};
  }
  if (lengths > 1) return malformed("more than one Content-Length");
  const std::string_view length = head.value("content-length");
  if (lengths == 1 && (!is_digits(length) || length.size() > limits::content_length_digits_max))
    return malformed("Content-Length is not a number of bytes");
  return std::nullopt;
}

Verdict judge_host(const Head& head) {
  const std::size_t hosts = head.count("host");
  if (hosts > 1 || (hosts == 0 && head.version == "HTTP/1.1")) return malformed("exactly one Host header is needed");
  return std::nullopt;
}

Verdict judge_target(const Head& head) {
  if (!head.target.starts_with('/')) return malformed("the target does not begin with /");
  for (const char c : head.target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x21 || byte >= 0x7F || c == '#') return malformed("a byte in the target that must be percent-encoded");
  }
  if (!percent_decode(head.target)) return malformed("a broken percent escape in the target");
  return std::nullopt;
}

Verdict judge_method(const Head& head) {
  // TRACE, CONNECT and QUERY are known, though no route has them: they end as 405.
  constexpr std::array<std::string_view, 10> known = {"GET",    "HEAD",    "POST",  "PUT",     "PATCH",
                                                      "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"};
  if (std::ranges::find(known, head.method) == known.end()) return HeadRefusal{problems::request_method_unknown, {}};
  const bool bodiless = head.method == "GET" || head.method == "HEAD" || head.method == "DELETE";
  const std::string_view length = head.value("content-length");
  if (bodiless && length.find_first_not_of('0') != std::string_view::npos)
    return malformed("a body on a request that has none");
  return std::nullopt;
}

Verdict judge_expect(const Head& head) {
  const std::size_t expectations = head.count("expect");
  if (expectations == 0) return std::nullopt;
  if (expectations == 1 && iequals_ascii(head.value("expect"), "100-continue")) return std::nullopt;
  return HeadRefusal{problems::request_expectation_failed, "the only expectation understood is 100-continue"};
}

/// Refuses repeated fields that identify caller, context or target: two readers could pick different ones.
Verdict judge_doubles(const Head& head) {
  constexpr std::array<std::string_view, 12> single = {"authorization", "x-tenant-id",     "x-env",         "x-user-id",
                                                       "x-reason",      "idempotency-key", "content-type",  "if-match",
                                                       "origin",        "traceparent",     "last-event-id", "x-run-id"};
  for (const std::string_view name : single)
    if (head.count(name) > 1) return malformed("the header " + std::string(name) + " is sent twice");
  return std::nullopt;
}

}  // namespace

std::optional<HeadRefusal> judge_head(std::string_view raw) {
  if (raw.size() > limits::head_bytes_max)
    return HeadRefusal{problems::request_head_too_large, "the head is larger than 8 KiB"};
  // Fields are the lines between the request line and the empty one.
  if (count_lines(raw) > limits::head_fields_max + 2)
    return HeadRefusal{problems::request_head_too_large, "the head has more than 100 fields"};
  if (raw.starts_with(kTlsHello))
    return malformed("TLS begins where plain HTTP is spoken: the address begins with http://, or a proxy ends the TLS");
  if (auto refusal = judge_bytes(raw)) return refusal;
  Head head;
  if (auto refusal = split_head(raw, head)) return refusal;
  for (const auto judge :
       {judge_version, judge_framing, judge_host, judge_target, judge_method, judge_expect, judge_doubles})
    if (auto refusal = judge(head)) return refusal;
  return std::nullopt;
}

}  // namespace nexus::http
