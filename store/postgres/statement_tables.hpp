// Which tables a statement of store/ reads and writes, by its text: the names behind FROM, JOIN, INTO, UPDATE.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nexus::store {

struct StatementTables {
  std::vector<std::string> named;    // all, each once
  std::vector<std::string> written;  // those among them that it writes
  bool deletes = false;              // rows that refer to the deleted ones may go with them
};

/// Key words are upper case, as everywhere in store/. Of a function's body, all its statements together.
StatementTables tables_of(std::string_view sql);

}  // namespace nexus::store
