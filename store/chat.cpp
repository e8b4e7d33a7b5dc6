#include "store/chat.hpp"

#include "store/sqlite/rows.hpp"

namespace nexus::store {
namespace {

ChatThread thread_of(const Query& q) {
  return {.tenant_id = q.text(0),
          .env = q.text(1),
          .thread_id = q.text(2),
          .seq = q.integer(3),
          .title = q.optional_text(4),
          .participants = q.text(5),
          .created_at = q.integer(6),
          .created_by = q.text(7)};
}

ChatMessage message_of(const Query& q) {
  ChatMessage message;
  message.tenant_id = q.text(0);
  message.env = q.text(1);
  message.seq = q.integer(2);
  message.thread_id = q.text(3);
  message.message_id = q.text(4);
  message.text = q.optional_text(5);
  message.scope = q.optional_text(6);
  message.role = q.text(7);
  message.sender_id = q.text(8);
  message.sender_name = q.optional_text(9);
  message.actor_type = q.text(10);
  message.trace_id = q.text(11);
  message.request_id = q.text(12);
  message.run_id = q.optional_text(13);
  message.created_at = q.integer(14);
  message.deleted_at = q.optional_integer(15);
  message.deleted_by = q.optional_text(16);
  return message;
}

}  // namespace

// Literals, so that every statement stays one cached literal too.
#define NEXUS_SELECT_THREAD                                                                                     \
  "SELECT tenant_id, env, thread_id, seq, title, participants, created_at, created_by FROM chat_threads WHERE " \
  "tenant_id = ?1 AND env = ?2 "
#define NEXUS_SELECT_MESSAGE                                                                                      \
  "SELECT tenant_id, env, seq, thread_id, message_id, text, scope, role, sender_id, sender_name, actor_type, "    \
  "trace_id, request_id, run_id, created_at, deleted_at, deleted_by FROM chat_messages WHERE tenant_id = ?1 AND " \
  "env = ?2 "

std::optional<ChatThread> find_chat_thread(const Reader& reader, Realm realm, std::string_view thread_id) {
  return first(reader.query(NEXUS_SELECT_THREAD "AND thread_id = ?3", realm, thread_id), thread_of);
}

std::vector<ChatThread> list_chat_threads(const Reader& reader, Realm realm, std::int64_t before, int limit) {
  return all(
      reader.query(NEXUS_SELECT_THREAD "AND (?3 = 0 OR seq < ?3) ORDER BY seq DESC LIMIT ?4", realm, before, limit),
      thread_of);
}

void insert_chat_thread(Tx& tx, const ChatThread& thread) {
  tx.run(
      "INSERT INTO chat_threads (tenant_id, env, thread_id, seq, title, participants, created_at, created_by) VALUES "
      "(?1, ?2, ?3, (SELECT COALESCE(MAX(seq), 0) + 1 FROM chat_threads WHERE tenant_id = ?1 AND env = ?2), ?4, ?5, "
      "?6, ?7)",
      thread.tenant_id, thread.env, thread.thread_id, thread.title, thread.participants, thread.created_at,
      thread.created_by);
}

std::optional<ChatMessage> find_chat_message(const Reader& reader, Realm realm, std::string_view thread_id,
                                             std::string_view message_id) {
  return first(
      reader.query(NEXUS_SELECT_MESSAGE "AND thread_id = ?3 AND message_id = ?4", realm, thread_id, message_id),
      message_of);
}

std::vector<ChatMessage> list_chat_messages(const Reader& reader, Realm realm, std::string_view thread_id,
                                            std::int64_t after, int limit) {
  return all(reader.query(NEXUS_SELECT_MESSAGE "AND thread_id = ?3 AND seq > ?4 ORDER BY seq LIMIT ?5", realm,
                          thread_id, after, limit),
             message_of);
}

std::vector<ChatMessage> list_all_chat_messages(const Reader& reader, Realm realm, std::int64_t after, int limit) {
  return all(reader.query(NEXUS_SELECT_MESSAGE "AND seq > ?3 ORDER BY seq LIMIT ?4", realm, after, limit), message_of);
}

#undef NEXUS_SELECT_THREAD
#undef NEXUS_SELECT_MESSAGE

void insert_chat_message(Tx& tx, const ChatMessage& message) {
  tx.run(
      "INSERT INTO chat_messages (tenant_id, env, seq, thread_id, message_id, text, scope, role, sender_id, "
      "sender_name, actor_type, trace_id, request_id, run_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
      "?10, ?11, ?12, ?13, ?14, ?15)",
      message.tenant_id, message.env, message.seq, message.thread_id, message.message_id, message.text, message.scope,
      message.role, message.sender_id, message.sender_name, message.actor_type, message.trace_id, message.request_id,
      message.run_id, message.created_at);
}

void bury_chat_message(Tx& tx, const ChatMessage& message, Micros at, std::string_view by) {
  tx.run(
      "UPDATE chat_messages SET text = NULL, scope = NULL, sender_name = NULL, deleted_at = ?4, deleted_by = ?5 "
      "WHERE tenant_id = ?1 AND env = ?2 AND seq = ?3",
      message.tenant_id, message.env, message.seq, at, by);
}

std::vector<EventSequence> list_old_chat_messages(const Reader& reader, Micros before) {
  return all(reader.query("SELECT tenant_id, env FROM event_heads AS head WHERE (SELECT created_at FROM chat_messages "
                          "WHERE tenant_id = head.tenant_id AND env = head.env ORDER BY seq LIMIT 1) < ?1",
                          before),
             [](const Query& q) {
               return EventSequence{q.text(0), q.text(1)};
             });
}

std::int64_t prune_chat_messages(Tx& tx, const EventSequence& sequence, Micros before, int limit) {
  std::int64_t last = 0;
  {
    Query q =
        tx.query("SELECT seq, created_at FROM chat_messages WHERE tenant_id = ?1 AND env = ?2 ORDER BY seq LIMIT ?3",
                 sequence.tenant_id, sequence.env, limit);
    while (q.next() && q.integer(1) < before) last = q.integer(0);
  }
  note_messages_pruned(tx, {.tenant = sequence.tenant_id, .env = sequence.env}, last);
  return tx.run("DELETE FROM chat_messages WHERE tenant_id = ?1 AND env = ?2 AND seq <= ?3", sequence.tenant_id,
                sequence.env, last);
}

}  // namespace nexus::store
