// Prepared statements of one connection, by their SQL. A statement in use (a query inside the rows of the same query)
// is not shared: the second user gets a new one, finalised after use. Internal to store/sqlite.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3_stmt;

namespace nexus::store {

class Connection;

struct Statement {
  Connection* connection = nullptr;
  sqlite3_stmt* handle = nullptr;
  bool in_use = false;
  bool cached = false;
  ~Statement();
};

class StatementCache {
 public:
  explicit StatementCache(Connection& connection) : connection_(connection) {}

  /// Returns a statement without bound arguments, marked as in use. Throws Error when the SQL is wrong.
  Statement* acquire(std::string_view sql);
  /// Resets, unbinds, and keeps or finalises.
  static void release(Statement* statement) noexcept;
  std::size_t size() const { return by_sql_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unique_ptr<Statement> prepare(std::string_view sql, bool cached);

  Connection& connection_;
  std::unordered_map<std::string, std::unique_ptr<Statement>, Hash, std::equal_to<>> by_sql_;
};

}  // namespace nexus::store
