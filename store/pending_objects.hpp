// Objects that are being written, until the row that names them is committed. A key that a crash left here has no row,
// and its object is removed.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

void note_pending_object(Tx& tx, std::string_view key, Micros now);
void drop_pending_object(Tx& tx, std::string_view key);
/// Keys noted before `before`, oldest first.
std::vector<std::string> list_pending_objects(const Reader& reader, Micros before, int limit);

}  // namespace nexus::store
