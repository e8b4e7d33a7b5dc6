// The table. Each row says everything about one option; daemon/config/values judges its value.
#include "daemon/config/options.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "daemon/base/text.hpp"
#include "daemon/config/values.hpp"

namespace nexus {
namespace {

using Values = std::vector<std::string>;
using K = OptionKind;
using R = OptionReach;

constexpr std::uint64_t kCountMax = std::numeric_limits<std::uint32_t>::max();

void set_log_format(Config& c, const Values& v) {
  if (v[0] != "text" && v[0] != "json") throw BadValue("must be text or json");
  c.log_format = v[0] == "json" ? LogFormat::json : LogFormat::text;
}

void set_log_level(Config& c, const Values& v) {
  static constexpr std::array<std::string_view, 5> kNames{"trace", "debug", "info", "warning", "error"};
  const auto* found = std::find(kNames.begin(), kNames.end(), v[0]);
  if (found == kNames.end()) throw BadValue("must be trace, debug, info, warning or error");
  c.log_level = static_cast<LogLevel>(found - kNames.begin());
}

void set_blobs(Config& c, const Values& v) {
  if (v[0] != "local" && v[0] != "s3") throw BadValue("must be local or s3");
  c.blobs = v[0] == "s3" ? BlobBackend::s3 : BlobBackend::local;
}

void set_addressing(Config& c, const Values& v) {
  if (v[0] != "path" && v[0] != "virtual") throw BadValue("must be path or virtual");
  c.s3_virtual_host = v[0] == "virtual";
}

void set_strict_envs(Config& c, const Values& v) {
  c.strict_envs.clear();
  for (const auto& name : v) {
    const auto env = parse_env(name);
    if (!env) throw BadValue("must be names of dev, staging and prod");
    if (std::find(c.strict_envs.begin(), c.strict_envs.end(), *env) == c.strict_envs.end())
      c.strict_envs.push_back(*env);
  }
  if (std::find(c.strict_envs.begin(), c.strict_envs.end(), Env::prod) == c.strict_envs.end()) {
    throw BadValue("must hold prod: prod is always strict");
  }
}

void set_listen(Config& c, const Values& v) {
  c.listen.clear();
  for (const auto& text : v) c.listen.push_back(values::address(text));
}

void set_hosts(Config& c, const Values& v) {
  for (const auto& text : v) c.allowed_hosts.push_back(values::host(text));
}

void set_origins(Config& c, const Values& v) {
  for (const auto& text : v) c.cors_origins.push_back(values::origin(text));
}

std::uint32_t small_count(const std::string& text, std::uint64_t min, std::uint64_t max = kCountMax) {
  return static_cast<std::uint32_t>(values::count(text, min, max));
}

constexpr std::uint64_t kTiB = 1024 * limits::GiB;

constexpr std::array<Option, 35> kOptions{{
    // name, kind, reach, many, value, standard, doc, assign
    {"listen", K::address, R::everywhere, true, "ADDRESS", "127.0.0.1:7700", "IP address and port to listen on",
     set_listen},
    {"port", K::count, R::command_line, false, "PORT", "",
     "listen on this loopback port alone; 0 lets the system choose",
     [](Config& c, const Values& v) {
       c.port = static_cast<std::uint16_t>(values::count(v[0], 0, 65535));
       c.listen = {Address{"127.0.0.1", *c.port}};
     }},
    {"insecure-listen", K::flag, R::everywhere, false, "", "false",
     "allow a listener beyond loopback: the proxy before it has TLS",
     [](Config& c, const Values& v) { c.insecure_listen = values::boolean(v[0]); }},
    {"metrics-listen", K::address, R::everywhere, false, "ADDRESS", "",
     "serve /metrics and /readyz?verbose here without a token",
     [](Config& c, const Values& v) { c.metrics_listen = values::address(v[0]); }},
    {"public-url", K::text, R::everywhere, false, "URL", "",
     "the address that clients use, as signed into links and forms",
     [](Config& c, const Values& v) { c.public_url = values::origin(v[0]); }},
    {"allowed-host", K::text, R::everywhere, true, "HOST", "", "a name in Host that is ours too", set_hosts},
    {"cors-origin", K::text, R::everywhere, true, "ORIGIN", "", "a web page's origin that may call this daemon",
     set_origins},

    {"data-dir", K::path, R::everywhere, false, "DIR", "$XDG_DATA_HOME/nexusd",
     "directory of the database, blobs and keys", [](Config& c, const Values& v) { c.data_dir = values::path(v[0]); }},
    {"blobs", K::choice, R::everywhere, false, "local|s3", "local", "where uploaded files are kept", set_blobs},
    {"blobs.allow_local_in_prod", K::flag, R::no_flag, false, "", "false",
     "allow writes in env prod on the local blob store",
     [](Config& c, const Values& v) { c.allow_local_in_prod = values::boolean(v[0]); }},
    {"s3-endpoint", K::text, R::everywhere, false, "URL", "", "address of the S3-compatible server",
     [](Config& c, const Values& v) { c.s3_endpoint = values::origin(v[0]); }},
    {"s3-region", K::text, R::everywhere, false, "REGION", "us-east-1", "region that S3 signatures name",
     [](Config& c, const Values& v) {
       if (v[0].empty() || v[0].find('/') != std::string::npos) throw BadValue("must be the name of a region");
       c.s3_region = v[0];
     }},
    {"s3-bucket", K::text, R::everywhere, false, "BUCKET", "nexus", "bucket of all objects, on either store",
     [](Config& c, const Values& v) { c.s3_bucket = values::bucket(v[0]); }},
    {"s3-addressing", K::choice, R::everywhere, false, "path|virtual", "path",
     "whether S3 finds the bucket in the path or in the host", set_addressing},
    {"s3-access-key-file", K::path, R::everywhere, false, "FILE", "", "file that holds the S3 access key id",
     [](Config& c, const Values& v) { c.s3_access_key_file = values::path(v[0]); }},
    {"s3-secret-key-file", K::path, R::everywhere, false, "FILE", "", "file that holds the S3 secret key",
     [](Config& c, const Values& v) { c.s3_secret_key_file = values::path(v[0]); }},
    {"jwt-secret-file", K::path, R::everywhere, false, "FILE", "", "token signing key shared with another issuer",
     [](Config& c, const Values& v) { c.jwt_secret_file = values::path(v[0]); }},

    {"log-format", K::choice, R::everywhere, false, "text|json", "text", "form of the log lines on standard error",
     set_log_format},
    {"log-level", K::choice, R::everywhere, false, "LEVEL", "info", "trace, debug, info, warning or error",
     set_log_level},
    {"max-streams", K::count, R::everywhere, false, "N", "20000", "open streams of the daemon",
     [](Config& c, const Values& v) { c.max_streams = values::count(v[0], 0, 1'000'000); }},
    {"shutdown-grace", K::duration, R::everywhere, false, "TIME", "10s",
     "time that requests under way may take to finish",
     [](Config& c, const Values& v) { c.shutdown_grace = values::duration(v[0], std::chrono::hours(1)); }},

    {"gates.strict_envs", K::choice, R::no_flag, true, "ENV", "staging,prod",
     "envs where a gate that is not configured refuses", set_strict_envs},
    {"audit.reserve", K::size, R::no_flag, false, "SIZE", "64MiB",
     "free disk under which only refusals and tightening are written",
     [](Config& c, const Values& v) { c.audit_reserve_bytes = values::size(v[0], 0, kTiB); }},
    {"limits.default_requests", K::count, R::no_flag, false, "N", "6000",
     "requests a window, per tenant, env and action",
     [](Config& c, const Values& v) { c.default_requests = small_count(v[0], 1); }},
    {"limits.default_window_seconds", K::count, R::no_flag, false, "SECONDS", "60", "length of that window",
     [](Config& c, const Values& v) { c.default_window_seconds = small_count(v[0], 1, 86'400); }},
    {"limits.upload_bytes", K::size, R::no_flag, false, "SIZE", "5GiB",
     "the largest upload that a presigned form may allow",
     [](Config& c, const Values& v) { c.upload_bytes = values::size(v[0], 1, limits::upload_bytes_hard_max); }},
    {"limits.streams_per_user", K::count, R::no_flag, false, "N", "1000", "open streams of one user",
     [](Config& c, const Values& v) { c.streams_per_user = values::count(v[0], 1, 1'000'000); }},
    {"raw.require_digest", K::flag, R::no_flag, false, "", "",
     "register must know the digest by computing; unset: in prod alone",
     [](Config& c, const Values& v) { c.require_digest = values::boolean(v[0]); }},
    {"retention.events_days", K::count, R::no_flag, false, "DAYS", "0", "days that activity events are kept; 0: always",
     [](Config& c, const Values& v) { c.retention_events_days = small_count(v[0], 0, 36'500); }},
    {"retention.chat_days", K::count, R::no_flag, false, "DAYS", "0", "days that chat messages are kept; 0: always",
     [](Config& c, const Values& v) { c.retention_chat_days = small_count(v[0], 0, 36'500); }},
    {"retention.unregistered_hours", K::count, R::no_flag, false, "HOURS", "24",
     "hours until an upload never registered is swept",
     [](Config& c, const Values& v) { c.retention_unregistered_hours = small_count(v[0], 1, 8'760); }},
    {"retention.index_hours", K::count, R::no_flag, false, "HOURS", "12",
     "hours until the words of deleted cards leave the search index",
     [](Config& c, const Values& v) { c.retention_index_hours = small_count(v[0], 0, 20); }},

    {"dev", K::flag, R::command_line, false, "", "false",
     "development: loopback, a tenant, a user and a token ready to use",
     [](Config& c, const Values& v) { c.dev = values::boolean(v[0]); }},
    {"ephemeral", K::flag, R::command_line, false, "", "false",
     "with --dev: keep everything in a directory removed at exit",
     [](Config& c, const Values& v) { c.ephemeral = values::boolean(v[0]); }},
    {"print-env", K::flag, R::command_line, false, "", "false",
     "with --dev: print the lines that a shell needs for nexusctl",
     [](Config& c, const Values& v) { c.print_env = values::boolean(v[0]); }},
}};

std::string with(std::string_view text, char dash, bool upper) {
  std::string result(text);
  for (char& c : result) {
    if (c == '-' || (upper && c == '.')) c = dash;
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

}  // namespace

std::string Option::flag() const { return "--" + std::string(name); }
std::string Option::variable() const { return "NEXUSD_" + with(name, '_', true); }
std::string Option::key() const { return with(name, '_', false); }

std::span<const Option> all_options() { return kOptions; }

const Option* find_option(std::string_view name_or_key) {
  const auto* found = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& option) {
    return option.name == name_or_key || option.key() == name_or_key;
  });
  return found == kOptions.end() ? nullptr : found;
}

}  // namespace nexus
