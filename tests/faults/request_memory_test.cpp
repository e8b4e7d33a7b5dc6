// What requests hold in memory is bounded, and shared by tenants: bodies that are announced and do not come, bodies
// that wait for their last byte, answers that nobody reads. Who holds too much is refused, and nobody else.
#include <memory>
#include <random>
#include <thread>

#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/support/memory.hpp"
#include "tests/support/wire.hpp"

using namespace nexus::test;
using nexus::Json;

namespace {

constexpr std::size_t kLargeBodyBytes = 1'000'000;
constexpr const char* kBusy = "store.busy";

using Wires = std::vector<std::unique_ptr<Wire>>;

std::string head_of_tdev(const DaemonProcess& daemon, const std::string& line, std::size_t body_bytes = 0,
                         const std::string& more = {}) {
  std::string text = line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + daemon.token() +
                     "\r\nX-Tenant-Id: t_dev\r\nX-Env: dev\r\n" + more;
  if (body_bytes > 0)
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n";
  return text + "\r\n";
}

std::string anonymous(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

Answer answer_to(const DaemonProcess& daemon, const std::string& bytes) {
  Wire wire(daemon.port());
  wire.send(bytes);
  return wire.answer();
}

Answer block_something(const DaemonProcess& daemon) {
  const std::string body = Json{{"reason", "in between"}}.dump();
  return answer_to(daemon, head_of_tdev(daemon, "PUT /kill-switches", body.size()) + body);
}

Wires wires_to(const DaemonProcess& daemon, std::size_t count) {
  Wires wires;
  for (std::size_t i = 0; i < count; ++i) wires.push_back(std::make_unique<Wire>(daemon.port()));
  return wires;
}

template <class Condition>
bool happens(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// A JSON body of the most bytes that pass, refused for what it says once it is there.
std::string large_body() {
  std::string body = R"({"filename":")";
  return body + std::string(kLargeBodyBytes - body.size() - 2, 'a') + "\"}";
}

}  // namespace

// With a buffer for each that waits, 500 of them took 135 MiB.
TEST_CASE("a body that does not come costs nothing, however much was announced") {
  const DaemonProcess daemon;
  Wires wires = wires_to(daemon, 500);
  const double before = memory_mib(daemon.pid(), "VmRSS");
  const std::string begin =
      head_of_tdev(daemon, "POST /nexus/raw/presign-upload", kLargeBodyBytes, "Expect: 100-continue\r\n");
  for (const auto& wire : wires) {
    REQUIRE(wire->send(begin));
    REQUIRE(wire->answer().status == 100);
    wire->send(large_body().substr(0, 100));
  }
  CHECK(answer_to(daemon, head_of_tdev(daemon, "GET /auth/me")).status == 200);
  CHECK(memory_mib(daemon.pid(), "VmRSS") - before < 32);
}

// Without a bound, 200 of them took 245 MiB.
TEST_CASE("a tenant's bodies take a bounded part of the memory, and what stops things gets in") {
  const DaemonProcess daemon;
  const std::string body = large_body(),
                    begin = head_of_tdev(daemon, "POST /nexus/raw/presign-upload", kLargeBodyBytes);
  const double before = memory_mib(daemon.pid(), "VmRSS");
  Wires wires = wires_to(daemon, 60);
  const auto begin_on = [&](Wire& wire) {
    wire.send(begin);
    wire.send(std::string_view(body).substr(0, body.size() - 1));
  };
  for (const auto& wire : wires) begin_on(*wire);
  const auto refused = [&] { return answer_to(daemon, begin + body); };
  // One that was refused while it grew leaves room for one more, which another one takes.
  CHECK(happens([&] {
    if (refused().code() == kBusy) return true;
    wires.push_back(std::make_unique<Wire>(daemon.port()));
    begin_on(*wires.back());
    return false;
  }));
  CHECK(refused().header("retry-after") == "1");
  CHECK(block_something(daemon).status == 200);
  CHECK(memory_mib(daemon.pid(), "VmRSS") - before < 100);

  std::size_t taken = 0;
  for (const auto& wire : wires) {
    if (!wire->speaks(std::chrono::milliseconds(0))) wire->send(body.substr(body.size() - 1));
    const Answer answer = wire->answer();
    taken += answer.status == 422;
    if (answer.status != 422) CHECK(answer.code() == kBusy);
  }
  CHECK(taken > 16);
  CHECK(taken < wires.size());
  CHECK(answer_to(daemon, begin + body).status == 422);  // all of it was given back
}

TEST_CASE("answers that nobody reads take a bounded part of the memory, and others are answered") {
  const DaemonProcess daemon;
  const std::string large = anonymous("/openapi.json");
  const double before = memory_mib(daemon.pid(), "VmRSS");
  std::string many;
  for (int i = 0; i < 40; ++i) many += large;
  {
    Wires wires = wires_to(daemon, 200);
    for (const auto& wire : wires) wire->send(many);
    CHECK(happens([&] { return answer_to(daemon, large).code() == kBusy; }));
    CHECK(answer_to(daemon, large).header("retry-after") == "1");
    CHECK(answer_to(daemon, anonymous("/livez")).status == 200);
    CHECK(answer_to(daemon, head_of_tdev(daemon, "GET /auth/me")).status == 200);
    CHECK(block_something(daemon).status == 200);
    CHECK(memory_mib(daemon.pid(), "VmRSS") - before < 80);
  }
  CHECK(happens([&] { return answer_to(daemon, large).status == 200; }));
}

namespace {

double held_bytes(const DaemonProcess& daemon, const std::string& kind) {
  const std::string text = answer_to(daemon, anonymous("/metrics")).body;
  const std::string name = "\nnexus_http_held_bytes{kind=\"" + kind + "\"} ";
  const auto at = text.find(name);
  REQUIRE(at != std::string::npos);
  return std::stod(text.substr(at + name.size()));
}

/// What a client sends before it hangs up, cut anywhere.
std::string unfinished(const DaemonProcess& daemon, std::mt19937& random) {
  const auto below = [&random](std::size_t end) { return random() % end; };
  std::string bytes;
  switch (below(4)) {
    case 0:
      bytes = head_of_tdev(daemon, "POST /nexus/raw/presign-upload", kLargeBodyBytes) + large_body();
      break;
    case 1: {
      const std::string item = Json{{"title", "t"}, {"body", std::string(60'000, 'x')}}.dump();
      bytes = head_of_tdev(daemon, "POST /maybes/items", item.size()) + item;
      break;
    }
    case 2:
      for (std::size_t i = 1 + below(20); i > 0; --i) bytes += anonymous("/openapi.json");
      break;
    default:
      for (std::size_t i = 1 + below(20); i > 0; --i) bytes += head_of_tdev(daemon, "GET /maybes/items?limit=200");
  }
  return below(2) == 0 ? bytes : bytes.substr(0, below(bytes.size()));
}

}  // namespace

TEST_CASE("wherever clients hang up, all that their requests held is given back") {
  const DaemonProcess daemon;
  std::mt19937 random(20'260);
  Wires wires;
  for (int i = 0; i < 600; ++i) {
    auto wire = std::make_unique<Wire>(daemon.port());
    wire->send(unfinished(daemon, random));
    if (wires.size() < 40)
      wires.push_back(std::move(wire));
    else
      wires[random() % wires.size()] = std::move(wire);  // the one before hangs up
  }
  Wire body(daemon.port()), answers(daemon.port());
  body.send(head_of_tdev(daemon, "POST /nexus/raw/presign-upload", kLargeBodyBytes) + large_body().substr(0, 500'000));
  std::string many;
  for (int i = 0; i < 40; ++i) many += anonymous("/openapi.json");
  answers.send(many);
  CHECK(happens([&] { return held_bytes(daemon, "bodies") >= 500'000 && held_bytes(daemon, "answers") > 0; }));
  wires.clear();
  body.close();
  answers.close();
  CHECK(happens([&] { return held_bytes(daemon, "bodies") == 0 && held_bytes(daemon, "answers") == 0; }));
}

TEST_CASE("who reads no answers is not read either") {
  const DaemonProcess daemon;
  const double before = memory_mib(daemon.pid(), "VmRSS");
  std::string many;
  while (many.size() < 32'000'000) many += anonymous("/openapi.json");
  Wire wire(daemon.port());
  CHECK_FALSE(wire.send(many));
  CHECK(memory_mib(daemon.pid(), "VmRSS") - before < 8);
}
