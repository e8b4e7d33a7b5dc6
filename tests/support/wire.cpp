// Blocking reads and writes with a deadline each.
#include "tests/support/wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "tests/support/turns.hpp"

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

int left_of(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

bool has_body(const Answer& answer, bool head) {
  return !head && answer.status >= 200 && answer.status != 204 && answer.status != 304;
}

}  // namespace

Wire::Wire(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // A fixed receive buffer: some kernels let one grow to 32 MiB, and whoever reads nothing would be noticed by nobody.
  const int bytes = 256 * 1024;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(next_port(port)));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close();
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Wire::~Wire() { close(); }

void Wire::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool Wire::send(std::string_view bytes) {
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (!bytes.empty()) {
    pollfd wanted{fd_, POLLOUT, 0};
    if (::poll(&wanted, 1, left_of(deadline)) <= 0) return false;
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool Wire::read_some(Clock::time_point deadline) {
  pollfd wanted{fd_, POLLIN, 0};
  if (!open_ || ::poll(&wanted, 1, left_of(deadline)) <= 0) return false;
  std::array<char, 65536> chunk{};
  const ssize_t count = ::recv(fd_, chunk.data(), chunk.size(), 0);
  if (count <= 0) {
    open_ = false;
    return false;
  }
  got_.append(chunk.data(), static_cast<std::size_t>(count));
  return true;
}

Answer Wire::answer(bool head, std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (got_.find("\r\n\r\n") == std::string::npos)
    if (!read_some(deadline)) return {};
  const std::size_t head_end = got_.find("\r\n\r\n") + 4;
  const Answer begun = parse_answer(std::string_view(got_).substr(0, head_end));
  std::size_t length = head_end;
  if (const std::string body = begun.header("content-length"); has_body(begun, head) && !body.empty())
    length += std::stoull(body);
  while (got_.size() < length)
    if (!read_some(deadline)) return {};
  Answer whole = parse_answer(std::string_view(got_).substr(0, length));
  got_.erase(0, length);
  return whole;
}

std::string Wire::take(std::size_t count, std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (got_.size() < count && read_some(deadline)) continue;
  std::string bytes = got_.substr(0, count);
  got_.erase(0, bytes.size());
  return bytes;
}

std::string Wire::rest(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (read_some(deadline)) continue;
  return open_ ? got_ + "(still open)" : got_;
}

bool Wire::speaks(std::chrono::milliseconds within) { return !got_.empty() || read_some(Clock::now() + within); }

}  // namespace nexus::test
