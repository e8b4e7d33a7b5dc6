// Preparing, lending and taking back statements.
#include "store/sqlite/statement_cache.hpp"

#include <sqlite3.h>

#include "store/sqlite/connection.hpp"

namespace nexus::store {
namespace {
// The source contains a few hundred SQL texts. A search that builds its SQL may make many more. Those over the limit
// are prepared each time, so that they do not evict the statements of every request.
constexpr std::size_t kStatementsMax = 1024;
}  // namespace

Statement::~Statement() { sqlite3_finalize(handle); }

Statement* StatementCache::acquire(std::string_view sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    Statement* statement = found->second.get();
    if (statement->in_use) return prepare(sql, false).release();
    statement->in_use = true;
    return statement;
  }
  const bool cached = by_sql_.size() < kStatementsMax;
  auto statement = prepare(sql, cached);
  if (!cached) return statement.release();
  return by_sql_.emplace(std::string(sql), std::move(statement)).first->second.get();
}

std::unique_ptr<Statement> StatementCache::prepare(std::string_view sql, bool cached) {
  auto statement = std::make_unique<Statement>();
  statement->connection = &connection_;
  statement->cached = cached;
  statement->in_use = true;
  const unsigned flags = cached ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code = sqlite3_prepare_v3(connection_.handle(), sql.data(), static_cast<int>(sql.size()), flags,
                                      &statement->handle, nullptr);
  if (code != SQLITE_OK) connection_.fail(code, sql);
  if (statement->handle == nullptr) throw std::logic_error("an empty SQL statement");
  return statement;
}

void StatementCache::release(Statement* statement) noexcept {
  if (!statement->cached) {
    delete statement;
    return;
  }
  // reset returns the error of the last step again, which was already thrown.
  sqlite3_reset(statement->handle);
  sqlite3_clear_bindings(statement->handle);
  statement->in_use = false;
}

}  // namespace nexus::store
