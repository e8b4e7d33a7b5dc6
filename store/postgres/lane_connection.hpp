// The connection of a lane: made when it is needed, made again when it was lost, and not tried again at once when it
// cannot be made. Daemons that lose their server all at once come back one after the other.
//
// Threads: its lane's.
#pragma once
#include <exception>
#include <memory>
#include <random>

#include "store/heads.hpp"
#include "store/postgres/server_standing.hpp"
#include "store/postgres/unit_session.hpp"

namespace nexus::store {

/// A connection with what stands on it.
struct Connected {
  explicit Connected(const LinkOptions& options) : link(options) { session.learn_triggers(); }
  Link link;
  PostgresSession session{link};
  Heads heads{session};
  UnitSession units{session, heads};
  Tx control{session};
  Tx tx{units, &heads};
};

class LaneConnection {
 public:
  /// `watch` is told how the server stands, and must outlive this; null: another lane does that. `serves`: each
  /// connection shares the service's lock.
  LaneConnection(ServerWatch* watch, bool serves) : watch_(watch), serves_(serves) {}

  /// Whether one is there, as far as can be seen without waiting.
  bool is_alive();
  /// Makes one, unless one is alive. After a failure it does not try for a random time of up to 1.5 s, and throws that
  /// failure again. Throws as Link does.
  void connect(const LinkOptions& options);
  /// Ends it. Its transaction ends with it.
  void drop() { on_.reset(); }

  explicit operator bool() const { return on_ != nullptr; }
  Connected& operator*() const { return *on_; }
  Connected* operator->() const { return on_.get(); }

 private:
  using Clock = std::chrono::steady_clock;
  void make(const LinkOptions& options);
  void look_at_server(std::chrono::milliseconds patience);

  ServerWatch* const watch_;
  const bool serves_;
  std::unique_ptr<Connected> on_;
  Clock::time_point look_again_{}, make_again_{};
  std::exception_ptr failure_;            // of the last attempt
  std::chrono::milliseconds pause_{200};  // at most, after the next failure
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace nexus::store
