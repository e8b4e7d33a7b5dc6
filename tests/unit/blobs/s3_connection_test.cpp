// What one call to an S3 server survives, against a server of raw bytes: heads without end, answers that trickle,
// connections that die. What nexusd makes of it is tests/api/s3_faults_test.cpp's.
#include "daemon/blobs/s3_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/catch.hpp"

namespace nexus::blobs {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kEmpty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// One connection of the server's. Requests of the tests have no more than a head, or a short body.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  /// False once the client is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent_ += static_cast<std::size_t>(count);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  /// A head, and a body that ends with "END" when it has one. "" when the client closed.
  std::string receive() {
    std::string text;
    char bytes[4096];
    const auto is_whole = [&] {
      return text.ends_with("\r\n\r\n") ? text.find("ontent-Length: 3") == std::string::npos : text.ends_with("END");
    };
    while (!is_whole()) {
      const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
      if (count <= 0) return {};
      text.append(bytes, static_cast<std::size_t>(count));
    }
    return text;
  }
  /// Waits so long, or until the client closes: false then.
  bool waits(int millis) const {
    pollfd one{fd_, POLLRDHUP, 0};
    return ::poll(&one, 1, millis) == 0;
  }
  std::size_t sent() const { return sent_; }

 private:
  int fd_;
  std::size_t sent_ = 0;
};

/// Serves one connection after the other as `way` says, which is told how many there were before.
class Server {
 public:
  using Way = std::function<void(Peer&, int before)>;

  explicit Server(Way way) : way_(std::move(way)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_, generic, size) == 0);
    REQUIRE(::listen(listener_, 16) == 0);
    REQUIRE(::getsockname(listener_, generic, &size) == 0);
    origin_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& origin() const { return origin_; }
  /// Once it stopped, how many bytes the longest connection took from it.
  std::size_t most_sent() {
    stop();
    return most_sent_;
  }

 private:
  void serve() {
    for (int before = 0;; ++before) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      Peer peer(fd);
      way_(peer, before);
      ::close(fd);
      most_sent_ = std::max(most_sent_, peer.sent());
    }
  }
  void stop() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  Way way_;
  int listener_;
  std::string origin_;
  std::size_t most_sent_ = 0;
  std::thread thread_;
};

S3Request request(const std::string& method = "GET", std::string_view body = {}) {
  return {method, "/acme/a", {{"host", "s3.example"}}, body, 1000, true};
}

SteadyTime soon(milliseconds time = seconds(10)) { return Clock::now() + time; }

/// What a new connection gets from a server that answers its first request so.
S3Answer answer_to(const std::function<void(Peer&)>& way, milliseconds time = seconds(10)) {
  Server server([&](Peer& peer, int) {
    if (!peer.receive().empty()) way(peer);
  });
  S3Connection connection(server.origin());
  return connection.ask(request(), soon(time));
}

S3Answer answer_to(const std::string& bytes) {
  return answer_to([&](Peer& peer) { peer.send(bytes); });
}

std::string field_of(std::size_t bytes) { return "X-Fill: " + std::string(bytes - 10, 'x') + "\r\n"; }

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

}  // namespace

TEST_CASE("400 MiB of header fields end within 64 KiB and long before the deadline") {
  constexpr std::size_t all = 400u << 20;
  Server server([](Peer& peer, int) {
    peer.receive();
    const std::string field = field_of(1000);
    bool open = peer.send("HTTP/1.1 200 OK\r\n");
    while (open && peer.sent() < all) open = peer.send(field);
  });
  const auto began = Clock::now();
  S3Answer answer;
  {
    S3Connection connection(server.origin());
    answer = connection.ask(request(), soon());
  }
  CHECK(answer.status == 0);
  CHECK(answer.headers.empty());
  CHECK(answer.fault == "its head is too large");
  CHECK(seconds_since(began) < 5);
  CHECK(server.most_sent() < (32u << 20));  // what it got rid of stands in the buffers of the sockets
}

TEST_CASE("a head may have 64 KiB and 256 fields, all that came before it counted, and no more") {
  const std::string first = "HTTP/1.1 200 OK\r\n", last = "Content-Length: 0\r\n\r\n";
  const std::size_t room = kHeadBytesMax - first.size() - last.size();
  const auto fill = [](std::size_t bytes) { return field_of(bytes / 2) + field_of(bytes - bytes / 2); };
  CHECK(answer_to(first + fill(room) + last).status == 200);
  CHECK(answer_to(first + fill(room + 1) + last).fault == "its head is too large");

  const auto fields = [&](std::size_t count) {
    std::string text = first;
    for (std::size_t i = 1; i < count; ++i) text += "a: b\r\n";
    return text + last;
  };
  CHECK(answer_to(fields(kHeadFieldsMax)).status == 200);
  CHECK(answer_to(fields(kHeadFieldsMax + 1)).fault == "its head is too large");

  const auto endless = [](const std::string& begin, const std::string& piece) {
    return answer_to([&](Peer& peer) {
      bool open = peer.send(begin);
      while (open) open = peer.send(piece);
    });
  };
  CHECK(endless("", "HTTP/1.1 103 Early Hints\r\n\r\n").fault == "its head is too large");
  CHECK(endless("HTTP/1.1 200 OK\r\nX-Fill: ", std::string(1000, 'x')).fault == "its head is too large");
  CHECK(endless(first + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X-Trailer: x\r\n").fault ==
        "its head is too large");
}

TEST_CASE("a 1xx before the answer is not the answer") {
  const S3Answer answer = answer_to(
      "HTTP/1.1 103 Early Hints\r\nETag: \"early\"\r\nLink: x\r\n\r\n"
      "HTTP/1.1 200 OK\r\nETag:  \"real\" \r\nContent-Length: 4\r\n\r\nbody");
  CHECK(answer.status == 200);
  CHECK(answer.header("etag") == "\"real\"");
  CHECK(answer.header("link").empty());
  CHECK(answer.body == "body");
}

TEST_CASE("an answer that trickles is over at the deadline, wherever it trickles") {
  for (const std::string begin :
       {"", "HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"}) {
    INFO(begin);
    const auto began = Clock::now();
    const S3Answer answer = answer_to(
        [&](Peer& peer) {
          bool open = peer.send(begin);
          while (open && peer.waits(50)) open = peer.send("x");
        },
        milliseconds(600));
    CHECK(answer.status == 0);
    if (!begin.empty()) {
      CHECK(answer.fault == "none in time");
      CHECK(seconds_since(began) >= 0.6);
    }
    CHECK(seconds_since(began) < 3);
  }
}

TEST_CASE("a call is never late before its deadline: s3_client counts the silent ones by that") {
  Server server([](Peer& peer, int) {
    while (!peer.receive().empty()) {
    }
  });
  for (int i = 0; i < 40; ++i) {
    const auto deadline = soon(milliseconds(20));
    S3Connection connection(server.origin());
    CHECK(connection.ask(request(), deadline).status == 0);
    CHECK(Clock::now() >= deadline);
  }
}

TEST_CASE("a body has the bytes that were allowed, as they were sent") {
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')).fault ==
        "it is too large");
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')).body.size() == 1000);
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf").fault == "it broke off");
  const S3Answer packed = answer_to("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot a zip");
  CHECK(packed.status == 200);
  CHECK(packed.body == "not a zip");
}

