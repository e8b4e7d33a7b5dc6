// How a connection is used: order, HEAD, Expect, HTTP/1.0, limits judged from the head, slow heads.
#include <cstdlib>

#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

constexpr auto kShort = std::chrono::milliseconds(50);

TEST_CASE("pipelined requests are answered in order, reads and writes alike", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  std::string all;
  for (int i = 0; i < 30; ++i) {
    const std::string id = "X-Request-Id: p-" + std::to_string(i) + "\r\n";
    all += i % 3 == 0 ? presign_request(daemon, id) : get(i % 3 == 1 ? "/livez" : "/nowhere", id);
  }
  Wire wire(daemon.port());
  REQUIRE(wire.send(all));
  for (int i = 0; i < 30; ++i) {
    const Answer answer = wire.answer();
    INFO(i);
    CHECK(answer.header("x-request-id") == "p-" + std::to_string(i));
    CHECK(answer.status == (i % 3 == 2 ? 404 : 200));
    CHECK(answer.header("connection") == "keep-alive");
  }
  CHECK_FALSE(wire.speaks(kShort));
}

TEST_CASE("HEAD says what GET says, without the body", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string lines = context_lines(daemon) + "X-Request-Id: same\r\n";
  for (const char* target : {"/livez", "/version", "/openapi.json", "/problems/raw.not_found", "/nowhere", "/nexus/raw",
                             "/nexus/raw/none", "/auth/me"}) {
    INFO(target);
    Wire wire(daemon.port());
    wire.send(get(target, lines));
    Answer full = wire.answer();
    wire.send("HEAD" + get(target, lines).substr(3) + get("/livez"));
    Answer bare = wire.answer(true);
    CHECK(bare.status == full.status);
    for (const char* name :
         {"content-type", "content-length", "cache-control", "x-content-type-options", "x-request-id"})
      CHECK(bare.header(name) == full.header(name));
    CHECK(wire.answer().status == 200);  // no byte of a body stood in between
  }
}

TEST_CASE("100 Continue is sent when the body is wanted, before it comes", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string body = R"({"filename":"a.txt"})";
  Wire wire(daemon.port());
  wire.send(post_head("/nexus/raw/presign-upload", body.size(), context_lines(daemon) + "Expect: 100-continue\r\n"));
  CHECK(wire.answer().status == 100);
  CHECK_FALSE(wire.speaks(kShort));
  wire.send(body);
  CHECK(wire.answer().status == 200);
}

TEST_CASE("100 Continue is left out when the body is there already", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  Wire wire(daemon.port());
  wire.send(presign_request(daemon, "Expect: 100-continue\r\n"));
  CHECK(wire.answer().status == 200);
}

TEST_CASE("a refusal from the head comes instead of 100 Continue", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string expect = "Expect: 100-continue\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {post_head("/nexus/raw/presign-upload", 20, expect), "auth.missing_token"},
      {post_head("/nexus/raw/presign-upload", 20, expect + "Authorization: Bearer x\r\n"), "auth.invalid_token"},
      {post_head("/nowhere", 20, expect), "route.not_found"},
      {post_head("/nexus/raw/presign-upload", 2'000'000, context_lines(daemon) + expect), "request.too_large"},
  };
  for (const auto& [head, code] : cases) {
    INFO(code);
    Wire wire(daemon.port());
    wire.send(head);
    const Answer answer = wire.answer();
    CHECK(answer.code() == code);
    CHECK(answer.header("connection") == "close");
    CHECK(wire.ends());
  }
}

