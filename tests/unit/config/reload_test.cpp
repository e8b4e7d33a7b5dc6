// A configuration that is read again: what changed, and what of it takes effect without a restart.
#include "daemon/config/reload.hpp"

#include <algorithm>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/unit/config/sources.hpp"

using namespace nexus;
using test::File;
using test::sources;

namespace {

Resolved of(const std::string& text, std::multimap<std::string, std::string> flags = {}) {
  const File file(text);
  auto from = sources(std::move(flags));
  from.file = file.path();
  return resolve(from);
}

std::vector<std::string> keys_of(const std::vector<Change>& found) {
  std::vector<std::string> keys;
  for (const Change& change : found) keys.push_back(change.option->key());
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("what differs is found, with its new value and where it comes from", "[config]") {
  const Resolved first = of("log_level = \"debug\"\nmax_streams = 5\n");
  const auto found =
      changes(first, of("\nmax_streams = 6\ncors_origin = [\"https://a.example\", \"https://b.example\"]\n"));
  CHECK(keys_of(found) == Keys{"cors_origin", "log_level", "max_streams"});
  CHECK(found[0].now.text == "https://a.example,https://b.example");
  CHECK(found[1].now.source == "default");
  CHECK(found[2].now.source.ends_with(":2"));
  CHECK(changes(first, of("max_streams = 5\nlog_level = \"debug\"\n")).empty());
}

TEST_CASE("a flag wins over a file that changed", "[config]") {
  CHECK(changes(of("", {{"log-level", "warning"}}), of("log_level = \"debug\"", {{"log-level", "warning"}})).empty());
}

TEST_CASE("the options of the log are taken live, all others wait", "[config]") {
  Resolved in_force = of("");
  const Resolved again = of(R"(log_format = "json"
log_level = "debug"
access_log = true
trusted_proxy = ["10.0.0.1"]
max_streams = 6
shutdown_grace = "1s"
[log]
addresses = false
)");
  const auto found = changes(in_force, again);
  Keys live;
  for (const Change& change : found)
    if (is_taken_live(*change.option)) live.push_back(change.option->key());
  CHECK(live == Keys{"log_format", "log_level", "access_log", "trusted_proxy", "log.addresses"});
  take_live(in_force, again);
  CHECK(in_force.config.log_format == LogFormat::json);
  CHECK(in_force.config.log_level == LogLevel::debug);
  CHECK(in_force.config.access_log);
  CHECK(in_force.config.trusted_proxies.size() == 1);
  CHECK_FALSE(in_force.config.log_addresses);
  CHECK(in_force.config.max_streams == Config().max_streams);
  CHECK(in_force.config.shutdown_grace == Config().shutdown_grace);
  // What waits is found again, as often as it is looked for.
  CHECK(keys_of(changes(in_force, again)) == Keys{"max_streams", "shutdown_grace"});
}
