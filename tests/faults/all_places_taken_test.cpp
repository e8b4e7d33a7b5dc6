// Strangers who open every connection that the daemon may have, and say nothing, keep out nobody who wants to stop
// something: the oldest of them goes. Who authenticated once is never put out, and keeps out nobody either: the last
// places serve one short request each, of a caller with a token or of a probe.
#include <thread>

#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/wire.hpp"

using namespace nexus::test;
using nexus::Json;

namespace {

constexpr std::size_t kDescriptors = 400;
constexpr std::size_t kKept = 128;  // of them, for what is no connection
constexpr std::size_t kLast = 64;   // connections that the daemon keeps for single requests

DaemonOptions few_descriptors(const std::filesystem::path& data) {
  DaemonOptions options = loaded(data);
  const std::string limit = std::to_string(kDescriptors);
  options.wrapper = {"prlimit", "--nofile=" + limit + ":" + limit};
  return options;
}

std::string request(const DaemonProcess& daemon, const std::string& line, const std::string& body = {}) {
  std::string text = line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + daemon.token() +
                     "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\n";
  if (!body.empty())
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

using Wires = std::vector<std::unique_ptr<Wire>>;

/// The time in which a kill switch gets in, from a new connection.
std::chrono::milliseconds time_to_block(const DaemonProcess& daemon, const std::string& reason) {
  const auto began = std::chrono::steady_clock::now();
  Wire wire(daemon.port());
  wire.send(request(daemon, "PUT /kill-switches", Json{{"reason", reason}}.dump()));
  CHECK(wire.answer().status == 200);
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

/// So many connections, each of which says `first` and nothing more.
Wires strangers(const DaemonProcess& daemon, std::size_t count, const std::string& first = {}) {
  Wires wires;
  for (std::size_t i = 0; i < count; ++i) {
    wires.push_back(std::make_unique<Wire>(daemon.port()));
    if (!first.empty()) wires.back()->send(first);
  }
  return wires;
}

Answer is_me(const DaemonProcess& daemon, Wire& wire) {
  wire.send(request(daemon, "GET /auth/me"));
  return wire.answer();
}

/// Connections that authenticated and stay, until all but the last places are taken.
Wires known_and_idle(const DaemonProcess& daemon) {
  Wires known;
  for (bool stays = true; stays && known.size() < kDescriptors;) {
    known.push_back(std::make_unique<Wire>(daemon.port()));
    const Answer answer = is_me(daemon, *known.back());
    REQUIRE(answer.status == 200);
    stays = answer.header("connection") == "keep-alive";
  }
  known.pop_back();
  CHECK(known.size() == kDescriptors - kKept - kLast);
  return known;
}

template <class Condition>
bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

TEST_CASE("a kill switch gets in past strangers who hold every connection") {
  const TemporaryDirectory directory;
  const DaemonProcess daemon(few_descriptors(directory.path() / "data"));
  Wire known(daemon.port());
  known.send(request(daemon, "GET /auth/me"));
  REQUIRE(known.answer().status == 200);
  Wire unknown(daemon.port());  // asked something, but never showed a token
  unknown.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(unknown.answer().status == 200);

  const auto silent = strangers(daemon, 2 * kDescriptors);
  CHECK(time_to_block(daemon, "past the silent") < std::chrono::seconds(1));
  CHECK(unknown.ends());  // it was the oldest
  const auto begun = strangers(daemon, kDescriptors, "GET /livez HT");
  CHECK(time_to_block(daemon, "past half a head") < std::chrono::seconds(1));
  const auto bodies =
      strangers(daemon, kDescriptors,
                "POST /blobs/nexus HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                "Content-Length: 100000\r\n\r\n--b\r\n");
  CHECK(time_to_block(daemon, "past bodies that do not come") < std::chrono::seconds(1));
  const auto refused = strangers(
      daemon, kDescriptors,
      "POST /nexus/search HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\n"
      "Content-Length: 1000\r\n\r\n{");
  CHECK(time_to_block(daemon, "past bad tokens") < std::chrono::seconds(1));

  // Idle since before all of them, and still there.
  known.send(request(daemon, "GET /auth/me"));
  CHECK(known.answer().status == 200);
  CHECK(comes_true([&] { return daemon.log().find("all connections are taken") != std::string::npos; }));
}

TEST_CASE("when all who hold a connection are known and idle, a newcomer with a token is served once, and all go on") {
  const TemporaryDirectory directory;
  const DaemonProcess daemon(few_descriptors(directory.path() / "data"));
  const Wires known = known_and_idle(daemon);

  CHECK(time_to_block(daemon, "past the idle") < std::chrono::seconds(1));
  const auto silent = strangers(daemon, 2 * kLast);
  CHECK(time_to_block(daemon, "past the idle and the silent") < std::chrono::seconds(1));
  const auto begun = strangers(daemon, 2 * kLast, "GET /livez HT");
  CHECK(time_to_block(daemon, "past the idle and half a head") < std::chrono::seconds(1));

  // Nobody else keeps one of the last places.
  Wire mute(daemon.port());
  const auto began = std::chrono::steady_clock::now();
  CHECK(mute.ends());
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(4));
  Wire nobody(daemon.port());
  nobody.send("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(nobody.ends());
  Wire liar(daemon.port());
  liar.send("GET /auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n");
  CHECK(liar.answer().status == 401);
  CHECK(liar.ends());
  Wire reader(daemon.port());
  reader.send(request(daemon, "GET /sse/events"));
  CHECK(reader.answer().code() == "stream.no_place");
  CHECK(reader.ends());

  for (const auto& wire : known) CHECK(is_me(daemon, *wire).status == 200);
  known.front()->close();
  CHECK(comes_true([&] {
    Wire wire(daemon.port());
    return is_me(daemon, wire).header("connection") == "keep-alive";
  }));
}

TEST_CASE("in one of the last places a probe is answered, and a caller who is slow on purpose is cut off") {
  const TemporaryDirectory directory;
  const DaemonProcess daemon(few_descriptors(directory.path() / "data"));
  const Wires known = known_and_idle(daemon);
  for (const char* target : {"/livez", "/readyz"}) {
    Wire probe(daemon.port());
    probe.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const Answer answer = probe.answer();
    CHECK(answer.status == 200);
    CHECK(answer.header("connection") == "close");
    CHECK(probe.ends());
  }
  Wire slow(daemon.port());
  const std::string whole = request(daemon, "PUT /kill-switches", std::string(100, ' '));
  slow.send(whole.substr(0, whole.size() - 50));
  const auto slow_since = std::chrono::steady_clock::now();
  CHECK(slow.answer().code() == "request.timeout");
  CHECK(std::chrono::steady_clock::now() - slow_since < std::chrono::seconds(8));
  CHECK(slow.ends());
}
