// The operator's checked configuration. The daemon reads this struct and never a flag, variable or file itself.
// daemon/config/options.hpp names every option, daemon/config/resolve.hpp fills the struct. Plain values; made once
// before any thread starts, then read-only.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ids.hpp"
#include "daemon/base/network.hpp"
#include "daemon/config/values.hpp"
#include "daemon/limits.hpp"

namespace nexus {

enum class LogFormat { text, json };
enum class LogLevel { trace, debug, info, warning, error };
enum class BlobBackend { local, s3 };

struct Config {
  // ---- where it listens
  std::vector<Address> listen{{"127.0.0.1", 7700}};
  std::optional<std::uint16_t> port;      ///< `--port`; already folded into `listen`
  std::optional<Address> metrics_listen;  ///< /metrics and /readyz?verbose without a token, only on this address
  bool insecure_listen = false;           ///< a listener beyond loopback is allowed
  std::string public_url;                 ///< `https://nexus.example`, without a final slash; empty: the Host
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> cors_origins;

  // ---- what it keeps
  std::filesystem::path data_dir;  ///< empty with `ephemeral`: the daemon makes a temporary one
  std::string database;            ///< empty: nexus.db in `data_dir`; else PostgreSQL's address, maybe with a password
  std::filesystem::path database_password_file;  ///< empty: as libpq finds one
  bool require_sync = false;                     ///< PostgreSQL without a synchronous standby is refused
  BlobBackend blobs = BlobBackend::local;
  bool allow_local_in_prod = false;
  std::string s3_endpoint;
  std::string s3_region = "us-east-1";
  std::string s3_bucket = "nexus";  ///< also the name of the local store's bucket
  bool s3_virtual_host = false;     ///< `https://{bucket}.host` instead of `https://host/{bucket}`
  std::filesystem::path s3_access_key_file;
  std::filesystem::path s3_secret_key_file;
  std::filesystem::path jwt_secret_file;  ///< empty: only the keys of the data directory

  // ---- how it behaves
  LogFormat log_format = LogFormat::text;
  LogLevel log_level = LogLevel::info;
  bool access_log = false;                 ///< a line for every answer, not for refusals alone
  bool log_addresses = true;               ///< those lines name the client's address
  std::vector<IpNetwork> trusted_proxies;  ///< whose X-Forwarded-For is believed, in the log alone
  std::string otlp_endpoint;               ///< `http://host[:port]` of a collector of traces; empty: none
  std::size_t max_streams = limits::streams_max_default;
  std::chrono::milliseconds shutdown_grace = limits::shutdown_grace_default;
  std::vector<Env> strict_envs{Env::staging, Env::prod};  ///< always holds prod
  std::uint64_t audit_reserve_bytes = limits::audit_reserve_bytes_default;
  std::uint32_t default_requests = limits::requests_default;
  std::uint32_t default_window_seconds = limits::requests_window_seconds_default;
  std::uint64_t upload_bytes = limits::upload_bytes_hard_max;  ///< the most that one presigned upload may allow
  std::size_t streams_per_user = limits::streams_per_user_default;
  std::uint64_t stored_answers_bytes = limits::stored_answers_bytes_default;  ///< of one tenant
  std::optional<bool> require_digest;                                         ///< nothing: only in prod
  std::uint32_t retention_events_days = 0;                                    ///< 0 keeps them
  std::uint32_t retention_chat_days = 0;                                      ///< 0 keeps them
  std::uint32_t retention_unregistered_hours = 24;
  std::uint32_t retention_index_hours = 12;  ///< of deleted words in the search index

  bool no_copy = false;  ///< no copy of the database before a migration rewrites rows

  // ---- development
  bool dev = false;
  bool ephemeral = false;
  bool print_env = false;

  /// Whether the store is on a server of PostgreSQL.
  bool uses_postgres() const { return !database.empty(); }
  /// Whether register needs a computed digest in this env, not a claimed one.
  bool digest_required(Env env) const { return require_digest.value_or(env == Env::prod); }
};

}  // namespace nexus
