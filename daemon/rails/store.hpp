// Lists and ends of messages; all else of the rows of chat is derived (store/model_rows.hpp).
#pragma once
#include "daemon/rails/message.hpp"
#include "store/events.hpp"

namespace nexus::rails {

/// Nothing for one that was deleted.
std::optional<Message> find_message(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                    std::string_view message_id);
/// Of one thread, oldest first, from behind the seq `after`; of deleted messages the tombstones.
std::vector<Message> list_messages(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                   std::int64_t after, int limit);
/// Of all threads of a tenant and env, oldest first, from behind the seq `after`.
std::vector<Message> list_all_messages(const store::Reader& reader, Realm realm, std::int64_t after, int limit);
/// Leaves a tombstone: who and when, and no text, scope or name.
void bury_message(store::Tx& tx, const Message& message, Micros at, std::string_view by);

/// Sequences whose oldest message was posted before `before`.
std::vector<store::EventSequence> list_old_messages(const store::Reader& reader, Micros before);
/// As prune_events: at most `limit` messages of all threads of a tenant and env, tombstones among them.
std::int64_t prune_messages(store::Tx& tx, const store::EventSequence& sequence, Micros before, int limit);

}  // namespace nexus::rails
