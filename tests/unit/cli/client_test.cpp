// Addresses, and answers that come early.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cli/engine/early_answer.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/url.hpp"

#include "tests/catch.hpp"

using namespace nexus::cli;

TEST_CASE("URLs", "[cli][url]") {
  const auto url = parse_url("HTTP://Example.com/a%20b?x=%2F#frag");
  REQUIRE(url);
  CHECK(url->origin() == "http://Example.com:80");
  CHECK(url->target == "/a%20b?x=%2F");
  CHECK(parse_url("https://h")->port == 443);
  CHECK(parse_url("http://[::1]:7700/x")->origin() == "http://[::1]:7700");
  CHECK(parse_url("http://h?x")->target == "/?x");
  for (const char* bad : {"", "h:1", "ftp://h", "http://", "http://u:p@h/", "http://h:0", "http://h:65536",
                          "http://h:x", "http://[::1", "http://h/a b", "http://h/\r\nX: y"}) {
    INFO(bad);
    CHECK_FALSE(parse_url(bad));
  }
  CHECK(parse_address("http://h:1/base/", "--server").target == "/base");
  CHECK_THROWS_AS(parse_address("http://h/?q", "--server"), Failure);
}

TEST_CASE("an answer before the request's end", "[cli][early]") {
  const std::string head =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n";
  CHECK_FALSE(parse_answer(head, false));
  CHECK_FALSE(parse_answer(head + "{", false));
  const auto answer = parse_answer(head + "{}", false);
  REQUIRE(answer);
  CHECK(answer->status == 400);
  CHECK(answer->header("content-type") == "application/problem+json");
  CHECK(answer->body == "{}");
  CHECK_FALSE(parse_answer("HTTP/1.1 100 Continue\r\n\r\n", false));
  CHECK_FALSE(parse_answer("nonsense\r\n\r\n", true));
  CHECK(parse_answer("HTTP/1.1 403 No\r\nConnection: close\r\n\r\nwhy", true)->body == "why");
}

namespace {

/// A server for one connection: gives what it read first to `answer`, sends what that says, closes without reading on.
class RudeServer {
 public:
  explicit RudeServer(std::function<std::string(const std::string&)> answer)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 4) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url = *parse_url("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x");
    thread_ = std::thread([this, answer] { serve(answer); });
  }
  ~RudeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Url url;

 private:
  void serve(const std::function<std::string(const std::string&)>& answer) {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    std::string head(8192, '\0');
    const auto count = ::recv(peer, head.data(), head.size(), 0);
    const std::string out = answer(head.substr(0, count > 0 ? static_cast<std::size_t>(count) : 0));
    (void)!::send(peer, out.data(), out.size(), MSG_NOSIGNAL);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::close(peer);
  }
  int listener_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("an upload that is refused half way still tells why", "[cli][early]") {
  RudeServer server([](const std::string&) {
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: 27\r\n\r\n"
           "{\"code\":\"blob.form_expired\"}";
  });
  const std::string piece(64 * 1024, 'x');
  std::uint64_t read = 0;
  Exchange exchange;
  exchange.url = server.url;
  exchange.source = BodySource{1ull << 30, "text/plain", [&](std::uint64_t, std::size_t most) {
                                 read += std::min(most, piece.size());
                                 return std::string_view(piece).substr(0, most);
                               }};
  ::signal(SIGPIPE, SIG_IGN);
  const Response response = Client().run(exchange);
  CHECK(response.status == 400);
  CHECK(response.body.starts_with("{\"code\""));
  CHECK(read < (1u << 29));
}

TEST_CASE("a presigned Location arrives as it was sent", "[cli][client]") {
  const std::string location =
      "http://h:1/blobs/nexus/tenants/t_a/dev/raw/1/"
      "a%20%2520%23b.txt?X-Amz-Credential=K%2F20261123%2Fus%2Fs3%2Faws4_request"
      "&response-content-disposition=attachment%3B%20filename%2A%3DUTF-8%27%27a%2520b.txt"
      "&response-content-type=text%2Fplain%3B%20x%3D%22a%26b%22&X-Amz-Signature=ab";
  RudeServer server([&](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
  });
  Exchange exchange;
  exchange.url = server.url;
  CHECK(Client().run(exchange).header("location") == location);
}

TEST_CASE("what the server may have seen", "[cli][client]") {
  Exchange exchange;
  exchange.url = *parse_url("http://127.0.0.1:1/");
  try {
    Client().run(exchange);
    FAIL("something answers on port 1");
  } catch (const TransportError& error) {
    CHECK_FALSE(error.sent);
  }
  RudeServer server([](const std::string&) { return std::string(); });
  exchange.url = server.url;
  try {
    Client().run(exchange);
    FAIL("an empty answer was taken");
  } catch (const TransportError& error) {
    CHECK(error.sent);
  }
}

TEST_CASE("an answer that dribbles ends at the deadline", "[cli][client]") {
  // One byte of the head every 20 ms, which the library's own limits, counted from the last byte, would bear for ever.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  ::signal(SIGPIPE, SIG_IGN);
  std::thread server([listener] {
    const int peer = ::accept(listener, nullptr, nullptr);
    std::string bytes = "HTTP/1.1 200 OK\r\nX: ";
    for (int sent = 0; sent < 1500 && ::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0; ++sent) {
      bytes = "x";
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ::close(peer);
  });
  Exchange exchange;
  exchange.url = *parse_url("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/");
  exchange.timeout = std::chrono::seconds(10);
  const auto begin = std::chrono::steady_clock::now();
  exchange.deadline = begin + std::chrono::milliseconds(300);
  CHECK_THROWS_AS(Client().run(exchange), TransportError);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  CHECK_THROWS_AS(Client().run(exchange), TransportError);  // no time left: nothing is even sent
  server.join();
  ::close(listener);
}
