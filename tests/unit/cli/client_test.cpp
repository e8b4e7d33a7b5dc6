// Exchanges with servers that are rude: early answers, endless heads, connections that die.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "cli/engine/client.hpp"
#include "cli/engine/failure.hpp"
#include "cli/engine/settings.hpp"

#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::cli;

namespace {

/// A server that gives every connection to `serve`, one after the other, until the test ends.
class Host {
 public:
  explicit Host(std::function<void(int peer)> serve) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 4) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    url = *parse_url("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x");
    thread_ = std::thread([this, serve] {
      for (int peer; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) serve(peer);
    });
  }
  ~Host() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Url url;

 private:
  int listener_;
  std::thread thread_;
};

/// The next request's head as it came; empty when the peer is gone.
std::string next_head(int peer) {
  std::string head;
  char byte = 0;
  while (!head.ends_with("\r\n\r\n") && ::recv(peer, &byte, 1, 0) == 1) head += byte;
  return head.ends_with("\r\n\r\n") ? head : std::string();
}

bool tell(int peer, std::string_view text) { return ::send(peer, text.data(), text.size(), MSG_NOSIGNAL) > 0; }

/// One byte of a head every 20 ms, until the client hangs up: counted from the last byte, no limit would ever be over.
void dribble(int peer) {
  next_head(peer);
  tell(peer, "HTTP/1.1 200 OK\r\nX: ");
  pollfd gone{peer, POLLRDHUP, 0};
  for (int sent = 0; sent < 1500 && ::poll(&gone, 1, 20) == 0 && tell(peer, "x");) ++sent;
}

/// A server that reads some of the first request, answers so, and hangs up without reading on.
std::function<void(int)> hasty(std::string answer) {
  return [answer = std::move(answer)](int peer) {
    next_head(peer);
    if (!answer.empty()) tell(peer, answer);
    pollfd gone{peer, POLLRDHUP, 0};
    ::poll(&gone, 1, 50);  // so long at most for whoever reads the answer at once
  };
}

}  // namespace

TEST_CASE("an upload that is refused half way still tells why", "[cli][early]") {
  Host server(
      hasty("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: 28\r\n\r\n"
            "{\"code\":\"blob.form_expired\"}"));
  const std::string piece(64 * 1024, 'x');
  std::uint64_t read = 0;
  Exchange exchange;
  exchange.url = server.url;
  exchange.source = BodySource{1ull << 30, "text/plain", [&](std::uint64_t, std::size_t most) {
                                 read += std::min(most, piece.size());
                                 return std::string_view(piece).substr(0, most);
                               }};
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
  Host server(hasty("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"));
  Exchange exchange;
  exchange.url = server.url;
  CHECK(Client().run(exchange).header("location") == location);
}

TEST_CASE("the address of a daemon is a URL without query", "[cli][client]") {
  CHECK(parse_address("http://h:1/base/", "--server").target == "/base");
  CHECK_THROWS_AS(parse_address("http://h/?q", "--server"), Failure);
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
  Host server(hasty(""));
  exchange.url = server.url;
  try {
    Client().run(exchange);
    FAIL("an empty answer was taken");
  } catch (const TransportError& error) {
    CHECK(error.sent);
  }
}

TEST_CASE("an answer that dribbles ends at the deadline", "[cli][client]") {
  Host host(dribble);
  Exchange exchange;
  exchange.url = host.url;
  exchange.timeout = std::chrono::seconds(10);
  const auto begin = std::chrono::steady_clock::now();
  exchange.deadline = begin + std::chrono::milliseconds(300);
  CHECK_THROWS_AS(Client().run(exchange), TransportError);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  CHECK_THROWS_AS(Client().run(exchange), TransportError);  // no time left: nothing is even sent
}

TEST_CASE("a head is read to 64 KiB and no further", "[cli][client]") {
  std::atomic<std::size_t> taken = 0;
  // Many fields, interim answers without end, one endless line.
  const std::string piece = GENERATE(as<std::string>(), "X-Filler: " + std::string(1000, 'x') + "\r\n",
                                     "HTTP/1.1 103 Early Hints\r\n\r\n", std::string(1000, 'x'));
  Host host([&](int peer) {
    next_head(peer);
    if (!piece.starts_with("HTTP")) tell(peer, "HTTP/1.1 200 OK\r\n");
    while (taken < (400u << 20) && tell(peer, piece)) taken += piece.size();
  });
  Exchange exchange;
  exchange.url = host.url;
  exchange.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  try {
    Client().run(exchange);
    FAIL("it was read to the end");
  } catch (const Failure& failure) {
    CHECK(failure.exit == Exit::server_error);
    CHECK(std::string(failure.what()).starts_with("the answer has a head of more than 64 KiB"));
  }
  CHECK(std::chrono::steady_clock::now() < *exchange.deadline);
  CHECK(taken < (16u << 20));  // with what the sockets hold
}

TEST_CASE("without a deadline, a head that trickles ends after the longest silence", "[cli][client]") {
  Host host(dribble);
  Exchange exchange;
  exchange.url = host.url;
  exchange.timeout = std::chrono::seconds(1);
  exchange.sink = [](std::string_view) {};
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(Client().run(exchange), TransportError);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST_CASE("what changes something is sent once, even where a kept connection dies", "[cli][client]") {
  const std::string method = GENERATE("GET", "POST");
  std::atomic<int> heads = 0;
  Host host([&](int peer) {
    for (int answered = 0; !next_head(peer).empty(); ++answered) {
      ++heads;
      if (answered == 1) return;  // the second request on a connection meets its end
      tell(peer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  Exchange exchange;
  exchange.url = host.url;
  exchange.method = method;
  {
    Client client;
    CHECK(client.run(exchange).body == "ok");
    if (method == "GET")
      CHECK(client.run(exchange).body == "ok");  // asked again, on a connection of its own
    else
      CHECK_THROWS_AS(client.run(exchange), TransportError);
  }
  CHECK(heads == (method == "GET" ? 3 : 2));
}

TEST_CASE("a request leaves as it was made", "[cli][client]") {
  std::string seen;
  Host host([&](int peer) {
    seen = next_head(peer);
    tell(peer, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nX-A: 1\r\nx-a: 2\r\n\r\nraw");
  });
  Exchange exchange;
  exchange.url = host.url;
  exchange.url.target = "/a/../b%2f%7Ec/./d?x=%2F&y=a+b&&z={|}^";
  exchange.method = "DELETE";
  exchange.headers = {{"X-Tenant-Id", "t_a"}};
  const Response response = Client().run(exchange);
  CHECK(response.body == "raw");
  CHECK(response.header("x-a") == "2");
  CHECK(seen == "DELETE " + exchange.url.target + " HTTP/1.1\r\nHost: " + host.url.origin().substr(7) +
                    "\r\nAccept: */*\r\nX-Tenant-Id: t_a\r\n\r\n");
}
