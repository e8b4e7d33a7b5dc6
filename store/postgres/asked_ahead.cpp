#include "store/postgres/asked_ahead.hpp"

#include <algorithm>

namespace nexus::store {
namespace {

// Its answers are asked by all columns of its key.
constexpr std::string_view kByKey = "idempotency_keys";

bool is_same(const Call& a, const Call& b) { return a.statement == b.statement && a.parameters == b.parameters; }

/// Whether a row with the values of one statement may be the row of the key that the other asks for.
bool may_be_of_key(const Parameters& values, const Parameters& key) {
  for (std::size_t place = 0; place < key.size(); ++place)
    if (!values.has(key.text(place))) return false;
  return true;
}

}  // namespace

void AskedAhead::ask(Call call) {
  if (std::ranges::none_of(unsent_, [&](const Call& other) { return is_same(call, other); }))
    unsent_.push_back(std::move(call));
}

void AskedAhead::keep_answers(std::vector<ResultHandle> answers) {
  for (std::size_t place = 0; place < unsent_.size(); ++place) {
    const Prepared* statement = unsent_[place].statement.get();
    std::shared_ptr<pg_result> result(answers[place].release(), ClearResult());
    answers_.emplace(statement, Answer{std::move(unsent_[place]), std::move(result)});
  }
  unsent_.clear();
}

std::shared_ptr<pg_result> AskedAhead::find(const Call& call) const {
  const auto [begin, end] = answers_.equal_range(call.statement.get());
  for (auto found = begin; found != end; ++found)
    if (found->second.call.parameters == call.parameters) return found->second.result;
  return nullptr;
}

void AskedAhead::drop_for(const Call& write) {
  if (answers_.empty()) return;
  if (write.statement->sql.starts_with("SELECT")) return;  // a lock in a unit: it changes no row
  const StatementTables& tables = write.statement->tables;
  if (tables.deletes || tables.written.empty()) return answers_.clear();
  for (const std::string& table : tables.written) {
    drop_of(table, write);
    const auto triggered = triggers_.find(table);
    if (triggered == triggers_.end()) continue;
    for (const std::string& other : triggered->second) drop_of(other, write);
  }
}

void AskedAhead::drop_of(const std::string& table, const Call& write) {
  const bool inserts_by_key = table == kByKey && write.statement->sql.starts_with("INSERT");
  std::erase_if(answers_, [&](const auto& entry) {
    const Answer& answer = entry.second;
    if (std::ranges::find(answer.call.statement->tables.named, table) == answer.call.statement->tables.named.end())
      return false;
    return !inserts_by_key || may_be_of_key(write.parameters, answer.call.parameters);
  });
}

void AskedAhead::clear() {
  unsent_.clear();
  answers_.clear();
}

}  // namespace nexus::store
