// PostgreSQL's side of the seam (store/query.hpp): statements on one Link, with few round trips. Writes whose count
// nobody asks are deferred: they wait here, and go with the next statement that needs an answer, or with COMMIT. A unit
// that throws before is undone by forgetting them, and needs no savepoint. When its writes must go earlier, a savepoint
// goes before the first of them.
//
// Without begin(), what goes in one round trip is one transaction of its own.
//
// What a statement finds is there whole when start() returns. A deferred write that fails is told by what sends it; the
// transaction is then failed, and only rollback() or undo_unit() goes on.
//
// Threads: one at a time. Errors: as of query.hpp, and `unreachable` when the connection is lost: the transaction is
// gone then, and every further call fails.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "store/postgres/asked_ahead.hpp"
#include "store/query.hpp"

namespace nexus::store {

enum class Isolation {
  read_committed,  // each statement sees what is committed when it begins: for the writer, which locks first
  snapshot,        // all statements see one state, and none may write: for readers
};

enum class Committed {
  as_configured,  // as safe as the server's settings make it
  here_alone,     // somebody cancelled the wait for a synchronous standby, or there is none where one is demanded
};

enum class Standby { as_configured, demanded };

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(Link& link) : link_(link) {}
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  /// Sends what is deferred and the statement: one round trip. Also throws std::logic_error for a Pointer and for a
  /// text with U+0000, and sends nothing then.
  Cursor& start(std::string_view sql, std::span<const Argument> arguments) override;
  /// Defers it, and copies the arguments. Throws std::logic_error as start() does, at once; other errors come with what
  /// sends it.
  std::int64_t run(std::string_view sql, std::span<const Argument> arguments) override;
  /// Sends what is deferred, if the statement is: one round trip.
  std::int64_t changed_by(std::int64_t run) override;
  /// Sends what is deferred, if anything is: one round trip.
  void flush();
  /// Asks for what start() with the same arguments will ask. The question goes with the next round trip, and the answer
  /// serves until the transaction ends or writes what the question is about (asked_ahead.hpp).
  void ask_ahead(std::string_view sql, std::span<const Argument> arguments) { asked_.ask(link_.call(sql, arguments)); }
  /// Reads from the server which tables triggers write. Outside of a transaction, before ask_ahead().
  void learn_triggers();
  const FullText& full_text() const override;
  /// A large table is estimated, from what its last VACUUM or ANALYZE saw and its size now.
  std::int64_t count_rows(std::string_view table, bool by_number) override;

  /// Deferred itself. Throws std::logic_error inside of a transaction.
  void begin(Isolation isolation);
  /// Sends what is deferred and COMMIT: one round trip. After an Error the transaction is to be rolled back; but when
  /// the link is lost, nobody knows whether it was committed. Throws std::logic_error outside of a transaction. Where a
  /// standby is demanded, the server is asked behind the COMMIT: its settings may have changed while it waited.
  Committed commit(Standby standby = Standby::as_configured);
  /// Forgets what is deferred, and ends the transaction. A server that does not answer loses its connection.
  void rollback() noexcept;
  /// The same of a transaction that wrote nothing, without waiting for the server.
  void leave() noexcept;

  /// What follows belongs to one unit, which undo_unit() can undo. `careful`: it has a savepoint from its beginning,
  /// and nothing of it is deferred, so that each failure is its own.
  void begin_unit(bool careful);
  /// Undoes what was done since begin_unit(). Returns false if only rollback() can do that, because a statement failed
  /// in a unit that was not careful. Throws Error when the server does not undo it.
  bool undo_unit();
  /// The unit is complete. What it deferred stays deferred.
  void end_unit();
  /// Whether a statement has failed, so that the transaction takes nothing more.
  bool is_failed() const { return link_.in_failed_transaction(); }

 private:
  /// A statement that waits. Those of transactions and savepoints have no number.
  struct Deferred {
    Call call;
    bool is_run;
  };
  struct UnitMark {
    std::int64_t writes_sent;
    std::size_t deferred;
    bool is_careful;
    bool has_savepoint;
  };

  void defer(std::string_view sql) { deferred_.push_back({link_.call(sql, {}), false}); }
  /// Sends what is deferred, what is asked ahead and, last, these statements, whose results it returns.
  std::vector<ResultHandle> exchange(std::span<const Call> last);
  ResultHandle exchange(std::string_view sql, std::span<const Argument> arguments);
  /// Before anything is sent: the unit's writes go behind a savepoint.
  void protect(bool writes);
  Rows& free_rows();
  void forget_transaction();

  Link& link_;
  std::vector<Deferred> deferred_;
  std::int64_t runs_waiting_ = 0;            // among them
  std::vector<std::int64_t> counts_;         // of the run() that have been sent since begin()
  std::vector<std::unique_ptr<Rows>> rows_;  // used again; only as many as were open at once
  std::int64_t writes_sent_ = 0;
  bool open_ = false;  // a transaction, perhaps with its BEGIN deferred
  std::optional<UnitMark> unit_;
  AskedAhead asked_;
};

}  // namespace nexus::store
