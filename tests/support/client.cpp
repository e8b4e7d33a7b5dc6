// The one file of the tests that sees httplib.
#include "tests/support/client.hpp"

#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace nexus::test {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

void read_json(Answer& answer) {
  const std::string type = answer.header("content-type");
  if (type.starts_with("application/json") || type.starts_with("application/problem+json"))
    answer.json = Json::parse(answer.body, nullptr, false);
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_name(key, name)) return value;
  return {};
}

bool Answer::has(std::string_view name) const {
  for (const auto& field : headers)
    if (same_name(field.first, name)) return true;
  return false;
}

std::string Answer::code() const {
  const auto found = json.is_object() ? json.find("code") : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

struct Client::Impl {
  explicit Impl(const std::string& address) : http(address) {
    http.set_keep_alive(true);
    http.set_tcp_nodelay(true);
    http.set_url_encode(false);
    http.set_follow_location(false);
    http.set_connection_timeout(5);
    http.set_read_timeout(20);
    http.set_write_timeout(20);
  }
  httplib::Client http;
};

Client::Client(const std::string& address) : impl_(std::make_unique<Impl>(address)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Answer Client::request(const std::string& method, const std::string& target, const Headers& headers,
                       const std::string& body) {
  httplib::Request request;
  request.method = method;
  request.path = target;
  request.body = body;
  for (const auto& [name, value] : headers) request.headers.emplace(name, value);
  if (!body.empty() && request.headers.count("Content-Type") == 0)
    request.headers.emplace("Content-Type", "application/json");
  Answer answer;
  const auto result = impl_->http.send(request);
  if (!result) {
    answer.error = httplib::to_string(result.error());
    return answer;
  }
  answer.status = result->status;
  answer.body = result->body;
  answer.headers.assign(result->headers.begin(), result->headers.end());
  read_json(answer);
  return answer;
}

std::string raw_exchange(int port, std::string_view bytes, std::string_view enough, std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string got;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
    std::array<char, 16384> chunk{};
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      pollfd wanted{fd, static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
      if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) <= 0) break;
      if ((wanted.revents & POLLIN) != 0) {
        const ssize_t count = ::recv(fd, chunk.data(), chunk.size(), 0);
        if (count <= 0) break;
        got.append(chunk.data(), static_cast<std::size_t>(count));
        if (!enough.empty() && got.find(enough) != std::string::npos) break;
      } else if ((wanted.revents & POLLOUT) != 0) {
        const ssize_t count = ::send(fd, bytes.data(), std::min<std::size_t>(bytes.size(), 65536), MSG_NOSIGNAL);
        if (count <= 0) break;
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else {
        break;
      }
    }
  }
  ::close(fd);
  return got;
}

Answer parse_answer(std::string_view bytes) {
  Answer answer;
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || head_end == std::string_view::npos) {
    answer.error = "no answer";
    return answer;
  }
  answer.status = std::stoi(std::string(bytes.substr(9, 3)));
  std::string_view head = bytes.substr(0, head_end + 2);
  answer.body = bytes.substr(head_end + 4);
  for (std::size_t end = head.find("\r\n"); end != std::string_view::npos; end = head.find("\r\n")) {
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    answer.headers.emplace_back(line.substr(0, colon), value);
  }
  if (const std::string length = answer.header("content-length"); !length.empty())
    answer.body.resize(std::min(answer.body.size(), static_cast<std::size_t>(std::stoull(length))));
  read_json(answer);
  return answer;
}

}  // namespace nexus::test
