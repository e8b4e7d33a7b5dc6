// Sessions and their turns as rows. A session is found by its id and its owner; whose session a caller means is decided
// above.
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/memory/turn.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::memory {

/// The live session of this id; "" as owner asks for the shared one.
std::optional<Session> find_session(const store::Reader& reader, Realm realm, std::string_view session_id,
                                    std::string_view owner_id);
/// Opens it without turns, and gives it the generation after those that were.
void insert_session(store::Tx& tx, Session& session);
/// Appends the turn to its session, under the next ordinal; its time is never before that of the turn before it.
void append_turn(store::Tx& tx, const Session& session, Turn& turn);
/// Oldest first, from behind the ordinal `after`.
std::vector<Turn> list_turns(const store::Reader& reader, const Session& session, std::int64_t after, int limit);

/// Makes a tombstone of it; its turns go with sweep_turns.
void bury_session(store::Tx& tx, const Session& session, Micros at, std::string_view by);
/// Removes up to `limit` turns of a buried session, with their copies; answers whether all are gone.
bool sweep_turns(store::Tx& tx, const Session& session, int limit);
/// Buried sessions that still have turns.
std::vector<Session> list_unswept_sessions(const store::Reader& reader, int limit);

}  // namespace nexus::memory
