// PostgreSQL's side of the seam (store/query.hpp): statements on one Link, with few round trips. Writes whose count
// nobody asks are deferred: they wait here, and go with the next statement that needs an answer, or with COMMIT. A unit
// that throws before is undone by forgetting them, and needs no savepoint.
//
// Without begin(), what goes in one round trip is one transaction of its own.
//
// What a statement finds is there whole when start() returns. A deferred write that fails is told by what sends it; the
// transaction is then failed, and only rollback() or undo_to_savepoint() goes on.
//
// Threads: one at a time. Errors: as of query.hpp, and `unreachable` when the connection is lost: the transaction is
// gone then, and every further call fails.
#pragma once
#include <memory>
#include <vector>

#include "store/postgres/link.hpp"
#include "store/query.hpp"

namespace nexus::store {

enum class Isolation {
  read_committed,  // each statement sees what is committed when it begins: for the writer, which locks first
  snapshot,        // all statements see one state, and none may write: for readers
};

enum class Committed {
  as_configured,  // as safe as the server's settings make it
  here_alone,     // a warning came with it: somebody cancelled the wait for a synchronous standby, or the like
};

class PostgresSession final : public Session {
 public:
  explicit PostgresSession(Link& link) : link_(link) {}
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  /// Sends what is deferred and the statement: one round trip. Also throws std::logic_error for a Pointer and for a
  /// text with U+0000, and sends nothing then.
  Cursor& start(std::string_view sql, std::span<const Argument> arguments) override;
  std::int64_t run(std::string_view sql, std::span<const Argument> arguments) override;
  /// Copies the arguments. Throws std::logic_error as start() does, at once; other errors come with what sends it.
  void defer(std::string_view sql, std::span<const Argument> arguments);

  /// Deferred itself. Throws std::logic_error inside of a transaction.
  void begin(Isolation isolation);
  /// Sends what is deferred and COMMIT: one round trip. After an Error the transaction is to be rolled back; but when
  /// the link is lost, nobody knows whether it was committed. Throws std::logic_error outside of a transaction.
  Committed commit();
  /// Forgets what is deferred, and ends the transaction. A server that does not answer loses its connection.
  void rollback() noexcept;

  /// One savepoint at a time, each deferred: they make no round trip of their own.
  void savepoint();
  void release_savepoint();
  /// Forgets what is deferred since savepoint(), and undoes what has been sent since. Also after a failed statement.
  void undo_to_savepoint();

  /// A place in the order of statements, after begin().
  struct Mark {
    std::int64_t round_trips;
    std::size_t deferred;
  };
  Mark mark() const { return {link_.round_trips(), deferred_.size()}; }
  /// Forgets what is deferred since the mark. False if some of it may have been sent: then a savepoint must undo it.
  bool forget(const Mark& mark);

 private:
  /// Sends what is deferred and the statement, whose result it returns.
  ResultHandle exchange(std::string_view sql, std::span<const Argument> arguments);
  Rows& free_rows();

  Link& link_;
  std::vector<Call> deferred_;
  std::vector<std::unique_ptr<Rows>> rows_;  // used again; only as many as were open at once
  bool open_ = false;                        // a transaction, perhaps with its BEGIN deferred
  Mark savepoint_{};
};

}  // namespace nexus::store
