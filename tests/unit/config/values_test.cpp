// Addresses, sizes and durations: every form that is taken, and the neighbours that are not.
#include "daemon/config/values.hpp"
#include "daemon/config/options.hpp"
#include "tests/catch.hpp"

using namespace nexus;

TEST_CASE("addresses are IP and port", "[config]") {
  CHECK(parse_address("127.0.0.1:7700") == Address{"127.0.0.1", 7700});
  CHECK(parse_address("localhost:0") == Address{"127.0.0.1", 0});
  CHECK(parse_address("[::1]:7700") == Address{"::1", 7700});
  CHECK(parse_address("[0:0:0:0:0:0:0:1]:1") == Address{"::1", 1});
  CHECK(parse_address("[::1]:7700")->text() == "[::1]:7700");
  CHECK(parse_address("10.0.0.1:65535")->text() == "10.0.0.1:65535");
  for (const auto* bad : {"", ":7700", "7700", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:7700",
                          "[::1]", "[::1]7700", "[127.0.0.1]:1", "nexus.example:80", "127.1:80", "127.0.0.1:80 ",
                          "127.0.0.1:+1", "0x7f.0.0.1:1", "[fe80::1%lo]:1"}) {
    INFO(bad);
    CHECK_FALSE(parse_address(bad));
  }
}

TEST_CASE("loopback is judged by the address, not by its name", "[config]") {
  CHECK(parse_address("127.0.0.1:1")->is_loopback());
  CHECK(parse_address("127.9.8.7:1")->is_loopback());
  CHECK(parse_address("[::1]:1")->is_loopback());
  CHECK_FALSE(parse_address("0.0.0.0:1")->is_loopback());
  CHECK_FALSE(parse_address("[::]:1")->is_loopback());
  CHECK_FALSE(parse_address("128.0.0.1:1")->is_loopback());
  CHECK_FALSE(parse_address("[::ffff:10.0.0.1]:1")->is_loopback());
}

TEST_CASE("sizes", "[config]") {
  CHECK(parse_size("0") == 0U);
  CHECK(parse_size("1025B") == 1025U);
  CHECK(parse_size("64MiB") == 64U * 1024 * 1024);
  CHECK(parse_size("5GiB") == 5ULL * 1024 * 1024 * 1024);
  CHECK(parse_size("9223372036854775807") == 9223372036854775807ULL);
  for (const auto* bad : {"", "MiB", "64 MiB", "64MB", "64mib", "-1", "1.5GiB", "9223372036854775808", "8388608TiB"}) {
    INFO(bad);
    CHECK_FALSE(parse_size(bad));
  }
  CHECK(format_size(64U * 1024 * 1024) == "64MiB");
  CHECK(format_size(1025) == "1025");
  CHECK(format_size(0) == "0");
}

TEST_CASE("durations carry their unit", "[config]") {
  using namespace std::chrono_literals;
  CHECK(parse_duration("0s") == 0ms);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("10s") == 10s);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("1d") == 24h);
  for (const auto* bad : {"", "10", "s", "10 s", "-1s", "1.5s", "10S", "999999999999999999d"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("origins, hosts and buckets", "[config]") {
  CHECK(values::origin("https://Nexus.Example/") == "https://nexus.example");
  CHECK(values::origin("http://[::1]:8080") == "http://[::1]:8080");
  for (const auto* bad : {"nexus.example", "ftp://x", "https://", "https://a/b", "https://a?b", "https://u@a", "*",
                          "https://a:0", "https://a:99999", "https://a:b", "https://.a"}) {
    INFO(bad);
    CHECK_THROWS_AS(values::origin(bad), BadValue);
  }
  CHECK(values::host("Nexus.Example:8443") == "nexus.example:8443");
  CHECK_THROWS_AS(values::host("https://nexus.example"), BadValue);
  CHECK_THROWS_AS(values::host("*"), BadValue);
  CHECK(values::bucket("nexus-1") == "nexus-1");
  for (const auto* bad : {"ab", "Nexus", "a..b", "-ab", "ab-", "a/b", "../x"}) {
    INFO(bad);
    CHECK_THROWS_AS(values::bucket(bad), BadValue);
  }
}
