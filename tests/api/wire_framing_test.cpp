// Ambiguous heads on the real port: one answer, the connection ends, and what was smuggled behind them never runs. The
// hidden request is a good mutation, so an audit row more would give it away.
#include "daemon/base/problem.hpp"
#include "daemon/problems.hpp"
#include "tests/api/wire_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/framing_cases.hpp"

namespace nexus::test {
namespace {

/// Sends `bytes` and takes exactly one answer, behind which the connection ends.
Answer only_answer(int port, std::string_view bytes, bool head = false) {
  Wire wire(port);
  wire.send(bytes);
  Answer answer = wire.answer(head);
  CHECK(answer.header("connection") == "close");
  CHECK(wire.ends());
  return answer;
}

TEST_CASE("every ambiguous head gets one answer, and what follows it never runs", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string hidden = presign_request(daemon);
  const long before = next_seq(daemon);
  for (const auto& row : testing::kRefusedHeads) {
    INFO(row.name);
    const bool head = row.head.starts_with("HEAD ");
    const Answer answer = only_answer(daemon.port(), std::string(row.head) + hidden, head);
    CHECK(answer.status == info(*find_code(row.code)).status);
    CHECK(answer.code() == (head ? "" : row.code));
    CHECK(answer.header("content-type") == "application/problem+json");
    CHECK_FALSE(answer.header("x-request-id").empty());
  }
  CHECK(next_seq(daemon) == before + 1);
}

TEST_CASE("a body framed two ways is refused before any of it is read as a request", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string hidden = presign_request(daemon);
  const std::string length = std::to_string(hidden.size());
  const std::string begin = "POST /nexus/raw/presign-upload HTTP/1.1\r\nHost: localhost\r\n" + context_lines(daemon) +
                            "Content-Type: application/json\r\n";
  const std::pair<const char*, std::string> cases[] = {
      {"CL.TE: the length covers all, the chunks end before",
       "Content-Length: " + std::to_string(hidden.size() + 5) + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"TE.CL: the chunk covers all, the length ends before",
       "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n7f\r\n"},
      {"TE.TE: one of the two is disguised", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n"},
      {"CL.CL: the second is longer", "Content-Length: 0\r\nContent-Length: " + length + "\r\n\r\n"},
      {"CL.CL: the second is shorter", "Content-Length: " + length + "\r\nContent-Length: 0\r\n\r\n"},
      {"CL.0 on a fold", "X-A: b\r\n Content-Length: " + length + "\r\n\r\n"},
      {"a name that ends in a space", "Content-Length : " + length + "\r\n\r\n"},
      {"a length behind a bare CR", "X-A: b\rContent-Length: " + length + "\r\n\r\n"},
  };
  const long before = next_seq(daemon);
  for (const auto& [name, lines] : cases) {
    INFO(name);
    const Answer answer = only_answer(daemon.port(), begin + lines + hidden);
    CHECK(answer.status == 400);
    CHECK(answer.code() == "request.malformed");
  }
  CHECK(next_seq(daemon) == before + 1);
}

TEST_CASE("a chunked request is 411 and its chunks are nobody's request", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const long before = next_seq(daemon);
  const Answer answer =
      only_answer(daemon.port(),
                  "POST /nexus/raw/presign-upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "0\r\n\r\n" +
                      presign_request(daemon));
  CHECK(answer.status == 411);
  CHECK(answer.code() == "request.length_required");
  CHECK(next_seq(daemon) == before + 1);
}

TEST_CASE("a request inside a body is a body, whether the body is read or thrown away", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string hidden = presign_request(daemon);
  const long before = next_seq(daemon);
  Wire wire(daemon.port());
  wire.send(post("/nexus/raw/presign-upload", hidden) + get("/livez"));  // 401: thrown away
  CHECK(wire.answer().code() == "auth.missing_token");
  CHECK(wire.answer().status == 200);
  wire.send(post("/nexus/raw/presign-upload", hidden, context_lines(daemon)) + get("/livez"));  // read
  CHECK(wire.answer().code() == "request.invalid_json");
  CHECK(wire.answer().status == 200);
  wire.send(post("/nowhere", hidden) + get("/livez"));  // 404: thrown away
  CHECK(wire.answer().code() == "route.not_found");
  CHECK(wire.answer().status == 200);
  CHECK(next_seq(daemon) == before + 1);
}

TEST_CASE("well-formed neighbours of the refused heads pass the gate", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  for (const auto& row : testing::kAcceptedHeads) {
    INFO(row.name);
    Wire wire(daemon.port());
    const bool post = row.head.starts_with("POST ");
    wire.send(std::string(row.head) + (post ? "12345" : ""));
    const Answer answer = wire.answer(row.head.starts_with("HEAD "));
    CHECK(answer.status == (post || row.head.starts_with("TRACE ") ? 405 : 200));
  }
}

TEST_CASE("a head of 8 KiB or 100 fields is answered, one more of either is 431", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const std::string begin = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";
  const auto padded = [&](std::size_t bytes) {
    return begin + "X-Pad: " + std::string(bytes - begin.size() - 11, 'x') + "\r\n\r\n";
  };
  const auto fielded = [&](int count) {
    std::string head = begin;
    for (int i = 1; i < count; ++i) head += "X-" + std::to_string(i) + ": a\r\n";
    return head + "\r\n";
  };
  for (const std::string& good : {padded(8192), fielded(100)}) {
    Wire wire(daemon.port());
    wire.send(good + get("/livez"));
    CHECK(wire.answer().status == 200);
    CHECK(wire.answer().status == 200);
  }
  for (const std::string& bad : {padded(8193), fielded(101), begin + "X-Pad: " + std::string(20'000, 'x')})
    CHECK(only_answer(daemon.port(), bad).code() == "request.head_too_large");
}

TEST_CASE("a name that is not ours is 421, a foreign page 403, before anything else is said", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const auto ask = [&](const std::string& lines) {
    Wire wire(daemon.port());
    wire.send("GET /nowhere HTTP/1.1\r\n" + lines + "\r\n");
    return wire.answer().code();
  };
  for (const char* host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "evil.example:80", "", "a b"}) {
    INFO(host);
    CHECK(ask("Host: " + std::string(host) + "\r\n") == "host.not_allowed");
  }
  for (const char* origin : {"http://evil.example", "null", "https://localhost", "http://localhost.evil.example"}) {
    INFO(origin);
    CHECK(ask("Host: localhost\r\nOrigin: " + std::string(origin) + "\r\n") == "origin.not_allowed");
  }
  CHECK(ask("Host: localhost\r\nOrigin: http://localhost\r\n") == "route.not_found");
}

TEST_CASE("a request through a foreign name ends its connection, and what follows never runs", "[wire]") {
  const DaemonProcess& daemon = shared_daemon();
  const Answer answer = only_answer(daemon.port(), "GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n" + get("/livez"));
  CHECK(answer.status == 421);
}

}  // namespace
}  // namespace nexus::test
