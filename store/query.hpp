// The SQL interface for the files of store/. Values are arguments, and a Query returns rows. The parameter of a
// function shows what it may do: `Reader&` reads inside one snapshot, `Tx&` also writes inside the writer's
// transaction. What runs the statements stands behind Session: an engine's connection, such as sqlite/connection.hpp.
//
// Threads: a Reader, its Queries and its Tx belong to one thread at a time. Errors: every call may throw store::Error,
// or std::logic_error for a wrong number of arguments.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/base/realm.hpp"

namespace nexus::store {

class FullText;
class Heads;
class Realms;

/// An object of the caller, passed to a function inside SQLite that names the same `type`, a literal. It must outlive
/// the Query.
struct Pointer {
  void* object;
  const char* type;
};

/// An argument of a statement. It refers to text and bytes and does not own them.
class Argument {
 public:
  using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, Pointer>;

  Argument(std::nullptr_t) {}
  Argument(std::nullopt_t) {}
  template <std::same_as<bool> T>  // so that no pointer passes for one
  Argument(T value) : value_(std::int64_t{value}) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Argument(T value) : value_(static_cast<std::int64_t>(value)) {
    if (!std::in_range<std::int64_t>(value)) throw std::out_of_range("an integer too large for the store");
  }
  Argument(double value) : value_(value) {}
  Argument(std::string_view text) : value_(text) {}
  Argument(const std::string& text) : value_(std::string_view(text)) {}
  Argument(const char* text) : value_(std::string_view(text)) {}
  Argument(Pointer pointer) : value_(pointer) {}
  template <class T>
  Argument(const std::optional<T>& value) : Argument(value ? Argument(*value) : Argument(nullptr)) {}

  const Value& value() const { return value_; }

 private:
  Value value_ = nullptr;
};

/// The rows of one running statement, which belongs to its Session. Columns count from 0 and may be read after next()
/// returned true. NULL reads as empty text, 0 or 0.0.
class Cursor {
 public:
  virtual bool next() = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  /// Valid until next() or release().
  virtual std::string_view text(int column) const = 0;
  /// Ends the statement. The last call.
  virtual void release() noexcept = 0;

 protected:
  ~Cursor() = default;
};

/// What runs statements: a connection of an engine.
class Session {
 public:
  /// Starts a statement. Text of the arguments is copied: they may end before the rows do. The statement may run as
  /// late as at the first next().
  virtual Cursor& start(std::string_view sql, std::span<const Argument> arguments) = 0;
  /// Runs a statement whose rows nobody reads. An engine may put it off until something needs an answer, or to COMMIT.
  /// Returns what changed_by() takes.
  virtual std::int64_t run(std::string_view sql, std::span<const Argument> arguments) = 0;
  /// How many rows the statement of that run() inserted, changed or removed (0 for other statements), in the same unit.
  virtual std::int64_t changed_by(std::int64_t run) = 0;
  /// The full-text index of cards, as the engine keeps it.
  virtual const FullText& full_text() const = 0;
  /// How many rows the table has, nearly. Where the engine can tell without, a large one is not read whole.
  /// `by_number`: its rows are numbered as they come, and few of them go.
  virtual std::int64_t count_rows(std::string_view table, bool by_number) = 0;

 protected:
  ~Session() = default;
};

/// A running statement: `while (q.next()) use(q.text(0));`. Ends its statement when destroyed, so it must not outlive
/// its lease or unit. is_null() and the optional_ forms distinguish NULL.
class Query {
 public:
  explicit Query(Cursor& rows) : rows_(&rows) {}
  Query(Query&& other) noexcept : rows_(std::exchange(other.rows_, nullptr)) {}
  Query& operator=(Query&&) = delete;
  ~Query() {
    if (rows_ != nullptr) rows_->release();
  }

  bool next() { return rows_->next(); }
  bool is_null(int column) const { return rows_->is_null(column); }
  std::int64_t integer(int column) const { return rows_->integer(column); }
  bool boolean(int column) const { return integer(column) != 0; }
  double real(int column) const { return rows_->real(column); }
  std::string text(int column) const { return std::string(text_view(column)); }
  /// Valid until next() or the end of this Query.
  std::string_view text_view(int column) const { return rows_->text(column); }
  std::optional<std::int64_t> optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::optional<std::string> optional_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional(text(column));
  }

 private:
  Cursor* rows_;
};

