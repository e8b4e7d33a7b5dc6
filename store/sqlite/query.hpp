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
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/realm.hpp"

struct sqlite3_stmt;

namespace nexus::store {

class Connection;

/// A prepared statement of a connection.
struct Statement {
  Connection* connection = nullptr;
  sqlite3_stmt* handle = nullptr;
  bool in_use = false;
  bool cached = false;  // else it is finalised after use
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
  enum class Kind { null, integer, real, text, pointer };

  Argument(std::nullptr_t) {}
  Argument(std::nullopt_t) {}
  template <std::integral T>
  Argument(T value) : kind_(Kind::integer), integer_(static_cast<std::int64_t>(value)) {
    if (!std::same_as<T, bool>) require_range(value);
  }
  Argument(double value) : kind_(Kind::real), real_(value) {}
  Argument(std::string_view text) : kind_(Kind::text), bytes_(text) {}
  Argument(const std::string& text) : Argument(std::string_view(text)) {}
  Argument(const char* text) : Argument(std::string_view(text)) {}
  Argument(Pointer pointer) : kind_(Kind::pointer), pointer_(pointer) {}
  template <class T>
  Argument(const std::optional<T>& value) : Argument(value ? Argument(*value) : Argument(nullptr)) {}

  Kind kind() const { return kind_; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  std::string_view bytes() const { return bytes_; }
  Pointer pointer() const { return pointer_; }

 private:
  template <class T>
  static void require_range(T value) {
    if constexpr (!std::same_as<T, bool> && !std::signed_integral<T> && sizeof(T) >= 8) {
      if (value > static_cast<T>(INT64_MAX)) throw std::out_of_range("an integer too large for the store");
    }
  }
  Kind kind_ = Kind::null;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string_view bytes_;
  Pointer pointer_{nullptr, nullptr};
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
  std::optional<double> optional_real(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  friend class Reader;
  friend class Tx;
  explicit Query(Statement* statement) : statement_(statement) {}
  Statement* statement_;
};

/// Read access inside one snapshot. Readers make it (in a lease) and, as a Tx, the Writer. Tests and offline commands
/// may make one over their own Connection; the snapshot is then their own transaction.
class Reader {
 public:
  explicit Reader(Connection& connection) : connection_(&connection) {}

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

 protected:
  /// `only_inside_transaction`: after SQLite rolled the transaction back (for example on a full disk), every further
  /// call throws. So a unit that swallowed the error cannot write outside a transaction.
  Reader(Connection& connection, bool only_inside_transaction)
      : connection_(&connection), only_inside_transaction_(only_inside_transaction) {}
  Query start(std::string_view sql, std::span<const Argument> arguments) const;
  void require_transaction() const;
  Connection* connection_;
  bool only_inside_transaction_ = false;
};

/// A tenant and env whose sequences grew.
struct Touched {
  std::string tenant_id;
  std::string env;
  bool operator==(const Touched&) const = default;
};

/// Reads and writes inside the writer's transaction. The Writer undoes the changes of a unit that throws. `INSERT …
/// RETURNING` uses query(): the first next() makes all its changes.
class Tx : public Reader {
 public:
  explicit Tx(Connection& connection, bool only_inside_transaction = false)
      : Reader(connection, only_inside_transaction) {}

  /// Runs one statement to its end. Returns how many rows it inserted, changed or removed (0 for other statements).
  template <class... Args>
  std::int64_t run(std::string_view sql, const Args&... args) {
    const std::array<Argument, sizeof...(Args)> bound{Argument(args)...};
    return execute(sql, bound);
  }
  template <class... Args>
  std::int64_t run(std::string_view sql, Realm realm, const Args&... args) {
    return run(sql, realm.tenant, realm.env, args...);
  }
  /// The same with a number of arguments known only at run time.
  std::int64_t run_with(std::string_view sql, std::span<const Argument> arguments) { return execute(sql, arguments); }

  /// Notes that events or audit rows of this tenant and env were written, for the Writer's listener after COMMIT. The
  /// note stays even if the unit is undone.
  void touch(Realm realm);
  std::vector<Touched> take_touched() { return std::exchange(touched_, {}); }

 private:
  std::int64_t execute(std::string_view sql, std::span<const Argument> arguments);
  std::vector<Touched> touched_;
};

}  // namespace nexus::store
