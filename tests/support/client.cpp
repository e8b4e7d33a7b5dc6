// HTTP/1.1 as the tests speak it: a request on a kept connection, an answer with Content-Length.
#include "tests/support/client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <optional>

#include "tests/support/turns.hpp"

namespace nexus::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{30};

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

const std::string* find(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return &value;
  return nullptr;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return fd;
  ::close(fd);
  return -1;
}

/// Sends while it reads, until `complete(got)`; false when the other side closed or the time was over before.
template <class Complete>
bool exchange(int fd, std::string_view bytes, Clock::time_point deadline, std::string& got, Complete complete) {
  std::array<char, 16384> chunk{};
  while (!complete(got)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wanted{fd, static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
    if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) <= 0) return false;
    ssize_t count = 0;
    if ((wanted.revents & POLLIN) != 0) {
      count = ::recv(fd, chunk.data(), chunk.size(), 0);
      if (count > 0) got.append(chunk.data(), static_cast<std::size_t>(count));
    } else if ((wanted.revents & POLLOUT) != 0) {
      count = ::send(fd, bytes.data(), std::min<std::size_t>(bytes.size(), 65536), MSG_NOSIGNAL);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    if (count <= 0) return false;
  }
  return true;
}

void read_json(Answer& answer) {
  const std::string type = answer.header("content-type");
  if (type.starts_with("application/json") || type.starts_with("application/problem+json"))
    answer.json = parse_or_discard(answer.body);
}

/// Status and headers of the head that `bytes` begins with, and the head's length.
std::optional<std::size_t> parse_head(std::string_view bytes, Answer& answer) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || head_end == std::string_view::npos) return std::nullopt;
  answer = {};
  answer.status = std::stoi(std::string(bytes.substr(9, 3)));
  std::string_view head = bytes.substr(0, head_end + 2);
  for (std::size_t end = head.find("\r\n"); end != std::string_view::npos; end = head.find("\r\n")) {
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/1.") || colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    answer.headers.emplace_back(line.substr(0, colon), value);
  }
  return head_end + 4;
}

std::size_t body_size(const Answer& answer, std::string_view method) {
  const std::string length = answer.header("content-length");
  if (method == "HEAD" || answer.status == 204 || answer.status == 304 || length.empty()) return 0;
  return std::stoull(length);
}

/// A chunked body with its chunks put together (RFC 9112 section 7.1); nothing while it is not whole.
std::optional<std::string> join_chunks(std::string_view bytes) {
  std::string body;
  while (true) {
    const std::size_t line = bytes.find("\r\n");
    if (line == std::string_view::npos) return std::nullopt;
    const std::size_t size = std::stoull(std::string(bytes.substr(0, line)), nullptr, 16);
    bytes.remove_prefix(line + 2);
    if (bytes.size() < size + 2) return std::nullopt;
    if (size == 0) return body;
    body += bytes.substr(0, size);
    bytes.remove_prefix(size + 2);
  }
}

std::string text_of(const std::string& method, const std::string& target, const Headers& headers,
                    const std::string& body, int port) {
  std::string out = method + " " + target + " HTTP/1.1\r\n";
  const auto add = [&](const std::string& name, const std::string& value) { out += name + ": " + value + "\r\n"; };
  if (find(headers, "Host") == nullptr) add("Host", "127.0.0.1:" + std::to_string(port));
  for (const auto& [name, value] : headers)
    if (!value.empty() || !(same_name(name, "Host") || same_name(name, "Content-Length"))) add(name, value);
  const bool may_have_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (find(headers, "Content-Length") == nullptr && (may_have_body || !body.empty()))
    add("Content-Length", std::to_string(body.size()));
  if (find(headers, "Content-Type") == nullptr && !body.empty()) add("Content-Type", "application/json");
  return out + "\r\n" + body;
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  const std::string* value = find(headers, name);
  return value == nullptr ? std::string{} : *value;
}

bool Answer::has(std::string_view name) const { return find(headers, name) != nullptr; }

std::string Answer::code() const {
  const auto found = json.is_object() ? json.find("code") : json.end();
  return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

namespace {

struct Connection {
  int fd = -1;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(); }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }

  /// Whether the other side closed the connection while it was idle.
  bool is_over() const {
    char byte = 0;
    return ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

  Answer exchange_one(const std::string& method, const std::string& text) {
    std::string got;
    Answer answer;
    std::optional<std::size_t> head;
    const bool whole = exchange(fd, text, Clock::now() + kPatience, got, [&](const std::string& bytes) {
      if (!head) head = parse_head(bytes, answer);
      if (head && method != "HEAD" && answer.header("transfer-encoding") == "chunked")
        return bytes.ends_with("0\r\n\r\n") && join_chunks(std::string_view(bytes).substr(*head)).has_value();
      return head && bytes.size() >= *head + body_size(answer, method);
    });
    if (head) answer.body = got.substr(*head);
    if (head && answer.header("transfer-encoding") == "chunked") answer.body = join_chunks(answer.body).value_or("");
    if (!whole || answer.header("connection") == "close" || answer.status == 101) close();
    if (!whole) answer.error = got.empty() ? "no answer" : "the answer was cut off";
    if (!whole) answer.status = 0;
    read_json(answer);
    return answer;
  }
};

}  // namespace

struct Client::Impl {
  int port = 0;
  std::map<int, Connection> connections;  // by the port of who takes turns
};

Client::Client(const std::string& address) : impl_(std::make_unique<Impl>()) {
  impl_->port = std::stoi(address.substr(address.rfind(':') + 1));
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Answer Client::request(const std::string& method, const std::string& target, const Headers& headers,
                       const std::string& body) {
  const std::string text = text_of(method, target, headers, body, impl_->port);
  const int port = next_port(impl_->port);
  Connection& connection = impl_->connections[port];
  // Nothing is ever sent twice: what a lost answer means is for the test to judge.
  if (connection.fd >= 0 && connection.is_over()) connection.close();
  if (connection.fd < 0) connection.fd = connect_to(port);
  if (connection.fd < 0) return {.headers = {}, .body = {}, .json = {}, .error = "no connection"};
  return connection.exchange_one(method, text);
}

std::string raw_exchange(int port, std::string_view bytes, std::string_view enough, std::chrono::milliseconds within) {
  std::string got;
  const int fd = connect_to(next_port(port));
  if (fd < 0) return got;
  exchange(fd, bytes, Clock::now() + within, got,
           [enough](const std::string& text) { return !enough.empty() && text.find(enough) != std::string::npos; });
  ::close(fd);
  return got;
}

Answer parse_answer(std::string_view bytes) {
  Answer answer;
  const auto head = parse_head(bytes, answer);
  if (!head) {
    answer.error = "no answer";
    return answer;
  }
  answer.body = bytes.substr(*head);
  if (const std::string length = answer.header("content-length"); !length.empty())
    answer.body.resize(std::min(answer.body.size(), static_cast<std::size_t>(std::stoull(length))));
  read_json(answer);
  return answer;
}

}  // namespace nexus::test
