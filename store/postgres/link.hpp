// One connection to PostgreSQL in pipeline mode: statements are queued without waiting, and one round trip fetches the
// results of all. It is never made anew by itself, because a transaction ends with its connection: whoever has lost one
// makes another Link, and begins again.
//
// The server skips what follows a failed statement up to the end of the round trip, and an open transaction then takes
// nothing but ROLLBACK.
//
// Threads: one at a time. Errors: Error. `unreachable` means that the connection is lost, and `interrupted` may: ask
// lost(). What was sent, a COMMIT too, may then have been done or not.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/error.hpp"
#include "store/postgres/statements.hpp"
#include "store/postgres/wire.hpp"

namespace nexus::store {

/// What the server said beside its answers.
struct Notice {
  std::string state;  // SQLSTATE
  std::string text;
};

/// A statement with its arguments, ready to be sent on the Link that made it.
struct Call {
  std::shared_ptr<Prepared> statement;
  Parameters parameters;
};

class Link {
 public:
  /// Connects. Throws as connect_to_server and require_no_pooler do.
  explicit Link(const LinkOptions& options);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Copies the arguments, and sends nothing. Throws std::logic_error for a wrong count of arguments and for what
  /// PostgreSQL cannot take.
  Call call(std::string_view sql, std::span<const Argument> arguments);
  /// Queues; the results come with finish().
  void send(const Call& call);
  /// One round trip: sends what is queued, and returns its results in order. Throws the first failure among them, after
  /// all have been received.
  std::vector<ResultHandle> finish();
  /// Sends a statement that cannot fail, and does not wait: the next round trip takes its answer first.
  void post(const Call& call);
  /// Runs a script of statements without arguments, in one round trip. Nothing may be queued.
  void execute(const std::string& script);
  /// What was said since the last round trip began. A COMMIT whose wait for a synchronous standby was cancelled answers
  /// success, and tells the truth only here.
  const std::vector<Notice>& notices() const { return notices_; }

  /// For who listens to notifications, between round trips.
  Wire& wire() { return wire_; }

  /// Whether the server has a transaction open, as of the last round trip. A failed one is open until its ROLLBACK.
  bool in_transaction() const { return wire_.in_transaction(); }
  /// Whether a statement of it failed, so that the server takes nothing but its end.
  bool in_failed_transaction() const { return wire_.in_failed_transaction(); }
  /// Between round trips: gives up a connection on which the server has spoken unasked. As a rule it has ended it; else
  /// it told of a changed setting, and a new connection is good as well. Does not wait.
  void look() noexcept;
  bool lost() const { return wire_.lost(); }
  /// Ends the connection, as if it were lost.
  void give_up() noexcept;
  /// How long a round trip may take from now on. One that takes longer fails as `interrupted`, and the connection is
  /// given up, because its answers are still to come.
  void set_patience(std::chrono::milliseconds patience) { wire_.set_patience(patience); }

  std::int64_t round_trips() const { return round_trips_; }
  /// How many prepared statements are kept.
  std::size_t statements() const { return statements_.size(); }

 private:
  struct Sent {
    std::shared_ptr<Prepared> statement;
    bool prepares;
  };
  struct Answers {
    std::vector<ResultHandle> results;
    std::optional<Error> failure;  // the first
  };
  static void keep_notice(void* link, const pg_result* notice);

  void queue(const Call& call);
  void begin_round_trip();
  Answers receive_all();
  Answers receive_group(const std::vector<Sent>& sent);
  void receive_posted();
  std::vector<ResultHandle> run(const std::string& script);
  void run_script(const std::string& script, Answers& answers);
  void add_answer(Answers& answers, ResultHandle result, std::string_view sql);

  Wire wire_;
  std::atomic<bool>* const damage_;
  Statements statements_;
  std::vector<Sent> sent_;
  std::vector<std::vector<Sent>> posted_;  // whose answers have not been taken
  std::vector<Notice> notices_;
  std::vector<const char*> values_;  // these three are scratch of queue()
  std::vector<int> lengths_, formats_;
  std::int64_t round_trips_ = 0;
};

}  // namespace nexus::store
