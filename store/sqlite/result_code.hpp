// What a result code of SQLite means to callers of the store.
#pragma once
#include "store/error.hpp"

namespace nexus::store {

/// The class of a result code, plain or extended.
Failure classify(int code);

}  // namespace nexus::store
