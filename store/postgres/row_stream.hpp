// The rows of a large result, a few at a time: a session alone would hold all of them in memory.
#pragma once
#include <functional>
#include <string>

#include "store/postgres/session.hpp"

namespace nexus::store {

/// Takes a row. Returns about how many bytes it has.
using TakeRow = std::function<std::size_t(const Query&)>;

/// Passes each row of a SELECT to `take`, about 4 MiB a round trip. Inside of a transaction of the session, which
/// `take` may use, and with a `name` (a plain word) that no other stream of the session has had. Threads: the
/// session's. Throws what its statements throw, and what `take` throws: the transaction is then to be rolled back.
void stream_rows(PostgresSession& session, const std::string& name, const std::string& select, const TakeRow& take);

}  // namespace nexus::store
