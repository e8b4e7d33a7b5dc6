#include "tests/support/event_stream.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "tests/support/turns.hpp"

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

int connect_stream(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // A fixed receive buffer: some kernels let one grow to 32 MiB, and whoever reads nothing would be noticed by nobody.
  const int bytes = 256 * 1024;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd);
    throw std::runtime_error("nobody listens");
  }
  return fd;
}

/// The fields of one event; lines that are comments or of other fields are left out.
ServerEvent event_of(std::string_view block) {
  ServerEvent event;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find('\n'), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(end + 1, block.size()));
    const auto value = [&](std::string_view name) { return std::string(line.substr(name.size())); };
    if (line.starts_with("event: ")) event.type = value("event: ");
    if (line.starts_with("id: ")) event.id = value("id: ");
    if (line.starts_with("data: ")) event.data += value("data: ");
  }
  event.json = parse_or_discard(event.data);
  return event;
}

}  // namespace

EventStream::EventStream(int port, const std::string& target, const Headers& headers)
    : fd_(connect_stream(next_port(port))) {
  std::string text = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  text += "\r\n";
  if (::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("the request was not taken");
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  while (raw_.find("\r\n\r\n") == std::string::npos && read_some(deadline)) {
  }
  head_ = parse_answer(raw_);
  const std::size_t end = raw_.find("\r\n\r\n");
  if (end != std::string::npos) raw_.erase(0, end + 4);
}

EventStream::~EventStream() { close(); }

EventStream::EventStream(EventStream&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      over_(other.over_),
      head_(std::move(other.head_)),
      raw_(std::move(other.raw_)),
      at_(other.at_) {}

void EventStream::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  over_ = true;
}

bool EventStream::read_some(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (over_ || left <= 0) return false;
  pollfd wanted{fd_, POLLIN, 0};
  if (::poll(&wanted, 1, static_cast<int>(left)) <= 0) return false;
  std::array<char, 65536> chunk{};
  const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
  over_ = count <= 0;
  if (!over_) raw_.append(chunk.data(), static_cast<std::size_t>(count));
  return !over_;
}

std::optional<ServerEvent> EventStream::next(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (true) {
    const std::size_t end = raw_.find("\n\n", at_);
    if (end == std::string::npos) {
      if (!read_some(deadline)) return std::nullopt;
      continue;
    }
    ServerEvent event = event_of(std::string_view(raw_).substr(at_, end - at_));
    at_ = end + 2;
    if (!event.data.empty()) return event;  // without data it is a comment, or a retry
  }
}

std::optional<ServerEvent> EventStream::next_of(const std::string& type, std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (true) {
    auto event = next(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()));
    if (!event || event->type == type) return event;
  }
}

int EventStream::close_code(std::chrono::milliseconds within) {
  const auto event = next_of("close", within);
  return event && event->json.is_object() ? event->json.value("code", 0) : 0;
}

}  // namespace nexus::test
