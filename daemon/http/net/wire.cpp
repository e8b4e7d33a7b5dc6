#include "daemon/http/net/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <ctime>

#include "daemon/base/clock.hpp"
#include "daemon/base/text.hpp"
#include "daemon/http/head_gate.hpp"
#include "daemon/limits.hpp"

namespace nexus::http::net {
namespace {

namespace beast_http = boost::beast::http;

/// The Date of RFC 9110 section 6.6.1, made once a second and thread.
const std::string& date_now() {
  thread_local std::time_t made = 0;
  thread_local std::string text;
  const auto now = static_cast<std::time_t>(now_micros() / kSecond);
  if (now != made) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char buffer[40];
    const std::size_t length = std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(buffer, length);
    made = now;
  }
  return text;
}

/// Appends a field. Its value cannot end the line, whatever it holds.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t begin = out.size();
  out.append(value);
  for (std::size_t at = find_control(out, begin); at < out.size(); at = find_control(out, at + 1)) out[at] = ' ';
  out.append("\r\n");
}

}  // namespace

bool begins_head(std::string& bytes, bool& dropped) {
  if (!dropped && bytes.starts_with("\r\n")) {
    bytes.erase(0, 2);
    dropped = true;
  }
  return !bytes.empty() && (dropped || bytes != "\r");
}

std::optional<std::size_t> head_length(std::string_view bytes) {
  if (bytes.starts_with(kTlsHello)) return bytes.size();
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at + 1 < bytes.size() && bytes[at + 1] == '\n') return at + 2;
    if (at + 2 < bytes.size() && bytes[at + 1] == '\r' && bytes[at + 2] == '\n') return at + 3;
  }
  return std::nullopt;
}

std::optional<RequestHead> parse_head(std::string_view bytes) {
  beast_http::request_parser<beast_http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits::head_bytes_max + 1));
  parser.body_limit(boost::none);
  parser.skip(true);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(bytes), error);
  if (error || !parser.is_header_done()) return std::nullopt;
  const auto& message = parser.get();
  RequestHead head;
  head.method = std::string(message.method_string());
  head.target = std::string(message.target());
  head.keep_alive = message.keep_alive();
  head.takes_chunks = message.version() >= 11;
  head.fields.reserve(16);
  for (const auto& field : message)
    head.fields.emplace_back(lower_ascii(field.name_string()), std::string(field.value()));
  if (const std::string* length = head.find("content-length")) head.content_length = std::stoull(*length);
  head.has_body = head.content_length > 0;
  // RFC 9110 section 10.1.1: an expectation in HTTP/1.0 is ignored.
  head.expects_continue = message.version() >= 11 && head.find("expect") != nullptr;
  return head;
}

std::string chunk_head(std::size_t bytes) {
  char digits[2 * sizeof bytes];
  const auto end = std::to_chars(digits, digits + sizeof digits, bytes, 16).ptr;
  return std::string(digits, end) + "\r\n";
}

std::string head_text(const Response& response, bool keep_alive) {
  std::string out;
  out.reserve(512);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(beast_http::obsolete_reason(static_cast<beast_http::status>(response.status))).append("\r\n");
  append_field(out, "Date", date_now());
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  const bool no_length = response.status == 204 || response.status == 304;
  const std::uint64_t length = response.file ? response.file->length : response.body.size();
  if (response.stream) {
    if (response.chunked) append_field(out, "Transfer-Encoding", "chunked");
  } else if (!no_length && !response.opens) {
    append_field(out, "Content-Length", std::to_string(length));
  }
  for (const auto& [name, value] : response.fields) append_field(out, name, value);
  append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
  return out.append("\r\n");
}

}  // namespace nexus::http::net
