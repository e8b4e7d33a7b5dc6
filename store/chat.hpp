// Chat threads and messages as rows. Clients may choose a thread's id; `seq` keeps the order of making. A message's
// `seq` is its place in the events of its tenant and env.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/clock.hpp"
#include "daemon/base/realm.hpp"
#include "store/events.hpp"
#include "store/sqlite/query.hpp"

namespace nexus::store {

struct ChatThread {
  std::string tenant_id;
  std::string env;
  std::string thread_id;
  std::int64_t seq = 0;
  std::optional<std::string> title;
  std::string participants;  // JSON array
  Micros created_at = 0;
  std::string created_by;
};

struct ChatMessage {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  std::string thread_id;
  std::string message_id;            // of its event, too
  std::optional<std::string> text;   // nothing once it was deleted
  std::optional<std::string> scope;  // JSON object
  std::string role;                  // user | agent | system
  std::string sender_id;
  std::optional<std::string> sender_name;
  std::string actor_type;
  std::string trace_id;
  std::string request_id;
  std::optional<std::string> run_id;
  Micros created_at = 0;
  std::optional<Micros> deleted_at;
  std::optional<std::string> deleted_by;
};

std::optional<ChatThread> find_chat_thread(const Reader& reader, Realm realm, std::string_view thread_id);
/// Newest first, from before the seq `before` (0 for the start).
std::vector<ChatThread> list_chat_threads(const Reader& reader, Realm realm, std::int64_t before, int limit);
/// Gives it the next seq.
void insert_chat_thread(Tx& tx, const ChatThread& thread);

std::optional<ChatMessage> find_chat_message(const Reader& reader, Realm realm, std::string_view thread_id,
                                             std::string_view message_id);
/// Of one thread, oldest first, from behind the seq `after`.
std::vector<ChatMessage> list_chat_messages(const Reader& reader, Realm realm, std::string_view thread_id,
                                            std::int64_t after, int limit);
/// Of all threads of a tenant and env, oldest first, from behind the seq `after`.
std::vector<ChatMessage> list_all_chat_messages(const Reader& reader, Realm realm, std::int64_t after, int limit);
void insert_chat_message(Tx& tx, const ChatMessage& message);
/// Leaves a tombstone: who and when, and no text, scope or name.
void bury_chat_message(Tx& tx, const ChatMessage& message, Micros at, std::string_view by);

/// Sequences whose oldest message was posted before `before`.
std::vector<EventSequence> list_old_chat_messages(const Reader& reader, Micros before);
/// As prune_events: at most `limit` messages of all threads of a tenant and env, tombstones among them.
std::int64_t prune_chat_messages(Tx& tx, const EventSequence& sequence, Micros before, int limit);

}  // namespace nexus::store
