// The stub's sockets, and the ways in which it fails.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/text.hpp"
#include "tests/support/s3_stub.hpp"

namespace nexus::test {
namespace {

using std::chrono::milliseconds;

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// False at the end of the connection.
bool read_more(int fd, std::string& buffer) {
  char bytes[65536];
  const ssize_t count = ::recv(fd, bytes, sizeof bytes, 0);
  if (count > 0) buffer.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

std::string text_of(const StubAnswer& answer) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " Stub\r\n";
  for (const auto& [name, value] : answer.headers) out += name + ": " + value + "\r\n";
  if (!answer.whole_length_of_head) out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  return out + "\r\n" + answer.body;
}

std::string decoded(std::string_view text) { return percent_decode(text).value_or("?"); }

void write_key(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text << "\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace

S3Stub::S3Stub(Options options) : options_(options) {
  write_key(keys_.path() / "id", credentials_.access_key_id);
  write_key(keys_.path() / "secret", credentials_.secret);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 256) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("the S3 stub cannot listen");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

S3Stub::~S3Stub() {
  stopping_ = true;
  heal();
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  for (Session& session : sessions_) ::shutdown(session.fd, SHUT_RDWR);
  for (Session& session : sessions_) {
    session.thread.join();
    ::close(session.fd);
  }
}

void S3Stub::accept_all() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    sessions_.push_back({fd, std::thread([this, fd] { converse(fd); })});
  }
}

void S3Stub::converse(int fd) {
  std::string buffer;
  StubRequest request;
  while (read_request(fd, buffer, request)) {
    bool goes_on = true;
    if (const auto failing = failing_for(request))
      goes_on = answer_badly(fd, request, *failing);
    else
      goes_on = send_all(fd, text_of(serve(request)));
    if (!goes_on) break;
  }
  ::shutdown(fd, SHUT_RDWR);
}

bool S3Stub::read_request(int fd, std::string& buffer, StubRequest& request) {
  std::size_t end;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (!read_more(fd, buffer)) return false;
  request = {};
  const std::string head = buffer.substr(0, end);
  buffer.erase(0, end + 4);
  const auto lines = split(head, '\n');
  const auto words = split(trim_ascii(lines.front()), ' ');
  request.method = words.at(0);
  const auto target = words.at(1);
  const std::size_t mark = target.find('?');
  request.path = decoded(target.substr(0, mark));
  const std::size_t slash = request.path.find('/', 1);
  if (slash != std::string::npos) request.key = request.path.substr(slash + 1);
  if (mark != std::string_view::npos) {
    request.raw_query = target.substr(mark + 1);
    for (const auto pair : split(request.raw_query, '&')) {
      const std::size_t equals = pair.find('=');
      request.query.emplace_back(decoded(pair.substr(0, equals)),
                                 equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1)));
    }
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    request.headers.emplace_back(lower_ascii(lines[i].substr(0, colon)), trim_ascii(lines[i].substr(colon + 1)));
  }
  const std::string length = request.header("content-length");
  const std::size_t body = length.empty() ? 0 : std::stoull(length);
  while (buffer.size() < body)
    if (!read_more(fd, buffer)) return false;
  request.body = buffer.substr(0, body);
  buffer.erase(0, body);
  const std::lock_guard lock(mutex_);
  calls_.push_back(request.method + " " + request.key + (request.raw_query.empty() ? "" : "?" + request.raw_query));
  return true;
}

// ---- faults -------------------------------------------------------------------------------------------------------

void S3Stub::fail(StubFault fault, Hits hits, std::string detail, int times) {
  const std::lock_guard lock(mutex_);
  failing_ = Failing{fault, std::move(hits), std::move(detail), times};
}

void S3Stub::heal() {
  {
    const std::lock_guard lock(mutex_);
    failing_.reset();
    ++heals_;
  }
  healed_.notify_all();
}

std::vector<std::string> S3Stub::take_calls() {
  const std::lock_guard lock(mutex_);
  return std::exchange(calls_, {});
}

std::optional<S3Stub::Failing> S3Stub::failing_for(const StubRequest& request) {
  const std::lock_guard lock(mutex_);
  if (!failing_ || failing_->times == 0 || (failing_->hits && !failing_->hits(request))) return std::nullopt;
  --failing_->times;
  return failing_;
}

void S3Stub::wait_for_healing() {
  std::unique_lock lock(mutex_);
  ++hanging_;
  healed_.wait(lock, [this, seen = heals_] { return heals_ != seen; });
  --hanging_;
}

/// False when the connection ends with it.
bool S3Stub::answer_badly(int fd, const StubRequest& request, const Failing& failing) {
  const auto with = [&](const std::string& name, const std::string& value) {
    StubAnswer answer = serve(request);
    bool found = false;
    for (auto& field : answer.headers)
      if (field.first == name) field.second = value, found = true;
    if (!found) answer.headers.emplace_back(name, value);
    return send_all(fd, text_of(answer));
  };
  switch (failing.fault) {
    case StubFault::hangs:
      wait_for_healing();
      return false;
    case StubFault::trickles: {
      bool open = send_all(fd, "HTTP/1.1 200 OK\r\nX-Slow: ");
      std::unique_lock lock(mutex_);
      const int seen = heals_;
      while (open && !healed_.wait_for(lock, milliseconds(200), [&] { return heals_ != seen; }))
        open = send_all(fd, "x");
      return false;
    }
    case StubFault::closes:
      return false;
    case StubFault::halves:
      send_all(fd, request.method == "HEAD"
                       ? "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nETag: \"ha"
                       : "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"half\"\r\n\r\nhalf of it");
      return false;
    case StubFault::refuses:
      return send_all(fd, text_of({std::stoi(failing.detail),
                                   {{"Content-Type", "application/xml"}},
                                   request.method == "HEAD" ? "" : "<Error><Code>AccessDenied</Code></Error>"}));
    case StubFault::redirects:
      return send_all(fd, text_of({307, {{"Location", failing.detail + request.path}}, ""}));
    case StubFault::lies_size: {
      const auto object = this->object(request.key);
      return with("Content-Length", std::to_string(object ? object->size + 1 : 1));
    }
    case StubFault::lies_digest:
      return with("x-amz-checksum-sha256", base64(as_text(sha256("something else"))));
    case StubFault::hides_etag: {
      StubAnswer answer = serve(request);
      std::erase_if(answer.headers, [](const auto& field) { return field.first == "ETag"; });
      return send_all(fd, text_of(answer));
    }
    case StubFault::floods: {
      bool open = send_all(fd, "HTTP/1.1 200 OK\r\nETag: \"flood\"\r\n\r\n");
      const std::string piece(65536, 'x');
      while (open && !stopping_) open = send_all(fd, piece);
      return false;
    }
    case StubFault::errs_in_200:
      return send_all(fd, text_of({200, {}, "<Error><Code>InternalError</Code></Error>"}));
  }
  return false;
}

}  // namespace nexus::test
