// Host and Origin: what is ours, what a rebound name or a foreign page looks like.
#include "daemon/http/origin.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace nexus::http {
namespace {

OriginRules plain() {
  return OriginRules({.listen = {"127.0.0.1:7700"}, .allowed_hosts = {}, .cors_origins = {}, .public_url = {}});
}

OriginRules configured() {
  return OriginRules({.listen = {"192.0.2.7:7700", "[2001:db8::7]:7700"},
                      .allowed_hosts = {"nexus.internal", "Other.Internal:9000"},
                      .cors_origins = {"https://Page.example"},
                      .public_url = "https://Nexus.Example/"});
}

std::string field_of(const Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.fields, name, [](const auto& field) { return field.first; });
  return found == response.fields.end() ? "" : found->second;
}

TEST_CASE("loopback is ours by any of its names, with or without port") {
  for (const auto* host : {"localhost", "LOCALHOST", "localhost:7700", "localhost:1", "127.0.0.1", "127.0.0.1:7700",
                           "127.8.9.10", "[::1]", "[::1]:7700"}) {
    INFO(host);
    CHECK(plain().host_is_ours(host));
  }
}

TEST_CASE("a name that only looks like loopback is not ours") {
  for (const auto* host : {"",
                           "evil.example",
                           "localhost.evil.example",
                           "evil-localhost",
                           "127.0.0.1.evil.example",
                           "127.0.0.1.nip.io",
                           "127.evil.example",
                           "127.0.0",
                           "127.1",
                           "127.0.0.1.",
                           "127.0..1",
                           "localhost.",
                           "0.0.0.0",
                           "[::]",
                           "[::1",
                           "::1",
                           "[::1]evil",
                           "[::ffff:127.0.0.1]",
                           "2130706433",
                           "0x7f000001",
                           "localhost:port",
                           "localhost:",
                           "localhost:123456",
                           "localhost:80:80",
                           "localhost@evil.example",
                           "localhost/evil",
                           "localhost evil",
                           "evil.example#localhost",
                           "user@localhost",
                           ":7700",
                           "[]:7700",
                           "localhost,evil.example"}) {
    INFO(host);
    CHECK_FALSE(plain().host_is_ours(host));
  }
}

TEST_CASE("configured names and the listener's own addresses are ours") {
  for (const auto* host : {"192.0.2.7", "192.0.2.7:7700", "[2001:db8::7]", "[2001:DB8::7]:443", "nexus.internal",
                           "NEXUS.internal:80", "other.internal", "nexus.example", "nexus.example:443"}) {
    INFO(host);
    CHECK(configured().host_is_ours(host));
  }
  for (const auto* host :
       {"192.0.2.8", "internal", "x.nexus.internal", "nexus.internal.evil.example", "page.example"}) {
    INFO(host);
    CHECK_FALSE(configured().host_is_ours(host));
  }
}

TEST_CASE("a page is ours when it came from the very address it asks") {
  CHECK(plain().origin_is_ours("http://localhost:7700", "localhost:7700"));
  CHECK(plain().origin_is_ours("http://LOCALHOST:7700", "localhost:7700"));
  for (const auto* origin :
       {"http://localhost", "http://localhost:7701", "https://localhost:7700", "http://127.0.0.1:7700",
        "http://evil.example", "null", "", "file://", "http://localhost:7700.evil.example", "http://localhost:7700/",
        "http://localhost:7700 http://evil.example"}) {
    INFO(origin);
    CHECK_FALSE(plain().origin_is_ours(origin, "localhost:7700"));
  }
}

TEST_CASE("the public url's page and configured pages are ours") {
  CHECK(configured().origin_is_ours("https://nexus.example", "127.0.0.1:7700"));
  CHECK(configured().origin_is_ours("https://page.example", "127.0.0.1:7700"));
  CHECK_FALSE(configured().origin_is_ours("http://nexus.example", "127.0.0.1:7700"));
  CHECK_FALSE(configured().origin_is_ours("https://page.example.evil.example", "127.0.0.1:7700"));
  CHECK(configured().is_cors_origin("https://page.example"));
  CHECK_FALSE(configured().is_cors_origin("https://nexus.example"));
  CHECK_FALSE(plain().is_cors_origin("http://localhost:7700"));
}

TEST_CASE("links begin with the public url, else with the host that was asked") {
  RequestHead head;
  head.fields = {{"host", "localhost:7700"}, {"x-forwarded-host", "evil.example"}, {"forwarded", "host=evil.example"}};
  CHECK(plain().base_url(head) == "http://localhost:7700");
  CHECK(configured().base_url(head) == "https://Nexus.Example");
  CHECK(plain().base_url({}) == "http://127.0.0.1:7700");
}

TEST_CASE("a preflight names the one origin, never a star, and no credentials") {
  const Response response = OriginRules::preflight("https://page.example");
  CHECK(response.status == 204);
  CHECK(field_of(response, "Access-Control-Allow-Origin") == "https://page.example");
  CHECK(field_of(response, "Vary") == "Origin");
  CHECK(field_of(response, "Access-Control-Allow-Credentials").empty());
  for (const auto* name : {"Authorization", "X-Tenant-Id", "X-Env", "Idempotency-Key", "If-Match", "Content-Type",
                           "traceparent", "tracestate", "baggage", "X-Requested-With"})
    CHECK(field_of(response, "Access-Control-Allow-Headers").find(name) != std::string::npos);
}

TEST_CASE("an answer to a configured page exposes the contract's fields") {
  Response response;
  OriginRules::expose(response, "https://page.example");
  CHECK(field_of(response, "Access-Control-Allow-Origin") == "https://page.example");
  CHECK(field_of(response, "Access-Control-Expose-Headers") ==
        "X-Request-Id, traceresponse, Nexus-Audit-Seq, Nexus-Audit-Hash, RateLimit, RateLimit-Policy, Retry-After, "
        "ETag, Location");
}

}  // namespace
}  // namespace nexus::http
