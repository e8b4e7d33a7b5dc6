#include "store/postgres/session.hpp"

#include <algorithm>

#include "store/postgres/full_text.hpp"
#include "store/postgres/libpq.hpp"
#include "store/rows.hpp"

namespace nexus::store {
namespace {

constexpr std::string_view kBegin = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr std::string_view kBeginSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// The SQLSTATE of a warning without a code of its own, such as that of a cancelled wait for a standby.
constexpr std::string_view kWarning = "01000";
constexpr std::string_view kStandbyNames = "SELECT current_setting('synchronous_standby_names')";
constexpr std::string_view kSavepoint = "SAVEPOINT unit", kRollback = "ROLLBACK";

/// Nothing of store/ changes rows in a SELECT.
bool is_write(std::string_view sql) { return !sql.starts_with("SELECT"); }

}  // namespace

std::vector<ResultHandle> PostgresSession::exchange(std::span<const Call> last) {
  const std::vector<Deferred> sent = std::exchange(deferred_, {});
  runs_waiting_ = 0;
  writes_sent_ += static_cast<std::int64_t>(sent.size());
  if (unit_) {
    unit_->deferred = 0;
    if (!unit_->has_savepoint) unit_->writes_sent = writes_sent_;  // those were of units before
  }
  for (const Deferred& each : sent) link_.send(each.call);
  for (const Call& question : asked_.unsent()) link_.send(question);
  for (const Call& each : last) link_.send(each);
  std::vector<ResultHandle> results = link_.finish();
  for (std::size_t place = 0; place < sent.size(); ++place)
    if (sent[place].is_run) counts_.push_back(rows_changed(results[place].get()));
  const auto first_of_last = results.end() - static_cast<std::ptrdiff_t>(last.size());
  std::vector<ResultHandle> of_last(std::make_move_iterator(first_of_last), std::make_move_iterator(results.end()));
  results.erase(first_of_last, results.end());
  results.erase(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(sent.size()));
  asked_.keep_answers(std::move(results));
  return of_last;
}

ResultHandle PostgresSession::exchange(std::string_view sql, std::span<const Argument> arguments) {
  const Call call = link_.call(sql, arguments);  // before anything is sent
  return std::move(exchange(std::span(&call, 1)).front());
}

Rows& PostgresSession::free_rows() {
  for (const auto& rows : rows_)
    if (!rows->is_open()) return *rows;
  return *rows_.emplace_back(std::make_unique<Rows>());
}

Cursor& PostgresSession::start(std::string_view sql, std::span<const Argument> arguments) {
  Rows& rows = free_rows();
  const bool writes = is_write(sql);
  const Call call = link_.call(sql, arguments);
  if (auto answer = writes ? nullptr : asked_.find(call)) {
    rows.open(std::move(answer));
    return rows;
  }
  protect(writes);
  if (writes) {
    ++writes_sent_;
    asked_.drop_for(call);
  }
  rows.open(std::move(exchange(std::span(&call, 1)).front()));
  return rows;
}

std::int64_t PostgresSession::run(std::string_view sql, std::span<const Argument> arguments) {
  deferred_.push_back({link_.call(sql, arguments), true});
  asked_.drop_for(deferred_.back().call);
  const std::int64_t number = static_cast<std::int64_t>(counts_.size()) + runs_waiting_++;
  if (unit_ && unit_->is_careful) flush();
  return number;
}

std::int64_t PostgresSession::changed_by(std::int64_t run) {
  if (static_cast<std::size_t>(run) >= counts_.size()) flush();
  if (static_cast<std::size_t>(run) >= counts_.size()) throw std::logic_error("a count of a statement that is undone");
  return counts_[static_cast<std::size_t>(run)];
}

void PostgresSession::flush() {
  if (deferred_.empty() && asked_.unsent().empty()) return;
  protect(false);
  exchange(std::span<const Call>());
}

const FullText& PostgresSession::full_text() const { return card_postings(); }

std::int64_t PostgresSession::count_rows(std::string_view table, bool) {
  const Reader reader(*this);
  // As the planner does: rows a page then, times the pages now. A table of fewer than 64 pages is read at once.
  const auto estimate = first(
      reader.query("SELECT (reltuples / relpages * (pg_relation_size(oid) / current_setting('block_size')::bigint))"
                   "::bigint FROM pg_class WHERE oid = ?1::regclass AND relpages >= 64 AND reltuples >= 0",
                   table),
      only_integer);
  return estimate ? *estimate : integer_of(reader.query("SELECT count(*) FROM " + std::string(table)));
}

void PostgresSession::begin(Isolation isolation) {
  if (open_) throw std::logic_error("a transaction inside of a transaction");
  counts_.clear();
  asked_.clear();
  unit_.reset();
  writes_sent_ = 0;
  defer(isolation == Isolation::snapshot ? kBeginSnapshot : kBegin);
  open_ = true;
}

Committed PostgresSession::commit(Standby standby) {
  if (!open_) throw std::logic_error("COMMIT outside of a transaction");
  std::vector<Call> last{link_.call("COMMIT", {})};
  if (standby == Standby::demanded) last.push_back(link_.call(kStandbyNames, {}));
  const std::vector<ResultHandle> results = exchange(last);
  const ResultHandle& done = results.front();
  open_ = false;
  asked_.clear();
  // A failed transaction takes COMMIT, does what ROLLBACK does, and says so here alone.
  if (std::string_view(libpq().PQcmdStatus(done.get())) != "COMMIT")
    throw Error(Failure::other, "the transaction was rolled back by an earlier failure");
  const bool warned = std::ranges::any_of(link_.notices(), [](const Notice& it) { return it.state == kWarning; });
  const bool alone = standby == Standby::demanded && libpq().PQgetvalue(results.back().get(), 0, 0)[0] == '\0';
  return warned || alone ? Committed::here_alone : Committed::as_configured;
}

void PostgresSession::forget_transaction() {
  deferred_.clear();
  asked_.clear();
  runs_waiting_ = 0;
  unit_.reset();
  open_ = false;
}

void PostgresSession::rollback() noexcept {
  forget_transaction();
  if (!link_.in_transaction()) return;
  try {
    exchange(kRollback, {});
  } catch (const std::exception&) {
    link_.give_up();
  }
}

void PostgresSession::leave() noexcept {
  forget_transaction();
  if (!link_.in_transaction()) return;
  try {
    link_.post(link_.call(kRollback, {}));
  } catch (const std::exception&) {
    link_.give_up();
  }
}

void PostgresSession::learn_triggers() {
  TriggeredWrites writes;
  Query rows(
      start("SELECT c.relname, p.prosrc FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
            "JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal",
            {}));
  while (rows.next())
    for (const std::string& table : tables_of(rows.text_view(1)).written) writes[rows.text(0)].push_back(table);
  asked_.know_triggers(std::move(writes));
}

// ---- units ---------------------------------------------------------------------------------------------------------

void PostgresSession::begin_unit(bool careful) {
  unit_ = {writes_sent_, deferred_.size(), careful, careful};
  if (careful) defer(kSavepoint);
}

void PostgresSession::protect(bool writes) {
  if (!unit_ || unit_->has_savepoint || (!writes && deferred_.size() == unit_->deferred)) return;
  deferred_.insert(deferred_.begin() + static_cast<std::ptrdiff_t>(unit_->deferred),
                   {link_.call(kSavepoint, {}), false});
  unit_->has_savepoint = true;
}

bool PostgresSession::undo_unit() {
  const UnitMark unit = std::exchange(unit_, std::nullopt).value();
  if (writes_sent_ == unit.writes_sent && !is_failed()) {
    deferred_.erase(deferred_.begin() + static_cast<std::ptrdiff_t>(unit.deferred), deferred_.end());
    runs_waiting_ = std::ranges::count(deferred_, true, &Deferred::is_run);
    return true;
  }
  // What failed may be of a unit before, whose writes went with this one's, and then the savepoint was never made.
  if (!unit.has_savepoint || (is_failed() && !unit.is_careful)) return false;
  deferred_.clear();
  runs_waiting_ = 0;
  defer("ROLLBACK TO SAVEPOINT unit");
  defer("RELEASE SAVEPOINT unit");
  exchange(std::span<const Call>());
  return true;
}

void PostgresSession::end_unit() {
  if (unit_.value().has_savepoint) defer("RELEASE SAVEPOINT unit");
  unit_.reset();
}

}  // namespace nexus::store
