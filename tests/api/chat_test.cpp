// Chat threads and messages: the registry, one mutation behind every door, what is kept and what is masked.
#include "tests/api/chat_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

Answer create(Chat& chat, const Json& body, const std::string& env = "dev") {
  return chat.world.call("POST", "/chat/threads", World::in(chat.tenant.member, chat.tenant.id, env), body);
}

std::vector<std::string> texts(const Answer& answer) {
  std::vector<std::string> out;
  for (const Json& item : answer.json.at("items")) out.push_back(item.at("text"));
  return out;
}

}  // namespace

TEST_CASE("a thread is made under an id of the client's, once in its tenant and env") {
  Chat chat(lenient_world());
  const Answer made = create(chat, {{"thread_id", "standup"},
                                    {"title", "Daily"},
                                    {"participants", {{{"id", "u_ann"}, {"display_name", "Ann"}}, {{"id", "bot"}}}}});
  CHECK(made.status == 201);
  CHECK(made.header("location").ends_with("/chat/threads/standup"));
  CHECK(made.json["tenant_id"] == chat.tenant.id);
  CHECK(made.json["participants"][0]["display_name"] == "Ann");
  CHECK(made.json["participants"][1] == Json{{"id", "bot"}});
  CHECK(outcome(create(chat, {{"thread_id", "standup"}})) == "409 thread.exists");
  Chat other(lenient_world());
  CHECK(create(other, {{"thread_id", "standup"}}).status == 201);
  CHECK(create(chat, {{"thread_id", "standup"}}, "staging").status == 201);
  const Answer shown = chat.world.call("GET", "/chat/threads/standup", World::in(chat.tenant.viewer, chat.tenant.id));
  CHECK(shown.json == made.json);
  const Answer list = chat.world.call("GET", "/chat/threads", World::in(chat.tenant.viewer, chat.tenant.id));
  REQUIRE(list.json["items"].size() == 2);
  CHECK(list.json["items"][0]["thread_id"] == "standup");
}

TEST_CASE("what cannot be a thread is refused, field by field") {
  Chat chat;
  for (const Json& body : {Json{{"thread_id", ""}}, Json{{"thread_id", "a b"}}, Json{{"thread_id", "../x"}},
                           Json{{"thread_id", std::string(129, 'a')}}, Json{{"title", ""}},
                           Json{{"participants", "u_ann"}}, Json{{"participants", {"u_ann"}}},
                           Json{{"participants", {{{"id", ""}}}}}, Json{{"participants", {{{"name", "x"}}}}}}) {
    INFO(body);
    CHECK(create(chat, body).status == 422);
  }
}

TEST_CASE("a neighbour's thread is not there, on every door, and looks as one that never was") {
  World& world = lenient_world();
  Chat mine(world), theirs(world);
  const std::string staged = create(mine, Json::object(), "staging").json.at("thread_id");
  for (const std::string& id : {theirs.thread, staged, std::string("never-was"), std::string("a%20b")}) {
    INFO(id);
    const auto ask = [&](const std::string& method, const std::string& target, const Json& body = {}) {
      const Headers headers = World::in(mine.tenant.owner, mine.tenant.id);
      return body.is_null() ? world.call(method, target, headers) : world.call(method, target, headers, body);
    };
    const Json text = {{"text", "hello"}};
    CHECK(outcome(ask("GET", "/chat/threads/" + id)) == "404 thread.not_found");
    CHECK(outcome(ask("GET", "/chat/threads/" + id + "/messages")) == "404 thread.not_found");
    CHECK(outcome(ask("GET", "/sse/chat/" + id)) == "404 thread.not_found");
    CHECK(outcome(ask("POST", "/chat/threads/" + id + "/messages", text)) == "404 thread.not_found");
    CHECK(outcome(ask("POST", "/sse/chat/" + id, text)) == "404 thread.not_found");
    CHECK(outcome(ask("DELETE", "/chat/threads/" + id + "/messages/x")) == "404 thread.not_found");
    CHECK(comparable(ask("GET", "/sse/chat/" + id)) == comparable(ask("GET", "/sse/chat/never-was")));
  }
}