/// How many rows a statement inserted, changed or removed. Only whoever converts it to a number asks the engine, which
/// may have put the statement off until then: so who catches the statement's error asks. It belongs to its unit.
class Changed {
 public:
  Changed(Session& session, std::int64_t run) : session_(&session), run_(run) {}
  operator std::int64_t() const { return session_->changed_by(run_); }

 private:
  Session* session_;
  std::int64_t run_;
};

/// What was asked once of a snapshot: see Reader::once.
struct AskedOnce {
  bool asked = false;
  std::optional<std::int64_t> answer = {};
};

/// Read access inside one snapshot. Readers make it (in a lease) and, as a Tx, the Writer. Tests and offline commands
/// may make one over their own connection; the snapshot is then their own transaction.
class Reader {
 public:
  /// `asked` lives as long as the snapshot, which then must not change. Null: whoever has the session may change it.
  explicit Reader(Session& session, AskedOnce* asked = nullptr) : session_(&session), asked_(asked) {}

  /// Text and bytes are copied: arguments may be temporaries.
  template <class... Args>
  Query query(std::string_view sql, const Args&... args) const {
    const std::array<Argument, sizeof...(Args)> bound{Argument(args)...};
    return Query(session_->start(sql, bound));
  }
  /// A Realm binds ?1 and ?2: its tenant and its env.
  template <class... Args>
  Query query(std::string_view sql, Realm realm, const Args&... args) const {
    return query(sql, realm.tenant, realm.env, args...);
  }
  const FullText& full_text() const { return session_->full_text(); }
  std::int64_t count_rows(std::string_view table, bool by_number) const {
    return session_->count_rows(table, by_number);
  }
  /// What the Writer keeps of the heads of sequences; null for anything but its units.
  Heads* heads() const { return heads_; }

  /// What `read` finds, which is always the same question: once in the snapshot of a lease, else each time.
  template <class Read>
  std::optional<std::int64_t> once(Read read) const {
    if (asked_ == nullptr) return read();
    if (!asked_->asked) *asked_ = {true, read()};
    return asked_->answer;
  }

 protected:
  Reader(Session& session, Heads* heads) : session_(&session), heads_(heads) {}
  Session* session_;
  AskedOnce* asked_ = nullptr;
  Heads* heads_ = nullptr;
};

/// Reads and writes inside the writer's transaction. The Writer undoes the changes of a unit that throws. `INSERT …
/// RETURNING` uses query(): the first next() makes all its changes.
class Tx : public Reader {
 public:
  /// `heads`: those that the Writer keeps; with them it is the writer's own.
  explicit Tx(Session& session, Heads* heads = nullptr) : Reader(session, heads) {}

  /// Runs one statement, whose rows nobody reads.
  template <class... Args>
  Changed run(std::string_view sql, const Args&... args) {
    const std::array<Argument, sizeof...(Args)> bound{Argument(args)...};
    return {*session_, session_->run(sql, bound)};
  }
  /// Throws std::logic_error for a Realm that the unit did not name.
  template <class... Args>
  Changed run(std::string_view sql, Realm realm, const Args&... args) {
    require_named(realm);
    return run(sql, realm.tenant, realm.env, args...);
  }
  /// The same with a number of arguments known only at run time.
  Changed run_with(std::string_view sql, std::span<const Argument> arguments) {
    return {*session_, session_->run(sql, arguments)};
  }

  /// Notes that events or audit rows of this tenant and env were written, for the Writer's listener after COMMIT. The
  /// note stays even if the unit is undone. Throws std::logic_error for a Realm that the unit did not name.
  void touch(Realm realm);
  /// What a unit leaves to the end of its group, with about how many bytes it writes.
  struct Left {
    std::size_t bytes;
    std::function<void(Tx&)> work;
  };
  /// Leaves work to the end of the group, where the writer does it in the order in which it was left, after the last
  /// unit and before COMMIT, with no savepoint between. It is dropped when the unit is undone; when it fails, its unit
  /// is undone. In a group in which something failed, it is done with its unit, and later units may see its effect. It
  /// may run twice, as a unit may, and must not leave work itself. A Tx that is not the writer's does it at once.
  void at_group_end(Left left);
  /// For the Writer: which realms the next unit named. Null: any.
  void allow(const Realms* realms) { allowed_ = realms; }
  /// For the files of its engine.
  Session& session() { return *session_; }
  std::vector<Place> take_touched() { return std::exchange(touched_, {}); }
  std::vector<Left> take_left() { return std::exchange(left_, {}); }

 private:
  void require_named(Realm realm) const;
  const Realms* allowed_ = nullptr;
  std::vector<Place> touched_;
  std::vector<Left> left_;
};

}  // namespace nexus::store
