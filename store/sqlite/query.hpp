// The SQL interface for the files of store/. Values are arguments, and a Query returns rows. The parameter of a
// function shows what it may do: `Reader&` reads inside one snapshot, `Tx&` also writes inside the writer's
// transaction. Opening, settings and the statement cache are in connection.hpp. Readers and Writer begin and end
// transactions. This header needs no SQLite header.
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

struct sqlite3_stmt;

namespace nexus::store {

class Connection;
class Heads;
class Realms;

/// A prepared statement of a connection.
struct Statement {
  Connection* connection = nullptr;
  sqlite3_stmt* handle = nullptr;
  bool in_use = false;
  bool cached = false;       // else it is finalised after use
  bool names_heads = false;  // a table of heads (heads.hpp)
  ~Statement();
};

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

/// A running statement: `while (q.next()) use(q.text(0));`. Returns its statement to the cache when destroyed, so it
/// must not outlive its lease or unit. Columns count from 0 and may be read after next() returned true. NULL reads as
/// empty text, 0 or 0.0; use is_null() or the optional_ forms to distinguish it.
class Query {
 public:
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&&) = delete;
  ~Query();

  bool next();
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  bool boolean(int column) const { return integer(column) != 0; }
  double real(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  /// Valid until next() or the end of this Query.
  std::string_view text_view(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  friend class Reader;
  friend class Tx;
  explicit Query(Statement* statement) : statement_(statement) {}
  Statement* statement_;
};

/// What was asked once of a snapshot: see Reader::once.
struct AskedOnce {
  bool asked = false;
  std::optional<std::int64_t> answer = {};
};

/// Read access inside one snapshot. Readers make it (in a lease) and, as a Tx, the Writer. Tests and offline commands
/// may make one over their own Connection; the snapshot is then their own transaction.
class Reader {
 public:
  /// `asked` lives as long as the snapshot, which then must not change. Null: whoever has the connection may change it.
  explicit Reader(Connection& connection, AskedOnce* asked = nullptr) : connection_(&connection), asked_(asked) {}

  /// Text and bytes are copied: arguments may be temporaries.
  template <class... Args>
  Query query(std::string_view sql, const Args&... args) const {
    const std::array<Argument, sizeof...(Args)> bound{Argument(args)...};
    return start(sql, bound);
  }
  /// A Realm binds ?1 and ?2: its tenant and its env.
  template <class... Args>
  Query query(std::string_view sql, Realm realm, const Args&... args) const {
    return query(sql, realm.tenant, realm.env, args...);
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
  /// `only_inside_transaction`: after SQLite rolled the transaction back (for example on a full disk), every further
  /// call throws. So a unit that swallowed the error cannot write outside a transaction.
  Reader(Connection& connection, bool only_inside_transaction, Heads* heads)
      : connection_(&connection), only_inside_transaction_(only_inside_transaction), heads_(heads) {}
  Query start(std::string_view sql, std::span<const Argument> arguments) const;
  Query acquire(std::string_view sql) const;
  Connection* connection_;
  AskedOnce* asked_ = nullptr;
  bool only_inside_transaction_ = false;
  Heads* heads_ = nullptr;
};

/// Reads and writes inside the writer's transaction. The Writer undoes the changes of a unit that throws. `INSERT …
/// RETURNING` uses query(): the first next() makes all its changes.
class Tx : public Reader {
 public:
  explicit Tx(Connection& connection, bool only_inside_transaction = false, Heads* heads = nullptr)
      : Reader(connection, only_inside_transaction, heads) {}

  /// Runs one statement to its end. Returns how many rows it inserted, changed or removed (0 for other statements).
  template <class... Args>
  std::int64_t run(std::string_view sql, const Args&... args) {
    const std::array<Argument, sizeof...(Args)> bound{Argument(args)...};
    return execute(sql, bound);
  }
  /// Throws std::logic_error for a Realm that the unit did not name.
  template <class... Args>
  std::int64_t run(std::string_view sql, Realm realm, const Args&... args) {
    require_named(realm);
    return run(sql, realm.tenant, realm.env, args...);
  }
  /// The same with a number of arguments known only at run time.
  std::int64_t run_with(std::string_view sql, std::span<const Argument> arguments) { return execute(sql, arguments); }

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
  /// For the other files of store/sqlite.
  Connection& connection() { return *connection_; }
  std::vector<Place> take_touched() { return std::exchange(touched_, {}); }
  std::vector<Left> take_left() { return std::exchange(left_, {}); }

 private:
  std::int64_t execute(std::string_view sql, std::span<const Argument> arguments);
  void require_named(Realm realm) const;
  const Realms* allowed_ = nullptr;
  std::vector<Place> touched_;
  std::vector<Left> left_;
};

}  // namespace nexus::store
