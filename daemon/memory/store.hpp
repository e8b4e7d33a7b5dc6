// Sessions and their turns as rows. A session is found by its id and its owner; the caller decides whose session is
// meant.
#pragma once
#include <functional>

#include "daemon/base/realm.hpp"
#include "daemon/memory/turn.hpp"
#include "store/database.hpp"

namespace nexus::memory {

/// The live session of this id; an empty owner means the shared one.
std::optional<Session> find_session(const store::Reader& reader, Realm realm, std::string_view session_id,
                                    std::string_view owner_id);
/// Opens it without turns, with the generation after all earlier ones.
void insert_session(store::Tx& tx, Session& session);
/// Appends the turn to its session, under the next ordinal. Its time is never before that of the previous turn.
void append_turn(store::Tx& tx, const Session& session, Turn& turn);
/// Oldest first, after the ordinal `after`.
std::vector<Turn> list_turns(const store::Reader& reader, const Session& session, std::int64_t after, int limit);

/// Makes a tombstone of it; sweep_turns removes its turns.
void bury_session(store::Tx& tx, const Session& session, Micros at, std::string_view by);
inline constexpr int kTurnsAtOnce = 100;  // few enough for a unit of some milliseconds
/// Removes up to `limit` turns of a deleted session, with their copies. Returns whether all are gone.
bool sweep_turns(store::Tx& tx, const Session& session, int limit);
/// One of the deleted sessions that still have turns.
std::optional<Session> find_unswept_session(const store::Reader& reader);
/// How many turns deleted sessions still have, of at most kCountMax sessions (store/retention.hpp).
std::int64_t count_deleted_turns(const store::Reader& reader);

}  // namespace nexus::memory
