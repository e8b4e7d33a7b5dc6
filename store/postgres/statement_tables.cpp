#include "store/postgres/statement_tables.hpp"

#include <algorithm>

namespace nexus::store {
namespace {

bool is_of_name(char character) {
  return character == '_' || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9');
}

/// Takes the next word off the text; empty at its end.
std::string_view next_word(std::string_view& text) {
  const auto begin = std::ranges::find_if(text, is_of_name);
  const auto end = std::find_if_not(begin, text.end(), is_of_name);
  const std::string_view word(begin, end);
  text = std::string_view(end, text.end());
  return word;
}

void add(std::vector<std::string>& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
}

}  // namespace

StatementTables tables_of(std::string_view sql) {
  StatementTables tables;
  std::string_view before, word;
  while (!(word = next_word(sql)).empty()) {
    // `ON CONFLICT … DO UPDATE SET` names none.
    const bool writes = before == "INTO" || (before == "UPDATE" && word != "SET") || before == "DELETE FROM";
    const bool reads = before == "FROM" || before == "JOIN";
    if ((writes || reads) && !(word.front() >= 'A' && word.front() <= 'Z')) add(tables.named, word);
    if (writes) add(tables.written, word);
    if (word == "DELETE") tables.deletes = true;
    before = before == "DELETE" && word == "FROM" ? "DELETE FROM" : word;
  }
  return tables;
}

}  // namespace nexus::store
