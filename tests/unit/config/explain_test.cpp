// What `nexusd config` says: who wins, whom it beats, what each variable means, and that a fault hides nothing.
#include "daemon/config/explain.hpp"

#include <sstream>

#include "tests/catch.hpp"
#include "tests/unit/config/sources.hpp"

using namespace nexus;
using Catch::Matchers::ContainsSubstring;
using test::File;
using test::sources;

namespace {

/// The line that begins with this word, its blanks folded.
std::string line_of(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(word + " ")) continue;
    std::string folded;
    for (const char c : line)
      if (c != ' ' || !folded.ends_with(' ')) folded += c;
    return folded;
  }
  return {};
}

}  // namespace

TEST_CASE("every option is explained, and the defaults where nothing is given", "[config]") {
  const ConfigText told = explain_config(sources());
  CHECK(told.fault.empty());
  CHECK_THAT(told.text, ContainsSubstring("configuration file: none; /nonexistent/nexusd.toml"));
  for (const Option& option : all_options()) {
    INFO(option.name);
    CHECK(!line_of(told.text, option.key()).empty());
  }
  CHECK(line_of(told.text, "listen") == "listen 127.0.0.1:7700 default");
  CHECK(line_of(told.text, "data_dir") == "data_dir /home/somebody/.local/share/nexusd default");
  CHECK(line_of(told.text, "public_url") == "public_url (none) default");
}

TEST_CASE("the winner is told with its source, and whom it beat, in order", "[config]") {
  const File file("log_level = \"error\"\n\nlisten = [\"127.0.0.1:1\"]\n");
  auto from = sources({{"log-level", "debug"}}, {{"NEXUSD_LOG_LEVEL", "trace"}});
  from.file = file.path();
  const ConfigText told = explain_config(from);
  CHECK(line_of(told.text, "log_level") == "log_level debug --log-level, not NEXUSD_LOG_LEVEL (trace), " +
                                               file.path().string() + ":1 (error), default (info)");
  CHECK(line_of(told.text, "listen") ==
        "listen 127.0.0.1:1 " + file.path().string() + ":3, not default (127.0.0.1:7700)");
  CHECK_THAT(told.text, ContainsSubstring("configuration file: " + file.path().string() + "\n"));
}

TEST_CASE("--port beats every other listener, and --ephemeral every directory", "[config]") {
  const ConfigText told = explain_config(
      sources({{"port", "9"}, {"dev", "true"}, {"ephemeral", "true"}}, {{"NEXUSD_LISTEN", "127.0.0.1:8"}}));
  CHECK(line_of(told.text, "listen") ==
        "listen 127.0.0.1:9 --port, not NEXUSD_LISTEN (127.0.0.1:8), default (127.0.0.1:7700)");
  CHECK(line_of(told.text, "port") == "port 9 --port, not default (none)");
  CHECK_THAT(line_of(told.text, "data_dir"), ContainsSubstring("a temporary directory --ephemeral, not default"));
}

TEST_CASE("one option is told whole, whatever its name is written like", "[config]") {
  const auto from = sources({}, {{"NEXUSD_DATA_DIR", "/srv/nexus"}});
  for (const char* name : {"data-dir", "data_dir", "NEXUSD_DATA_DIR"}) {
    const std::string text = explain_config(from, name).text;
    CHECK(line_of(text, "data_dir") == "data_dir /srv/nexus");
    CHECK(line_of(text, "from") == "from NEXUSD_DATA_DIR");
    CHECK_THAT(line_of(text, "not from"), ContainsSubstring("default"));
    CHECK(line_of(text, "flag") == "flag --data-dir DIR");
    CHECK(line_of(text, "meaning") == "meaning directory of the database, blobs and keys");
  }
  CHECK(explain_config(from, "gates.strict_envs").text.find("\nflag ") == std::string::npos);
  CHECK(explain_config(from, "dev").text.find("\nvariable ") == std::string::npos);
  CHECK_THROWS_WITH(explain_config(from, "data_dri"), ContainsSubstring("did you mean data_dir?"));
}

TEST_CASE("a configuration that stops the start is told all the same, with the fault", "[config]") {
  const ConfigText told = explain_config(sources({}, {{"NEXUSD_LOG_LEVEL", "loud"}, {"NEXUSD_MAX_STREAMS", "7"}}));
  CHECK_THAT(told.fault, ContainsSubstring("log-level (NEXUSD_LOG_LEVEL)"));
  CHECK(line_of(told.text, "log_level") == "log_level loud NEXUSD_LOG_LEVEL, not default (info)");
  CHECK(line_of(told.text, "max_streams") == "max_streams 7 NEXUSD_MAX_STREAMS, not default (20000)");
  CHECK_THROWS_WITH(explain_config(sources({}, {{"NEXUSD_LOG_LEVLE", "info"}})),
                    ContainsSubstring("did you mean NEXUSD_LOG_LEVEL?"));
}

TEST_CASE("the environment: every variable, what it holds, and whether it counts", "[config]") {
  const ConfigText told = explain_environment(
      sources({{"log-level", "debug"}}, {{"NEXUSD_LOG_LEVEL", "trace"}, {"NEXUSD_LOG_FORMAT", "json"}}));
  for (const Option& option : all_options()) {
    INFO(option.name);
    CHECK(line_of(told.text, option.variable()).empty() == (option.reach == OptionReach::command_line));
  }
  CHECK(line_of(told.text, "NEXUSD_LOG_LEVEL") ==
        "NEXUSD_LOG_LEVEL trace, beaten by --log-level trace, debug, info, warning or error");
  CHECK(line_of(told.text, "NEXUSD_LOG_FORMAT") == "NEXUSD_LOG_FORMAT json form of the log lines on standard error");
  CHECK(line_of(told.text, "NEXUSD_BLOBS") == "NEXUSD_BLOBS (not set) where uploaded files are kept");
  CHECK_THAT(line_of(told.text, "HOME"), ContainsSubstring("/home/somebody"));
  CHECK(!line_of(told.text, "NEXUSD_CONFIG").empty());
}

TEST_CASE("what a value holds drives no terminal", "[config]") {
  const std::string text = explain_config(sources({}, {{"NEXUSD_S3_REGION", "a\x1b[31m\nb"}})).text;
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK_THAT(text, ContainsSubstring("a\\x1b[31m\\x0ab"));
}
