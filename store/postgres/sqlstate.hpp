// What a SQLSTATE of PostgreSQL means to callers of the store.
#pragma once
#include <string_view>

#include "store/error.hpp"

namespace nexus::store {

/// The class of a SQLSTATE, five characters. `other` for one that nobody branches on, and for none.
Failure classify_sqlstate(std::string_view state);

}  // namespace nexus::store
