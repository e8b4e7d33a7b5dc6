// Listing and deleting messages. All other statements on chat rows are derived (store/model_rows.hpp).
#pragma once
#include "daemon/rails/message.hpp"
#include "store/events.hpp"

namespace nexus::rails {

/// Returns nothing for a deleted message, and for a deletion.
std::optional<Message> find_message(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                    std::string_view message_id);
enum class Order { oldest_first, newest_first };
/// Messages of one thread, behind the seq `after` in this order. Deleted messages are tombstones.
std::vector<Message> list_messages(const store::Reader& reader, Realm realm, std::string_view thread_id, Order order,
                                   std::optional<std::int64_t> after, int limit);
/// Messages and deletions of one thread with a seq above `after`, oldest first.
std::vector<Message> list_thread_rows(const store::Reader& reader, Realm realm, std::string_view thread_id,
                                      std::int64_t after, int limit);
/// The same of all threads of a tenant and env.
std::vector<Message> list_rows(const store::Reader& reader, Realm realm, std::int64_t after, int limit);
/// Leaves a tombstone that keeps who and when, but no text, scope or name.
void bury_message(store::Tx& tx, const Message& message, Micros at, std::string_view by);

}  // namespace nexus::rails
