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
using R = OptionReach;

constexpr std::uint64_t kCountMax = std::numeric_limits<std::uint32_t>::max();

/// The place of the text among `names`.
std::size_t chosen(const Values& v, std::initializer_list<std::string_view> names, const char* must) {
  const auto* found = std::ranges::find(names, v[0]);
  if (found == names.end()) throw BadValue(must);
  return static_cast<std::size_t>(found - names.begin());
}

void set_strict_envs(Config& c, const Values& v) {
  c.strict_envs.clear();
  for (const auto& name : v) {
    const auto env = parse_env(name);
    if (!env) throw BadValue("must be names of dev, staging and prod");
    if (std::ranges::find(c.strict_envs, *env) == c.strict_envs.end()) c.strict_envs.push_back(*env);
  }
  if (std::ranges::find(c.strict_envs, Env::prod) == c.strict_envs.end())
    throw BadValue("must hold prod: prod is always strict");
}

// Assignments of one member, whose type is that of the value.

template <auto kMember, auto kRead>
void set(Config& c, const Values& v) {
  c.*kMember = kRead(v[0]);
}

template <auto kMember, auto kRead>
void add(Config& c, const Values& v) {
  for (const auto& text : v) (c.*kMember).push_back(kRead(text));
}

template <auto kMember, std::uint64_t min, std::uint64_t max = kCountMax>
void set_count(Config& c, const Values& v) {
  c.*kMember = static_cast<std::remove_cvref_t<decltype(c.*kMember)>>(values::count(v[0], min, max));
}

template <auto kMember, std::uint64_t min, std::uint64_t max>
void set_size(Config& c, const Values& v) {
  c.*kMember = values::size(v[0], min, max);
}

constexpr std::uint64_t kTiB = 1024 * limits::GiB;

