#include "store/postgres/session.hpp"

#include <algorithm>

#include "store/postgres/libpq.hpp"

namespace nexus::store {
namespace {

constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr std::string_view kBeginSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// The SQLSTATE of a warning without a code of its own, such as that of a cancelled wait for a standby.
constexpr std::string_view kWarning = "01000";

}  // namespace

ResultHandle PostgresSession::exchange(std::string_view sql, std::span<const Argument> arguments) {
  deferred_.push_back(link_.call(sql, arguments));
  const std::vector<Call> calls = std::exchange(deferred_, {});
  for (const Call& call : calls) link_.send(call);
  return std::move(link_.finish().back());
}

Rows& PostgresSession::free_rows() {
  for (const auto& rows : rows_)
    if (!rows->is_open()) return *rows;
  return *rows_.emplace_back(std::make_unique<Rows>());
}

Cursor& PostgresSession::start(std::string_view sql, std::span<const Argument> arguments) {
  Rows& rows = free_rows();
  rows.open(exchange(sql, arguments));
  return rows;
}

std::int64_t PostgresSession::run(std::string_view sql, std::span<const Argument> arguments) {
  return rows_changed(exchange(sql, arguments).get());
}

void PostgresSession::defer(std::string_view sql, std::span<const Argument> arguments) {
  deferred_.push_back(link_.call(sql, arguments));
}

void PostgresSession::begin(Isolation isolation) {
  if (open_) throw std::logic_error("a transaction inside of a transaction");
  defer(isolation == Isolation::snapshot ? kBeginSnapshot : kBegin, {});
  open_ = true;
}

Committed PostgresSession::commit() {
  if (!open_) throw std::logic_error("COMMIT outside of a transaction");
  const ResultHandle done = exchange("COMMIT", {});
  open_ = false;
  // A failed transaction takes COMMIT, does what ROLLBACK does, and says so here alone.
  if (std::string_view(libpq().PQcmdStatus(done.get())) != "COMMIT")
    throw Error(Failure::other, "the transaction was rolled back by an earlier failure");
  const bool warned = std::ranges::any_of(link_.notices(), [](const Notice& it) { return it.state == kWarning; });
  return warned ? Committed::here_alone : Committed::as_configured;
}

void PostgresSession::rollback() noexcept {
  deferred_.clear();
  open_ = false;
  if (!link_.in_transaction()) return;
  try {
    exchange("ROLLBACK", {});
  } catch (const std::exception&) {
    link_.give_up();
  }
}

void PostgresSession::savepoint() {
  savepoint_ = mark();
  defer("SAVEPOINT unit", {});
}

void PostgresSession::release_savepoint() { defer("RELEASE SAVEPOINT unit", {}); }

void PostgresSession::undo_to_savepoint() {
  if (forget(savepoint_)) return;  // the savepoint too
  deferred_.clear();
  defer("ROLLBACK TO SAVEPOINT unit", {});
  release_savepoint();
}

bool PostgresSession::forget(const Mark& mark) {
  if (link_.round_trips() != mark.round_trips) return false;
  deferred_.erase(deferred_.begin() + static_cast<std::ptrdiff_t>(mark.deferred), deferred_.end());
  return true;
}

}  // namespace nexus::store
