// The head gate as a function of bytes: the table of framing cases, the limits at N and N + 1, and every prefix.
#include "daemon/http/head_gate.hpp"

#include "daemon/limits.hpp"
#include "tests/catch.hpp"
#include "tests/support/framing_cases.hpp"

namespace nexus::http {
namespace {

std::string code_of(std::string_view head) {
  const auto refusal = judge_head(head);
  return refusal ? std::string(info(refusal->code).code) : std::string();
}

/// A well-formed head of exactly `bytes`.
std::string head_of(std::size_t bytes) {
  std::string head = "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Pad: ";
  head.append(bytes - head.size() - 4, 'x');
  return head + "\r\n\r\n";
}

std::string head_with_fields(std::size_t count) {
  std::string head = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";
  for (std::size_t i = 1; i < count; ++i) head += "X-" + std::to_string(i) + ": a\r\n";
  return head + "\r\n";
}

TEST_CASE("every ambiguous head is refused with its own code") {
  STATIC_REQUIRE(std::size(testing::kRefusedHeads) >= 60);
  for (const auto& row : testing::kRefusedHeads) {
    INFO(row.name);
    CHECK(code_of(row.head) == row.code);
  }
}

TEST_CASE("what is well-formed passes the gate") {
  for (const auto& row : testing::kAcceptedHeads) {
    INFO(row.name);
    CHECK(code_of(row.head).empty());
  }
}

TEST_CASE("a head of 8 KiB passes and one byte more does not") {
  CHECK(code_of(head_of(limits::head_bytes_max)).empty());
  CHECK(code_of(head_of(limits::head_bytes_max + 1)) == "request.head_too_large");
}

TEST_CASE("100 fields pass and 101 do not") {
  CHECK(code_of(head_with_fields(limits::head_fields_max)).empty());
  CHECK(code_of(head_with_fields(limits::head_fields_max + 1)) == "request.head_too_large");
}

TEST_CASE("a head that is too large is told so before anything else that is wrong with it") {
  std::string head = head_of(limits::head_bytes_max + 1);
  head[30] = '\0';
  CHECK(code_of(head) == "request.head_too_large");
}

TEST_CASE("a refusal never repeats what was sent") {
  for (const std::string_view target : {"secret-value", "/secret-value#x", "/%zzsecret-value"}) {
    const std::string head = "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const auto refusal = judge_head(head);
    REQUIRE(refusal);
    CHECK(refusal->detail.find("secret") == std::string::npos);
  }
}

TEST_CASE("a head cut anywhere is refused and never read beyond its end") {
  for (const auto& row : testing::kAcceptedHeads) {
    INFO(row.name);
    for (std::size_t length = 0; length + 4 < row.head.size(); ++length) {
      const std::string cut(row.head.substr(0, length));  // on the heap, so that a sanitizer sees its end
      (void)judge_head(cut);
    }
  }
  CHECK(judge_head("").has_value());
  CHECK(judge_head("\r\n\r\n").has_value());
  CHECK(judge_head("GET").has_value());
}

}  // namespace
}  // namespace nexus::http
