// How a connection to PostgreSQL is made, and which servers are refused. libpq itself reads the address: its form, a
// service file, ~/.pgpass and the PG* variables are those that its manual describes.
//
// Threads: any. Nothing here prints the address, which may hold a password.
#pragma once
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "store/error.hpp"

struct pg_conn;

namespace nexus::store {

/// The server is there, and does not let us in.
struct ServerRefused : Error {
  explicit ServerRefused(const std::string& text) : Error(Failure::unreachable, text) {}
};
/// It lets nobody in now: it starts, recovers, or has no place left. That passes by itself.
struct ServerNotYet : ServerRefused {
  using ServerRefused::ServerRefused;
};

struct LinkOptions {
  std::string url;                           // `postgresql://…`, or libpq's `key=value …`
  std::filesystem::path password_file = {};  // its first line is the password; empty: as libpq finds one
  // A daemon that is frozen inside a transaction holds the lock of its chain: the server ends its session then.
  std::chrono::milliseconds idle_in_transaction = std::chrono::seconds(2);
  std::chrono::milliseconds lock_wait = std::chrono::seconds(5);
  // How long one round trip may take. Longer than `lock_wait`, so that the server's own answer comes first.
  std::chrono::milliseconds patience = std::chrono::seconds(30);
  std::atomic<bool>* damage = nullptr;  // set when the server finds its data corrupt; must outlive the connection
};

struct FinishConnection {
  void operator()(pg_conn* connection) const noexcept;
};
using ConnectionHandle = std::unique_ptr<pg_conn, FinishConnection>;

/// Connects, waiting at most 5 s a host, unless the address or PGCONNECT_TIMEOUT says otherwise; of a service file,
/// only what we do not set counts (connect_timeout, tcp_user_timeout, keepalives). Throws Error (unreachable),
/// which is ServerRefused or ServerNotYet where the server itself said so; or SchemaError for an address that libpq
/// does not understand, a password file that cannot be read, and a server that is refused.
ConnectionHandle connect_to_server(const LinkOptions& options);

/// Throws SchemaError for a server older than PostgreSQL 15 and for a database that is not UTF8. `version` is libpq's
/// number: 150018 is 15.18.
void require_usable_server(int version, std::string_view encoding);

/// Throws SchemaError unless the connection leads to the process of the server that answers on it: `ours` is the one
/// that was told as the connection began, `theirs` the one that answers. A pooler between gives us another process
/// whenever it likes, and with it another's settings, locks and prepared statements.
void require_no_pooler(int ours, std::string_view theirs);

/// Whether libpq's complaint, with codes alone, says that the server lets nobody in now.
bool is_not_yet(std::string_view complaint);

/// What libpq says, as one line.
std::string one_line(std::string_view message);

}  // namespace nexus::store