TEST_CASE("a message is one event: same id, same cursor, masked as activity, whole in the thread") {
  Chat chat;
  const std::string text = "write to ann@example.com, or call +1 415 555 2671";
  const Answer posted =
      chat.world.call("POST", "/sse/chat/" + chat.thread, World::in(chat.tenant.member, chat.tenant.id),
                      Json{{"text", text}, {"scope", {{"surface", "web"}, {"kind", "note"}}}});
  REQUIRE(posted.status == 201);
  const Json& message = posted.json;
  CHECK(posted.has("nexus-audit-seq"));
  CHECK(message["text"] == text);
  CHECK(message["event_id"] == message["message_id"]);
  CHECK(message["sender"] == Json{{"id", chat.tenant.member.id}});
  CHECK(message["created_by"] == chat.tenant.member.id);
  CHECK(message["role"] == "user");
  CHECK(message["scope"] == Json{{"surface", "web"}, {"kind", "note"}});
  CHECK(message["request_id"] == posted.header("x-request-id"));
  CHECK(message["deleted_at"].is_null());

  const Json event = chat.world
                         .call("GET", "/events/" + message["event_id"].get<std::string>(),
                               World::in(chat.tenant.admin, chat.tenant.id))
                         .json;
  CHECK(event["event_type"] == "chat_message");
  CHECK(event["input"]["text"].get<std::string>().find("ann@example.com") == std::string::npos);
  CHECK(event["input"]["scope"] == message["scope"]);
  CHECK(event["pii_flags"].size() == 2);
  CHECK(event["train_ok"] == false);

  EventStream events(chat.world.daemon().port(), "/sse/events?from=earliest&event_type=chat_message",
                     World::in(chat.tenant.admin, chat.tenant.id));
  const auto told = events.next();
  REQUIRE(told);
  CHECK(message["cursor"] == told->id);
  CHECK(told->json == event);
  const auto seen = chat.open(chat.tenant.viewer, "?from=earliest").next();
  REQUIRE(seen);
  CHECK(message["cursor"] == seen->id);
  CHECK(seen->json["event_id"] == message["event_id"]);
  CHECK(seen->json["data"]["text"] == text);
}

TEST_CASE("text is 1 byte to 32 KiB, and unknown fields are named") {
  Chat chat;
  CHECK(chat.post(chat.tenant.member, {{"text", std::string(32 * 1024, 'x')}}).status == 201);
  for (const Json& body : {Json{{"text", std::string(32 * 1024 + 1, 'x')}}, Json{{"text", ""}}, Json::object(),
                           Json{{"text", 7}}, Json{{"text", "a"}, {"scope", {{"planet", "x"}}}},
                           Json{{"text", "a"}, {"scope", "web"}}, Json{{"text", "a"}, {"role", "boss"}},
                           Json{{"text", "a"}, {"sender", {{"name", "x"}}}}, Json{{"text", "a"}, {"id", "x"}}}) {
    CHECK(chat.post(chat.tenant.member, body).status == 422);
  }
}

TEST_CASE("nobody speaks for another, and each kind of actor speaks as what it is") {
  Chat chat;
  const Person& member = chat.tenant.member;
  const auto with_sender = [&](const std::string& id) { return Json{{"text", "a"}, {"sender", {{"id", id}}}}; };
  CHECK(outcome(chat.post(member, with_sender(chat.tenant.owner.id))) == "403 chat.sender_mismatch");
  CHECK(chat.post(member, with_sender(member.id)).status == 201);
  CHECK(outcome(chat.post(member, {{"text", "a"}, {"role", "agent"}})) == "403 chat.sender_mismatch");
  CHECK(outcome(chat.post(member, {{"text", "a"}, {"role", "system"}})) == "403 chat.sender_mismatch");
  CHECK(chat.post(member, {{"text", "a"}, {"role", "user"}}).json["role"] == "user");
  const Person agent{member.id, chat.world.new_token(member.id, {{"actor_type", "agent"}})};
  CHECK(outcome(chat.post(agent, {{"text", "a"}, {"role", "user"}})) == "403 chat.sender_mismatch");
  const Answer said = chat.post(agent, {{"text", "from an agent"}, {"role", "agent"}});
  CHECK(said.json["actor_type"] == "agent");
  EventStream stream = chat.open(chat.tenant.viewer, "?from=earliest");
  const auto first = stream.next_of("agent_message");
  REQUIRE(first);
  CHECK(first->json["data"]["text"] == "from an agent");
}