TEST_CASE("a redirect is an answer, and a server that speaks something else is none") {
  CHECK(answer_to("HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n").status == 307);
  CHECK(answer_to("SSH-2.0-OpenSSH_9.2\r\n").status == 0);
}

TEST_CASE("a request is sent as it was signed") {
  std::string got;
  Server server([&](Peer& peer, int) {
    got = peer.receive();
    peer.send(kEmpty);
  });
  {
    S3Connection connection(server.origin());
    S3Request put{"PUT", "/acme/a/../b%2F%20?partNumber=1&uploadId=%2B", {{"host", "s3.example"}}, "END", 1000};
    CHECK(connection.ask(put, soon()).status == 200);
  }
  CHECK(server.most_sent() > 0);
  CHECK(got.starts_with("PUT /acme/a/../b%2F%20?partNumber=1&uploadId=%2B HTTP/1.1\r\n"));
  CHECK(got.find("Host: s3.example\r\n") != std::string::npos);
  CHECK(got.find("Content-Length: 3\r\n") != std::string::npos);
  CHECK(got.ends_with("\r\n\r\nEND"));
  for (const char* name : {"Expect:", "Content-Type:", "Cookie:", "Authorization:", "Transfer-Encoding:"})
    CHECK(got.find(name) == std::string::npos);
}

TEST_CASE("no proxy of the environment is used") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  const int status = answer_to(std::string(kEmpty)).status;
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  CHECK(status == 200);
}

TEST_CASE("a connection is kept open; when it died unseen, only what may run twice is sent again") {
  std::atomic<int> connections{0}, requests{0};
  // The first connection answers one request and dies at the second; the others answer all.
  Server server([&](Peer& peer, int before) {
    ++connections;
    for (int i = 0; !peer.receive().empty(); ++i) {
      ++requests;
      if (before == 0 && i == 1) return;
      peer.send(kEmpty);
    }
  });
  {
    S3Connection connection(server.origin());
    CHECK(connection.ask(request(), soon()).status == 200);
    CHECK(connection.ask(request("PUT", "END"), soon()).status == 200);
    CHECK(connections == 2);
    CHECK(requests == 3);
    CHECK(connection.ask(request(), soon()).status == 200);
    CHECK(connections == 2);
  }
  S3Request once = request("POST", "END");
  once.may_run_twice = false;
  requests = 0;
  Server dying([&](Peer& peer, int before) {
    if (peer.receive().empty()) return;
    ++requests;
    if (before == 0) peer.send(kEmpty);
  });
  S3Connection connection(dying.origin());
  CHECK(connection.ask(request(), soon()).status == 200);
  CHECK(connection.ask(once, soon()).fault == "it broke off");
  CHECK(requests == 2);
}

TEST_CASE("a call that hangs ends when it is told to stop, and later ones do not begin") {
  std::stop_source stop;
  Server server([&](Peer& peer, int) {
    peer.receive();
    stop.request_stop();
    peer.receive();  // until the client closes
  });
  S3Connection connection(server.origin());
  const auto began = Clock::now();
  CHECK(connection.ask(request(), soon(), stop.get_token()).fault == "nexusd stops");
  CHECK(connection.ask(request(), soon(), stop.get_token()).fault == "nexusd stops");
  CHECK(seconds_since(began) < 5);
  CHECK(connection.ask(request(), Clock::now()).fault == "no time was left");
}

TEST_CASE("a server that cannot be reached is told apart from one that says nothing") {
  CHECK(S3Connection("http://127.0.0.1:1").ask(request(), soon()).fault == "nobody listens there");
  CHECK(S3Connection("http://no-such-host.invalid").ask(request(), soon()).fault == "its name is not known");
  Server plain([](Peer& peer, int) { peer.send("this is no TLS\r\n\r\n"); });
  CHECK(S3Connection("https" + plain.origin().substr(4)).ask(request(), soon()).fault ==
        "TLS failed: is its certificate trusted here?");
}

}  // namespace nexus::blobs
