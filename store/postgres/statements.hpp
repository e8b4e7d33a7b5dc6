// The prepared statements of one connection, by SQL and by the types of its arguments: PostgreSQL fixes a parameter's
// type when it prepares, and `?1 IS NULL OR x = ?1` may come with an integer, a text or NULL.
//
// NULL fits every type, so it takes a statement that is there, or the type that its parameter had before. Where no type
// is known, the statement is prepared with NULL in place of the parameter. Refused: leaving the type to the server,
// which infers none from `?1 IS NULL` (42P18), nor when that comes before `x = ?1` (42P08).
//
// Threads: its connection's.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/postgres/parameters.hpp"
#include "store/postgres/statement_tables.hpp"

namespace nexus::store {

struct Prepared {
  std::string sql;                  // translated
  std::vector<type::Number> types;  // of its parameters
  std::vector<bool> as_null;        // which of them stand in `sql` as NULL, and take nothing else
  StatementTables tables;           // that it names
  std::string name;                 // on the server; empty: not kept there, and parsed each time
  bool on_server = false;           // or on its way there
};

class Statements {
 public:
  /// The statement for these arguments. Throws std::logic_error when their count does not fit.
  std::shared_ptr<Prepared> find(std::string_view sql, const Parameters& parameters);
  /// How many are kept.
  std::size_t size() const { return count_; }

 private:
  struct Entry {
    std::vector<type::Number> known;  // what each parameter was last, when it was not NULL
    std::vector<std::shared_ptr<Prepared>> variants;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::shared_ptr<Prepared> add(std::string_view sql, Entry& entry, const Parameters& parameters);

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;  // by SQL as store/ writes it
  std::size_t count_ = 0;
};

}  // namespace nexus::store
