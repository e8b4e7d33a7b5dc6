// What people are shown of a value: nothing that drives a terminal, and no password of a URL.
#include "daemon/config/shown.hpp"

#include "daemon/config/explain.hpp"
#include "tests/catch.hpp"
#include "tests/unit/config/sources.hpp"

using namespace nexus;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("what stands before the @ of a URL is masked", "[config]") {
  CHECK(shown_value("https://ann:hunter2@host:9000") == "https://***@host:9000");
  CHECK(shown_value("https://ann@host") == "https://***@host");
  CHECK(shown_value("https://a:p@ss/w,rd@host/x") == "https://***@host/x");
  CHECK(shown_value("https://one.example,https://a:b@two.example,https://c:d@three.example") ==
        "https://one.example,https://***@two.example,https://***@three.example");
  for (const char* plain : {"https://host/path", "127.0.0.1:7700", "[::1]:7700", "ann@host", "", "://", "64MiB"})
    CHECK(shown_value(plain) == plain);
}

TEST_CASE("characters that a terminal acts upon are escaped", "[config]") {
  CHECK(shown_value("a\x1b[2J\xC2\x9B\xE2\x80\xAE") == "a\\x1b[2J\\u009b\\u202e");
}

TEST_CASE("config explain and its faults show neither", "[config]") {
  const test::File file(
      "s3_region = \"\xC2\x9B"
      "2J\xE2\x80\xAE\"\ns3_endpoint = \"https://ann:hunter2@host\"\n");
  auto from = test::sources();
  from.file = file.path();
  for (const auto& key : {std::optional<std::string>(), std::optional<std::string>("s3_endpoint"),
                          std::optional<std::string>("s3_region")}) {
    const ConfigText told = explain_config(from, key);
    const std::string all = told.text + told.fault;
    CHECK(all.find("hunter2") == std::string::npos);
    CHECK(all.find("\xC2\x9B") == std::string::npos);
    CHECK(all.find("\xE2\x80\xAE") == std::string::npos);
  }
  const ConfigText told = explain_config(from);
  CHECK_THAT(told.text, ContainsSubstring("https://***@host"));
  CHECK_THAT(told.text, ContainsSubstring("\\u009b2J\\u202e"));
  CHECK_THAT(told.fault, ContainsSubstring("s3-endpoint"));
}
