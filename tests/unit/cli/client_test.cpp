// Addresses, and answers that come early.
#include "cli/early_answer.hpp"
#include "cli/failure.hpp"
#include "cli/url.hpp"
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
