// A printed curl line does what nexusctl would have done, and never shows the token.
#include "cli/engine/curl.hpp"

#include "cli/engine/failure.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using namespace nexus::cli;

TEST_CASE("a request as a line", "[cli][curl]") {
  Exchange exchange;
  exchange.method = "POST";
  exchange.url = *parse_url("http://127.0.0.1:7700/tenants?x=1&y=2");
  exchange.headers = {{"Authorization", "Bearer secret"}, {"X-Tenant-Id", "t_a"}};
  exchange.body = "{\"name\":\"it's\"}";
  CHECK(curl_line(exchange) ==
        "curl -sS --fail-with-body -X POST -H \"Authorization: Bearer $NEXUS_TOKEN\" -H 'X-Tenant-Id: t_a' "
        "--data-raw '{\"name\":\"it'\\''s\"}' 'http://127.0.0.1:7700/tenants?x=1&y=2'");
  Exchange through;
  through.url = *parse_url("https://h");
  through.reach = {"my ca.pem", "http://proxy:3128"};
  CHECK(curl_line(through) ==
        "curl -sS --fail-with-body --cacert 'my ca.pem' --noproxy '' -x http://proxy:3128 https://h:443/");
}

TEST_CASE("an upload as a line: fields are text, never file names", "[cli][curl]") {
  CHECK(curl_form({{"key", "@/etc/passwd"}, {"policy", "abc=="}}, "a \"b\".bin", "c.bin", "text/plain") ==
        "--form-string key=@/etc/passwd --form-string policy=abc== "
        "-F 'file=@\"a \\\"b\\\".bin\";filename=\"c.bin\";type=text/plain'");
}

TEST_CASE("what no command line holds is refused", "[cli][curl]") {
  Exchange exchange;
  exchange.method = "POST";
  exchange.url = *parse_url("http://127.0.0.1:7700/nexus/cards");
  exchange.body.assign(200'000, 'x');
  CHECK_THROWS_AS(curl_line(exchange), Failure);
  exchange.body.assign(100'000, 'x');
  CHECK_NOTHROW(curl_line(exchange));
}
