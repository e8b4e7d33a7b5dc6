// Lines of chat, tickets and live tails.
#include "tests/api/lines.hpp"

namespace nexus::test {
namespace {

/// Whoever may write in the tenant, for what must be there before.
const Person& writer(const Stage& stage) { return stage.tenant.owner; }

Answer make(const Stage& stage, const Person& who, const std::string& target, const Json& body) {
  return stage.world.call("POST", target, World::in(who, stage.tenant.id, stage.env), body);
}

std::string thread_id(const Stage& stage) {
  return make(stage, writer(stage), "/chat/threads", Json::object()).json.at("thread_id");
}

Fill of_thread(const std::string& before, const std::string& after) {
  return [before, after](const Stage& stage) { return Filled{before + thread_id(stage) + after}; };
}

Fill post_to(const std::string& before, const std::string& after) {
  return [before, after](const Stage& stage) {
    return json(before + thread_id(stage) + after, {{"text", "hello"}, {"scope", {{"app", "helpdesk"}}}});
  };
}

Filled open_websocket(const Stage& stage) {
  return {.target = "/ws/chat/" + thread_id(stage),
          .headers = {{"Connection", "Upgrade"},
                      {"Upgrade", "websocket"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                      {"Sec-WebSocket-Version", "13"}}};
}

/// Its sender is the one who asks, when he may post at all.
Filled delete_message(const Stage& stage) {
  const Person& sender = stage.who.id == stage.tenant.member.id ? stage.tenant.member : writer(stage);
  const std::string messages = "/chat/threads/" + thread_id(stage) + "/messages";
  const Answer posted = make(stage, sender, messages, {{"text", "to be deleted"}});
  return {messages + "/" + posted.json.at("message_id").get<std::string>()};
}

}  // namespace

Lines chat_lines() {
  return {
      {"POST /chat/threads", "member", "chat_thread_create", "full", 201,
       [](const Stage&) {
         return json("/chat/threads", {{"title", "Standup"}, {"participants", {{{"id", "u_ann"}}}}});
       }},
      {"GET /chat/threads", "viewer", "chat_read", "read", 200, just("/chat/threads")},
      {"GET /chat/threads/{thread_id}", "viewer", "chat_read", "read", 200, of_thread("/chat/threads/", "")},
      {"GET /chat/threads/{thread_id}/messages", "viewer", "chat_read", "read", 200,
       of_thread("/chat/threads/", "/messages")},
      {"POST /chat/threads/{thread_id}/messages", "member", "chat_message_create", "telemetry", 201,
       post_to("/chat/threads/", "/messages")},
      {"DELETE /chat/threads/{thread_id}/messages/{message_id}", "member", "chat_message_delete", "full", 204,
       delete_message},
      {"POST /sse/chat/{thread_id}", "member", "chat_message_create", "telemetry", 201, post_to("/sse/chat/", "")},
      {"GET /sse/chat/{thread_id}", "viewer", "chat_stream", "read", 200, of_thread("/sse/chat/", "")},
      {"GET /ws/chat/{thread_id}", "viewer", "chat_stream", "read", 101, open_websocket},
      {"GET /sse/events", "admin", "events_read", "read", 200, just("/sse/events")},
      {"GET /sse/audit", "admin", "audit_read", "read", 200, just("/sse/audit")},
      {"POST /tickets", "viewer", "ticket_create", "audited", 201,
       [](const Stage&) {
         return json("/tickets", {{"route", "/sse/chat/swept"}});
       }},
  };
}

}  // namespace nexus::test
