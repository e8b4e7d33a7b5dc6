// A PostgreSQL server of this machine as a child of the test: the newest that is installed, at least 15, with a new
// cluster in a directory of its own. It listens on a unix socket in there and nowhere else, syncs nothing, and is
// stopped by its pid. PostgreSQL refuses to run as root: the child is then an unprivileged user.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/daemon_process.hpp"

namespace nexus::test {

/// The address of the database postgres on whichever of two servers takes writes; the arguments are their sockets'
/// directories.
std::string url_of_pair(const std::filesystem::path& one, const std::filesystem::path& other);

/// Where the programs of the newest server on this machine are. Throws std::runtime_error where there is none from 15
/// on.
std::filesystem::path postgres_programs();

class PostgresServer {
 public:
  /// Starts it and waits until it takes connections. `settings` are of postgresql.conf, `name=value`. Throws
  /// std::runtime_error, with its log, when it does not come, and when none is installed.
  explicit PostgresServer(const std::vector<std::string>& settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// The address of a database, for its owner, `nexus`. Databases that are there from the start: postgres, template1.
  std::string url(const std::string& database = "postgres") const;
  /// Where its socket is: libpq's `host`.
  const std::filesystem::path& socket_directory() const { return directory_.path(); }
  /// Starts a receiver of its log, by this application_name, which syncs what it receives: a synchronous standby where
  /// synchronous_standby_names says so. One at a time.
  void begin_standby(const std::string& name);
  void end_standby();
  /// Ends it at once, as a crash would (SIGQUIT), and waits for its end.
  void crash();
  /// SIGKILL to the postmaster alone, and waits for its end. Its sessions see that it is gone and end by themselves.
  void kill();
  /// Starts it again on what it has, with the same settings, once the sessions of its last life have ended. Throws as
  /// the constructor does.
  void start_again();
  /// Becomes a standby of the server whose socket is in that directory (or of a relay to it), and forgets what it had.
  /// Its own commits wait for no standby, until somebody sets that. Throws as the constructor does.
  void follow(const std::filesystem::path& primary);
  /// A standby takes writes from now on. Throws std::runtime_error when it does not.
  void promote();
  std::string log() const;

 private:
  /// A program of PostgreSQL, in its own place.
  pid_t run(std::vector<std::string> words) const;
  /// Runs one to its end. Throws std::runtime_error, with its log, unless its status is 0.
  void require(const std::vector<std::string>& words) const;
  void make_cluster() const;
  /// False when it ended because sessions of its last life are still there.
  bool start();
  bool is_ready() const;
  bool has_ended();
  void end(int signal);

  TemporaryDirectory directory_;
  std::filesystem::path programs_;
  const std::vector<std::string> settings_;
  pid_t pid_ = -1;
  pid_t standby_ = -1;
};

}  // namespace nexus::test
