#include "store/postgres/statements.hpp"

#include "store/postgres/translation.hpp"

namespace nexus::store {
namespace {

// As for SQLite (sqlite/connection.cpp). Those over the limit are parsed each time, so that they do not evict the
// statements of every request.
constexpr std::size_t kStatementsMax = 1024;

bool fits(const Prepared& prepared, const Parameters& parameters) {
  for (std::size_t index = 0; index < parameters.size(); ++index) {
    const type::Number type = parameters.type(index);
    if (type != type::unknown && (prepared.as_null[index] || type != prepared.types[index])) return false;
  }
  return true;
}

void require_count(std::size_t count, const Parameters& parameters, std::string_view sql) {
  if (count != parameters.size()) throw std::logic_error("count of arguments does not fit: " + std::string(sql));
}

}  // namespace

std::shared_ptr<Prepared> Statements::find(std::string_view sql, const Parameters& parameters) {
  auto found = entries_.find(sql);
  if (found == entries_.end()) {
    require_count(translate(sql).parameters, parameters, sql);
    Entry entry{.known = std::vector<type::Number>(parameters.size()), .variants = {}};
    if (count_ >= kStatementsMax) return add(sql, entry, parameters);
    found = entries_.emplace(std::string(sql), std::move(entry)).first;
  }
  Entry& entry = found->second;
  require_count(entry.known.size(), parameters, sql);
  for (const auto& variant : entry.variants)
    if (fits(*variant, parameters)) return variant;
  return add(sql, entry, parameters);
}

std::shared_ptr<Prepared> Statements::add(std::string_view sql, Entry& entry, const Parameters& parameters) {
  auto prepared = std::make_shared<Prepared>();
  for (std::size_t index = 0; index < parameters.size(); ++index) {
    type::Number& known = entry.known[index];
    if (parameters.type(index) != type::unknown) known = parameters.type(index);
    prepared->as_null.push_back(known == type::unknown);
    // The server wants a type even of a parameter that does not stand in the statement.
    prepared->types.push_back(known == type::unknown ? type::text : known);
  }
  prepared->sql = translate(sql, prepared->as_null).sql;
  prepared->tables = tables_of(sql);
  if (count_ >= kStatementsMax) return prepared;
  prepared->name = "s" + std::to_string(count_ + 1);
  entry.variants.push_back(prepared);
  ++count_;
  return prepared;
}

}  // namespace nexus::store