TEST_CASE("HTTP/1.0 knows no 100 Continue", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string body = R"({"filename":"a.txt"})";
  Wire wire(daemon.port());
  wire.send("POST /nexus/raw/presign-upload HTTP/1.0\r\n" + context_lines(daemon) + "Expect: 100-continue\r\n" +
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  CHECK_FALSE(wire.speaks(kShort));
  wire.send(body);
  CHECK(wire.answer().status == 200);
}

TEST_CASE("a connection lives on or ends as its version and Connection say", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  struct Row {
    const char *version, *lines;
    bool lives;
  };
  for (const Row& row :
       {Row{"HTTP/1.1", "Host: localhost\r\n", true},
        Row{"HTTP/1.1", "Host: localhost\r\nConnection: close\r\n", false},
        Row{"HTTP/1.1", "Host: localhost\r\nConnection: keep-alive\r\n", true}, Row{"HTTP/1.0", "", false},
        Row{"HTTP/1.0", "Host: localhost\r\n", false}, Row{"HTTP/1.0", "Connection: keep-alive\r\n", true},
        Row{"HTTP/1.0", "Connection: close\r\n", false}}) {
    INFO(row.version << " " << row.lines);
    Wire wire(daemon.port());
    wire.send("GET /livez " + std::string(row.version) + "\r\n" + row.lines + "\r\n");
    const Answer answer = wire.answer();
    CHECK(answer.status == 200);
    CHECK(answer.header("connection") == (row.lives ? "keep-alive" : "close"));
    if (!row.lives) CHECK(wire.ends());
    wire.send(get("/livez"));
    CHECK(wire.answer().status == (row.lives ? 200 : 0));
  }
}

TEST_CASE("a body that is too large is refused from the head, unread", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  for (const char* length : {"1048577", "9223372036854775807", "9999999999999999999"}) {
    INFO(length);
    Wire wire(daemon.port());
    wire.send("POST /nexus/raw/presign-upload HTTP/1.1\r\nHost: localhost\r\n" + context_lines(daemon) +
              "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n");
    const Answer answer = wire.answer();
    CHECK(answer.status == 413);
    CHECK(answer.code() == "request.too_large");
    CHECK(wire.ends());
  }
}

TEST_CASE("a body of exactly 1 MiB is read", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  std::string body = R"({"filename":"a.txt"})";
  body.append((1 << 20) - body.size(), ' ');
  Wire wire(daemon.port());
  wire.send(post("/nexus/raw/presign-upload", body, context_lines(daemon)));
  CHECK(wire.answer().status == 200);
}

TEST_CASE("a method that the path has not is 405 and says which it has", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::pair<const char*, const char*> cases[] = {
      {"PUT /livez", "GET, HEAD"},           {"TRACE /livez", "GET, HEAD"},
      {"CONNECT /livez", "GET, HEAD"},       {"OPTIONS /nexus/raw/register", "POST"},
      {"PATCH /nexus/raw", "GET, HEAD"},     {"DELETE /blobs/nexus", "POST"},
      {"QUERY /nexus/search", "POST"},       {"GET /nexus/raw/register", "POST"},
      {"DELETE /audit/export", "GET, HEAD"},
  };
  for (const auto& [line, allow] : cases) {
    INFO(line);
    Wire wire(daemon.port());
    wire.send(std::string(line) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const Answer answer = wire.answer();
    CHECK(answer.status == 405);
    CHECK(answer.code() == "route.method_not_allowed");
    for (const auto* method : {"GET", "HEAD", "POST", "DELETE"})
      CHECK((answer.header("allow").find(method) != std::string::npos) ==
            (std::string_view(allow).find(method) != std::string_view::npos));
  }
}

TEST_CASE("a method that nobody knows is its sender's fault in the figures too", "[wire]") {
  const DaemonProcess daemon;
  const auto count = [&](const std::string& status) {
    const std::string name = "nexus_http_requests_total{method=\"\",route=\"none\",status=\"" + status + "\"} ";
    const std::string text = Client(daemon.address()).request("GET", "/metrics").body;
    const auto at = text.find(name);
    return at == std::string::npos ? 0 : std::stoi(text.substr(at + name.size()));
  };
  const int before = count("4xx");
  Wire wire(daemon.port());
  wire.send("BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(wire.answer().status == 501);
  CHECK(count("4xx") == before + 1);
  CHECK(count("5xx") == 0);
}

TEST_CASE("what machines probe takes query parameters that it does not know", "[wire]") {
  Client client(shared_daemon().address());
  for (const char* target :
       {"/livez?from=probe", "/readyz?x=1&y=", "/metrics?collect%5B%5D=up", "/problems/host.not_allowed?x"}) {
    INFO(target);
    CHECK(client.request("GET", target).status == 200);
  }
  CHECK(client.request("GET", "/readyz?x=1&verbose").json.contains("checks"));
  CHECK(client.request("GET", "/version?x=1").code() == "validation.unknown_field");
}

TEST_CASE("a head may come byte by byte, and its body too", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  Wire wire(daemon.port());
  for (const char byte : presign_request(daemon) + get("/livez")) REQUIRE(wire.send({&byte, 1}));
  CHECK(wire.answer().status == 200);
  CHECK(wire.answer().status == 200);
}

TEST_CASE("one line end before a request line is nothing, before the first request and between others", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const long before = next_seq(daemon);
  Wire wire(daemon.port());
  wire.send("\r\n" + get("/livez") + "\r\n" + presign_request(daemon) + "\r\n" + get("/livez"));
  for (int i = 0; i < 3; ++i) CHECK(wire.answer().status == 200);
  for (const char byte : "\r\n" + get("/livez")) REQUIRE(wire.send({&byte, 1}));
  CHECK(wire.answer().status == 200);
  wire.send("\r\n");  // behind a body, long before the next request
  CHECK_FALSE(wire.speaks(kShort));
  wire.send(get("/livez"));
  CHECK(wire.answer().status == 200);
  // A second one is no request line, and ends the connection: what follows it never runs.
  wire.send("\r\n\r\n" + presign_request(daemon));
  CHECK(wire.answer().code() == "request.malformed");
  CHECK(wire.ends());
  CHECK(next_seq(daemon) == before + 2);
}

TEST_CASE("a line end before the request line counts for no limit of the head", "[wire]") {
  const std::string begin = "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Pad: ";
  const auto padded = [&](std::size_t bytes) {
    return begin + std::string(bytes - begin.size() - 4, 'x') + "\r\n\r\n";
  };
  Wire wire(shared_daemon().port());
  wire.send("\r\n" + padded(8192) + "\r\n" + padded(8193));
  CHECK(wire.answer().status == 200);
  CHECK(wire.answer().code() == "request.head_too_large");
}

TEST_CASE("a head with bare line feeds is refused at once, not at its deadline", "[wire]") {
  Wire wire(shared_daemon().port());
  wire.send("GET /livez HTTP/1.1\nHost: localhost\n\n");
  CHECK(wire.answer(false, std::chrono::seconds(3)).status == 400);
}

TEST_CASE("the beginning of TLS is refused at once, in plain HTTP", "[wire]") {
  for (const std::string_view hello : {"\x16", "\x16\x03\x01\x02\x00\x01"}) {
    Wire wire(shared_daemon().port());
    wire.send(std::string(hello));
    const Answer answer = wire.answer(false, std::chrono::seconds(3));
    CHECK(answer.status == 400);
    CHECK(answer.json.at("detail").get<std::string>().find("http://") != std::string::npos);
    CHECK(wire.ends());
  }
}

TEST_CASE("half a head, then silence, is 408 at the head's deadline", "[wire][long]") {
  if (std::getenv("NEXUS_TEST_LONG") == nullptr) return;
  Wire half(shared_daemon().port());
  Wire silent(shared_daemon().port());
  silent.send(get("/livez"));
  REQUIRE(silent.answer().status == 200);
  half.send("GET /livez HTTP/1.1\r\nHost: loc");
  const auto begin = std::chrono::steady_clock::now();
  const Answer answer = half.answer(false, std::chrono::seconds(20));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(answer.status == 408);
  CHECK(answer.code() == "request.timeout");
  CHECK(took >= std::chrono::milliseconds(9500));
  CHECK(took <= std::chrono::seconds(13));
  CHECK(half.ends());
  silent.send(get("/livez"));  // who has not begun a head is idle, not late
  CHECK(silent.answer().status == 200);
}

TEST_CASE("who connects and says nothing within 5 s is cut off, who has asked once may think longer", "[wire]") {
  Wire thinker(shared_daemon().port());
  thinker.send(get("/livez"));
  REQUIRE(thinker.answer().status == 200);
  const auto begin = std::chrono::steady_clock::now();
  Wire silent(shared_daemon().port());
  Wire no_more(shared_daemon().port()), nearly(shared_daemon().port());  // a line end begins no request
  no_more.send("\r\n");
  nearly.send("\r");
  for (Wire* wire : {&silent, &no_more, &nearly}) {
    CHECK(wire->ends(std::chrono::seconds(10)));
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= std::chrono::milliseconds(4900));
    CHECK(took <= std::chrono::seconds(8));
  }
  thinker.send(get("/livez"));
  CHECK(thinker.answer().status == 200);
}

}  // namespace
}  // namespace nexus::test
