// Who wins, who is remembered as the winner, and what stops the start: each refusal with its key, source and remedy.
#include "daemon/config/resolve.hpp"

#include "tests/catch.hpp"
#include "tests/unit/config/sources.hpp"

using namespace nexus;
using test::File;
using test::sources;

namespace {

// What resolve() says when it refuses; empty when it does not.
std::string refusal(const ConfigSources& from) {
  try {
    resolve(from);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

std::string refusal_of_file(const std::string& text) {
  const File file(text);
  auto from = sources();
  from.file = file.path();
  return refusal(from);
}

}  // namespace

TEST_CASE("nothing given: the defaults", "[config]") {
  const auto resolved = resolve(sources());
  CHECK(resolved.config.listen == std::vector<Address>{{"127.0.0.1", 7700}});
  CHECK(resolved.config.data_dir == "/home/somebody/.local/share/nexusd");
  CHECK(resolved.config.strict_envs == std::vector<Env>{Env::staging, Env::prod});
  CHECK(resolved.origins.at("listen").source == "default");
  CHECK_FALSE(resolved.file);
  CHECK(resolve(sources({}, {{"XDG_DATA_HOME", "/data"}})).config.data_dir == "/data/nexusd");
  CHECK(resolve(sources({}, {{"XDG_DATA_HOME", "relative"}})).config.data_dir == "/home/somebody/.local/share/nexusd");
}

TEST_CASE("the table's defaults are those of the struct", "[config]") {
  const Config untouched;
  Config assigned;
  for (const auto& option : all_options()) {
    if (option.standard.empty() || option.standard.starts_with("$")) continue;
    std::vector<std::string> values{std::string(option.standard)};
    if (option.name == "gates.strict_envs") values = {"staging", "prod"};
    INFO(option.name);
    REQUIRE_NOTHROW(option.assign(assigned, values));
  }
  CHECK(assigned.listen == untouched.listen);
  CHECK(assigned.s3_region == untouched.s3_region);
  CHECK(assigned.s3_bucket == untouched.s3_bucket);
  CHECK(assigned.log_format == untouched.log_format);
  CHECK(assigned.log_level == untouched.log_level);
  CHECK(assigned.access_log == untouched.access_log);
  CHECK(assigned.log_addresses == untouched.log_addresses);
  CHECK(assigned.blobs == untouched.blobs);
  CHECK(assigned.max_streams == untouched.max_streams);
  CHECK(assigned.shutdown_grace == untouched.shutdown_grace);
  CHECK(assigned.strict_envs == untouched.strict_envs);
  CHECK(assigned.audit_reserve_bytes == untouched.audit_reserve_bytes);
  CHECK(assigned.default_requests == untouched.default_requests);
  CHECK(assigned.default_window_seconds == untouched.default_window_seconds);
  CHECK(assigned.upload_bytes == untouched.upload_bytes);
  CHECK(assigned.streams_per_user == untouched.streams_per_user);
  CHECK(assigned.stored_answers_bytes == untouched.stored_answers_bytes);
  CHECK(assigned.retention_unregistered_hours == untouched.retention_unregistered_hours);
  CHECK(assigned.retention_index_hours == untouched.retention_index_hours);
  CHECK(assigned.retention_events_days == untouched.retention_events_days);
  CHECK_FALSE(assigned.dev);
}

TEST_CASE("flag over environment over file over default, and the winner is remembered", "[config]") {
  const File file("shutdown_grace = \"1s\"\nmax-streams = 3\n[limits]\ndefault_requests = 7\n");
  auto from = sources();
  from.file = file.path();
  auto resolved = resolve(from);
  CHECK(resolved.config.shutdown_grace == std::chrono::seconds(1));
  CHECK(resolved.config.max_streams == 3);
  CHECK(resolved.config.default_requests == 7);
  CHECK(resolved.origins.at("shutdown-grace").source == file.path().string() + ":1");
  CHECK(resolved.origins.at("limits.default_requests").source == file.path().string() + ":4");

  from.environment["NEXUSD_SHUTDOWN_GRACE"] = "2s";
  from.environment["NEXUSD_LIMITS_DEFAULT_REQUESTS"] = "8";
  resolved = resolve(from);
  CHECK(resolved.config.shutdown_grace == std::chrono::seconds(2));
  CHECK(resolved.config.default_requests == 8);
  CHECK(resolved.origins.at("shutdown-grace").source == "NEXUSD_SHUTDOWN_GRACE");

  from.flags.emplace("shutdown-grace", "3s");
  resolved = resolve(from);
  CHECK(resolved.config.shutdown_grace == std::chrono::seconds(3));
  CHECK(resolved.origins.at("shutdown-grace").source == "--shutdown-grace");
  CHECK(resolved.origins.at("shutdown-grace").kind == Origin::Kind::flag);
}

TEST_CASE("a list is replaced as a whole by the stronger source", "[config]") {
  auto from =
      sources({{"listen", "127.0.0.1:1"}, {"listen", "[::1]:2"}}, {{"NEXUSD_ALLOWED_HOST", "a.example, b.example"}});
  const auto config = resolve(from).config;
  CHECK(config.listen == std::vector<Address>{{"127.0.0.1", 1}, {"::1", 2}});
  CHECK(config.allowed_hosts == std::vector<std::string>{"a.example", "b.example"});
  const File file(
      "listen = [\"127.0.0.1:5\", \"127.0.0.1:6\"]\n[gates]\nstrict_envs = [\"dev\", \"stage\", \"prod\"]\n");
  auto filed = sources();
  filed.file = file.path();
  CHECK(resolve(filed).config.listen.size() == 2);
  CHECK(resolve(filed).config.strict_envs == std::vector<Env>{Env::dev, Env::staging, Env::prod});
}

TEST_CASE("trusted proxies are networks or addresses, and nothing else", "[config]") {
  const auto resolved = resolve(sources({}, {{"NEXUSD_TRUSTED_PROXY", "10.0.0.0/8, ::1"}}));
  REQUIRE(resolved.config.trusted_proxies.size() == 2);
  CHECK(resolved.config.trusted_proxies[0].text() == "10.0.0.0/8");
  CHECK(resolved.config.trusted_proxies[1].text() == "::1/128");
  for (const char* bad : {"10.1.0.0/8", "proxy.example", "10.0.0.0/40"}) {
    INFO(bad);
    CHECK(refusal(sources({{"trusted-proxy", bad}})).find("--trusted-proxy) must be an address or a network") !=
          std::string::npos);
  }
}

TEST_CASE("--port is a loopback listener of that port", "[config]") {
  CHECK(resolve(sources({{"port", "0"}})).config.listen == std::vector<Address>{{"127.0.0.1", 0}});
  CHECK(resolve(sources({{"port", "9"}}, {{"NEXUSD_LISTEN", "127.0.0.1:8"}})).config.listen.front().port == 9);
  CHECK(refusal(sources({{"port", "9"}, {"listen", "127.0.0.1:8"}})).find("exclude each other") != std::string::npos);
}

TEST_CASE("the file is --config, else NEXUSD_CONFIG, else the machine's", "[config]") {
  const File named("max_streams = 1\n");
  const File machine("max_streams = 2\n");
  auto from = sources();
  from.standard_file = machine.path();
  CHECK(resolve(from).config.max_streams == 2);
  CHECK(resolve(from).file == machine.path());
  from.flags.emplace("dev", "true");
  CHECK(resolve(from).config.max_streams == 20'000);
  from.environment["NEXUSD_CONFIG"] = named.path().string();
  CHECK(resolve(from).config.max_streams == 1);
  from.file = machine.path();
  CHECK(resolve(from).config.max_streams == 2);
  from.file = "/nonexistent/file.toml";
  CHECK(refusal(from).find("/nonexistent/file.toml") != std::string::npos);
}

TEST_CASE("what is unknown is refused with the nearest name", "[config]") {
  CHECK(refusal(sources({}, {{"NEXUSD_LISTN", "x"}})).find("did you mean NEXUSD_LISTEN?") != std::string::npos);
  CHECK(refusal(sources({}, {{"NEXUSD_DEV", "1"}})).find("start nexusd with --dev") != std::string::npos);
  CHECK(refusal_of_file("max_stream = 1\n").find("did you mean max_streams?") != std::string::npos);
  CHECK(refusal_of_file("\nupload_bytes = 1\n").find("did you mean limits.upload_bytes?") != std::string::npos);
  CHECK(refusal_of_file("\nupload_bytes = 1\n").find("nexusd.toml:2") != std::string::npos);
  CHECK(refusal_of_file("dev = true\n").find("is no key") != std::string::npos);
  CHECK(refusal(sources({{"gates.strict_envs", "prod"}})).find("is no flag") != std::string::npos);
}

TEST_CASE("a secret in the wrong place is refused and not repeated", "[config]") {
  const auto text = refusal(sources({}, {{"NEXUSD_S3_SECRET_KEY", "hunter2hunter2"}}));
  CHECK(text.find("NEXUSD_S3_SECRET_KEY_FILE") != std::string::npos);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(refusal_of_file("jwt_secret = \"hunter2\"\n").find("hunter2") == std::string::npos);
}

TEST_CASE("a bad value names its option, its source and what would do", "[config]") {
  struct Case {
    const char* variable;
    const char* value;
    const char* says;
  };
  for (const auto& [variable, value, says] :
       std::vector<Case>{{"NEXUSD_LISTEN", "7700", "must be an IP address and a port"},
                         {"NEXUSD_LISTEN", "", "must not be empty"},
                         {"NEXUSD_SHUTDOWN_GRACE", "10", "must be a time with its unit"},
                         {"NEXUSD_SHUTDOWN_GRACE", "2h", "at most 3600s"},
                         {"NEXUSD_AUDIT_RESERVE", "64MB", "must be a size such as 64MiB"},
                         {"NEXUSD_LIMITS_UPLOAD_BYTES", "6GiB", "from 1 to 5GiB"},
                         {"NEXUSD_LIMITS_DEFAULT_REQUESTS", "0", "from 1 to"},
                         {"NEXUSD_LOG_FORMAT", "xml", "must be text or json"},
                         {"NEXUSD_LOG_LEVEL", "loud", "must be trace, debug"},
                         {"NEXUSD_BLOBS", "gcs", "must be local or s3"},
                         {"NEXUSD_INSECURE_LISTEN", "yes", "must be true or false"},
                         {"NEXUSD_GATES_STRICT_ENVS", "dev", "must hold prod"},
                         {"NEXUSD_GATES_STRICT_ENVS", "prod,qa", "must be names of dev, staging and prod"},
                         {"NEXUSD_PUBLIC_URL", "https://a/b", "must be a scheme and a host"}}) {
    INFO(variable << "=" << value);
    const auto text = refusal(sources({}, {{variable, value}}));
    CHECK(text.find(says) != std::string::npos);
    CHECK(text.find(variable) != std::string::npos);
  }
}

TEST_CASE("beyond loopback only when said", "[config]") {
  CHECK(refusal(sources({{"listen", "0.0.0.0:7700"}})).find("--insecure-listen") != std::string::npos);
  CHECK(refusal(sources({{"listen", "[::]:7700"}})).find("--insecure-listen") != std::string::npos);
  CHECK(refusal(sources({{"metrics-listen", "10.0.0.1:9"}})).find("metrics-listen") != std::string::npos);
  CHECK(refusal(sources({{"listen", "0.0.0.0:7700"}, {"insecure-listen", "true"}})).empty());
  CHECK_FALSE(refusal(sources({{"listen", "0.0.0.0:7700"}, {"insecure-listen", "true"}, {"dev", "true"}})).empty());
}

TEST_CASE("options that need or exclude each other", "[config]") {
  CHECK(refusal(sources({{"ephemeral", "true"}})).find("add --dev") != std::string::npos);
  CHECK(refusal(sources({{"print-env", "true"}})).find("add --dev") != std::string::npos);
  CHECK_FALSE(refusal(sources({{"dev", "true"}, {"ephemeral", "true"}, {"data-dir", "/x"}})).empty());
  CHECK(
      resolve(sources({{"dev", "true"}, {"ephemeral", "true"}}, {{"NEXUSD_DATA_DIR", "/x"}})).config.data_dir.empty());
  CHECK(refusal(sources({{"blobs", "s3"}})).find("s3-endpoint") != std::string::npos);
  CHECK(refusal(sources({{"listen", "127.0.0.1:1"}, {"metrics-listen", "127.0.0.1:1"}})).find("another port") !=
        std::string::npos);
  CHECK_FALSE(refusal(sources({{"listen", "127.0.0.1:1"}, {"listen", "127.0.0.1:1"}})).empty());
  CHECK_FALSE(refusal(sources({{"log-level", "info"}, {"log-level", "debug"}})).empty());
}

TEST_CASE("TOML: the backend beside its table, broken files, wrong shapes", "[config]") {
  const File file("[blobs]\nbackend = \"local\"\nallow_local_in_prod = true\n");
  auto from = sources();
  from.file = file.path();
  CHECK(resolve(from).config.allow_local_in_prod);
  CHECK(refusal_of_file("blobs = \"local\"\n").empty());
  CHECK(refusal_of_file("listen = \n").find("is not TOML") != std::string::npos);
  CHECK(refusal_of_file("log_level = [\"info\"]\n").find("not an array") != std::string::npos);
  CHECK(refusal_of_file("max_streams = 1.5\n").find("must be a string, an integer") != std::string::npos);
  CHECK(refusal_of_file("data_dir = \"/a\"\ndata-dir = \"/b\"\n").find("is there twice") != std::string::npos);
  CHECK(refusal_of_file("max_streams = -1\n").find("must be a whole number") != std::string::npos);
}

TEST_CASE("a digest is required in prod, everywhere, or nowhere", "[config]") {
  CHECK(resolve(sources()).config.digest_required(Env::prod));
  CHECK_FALSE(resolve(sources()).config.digest_required(Env::staging));
  CHECK(resolve(sources({}, {{"NEXUSD_RAW_REQUIRE_DIGEST", "true"}})).config.digest_required(Env::dev));
  CHECK_FALSE(resolve(sources({}, {{"NEXUSD_RAW_REQUIRE_DIGEST", "false"}})).config.digest_required(Env::prod));
}

TEST_CASE("the environment is read once, only what counts", "[config]") {
  const char* const raw[] = {"PATH=/bin", "NEXUSD_LISTEN=127.0.0.1:1=", "HOME=/h", "NOEQUALS", nullptr};
  const auto found = config_environment(raw);
  CHECK(found == std::map<std::string, std::string>{{"NEXUSD_LISTEN", "127.0.0.1:1="}, {"HOME", "/h"}});
}
