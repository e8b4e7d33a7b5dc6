#include "store/memory.hpp"

#include "store/erasure.hpp"
#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

MemorySession session_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .session_id = q.text(2),
          .owner_id = q.text(3),
          .generation = q.integer(4),
          .turns_count = q.integer(5),
          .last_turn_at = q.integer(6),
          .created_at = q.integer(7),
          .created_by = q.text(8)};
}

MemoryTurn turn_of(const Query& q) {
  return {.ordinal = q.integer(0),
          .turn_id = q.text(1),
          .role = q.text(2),
          .content = q.text(3),
          .metadata = q.text(4),
          .created_at = q.integer(5),
          .created_by = q.text(6)};
}

}  // namespace

#define NEXUS_SELECT_SESSION                                                                                         \
  "SELECT tenant_id, env, session_id, owner_id, generation, turns_count, last_turn_at, created_at, created_by FROM " \
  "memory_sessions "
#define NEXUS_OF_SESSION "tenant_id = ?1 AND env = ?2 AND session_id = ?3 AND owner_id = ?4 AND generation = ?5 "

std::optional<MemorySession> find_memory_session(const Reader& reader, Realm realm, std::string_view session_id,
                                                 std::string_view owner_id) {
  return first(reader.query(NEXUS_SELECT_SESSION "WHERE tenant_id = ?1 AND env = ?2 AND session_id = ?3 AND "
                                                 "owner_id = ?4 AND deleted_at IS NULL",
                            realm, session_id, owner_id),
               session_of);
}

void insert_memory_session(Tx& tx, MemorySession& session) {
  Query q = tx.query(
      "INSERT INTO memory_sessions (tenant_id, env, session_id, owner_id, generation, turns_count, last_turn_at, "
      "created_at, created_by) VALUES (?1, ?2, ?3, ?4, (SELECT COALESCE(MAX(generation), 0) + 1 FROM memory_sessions "
      "WHERE tenant_id = ?1 AND env = ?2 AND session_id = ?3 AND owner_id = ?4), 0, ?5, ?5, ?6) RETURNING generation",
      session.tenant_id, session.env, session.session_id, session.owner_id, session.created_at, session.created_by);
  q.next();
  session.generation = q.integer(0);
}

void append_memory_turn(Tx& tx, const MemorySession& session, MemoryTurn& turn) {
  {
    Query q = tx.query(
        "UPDATE memory_sessions SET turns_count = turns_count + 1, "
        "last_turn_at = CASE WHEN last_turn_at > ?6 THEN last_turn_at ELSE ?6 END "
        "WHERE " NEXUS_OF_SESSION "RETURNING turns_count, last_turn_at",
        session.tenant_id, session.env, session.session_id, session.owner_id, session.generation, turn.created_at);
    q.next();
    turn.ordinal = q.integer(0);
    turn.created_at = q.integer(1);
  }
  tx.run(
      "INSERT INTO memory_turns (tenant_id, env, session_id, owner_id, generation, ordinal, turn_id, role, content, "
      "metadata, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      session.tenant_id, session.env, session.session_id, session.owner_id, session.generation, turn.ordinal,
      turn.turn_id, turn.role, turn.content, turn.metadata, turn.created_at, turn.created_by);
}

std::vector<MemoryTurn> list_memory_turns(const Reader& reader, const MemorySession& session, std::int64_t after,
                                          int limit) {
  return all(reader.query("SELECT ordinal, turn_id, role, content, metadata, created_at, created_by FROM memory_turns "
                          "WHERE " NEXUS_OF_SESSION "AND ordinal > ?6 ORDER BY ordinal LIMIT ?7",
                          session.tenant_id, session.env, session.session_id, session.owner_id, session.generation,
                          after, limit),
             turn_of);
}

void bury_memory_session(Tx& tx, const MemorySession& session, Micros at, std::string_view by) {
  tx.run("UPDATE memory_sessions SET deleted_at = ?6, deleted_by = ?7 WHERE " NEXUS_OF_SESSION, session.tenant_id,
         session.env, session.session_id, session.owner_id, session.generation, at, by);
}

bool sweep_memory_turns(Tx& tx, const MemorySession& session, int limit) {
  const auto turns = list_memory_turns(tx, session, 0, limit);
  for (const MemoryTurn& turn : turns) erase_copies(tx, {session.tenant_id, session.env, "session_turn", turn.turn_id});
  const std::int64_t last = turns.empty() ? 0 : turns.back().ordinal;
  tx.run("DELETE FROM memory_turns WHERE " NEXUS_OF_SESSION "AND ordinal <= ?6", session.tenant_id, session.env,
         session.session_id, session.owner_id, session.generation, last);
  if (!list_memory_turns(tx, session, last, 1).empty()) return false;
  tx.run("UPDATE memory_sessions SET turns_count = 0 WHERE " NEXUS_OF_SESSION, session.tenant_id, session.env,
         session.session_id, session.owner_id, session.generation);
  return true;
}

std::vector<MemorySession> list_unswept_memory_sessions(const Reader& reader, int limit) {
  return all(reader.query(NEXUS_SELECT_SESSION "WHERE deleted_at IS NOT NULL AND turns_count > 0 LIMIT ?1", limit),
             session_of);
}

#undef NEXUS_SELECT_SESSION
#undef NEXUS_OF_SESSION

}  // namespace nexus::store
