// SQL as the aggregates of store/ use it: values go in as arguments, rows come out of a Query, and a function shows by
// its parameter what it may do: `Reader&` reads inside one snapshot, `Tx&` also writes inside the writer's transaction.
// Opening, settings and the statement cache are in connection.hpp; when a transaction begins and ends is the business
// of Readers and Writer. No SQLite header is needed to include this one.
//
// Threads: a Reader, its Queries and its Tx belong to one thread at a time. Errors: every call may throw store::Error;
// a count of arguments that does not fit the SQL is a std::logic_error.
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
struct Statement;

/// Marks bytes that are to be stored as BLOB.
struct Blob {
  std::string_view bytes;
};

/// An object of the caller's, handed to a function inside SQLite that asks for it by the same type, a literal. It must
/// outlive the Query.
struct Pointer {
  void* object;
  const char* type;
};

/// A value on its way into a statement. Refers to text and bytes, does not own them.
class Argument {
 public:
  enum class Kind { null, integer, real, text, blob, pointer };

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
  Argument(Blob blob) : kind_(Kind::blob), bytes_(blob.bytes) {}
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

/// A running statement: `while (q.next()) use(q.text(0));`. Gives its statement back to the cache when destroyed, so it
/// must not outlive the lease or the unit it was made in. Columns count from 0 and may be read after next() said true.
/// NULL reads as empty text, 0 or 0.0: ask is_null() or use the optional_ forms where it matters.
class Query {
 public:
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&& other) noexcept;
  ~Query();

  bool next();
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  bool boolean(int column) const { return integer(column) != 0; }
  double real(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  /// Valid until next() or the end of this Query.
  std::string_view text_view(int column) const;
  std::string_view blob_view(int column) const;
  std::string blob(int column) const { return std::string(blob_view(column)); }
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;
  std::optional<std::string> optional_text(int column) const;

 private:
  friend class Reader;
  friend class Tx;
  explicit Query(Statement* statement) : statement_(statement) {}
  Statement* statement_;
};

/// Read access inside one snapshot. Made by Readers (a lease) and, as a Tx, by the Writer; tests and offline commands
/// may make one over their own Connection, and then the snapshot is whatever transaction they hold.
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
  /// `only_inside_transaction`: once SQLite rolled the transaction back (a full disk, say), every further call throws,
  /// so that a unit that swallowed the error cannot go on writing outside of any transaction.
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

/// Reading and writing inside the writer's transaction; what a throwing unit did is undone by the Writer.
/// `INSERT … RETURNING` goes through query(): all its changes are made by the first next().
class Tx : public Reader {
 public:
  explicit Tx(Connection& connection, bool only_inside_transaction = false)
      : Reader(connection, only_inside_transaction) {}

  /// Runs one statement to its end; answers how many rows it inserted, changed or removed (0 for other statements).
  template <class... Args>
  std::int64_t run(std::string_view sql, const Args&... args) {
    const std::array<Argument, sizeof...(Args)> bound{Argument(args)...};
    return execute(sql, bound);
  }
  template <class... Args>
  std::int64_t run(std::string_view sql, Realm realm, const Args&... args) {
    return run(sql, realm.tenant, realm.env, args...);
  }
  /// The same with arguments whose number is not known here.
  std::int64_t run_with(std::string_view sql, std::span<const Argument> arguments) { return execute(sql, arguments); }

  /// Tells the Writer, for its listener after COMMIT, that events or audit rows of this tenant and env were written. A
  /// unit that is undone may have told so in vain.
  void touch(Realm realm);
  std::vector<Touched> take_touched() { return std::exchange(touched_, {}); }

 private:
  std::int64_t execute(std::string_view sql, std::span<const Argument> arguments);
  std::vector<Touched> touched_;
};

}  // namespace nexus::store
