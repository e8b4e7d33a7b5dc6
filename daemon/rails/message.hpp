// Messages of threads, and their deletions. The `seq` is the place in the events of the tenant and env.
#pragma once
#include "daemon/model/field.hpp"

namespace nexus::rails {

struct Message {
  std::string tenant_id;
  std::string env;
  std::int64_t seq = 0;
  std::string thread_id;
  std::string message_id;            // also the id of its event
  std::optional<std::string> text;   // empty once deleted, and for a deletion
  std::optional<std::string> scope;  // JSON object
  std::string role;
  std::string sender_id;
  std::optional<std::string> sender_name;
  std::string actor_type;
  std::string trace_id;
  std::string request_id;
  std::optional<std::string> run_id;
  Micros created_at = 0;
  std::optional<Micros> deleted_at;
  std::optional<std::string> deleted_by;
  std::optional<std::string> deletes;  // the row is no message: it tells that this one was deleted
};

inline constexpr std::string_view kRoles[] = {"user", "agent", "system"};

/// For rows and answers. The handler reads the fields of a post (text, scope, sender, role) itself.
inline constexpr model::Table kMessage{
    "Message", "chat_messages",
    std::array{model::tenant(&Message::tenant_id), model::env(&Message::env), model::hidden("seq", &Message::seq),
               model::made("thread_id", &Message::thread_id), model::id("message_id", &Message::message_id),
               model::made("text", &Message::text), model::hidden("scope", &Message::scope),
               model::made("role", &Message::role, {.choices = kRoles}),
               model::hidden("sender_id", &Message::sender_id), model::hidden("sender_name", &Message::sender_name),
               model::made("actor_type", &Message::actor_type), model::made("trace_id", &Message::trace_id),
               model::made("request_id", &Message::request_id), model::hidden("run_id", &Message::run_id),
               model::made_time("created_at", &Message::created_at),
               model::made_time("deleted_at", &Message::deleted_at), model::hidden("deleted_by", &Message::deleted_by),
               model::hidden("deletes", &Message::deletes)}};

}  // namespace nexus::rails
