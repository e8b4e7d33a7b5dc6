// Memory sessions and their turns as rows. A session is found by its id and its owner; whose session a caller means is
// decided above. A deleted session stays as a tombstone, and one of the same id may be opened after it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct MemorySession {
  std::string tenant_id;
  std::string env;
  std::string session_id;
  std::string owner_id;  // "": shared
  std::int64_t generation = 1;
  std::int64_t turns_count = 0;
  Micros last_turn_at = 0;
  Micros created_at = 0;
  std::string created_by;

  bool shared() const { return owner_id.empty(); }
};

struct MemoryTurn {
  std::int64_t ordinal = 0;
  std::string turn_id;  // of its event, too
  std::string role;     // user | agent | system
  std::string content;
  std::string metadata = "{}";  // JSON object
  Micros created_at = 0;
  std::string created_by;
};

/// The live session of this id; "" as owner asks for the shared one.
std::optional<MemorySession> find_memory_session(const Reader& reader, Realm realm, std::string_view session_id,
                                                 std::string_view owner_id);
/// Opens it without turns, and gives it the generation after those that were.
void insert_memory_session(Tx& tx, MemorySession& session);
/// Appends the turn under the next ordinal; its time is never before that of the turn before it.
void append_memory_turn(Tx& tx, const MemorySession& session, MemoryTurn& turn);
/// Oldest first, from behind the ordinal `after`.
std::vector<MemoryTurn> list_memory_turns(const Reader& reader, const MemorySession& session, std::int64_t after,
                                          int limit);

/// Makes a tombstone of it; its turns go with sweep_memory_turns.
void bury_memory_session(Tx& tx, const MemorySession& session, Micros at, std::string_view by);
/// Removes up to `limit` turns of a buried session, with their copies; answers whether all are gone.
bool sweep_memory_turns(Tx& tx, const MemorySession& session, int limit);
/// Buried sessions that still have turns.
std::vector<MemorySession> list_unswept_memory_sessions(const Reader& reader, int limit);

}  // namespace nexus::store
