// Reading an answer that came before the request was sent in full.
#include "cli/engine/early_answer.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>

#include "daemon/base/text.hpp"

namespace nexus::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 * 1024;

bool readable(int socket, int wait_ms) {
  pollfd entry{socket, POLLIN, 0};
  return ::poll(&entry, 1, wait_ms) > 0 && (entry.revents & POLLIN) != 0;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Response> parse_answer(std::string_view bytes, bool ended) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos || !bytes.starts_with("HTTP/1.") || head_end < 12) return std::nullopt;
  Response response;
  response.status = parse_number<int>(bytes.substr(9, 3)).value_or(0);
  if (response.status < 200) return std::nullopt;  // 100 Continue is no answer
  std::string_view lines = bytes.substr(0, head_end);
  while (true) {
    const auto end = lines.find("\r\n");
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 2);
    const auto line = lines.substr(0, lines.find("\r\n"));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    response.headers[lower_ascii(line.substr(0, colon))] = trim_ascii(line.substr(colon + 1));
  }
  const std::string_view body = bytes.substr(head_end + 4);
  const auto length = parse_number<std::size_t>(response.header("content-length"));
  if (!ended && (!length || body.size() < *length)) return std::nullopt;
  response.body = body.substr(0, length.value_or(body.size()));
  return response;
}

std::optional<Response> take_early_answer(int socket) {
  if (socket < 0 || !readable(socket, 0)) return std::nullopt;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  std::string bytes;
  bool ended = false;
  while (!ended && bytes.size() < kAnswerBytesMax && std::chrono::steady_clock::now() < deadline) {
    if (!readable(socket, 100)) continue;
    char buffer[4096];
    const auto count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count > 0)
      bytes.append(buffer, static_cast<std::size_t>(count));
    else
      ended = true;
    if (auto response = parse_answer(bytes, ended)) return response;
  }
  return std::nullopt;
}

}  // namespace nexus::cli