constexpr std::array<Option, 44> kOptions{{
    // name, reach, many, value, standard, doc, assign
    {"listen", R::everywhere, true, "ADDRESS", "127.0.0.1:7700", "IP address and port to listen on",
     [](Config& c, const Values& v) {
       c.listen.clear();
       add<&Config::listen, values::address>(c, v);
     }},
    {"port", R::command_line, false, "PORT", "", "listen on this loopback port alone; 0 lets the system choose",
     [](Config& c, const Values& v) {
       c.port = static_cast<std::uint16_t>(values::count(v[0], 0, 65535));
       c.listen = {Address{"127.0.0.1", *c.port}};
     }},
    {"insecure-listen", R::everywhere, false, "", "false",
     "allow a listener beyond loopback: the proxy before it has TLS", set<&Config::insecure_listen, values::boolean>},
    {"metrics-listen", R::everywhere, false, "ADDRESS", "", "serve /metrics and /readyz?verbose here without a token",
     set<&Config::metrics_listen, values::address>},
    {"public-url", R::everywhere, false, "URL", "", "the address that clients use, as signed into links and forms",
     set<&Config::public_url, values::origin>},
    {"allowed-host", R::everywhere, true, "HOST", "", "a name in Host that is ours too",
     add<&Config::allowed_hosts, values::host>},
    {"cors-origin", R::everywhere, true, "ORIGIN", "", "a web page's origin that may call this daemon",
     add<&Config::cors_origins, values::origin>},

    {"data-dir", R::everywhere, false, "DIR", "$XDG_DATA_HOME/nexusd", "directory of the database, blobs and keys",
     set<&Config::data_dir, values::path>},
    {"database", R::everywhere, false, "URL", "", "PostgreSQL that keeps the store, in the place of a file",
     set<&Config::database, values::database>},
    {"database-password-file", R::everywhere, false, "FILE", "", "file that holds the password for that server",
     set<&Config::database_password_file, values::path>},
    {"store.require_sync", R::no_flag, false, "", "false",
     "write only while each commit of PostgreSQL waits for a standby", set<&Config::require_sync, values::boolean>},
    {"blobs", R::everywhere, false, "local|s3", "local", "where uploaded files are kept",
     [](Config& c, const Values& v) {
       c.blobs = static_cast<BlobBackend>(chosen(v, {"local", "s3"}, "must be local or s3"));
     }},
    {"blobs.allow_local_in_prod", R::no_flag, false, "", "false", "allow writes in env prod on the local blob store",
     set<&Config::allow_local_in_prod, values::boolean>},
    {"s3-endpoint", R::everywhere, false, "URL", "", "address of the S3-compatible server",
     set<&Config::s3_endpoint, values::origin>},
    {"s3-region", R::everywhere, false, "REGION", "us-east-1", "region that S3 signatures name",
     [](Config& c, const Values& v) {
       if (v[0].empty() || v[0].find('/') != std::string::npos) throw BadValue("must be the name of a region");
       c.s3_region = v[0];
     }},
    {"s3-bucket", R::everywhere, false, "BUCKET", "nexus", "bucket of all objects, on either store",
     set<&Config::s3_bucket, values::bucket>},
    {"s3-addressing", R::everywhere, false, "path|virtual", "path",
     "whether S3 finds the bucket in the path or in the host",
     [](Config& c, const Values& v) {
       c.s3_virtual_host = chosen(v, {"path", "virtual"}, "must be path or virtual") == 1;
     }},
    {"s3-access-key-file", R::everywhere, false, "FILE", "", "file that holds the S3 access key id",
     set<&Config::s3_access_key_file, values::path>},
    {"s3-secret-key-file", R::everywhere, false, "FILE", "", "file that holds the S3 secret key",
     set<&Config::s3_secret_key_file, values::path>},
    {"jwt-secret-file", R::everywhere, false, "FILE", "", "token signing key shared with another issuer",
     set<&Config::jwt_secret_file, values::path>},

    {"log-format", R::everywhere, false, "text|json", "text", "form of the log lines on standard error",
     [](Config& c, const Values& v) {
       c.log_format = static_cast<LogFormat>(chosen(v, {"text", "json"}, "must be text or json"));
     }},
    {"log-level", R::everywhere, false, "LEVEL", "info", "trace, debug, info, warning or error",
     [](Config& c, const Values& v) {
       c.log_level = static_cast<LogLevel>(
           chosen(v, {"trace", "debug", "info", "warning", "error"}, "must be trace, debug, info, warning or error"));
     }},
    {"access-log", R::everywhere, false, "", "false", "log every answer, not refusals alone",
     set<&Config::access_log, values::boolean>},
    {"trusted-proxy", R::everywhere, true, "CIDR", "",
     "a proxy whose X-Forwarded-For names the client, in the log alone",
     add<&Config::trusted_proxies, values::network>},
    {"log.addresses", R::no_flag, false, "", "true", "the log names the addresses of clients",
     set<&Config::log_addresses, values::boolean>},
    {"otlp-endpoint", R::everywhere, false, "URL", "", "send traces to this collector: OTLP over HTTP, as JSON",
     set<&Config::otlp_endpoint, values::origin>},
    {"max-streams", R::everywhere, false, "N", "20000", "open streams of the daemon",
     set_count<&Config::max_streams, 0, 1'000'000>},
    {"shutdown-grace", R::everywhere, false, "TIME", "10s", "time that requests under way may take to finish",
     [](Config& c, const Values& v) { c.shutdown_grace = values::duration(v[0], std::chrono::hours(1)); }},

    {"gates.strict_envs", R::no_flag, true, "ENV", "staging,prod", "envs where a gate that is not configured refuses",
     set_strict_envs},
    {"audit.reserve", R::no_flag, false, "SIZE", "64MiB",
     "free disk under which only refusals and tightening are written", set_size<&Config::audit_reserve_bytes, 0, kTiB>},
    {"limits.default_requests", R::no_flag, false, "N", "6000", "requests a window, per tenant, env and action",
     set_count<&Config::default_requests, 1>},
    {"limits.default_window_seconds", R::no_flag, false, "SECONDS", "60", "length of that window",
     set_count<&Config::default_window_seconds, 1, 86'400>},
    {"limits.upload_bytes", R::no_flag, false, "SIZE", "5GiB", "the largest upload that a presigned form may allow",
     set_size<&Config::upload_bytes, 1, limits::upload_bytes_hard_max>},
    {"limits.streams_per_user", R::no_flag, false, "N", "1000", "open streams of one user",
     set_count<&Config::streams_per_user, 1, 1'000'000>},
    {"limits.stored_answers", R::no_flag, false, "SIZE", "1GiB",
     "bytes of a tenant's stored answers to requests with an Idempotency-Key",
     set_size<&Config::stored_answers_bytes, limits::MiB, kTiB>},
    {"raw.require_digest", R::no_flag, false, "", "",
     "register must know the digest by computing; unset: in prod alone", set<&Config::require_digest, values::boolean>},
    {"retention.events_days", R::no_flag, false, "DAYS", "0", "days that activity events are kept; 0: always",
     set_count<&Config::retention_events_days, 0, 36'500>},
    {"retention.chat_days", R::no_flag, false, "DAYS", "0", "days that chat messages are kept; 0: always",
     set_count<&Config::retention_chat_days, 0, 36'500>},
    {"retention.unregistered_hours", R::no_flag, false, "HOURS", "24",
     "hours until an upload never registered is swept", set_count<&Config::retention_unregistered_hours, 1, 8'760>},
    {"retention.index_hours", R::no_flag, false, "HOURS", "12",
     "hours until the words of deleted cards leave the search index", set_count<&Config::retention_index_hours, 0, 20>},

    {"no-copy", R::command_line, false, "", "false", "make no copy of the database before a migration rewrites rows",
     set<&Config::no_copy, values::boolean>},

    {"dev", R::command_line, false, "", "false", "development: loopback, a tenant, a user and a token ready to use",
     set<&Config::dev, values::boolean>},
    {"ephemeral", R::command_line, false, "", "false", "with --dev: keep everything in a directory removed at exit",
     set<&Config::ephemeral, values::boolean>},
    {"print-env", R::command_line, false, "", "false", "with --dev: print the lines that a shell needs for nexusctl",
     set<&Config::print_env, values::boolean>},
}};

}  // namespace

std::string Option::flag() const { return "--" + std::string(name); }
std::string Option::key() const {
  std::string result(name);
  std::ranges::replace(result, '-', '_');
  return result;
}
std::string Option::variable() const {
  std::string result = "NEXUSD_" + key();
  std::ranges::replace(result, '.', '_');
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

std::span<const Option> all_options() { return kOptions; }

const Option* find_option(std::string_view name_or_key) {
  const auto* found = std::ranges::find_if(
      kOptions, [&](const Option& option) { return option.name == name_or_key || option.key() == name_or_key; });
  return found == kOptions.end() ? nullptr : found;
}

}  // namespace nexus
