#include "store/sqlite/query.hpp"

#include <sqlite3.h>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/heads.hpp"
#include "store/sqlite/work.hpp"

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

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle); }

Query::~Query() {
  if (statement_ != nullptr) Connection::release(statement_);
}

bool Query::next() {
  const int code = sqlite3_step(statement_->handle);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) statement_->connection->fail(code, sqlite3_sql(statement_->handle));
  return false;
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_->handle, column) == SQLITE_NULL; }

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_->handle, column); }

double Query::real(int column) const { return sqlite3_column_double(statement_->handle, column); }

std::string_view Query::text_view(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_->handle, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle, column))};
}

std::optional<std::int64_t> Query::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Query::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}

Query Reader::start(std::string_view sql, std::span<const Argument> arguments) const {
  Query query = acquire(sql);
  bind_all(*query.statement_, arguments, SQLITE_TRANSIENT);
  return query;
}

Query Reader::acquire(std::string_view sql) const {
  if (only_inside_transaction_ && !connection_->in_transaction())
    throw Error(SQLITE_ABORT_ROLLBACK, "the transaction was rolled back by an earlier failure");
  Query query(connection_->acquire(sql));
  if (heads_ != nullptr && query.statement_->names_heads) heads_->write();
  return query;
}

std::int64_t Tx::execute(std::string_view sql, std::span<const Argument> arguments) {
  Query query = acquire(sql);
  // No copies: the arguments live until the end of the caller's expression, and the statement ends before.
  bind_all(*query.statement_, arguments, SQLITE_STATIC);
  sqlite3* db = connection_->handle();
  const auto total_before = sqlite3_total_changes64(db);
  while (query.next()) {
  }
  return sqlite3_total_changes64(db) == total_before ? 0 : sqlite3_changes64(db);
}

void Tx::require_named(Realm realm) const {
  if (allowed_ == nullptr || allowed_->has(realm)) return;
  throw std::logic_error("a unit writes in " + std::string(realm.tenant) + "/" + std::string(realm.env) +
                         ", which it did not name");
}

void Tx::touch(Realm realm) {
  require_named(realm);
  for (const Place& known : touched_)
    if (known.realm() == realm) return;
  touched_.push_back({std::string(realm.tenant), std::string(realm.env)});
}

void Tx::at_group_end(Left left) {
  if (!only_inside_transaction_) return left.work(*this);
  left_.push_back(std::move(left));
}

}  // namespace nexus::store
