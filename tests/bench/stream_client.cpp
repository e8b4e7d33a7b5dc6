#include "tests/bench/stream_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <stdexcept>

namespace nexus::bench {
namespace {

constexpr std::size_t kStartedAtOnce = 256;
constexpr int kTimeoutMillis = 20;

std::int64_t number_after(std::string_view text, std::string_view before, std::size_t& at) {
  at = text.find(before, at);
  if (at == std::string_view::npos) return -1;
  at += before.size();
  std::int64_t value = -1;
  std::from_chars(text.data() + at, text.data() + text.size(), value);
  return value;
}

/// The value of `"name":"…"` nearest to the end, where the envelope's own members stand.
std::string text_of(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = json.rfind(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

void pong(int socket) {
  const std::array<char, 6> frame = {'\x8a', '\x80', 0, 0, 0, 0};  // masked with zeros, empty
  (void)!::send(socket, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

std::int64_t steady_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

StreamClient::StreamClient(int port, std::vector<ClientStream>& streams, Take take)
    : port_(port), streams_(streams), take_(std::move(take)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1");
}

StreamClient::~StreamClient() {
  close_all();
  ::close(epoll_);
}

void StreamClient::close_all() {
  for (ClientStream& stream : streams_) drop(stream);
}

void StreamClient::drop(ClientStream& stream) {
  if (stream.socket >= 0) ::close(stream.socket);
  stream.socket = -1;
  stream.open = false;
  stream.unread.clear();
}

void StreamClient::start(std::size_t index) {
  ClientStream& stream = streams_[index];
  stream.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (stream.socket < 0) throw std::runtime_error("no further socket: raise the limit of open files");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::connect(stream.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, stream.socket, &event);
  ++waiting_;
}

bool StreamClient::run(std::int64_t until_micros, const std::function<bool()>& done) {
  std::vector<epoll_event> events(1024);
  while (!done()) {
    if (steady_micros() > until_micros) return false;
    while (next_ < streams_.size() && waiting_ < kStartedAtOnce) start(next_++);
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kTimeoutMillis);
    for (int i = 0; i < count; ++i) {
      const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
      ClientStream& stream = streams_[index];
      if (stream.socket < 0) continue;
      if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) {
        (void)!::send(stream.socket, stream.request.data(), stream.request.size(), MSG_NOSIGNAL);
        epoll_event only_in{};
        only_in.events = EPOLLIN;
        only_in.data.u64 = index;
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, stream.socket, &only_in);
      }
      if ((events[static_cast<std::size_t>(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !read(stream)) drop(stream);
    }
  }
  return true;
}

bool StreamClient::read(ClientStream& stream) {
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = ::recv(stream.socket, buffer.data(), buffer.size(), 0);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    stream.unread.append(buffer.data(), static_cast<std::size_t>(got));
    if (!stream.open) {
      const std::size_t end = stream.unread.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      if (!stream.unread.starts_with(stream.websocket ? "HTTP/1.1 101" : "HTTP/1.1 200"))
        throw std::runtime_error("a stream was refused: " + stream.unread.substr(0, 2000));
      stream.unread.erase(0, end + 4);
      stream.open = true;
      --waiting_;
    }
    stream.websocket ? take_frames(stream) : take_lines(stream);
    if (static_cast<std::size_t>(got) < buffer.size()) return true;
  }
}

void StreamClient::take_lines(ClientStream& stream) {
  std::size_t at = 0;
  for (std::size_t end; (end = stream.unread.find('\n', at)) != std::string::npos; at = end + 1) {
    const auto line = std::string_view(stream.unread).substr(at, end - at);
    if (line.starts_with("data: ")) take_event(stream, line.substr(6));
  }
  stream.unread.erase(0, at);
}

/// Frames of a server: unmasked, and in one piece each.
void StreamClient::take_frames(ClientStream& stream) {
  std::size_t at = 0;
  const std::string& bytes = stream.unread;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])); };
  while (bytes.size() - at >= 2) {
    std::uint64_t length = byte(at + 1) & 0x7f;
    std::size_t head = 2;
    const std::size_t further = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (bytes.size() - at < head + further) break;
    if (further > 0) length = 0;
    for (std::size_t i = 0; i < further; ++i) length = length << 8 | byte(at + head + i);
    head += further;
    if (bytes.size() - at < head + length) break;
    if ((byte(at) & 0x0f) == 0x9) pong(stream.socket);
    if ((byte(at) & 0x0f) == 0x1) take_event(stream, std::string_view(bytes).substr(at + head, length));
    at += head + length;
  }
  stream.unread.erase(0, at);
}

void StreamClient::take_event(ClientStream& stream, std::string_view text) {
  if (text.find("\"type\":\"resume_cursor\"") != std::string_view::npos) stream.current = true;
  std::size_t at = 0;
  const std::int64_t number = number_after(text, "\"text\":\"m ", at);
  if (number < 0) return;
  const std::int64_t micros = number_after(text, " ", at);
  if (std::string cursor = text_of(text, "last_event_id"); !cursor.empty()) stream.cursor = std::move(cursor);
  take_(stream, number, micros);
}

}  // namespace nexus::bench
