// Addresses of servers: every form that is taken, and the neighbours that are not.
#include "daemon/base/url.hpp"
#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("URLs", "[url]") {
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
}

TEST_CASE("an authority is a host and perhaps a port", "[url]") {
  CHECK(parse_authority("h")->host == "h");
  CHECK_FALSE(parse_authority("h")->port);
  CHECK(parse_authority("h:0")->port == 0);
  CHECK(parse_authority("[::1]:65535")->host == "::1");
  CHECK(parse_authority("[::1]")->bracketed);
  for (const char* bad : {"", ":1", "h:", "h:65536", "h:+1", "h:1:2", "::1", "[]", "[::1", "[::1]1", "[::1]:"}) {
    INFO(bad);
    CHECK_FALSE(parse_authority(bad));
  }
}

TEST_CASE("loopback is what stands on this machine, not what is called like it", "[url]") {
  for (const char* here : {"http://127.0.0.1", "http://127.9.9.9:1", "http://localhost", "https://[::1]/"})
    CHECK(parse_url(here)->loopback());
  for (const char* away :
       {"http://127.example", "http://127.0.0.1.example", "http://10.0.0.1", "http://localhost.example"})
    CHECK_FALSE(parse_url(away)->loopback());
}