TEST_CASE("a repeated post under one Idempotency-Key is one message") {
  Chat chat;
  const Json body = {{"text", "once"}};
  const Answer first = chat.post(chat.tenant.member, body, {{"Idempotency-Key", "k-1"}});
  const Answer again = chat.post(chat.tenant.member, body, {{"Idempotency-Key", "k-1"}});
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(again.json == first.json);
  const Answer list = chat.world.call("GET", chat.messages(), World::in(chat.tenant.viewer, chat.tenant.id));
  CHECK(list.json["items"].size() == 1);
}

TEST_CASE("messages are listed oldest first, from behind a cursor") {
  Chat chat;
  for (const char* text : {"one", "two", "three"}) chat.say(text);
  const auto list = [&](const std::string& query) {
    return chat.world.call("GET", chat.messages() + query, World::in(chat.tenant.viewer, chat.tenant.id));
  };
  const Answer all = list("");
  CHECK(texts(all) == std::vector<std::string>{"one", "two", "three"});
  CHECK(all.json["next_cursor"].is_null());
  const Answer page = list("?limit=2");
  CHECK(texts(page) == std::vector<std::string>{"one", "two"});
  const std::string next = page.json["next_cursor"];
  CHECK(all.json["items"][1]["cursor"] == next);
  CHECK(texts(list("?limit=2&after=" + next)) == std::vector<std::string>{"three"});
  CHECK(outcome(list("?after=7")) == "400 chat.cursor_invalid");
  CHECK(outcome(list("?after=00000000.1")) == "400 chat.cursor_invalid");
  CHECK(list("?limit=0").status == 422);
  CHECK(list("?limit=201").status == 422);
}

TEST_CASE("a message is deleted by its sender or an admin, and leaves a tombstone without its text") {
  Chat chat;
  World& world = chat.world;
  const auto remove = [&](const Person& who, const std::string& id) {
    return world.call("DELETE", chat.messages() + "/" + id, World::in(who, chat.tenant.id));
  };
  const std::string mine = chat.say("the first secret")["message_id"];
  const std::string second = chat.say("the second secret")["message_id"];
  const Person other = world.new_person();
  world.set_member(chat.tenant.id, other.id, "member");
  CHECK(outcome(remove(other, mine)) == "403 auth.insufficient_role");
  CHECK(remove(chat.tenant.member, mine).status == 204);
  CHECK(remove(chat.tenant.admin, second).status == 204);
  CHECK(outcome(remove(chat.tenant.admin, second)) == "404 message.not_found");
  CHECK(outcome(remove(chat.tenant.admin, "never-was")) == "404 message.not_found");
  const Answer list = world.call("GET", chat.messages(), World::in(chat.tenant.viewer, chat.tenant.id));
  REQUIRE(list.json["items"].size() == 2);
  CHECK(list.json["items"][0]["text"].is_null());
  CHECK(list.json["items"][0]["deleted_at"].is_string());
  for (const std::string& target : {"/events/" + mine, "/events/" + second, chat.messages()}) {
    const Answer answer = world.call("GET", target, World::in(chat.tenant.admin, chat.tenant.id));
    CHECK(answer.status == 200);
    CHECK(answer.body.find("secret") == std::string::npos);
  }
  EventStream stream = chat.open(chat.tenant.viewer, "?from=earliest");
  const auto tombstone = stream.next();
  REQUIRE(tombstone);
  CHECK(tombstone->json["data"]["text"].is_null());
}

}  // namespace nexus::test
