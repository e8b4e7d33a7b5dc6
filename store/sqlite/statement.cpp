// Statements of SQLite: arguments are bound, rows are read, and the heads of sequences are written before a statement
// that names their table runs.
#include <sqlite3.h>

#include "store/heads.hpp"
#include "store/rows.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/fts5_index.hpp"

namespace nexus::store {
namespace {

int bind_one(sqlite3_stmt* statement, int index, const Argument& argument, sqlite3_destructor_type lifetime) {
  const auto bind = [&]<class T>(const T& value) {
    if constexpr (std::same_as<T, std::int64_t>)
      return sqlite3_bind_int64(statement, index, value);
    else if constexpr (std::same_as<T, double>)
      return sqlite3_bind_double(statement, index, value);
    else if constexpr (std::same_as<T, std::string_view>)
      // SQLite takes a null pointer for NULL, and an empty string_view may hold one.
      return sqlite3_bind_text64(statement, index, value.empty() ? "" : value.data(), value.size(), lifetime,
                                 SQLITE_UTF8);
    else if constexpr (std::same_as<T, Pointer>)
      return sqlite3_bind_pointer(statement, index, value.object, value.type, nullptr);
    else
      return sqlite3_bind_null(statement, index);
  };
  return std::visit(bind, argument.value());
}

void bind_all(const Statement& statement, std::span<const Argument> arguments, sqlite3_destructor_type lifetime) {
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(statement.handle)) != arguments.size()) {
    throw std::logic_error(std::string("count of arguments does not fit: ") + sqlite3_sql(statement.handle));
  }
  int index = 0;
  for (const Argument& argument : arguments) {
    const int code = bind_one(statement.handle, ++index, argument, lifetime);
    if (code != SQLITE_OK) statement.connection->fail(code, sqlite3_sql(statement.handle));
  }
}

struct Release {
  void operator()(Statement* statement) const noexcept { Connection::release(statement); }
};
using Held = std::unique_ptr<Statement, Release>;

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle); }

bool Statement::next() {
  const int code = sqlite3_step(handle);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection->fail(code, sqlite3_sql(handle));
  return false;
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle, column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle, column); }

double Statement::real(int column) const { return sqlite3_column_double(handle, column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle, column))};
}

void Statement::release() noexcept { Connection::release(this); }

Cursor& SqliteSession::start(std::string_view sql, std::span<const Argument> arguments) {
  Held statement(acquire(sql));
  bind_all(*statement, arguments, SQLITE_TRANSIENT);
  return *statement.release();
}

std::int64_t SqliteSession::run(std::string_view sql, std::span<const Argument> arguments) {
  const Held statement(acquire(sql));
  // No copies: the arguments live until the end of the caller's expression, and the statement ends before.
  bind_all(*statement, arguments, SQLITE_STATIC);
  sqlite3* db = statement->connection->handle();
  const auto total_before = sqlite3_total_changes64(db);
  while (statement->next()) {
  }
  return sqlite3_total_changes64(db) == total_before ? 0 : sqlite3_changes64(db);
}

const FullText& SqliteSession::full_text() const { return fts5_index(); }

// The last number less the first is nearly the count.
std::int64_t SqliteSession::count_rows(std::string_view table, bool by_number) {
  const std::string name(table);
  const Reader reader(*this);
  if (!by_number) return integer_of(reader.query("SELECT count(*) FROM " + name));
  return integer_of(reader.query("SELECT coalesce((SELECT max(rowid) FROM " + name + ") - (SELECT min(rowid) FROM " +
                                 name + ") + 1, 0)"));
}

Statement* InsideTransaction::acquire(std::string_view sql) {
  if (!connection_.in_transaction())
    throw Error(Failure::other, "the transaction was rolled back by an earlier failure");
  Statement* statement = connection_.acquire(sql);
  if (heads_ == nullptr || !statement->names_heads) return statement;
  Held held(statement);
  heads_->write();
  return held.release();
}

Connection& connection_of(Tx& tx) {
  auto* session = dynamic_cast<SqliteSession*>(&tx.session());
  if (session == nullptr) throw std::logic_error("a transaction of another engine");
  return session->connection();
}

}  // namespace nexus::store
