#include "daemon/memory/store.hpp"

#include "store/erasure.hpp"
#include "store/model_rows.hpp"
#include "store/retention.hpp"

namespace nexus::memory {

// A literal, so that every statement stays one cached literal too.
#define NEXUS_OF_SESSION "tenant_id = ?1 AND env = ?2 AND session_id = ?3 AND owner_id = ?4 AND generation = ?5 "

std::optional<Session> find_session(const store::Reader& reader, Realm realm, std::string_view session_id,
                                    std::string_view owner_id) {
  static const std::string text = store::select_rows<kSession>() + "AND session_id = ?3 AND owner_id = ?4";
  return store::first(reader.query(text, realm, session_id, owner_id), store::row_of<kSession>);
}

void insert_session(store::Tx& tx, Session& session) {
  {
    store::Query q = tx.query(
        "SELECT COALESCE(MAX(generation), 0) + 1 FROM memory_sessions WHERE tenant_id = ?1 AND env = ?2 AND "
        "session_id = ?3 AND owner_id = ?4",
        session.realm(), session.session_id, session.owner_id);
    q.next();
    session.generation = q.integer(0);
  }
  store::insert_row<kSession>(tx, session);
}

void append_turn(store::Tx& tx, const Session& session, Turn& turn) {
  {
    store::Query q = tx.query(
        "UPDATE memory_sessions SET turns_count = turns_count + 1, "
        "last_turn_at = CASE WHEN last_turn_at > ?6 THEN last_turn_at ELSE ?6 END "
        "WHERE " NEXUS_OF_SESSION "RETURNING turns_count, last_turn_at",
        session.realm(), session.session_id, session.owner_id, session.generation, turn.created_at);
    q.next();
    turn.ordinal = q.integer(0);
    turn.created_at = q.integer(1);
  }
  turn.tenant_id = session.tenant_id;
  turn.env = session.env;
  turn.session_id = session.session_id;
  turn.owner_id = session.owner_id;
  turn.generation = session.generation;
  store::insert_row<kTurn>(tx, turn);
}

std::vector<Turn> list_turns(const store::Reader& reader, const Session& session, std::int64_t after, int limit) {
  static const std::string text = store::select_rows<kTurn>() +
                                  "AND session_id = ?3 AND owner_id = ?4 AND generation = ?5 AND ordinal > ?6 "
                                  "ORDER BY ordinal LIMIT ?7";
  return store::all(
      reader.query(text, session.realm(), session.session_id, session.owner_id, session.generation, after, limit),
      store::row_of<kTurn>);
}

void bury_session(store::Tx& tx, const Session& session, Micros at, std::string_view by) {
  tx.run("UPDATE memory_sessions SET deleted_at = ?6, deleted_by = ?7 WHERE " NEXUS_OF_SESSION, session.realm(),
         session.session_id, session.owner_id, session.generation, at, by);
}

bool sweep_turns(store::Tx& tx, const Session& session, int limit) {
  const auto turns = list_turns(tx, session, 0, limit);
  for (const Turn& turn : turns)
    store::erase_copies(tx, {session.tenant_id, session.env, "session_turn", turn.turn_id});
  const std::int64_t last = turns.empty() ? 0 : turns.back().ordinal;
  tx.run("DELETE FROM memory_turns WHERE " NEXUS_OF_SESSION "AND ordinal <= ?6", session.realm(), session.session_id,
         session.owner_id, session.generation, last);
  if (!list_turns(tx, session, last, 1).empty()) return false;
  tx.run("UPDATE memory_sessions SET turns_count = 0 WHERE " NEXUS_OF_SESSION, session.realm(), session.session_id,
         session.owner_id, session.generation);
  return true;
}

std::optional<Session> find_unswept_session(const store::Reader& reader) {
  static const std::string text =
      store::select_rows_everywhere<kSession>() + "WHERE deleted_at IS NOT NULL AND turns_count > 0 LIMIT 1";
  return store::first(reader.query(text), store::row_of<kSession>);
}

std::int64_t count_deleted_turns(const store::Reader& reader) {
  return store::integer_of(
      reader.query("SELECT sum(turns_count) FROM (SELECT turns_count FROM memory_sessions WHERE deleted_at IS NOT NULL "
                   "AND turns_count > 0 LIMIT ?1) AS counted",
                   store::kCountMax));
}

#undef NEXUS_OF_SESSION

}  // namespace nexus::memory
