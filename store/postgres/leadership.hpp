// The beat of a daemon that serves from a database: every two seconds it renews its row among the daemons, and the
// lease by which one of them leads, on a connection of its own. Beside the lanes: a lease must not wait for the locks
// of realms. When the lease has run out, whoever beats next begins a term.
//
// Its own clock tells a daemon when its lease runs out, from before it asked for it; the server's clock tells all
// others. Neither keeps a daemon from writing that was frozen in between: the fence does (require). It reads the lease
// in the unit's transaction under a lock that a new term waits for. So what a term has written is committed before the
// next one begins, or never.
//
// Refused: leading by a session's advisory lock alone. The server holds it for a daemon that is frozen, and nothing
// tells an old leader's unit that its time is over.
//
// Threads: any, except where said.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "store/daemons.hpp"
#include "store/leadership.hpp"
#include "store/postgres/server_standing.hpp"
#include "store/postgres/service_lock.hpp"
#include "store/postgres/session.hpp"

namespace nexus::store {

/// A daemon that serves.
struct Serving {
  std::string daemon_id, host, version;
  std::chrono::milliseconds every = kBeat;  // 0: nobody beats but the caller, which is a test
  std::function<Micros()> now = {};         // a test's clock, in place of the server's and this machine's
  std::chrono::milliseconds wait = std::chrono::seconds(12);  // for a command that uses the database alone
};

class PostgresLeadership final : public Leadership {
 public:
  /// Takes the service's lock. Throws as ServiceLock does.
  PostgresLeadership(LinkOptions link, Serving serving);
  /// Calls stop().
  ~PostgresLeadership();
  PostgresLeadership(const PostgresLeadership&) = delete;
  PostgresLeadership& operator=(const PostgresLeadership&) = delete;

  /// The first beat, and the thread that makes the others. Once, when the schema is there. `applied` counts the units
  /// that this daemon has committed. `watch` is told how the server stands, unless it is null: a lane whose COMMIT
  /// waits for a standby cannot look. Throws as store/query.hpp says.
  void start(std::function<std::uint64_t()> applied, ServerWatch* watch = nullptr);
  const std::string& daemon_id() const { return serving_.daemon_id; }
  /// Tells the others, at once, which keys this daemon accepts. Returns the daemons that are there. Throws as start()
  /// does.
  std::vector<Daemon> tell_keys(std::vector<std::string> names);
  /// Makes one beat, and returns the daemons that are there. Throws as start() does; what it has not renewed runs out.
  std::vector<Daemon> beat();
  /// Ends the beat, the lease and the daemon's row. May be called again. Not from two threads at once.
  void stop() noexcept;

  std::optional<std::int64_t> term() const override;
  void require(Tx& tx, std::int64_t term) const override;
  bool is_shared() const override { return true; }
  std::int64_t daemons() const override;
  std::uint64_t applied_elsewhere() const override;
  std::string agreed_key() const override;
  /// One line where a command has taken the database for itself while this daemon's session was lost, or the server
  /// does not answer; else empty.
  std::string trouble() const;
  /// Whether the server has not answered a beat for as long as a lease lasts. It may hang, so that nobody ends what
  /// waits for it.
  bool is_silent() const;

 private:
  /// A session with the service's lock.
  struct Held {
    Held(const LinkOptions& options, std::chrono::milliseconds wait);
    ServiceLock lock;
    PostgresSession session{lock.link()};
    Tx tx{session};
  };
  struct Known {
    std::optional<std::int64_t> term;
    Micros until = 0;  // of that, by local_now()
    std::int64_t daemons = 1;
    std::uint64_t applied_elsewhere = 0;
    std::string agreed_key;
    std::string trouble;
    Micros answered_at = 0;  // by local_now()
  };

  Micros local_now() const;
  Micros server_now() const;
  void connect();
  void note_answer();
  void keep_lease(Micros now, Micros asked_at);
  std::optional<std::int64_t> hold_lease(Micros now);
  void count(const std::vector<Daemon>& daemons);
  void loop();

  const LinkOptions options_;
  const Serving serving_;
  std::function<std::uint64_t()> applied_;  // set by start()
  ServerWatch* watch_ = nullptr;            // the same
  std::mutex beating_;                      // one beat at a time; guards the next three
  std::unique_ptr<Held> on_;
  std::map<std::string, std::int64_t> heard_;  // of each other daemon, how much it has applied
  std::vector<std::string> keys_;              // that this daemon accepts
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Known known_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nexus::store
