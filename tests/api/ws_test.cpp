// What happens on an open WebSocket: events, messages and their acks, errors that it survives, gestures and presence,
// resume.
#include "tests/api/expect.hpp"
#include "tests/api/ws_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

std::vector<std::string> texts_of(World& world, const Person& who, const Tenant& tenant, const std::string& thread) {
  std::vector<std::string> out;
  const Answer answer = world.call("GET", "/chat/threads/" + thread + "/messages?limit=200", World::in(who, tenant.id));
  for (const auto& item : answer.json.at("items")) out.push_back(item.at("text"));
  return out;
}

}  // namespace

// ---- events ---------------------------------------------------------------------------------------------------------

TEST_CASE("whoever joins a thread hears what is posted to it, under the ids of its cause and of its delivery", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant), other = new_thread(world, tenant);
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  WsWire wire(world.daemon().port(), "/ws/chat/" + thread,
              with(World::in(tenant.viewer, tenant.id),
                   {{"traceparent", "00-" + trace + "-00f067aa0ba902b7-01"}, {"X-Request-Id", "delivery-1"}}));
  REQUIRE(!wire.await("resume_cursor").is_null());
  REQUIRE(post_message(world, tenant.member, tenant, other, "not here").status == 201);
  const Answer posted = post_message(world, tenant.member, tenant, thread, "hello", {{"X-Request-Id", "cause-1"}});
  REQUIRE(posted.status == 201);
  const Json event = wire.await("user_message");
  REQUIRE(event.is_object());
  CHECK(event.at("data").at("text") == "hello");
  CHECK(event.at("event_id") == posted.json.at("event_id"));
  CHECK(event.at("meta").at("last_event_id") == posted.json.at("cursor"));
  CHECK(event.at("routing").at("tenant_id") == tenant.id);
  CHECK(event.at("routing").at("env") == "dev");
  CHECK(event.at("routing").at("thread_id") == thread);
  CHECK(event.at("routing").at("actor_id") == tenant.member.id);
  CHECK(event.at("ids").at("request_id") == "cause-1");
  CHECK(event.at("meta").at("request_id") == "delivery-1");
  CHECK(event.at("meta").at("trace_id") == trace);
}

// ---- messages -------------------------------------------------------------------------------------------------------

TEST_CASE("a message on a WebSocket is the same mutation as the POST", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire speaker = joined(world, tenant.member, tenant, thread);
  WsWire listener = joined(world, tenant.viewer, tenant, thread);
  const Json ack = said(world, speaker, {{"text", "hi there"}, {"ref", "r-1"}, {"scope", {{"app", "notes"}}}});
  REQUIRE(outcome_of_frame(ack) == "ack");
  CHECK(ack.at("ref") == "r-1");
  for (WsWire* wire : {&speaker, &listener}) {
    const Json event = wire->await("user_message");
    REQUIRE(event.is_object());
    CHECK(event.at("event_id") == ack.at("event_id"));
    CHECK(event.at("meta").at("last_event_id") == ack.at("cursor"));
    CHECK(event.at("data").at("text") == "hi there");
    CHECK(event.at("data").at("scope") == Json{{"app", "notes"}});
    CHECK(event.at("trace_id") == speaker.opened().header("x-request-id"));
    CHECK(event.at("ids").at("request_id") != speaker.opened().header("x-request-id"));
  }
  CHECK(texts_of(world, tenant.viewer, tenant, thread) == std::vector<std::string>{"hi there"});
  const Answer row =
      world.call("GET", "/audit/" + std::to_string(ack.at("audit_seq").get<int>()), World::in(tenant.owner, tenant.id));
  CHECK(row.json.at("body").at("action") == "chat_message_create");
  CHECK(row.json.at("body").at("actor").at("id") == tenant.member.id);
  CHECK(row.json.at("hash") == ack.at("audit_hash"));
}

TEST_CASE("messages of one WebSocket are stored in the order in which they were sent", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  std::string frames;
  std::vector<std::string> sent;
  for (int i = 0; i < 50; ++i) {
    sent.push_back("message " + std::to_string(i));
    frames += ws_frame(Opcode::text, Json{{"type", "message"}, {"text", sent.back()}}.dump());
  }
  wire.send(frames);
  for (int i = 0; i < 50; ++i) {
    const Json ack = wire.await("ack");
    REQUIRE(ack.is_object());
    saw_receipt(world, ack);
  }
  CHECK(texts_of(world, tenant.viewer, tenant, thread) == sent);
}

TEST_CASE("a ref is an Idempotency-Key: said again, it is not posted again", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  const Json first = said(world, wire, {{"text", "once"}, {"ref", "r-1"}});
  REQUIRE(outcome_of_frame(first) == "ack");
  CHECK(said(world, wire, {{"text", "once"}, {"ref", "r-1"}}) == first);
  WsWire again = joined(world, tenant.member, tenant, thread);
  CHECK(said(world, again, {{"text", "once"}, {"ref", "r-1"}}) == first);
  CHECK(outcome_of_frame(said(world, wire, {{"text", "other"}, {"ref", "r-1"}})) == "422 idempotency.key_reused");
  CHECK(texts_of(world, tenant.viewer, tenant, thread) == std::vector<std::string>{"once"});
}

TEST_CASE("what is refused gets an error with a problem document, and the WebSocket lives", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  const Json empty = said(world, wire, {{"text", ""}, {"ref", "r-1"}});
  CHECK(outcome_of_frame(empty) == "422 validation.failed");
  CHECK(empty.at("ref") == "r-1");
  CHECK(empty.at("problem").at("errors").at(0).at("pointer") == "/text");
  CHECK(empty.at("problem").at("trace_id") == wire.opened().header("x-request-id"));
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}, {"txet", "hi"}})) == "422 validation.unknown_field");
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}, {"ref", "a b"}})) == "422 validation.failed");
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}, {"tenant_id", "t_other"}})) == "400 context.mismatch");
  CHECK(outcome_of_frame(said(world, wire, {{"text", std::string(32 * 1024 + 1, 'x')}})) == "422 validation.failed");
  wire.say({{"type", "shout"}, {"ref", "r-2"}});
  const Json unknown = wire.await("error");
  CHECK(outcome_of_frame(unknown) == "422 validation.failed");
  CHECK(unknown.at("ref") == "r-2");
  wire.say(Json::array({1}));
  CHECK(outcome_of_frame(wire.await("error")) == "422 validation.failed");
  wire.say({{"type", "ping"}});
  CHECK(wire.await("pong") == Json{{"type", "pong"}});
  CHECK(outcome_of_frame(said(world, wire, {{"text", std::string(32 * 1024, 'x')}})) == "ack");
}

TEST_CASE("a viewer hears and does not speak", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.viewer, tenant, thread);
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}})) == "403 auth.insufficient_role");
  wire.say({{"type", "gesture"}, {"data", {{"kind", "wave"}}}});
  CHECK(outcome_of_frame(wire.await("error")) == "403 auth.insufficient_role");
  CHECK(texts_of(world, tenant.viewer, tenant, thread).empty());
}

TEST_CASE("the gates judge a message on a WebSocket, and the error carries their decision and its receipt", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  const Json off = {{"disabled_actions", {"chat_message_create"}}};
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, off).status == 200);
  const Json refused = said(world, wire, {{"text", "hi"}, {"ref", "r-1"}});
  CHECK(outcome_of_frame(refused) == "403 kill_switch_blocked");
  CHECK(refused.at("problem").at("decision").at("result") == "BLOCK");
  CHECK(!refused.at("audit_hash").get<std::string>().empty());
  REQUIRE(world.put_kill_switches(tenant.owner, tenant.id, {{"disabled_actions", Json::array()}}).status == 200);
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}, {"ref", "r-1"}})) == "ack");
}

TEST_CASE("a suspended tenant is heard and not spoken in", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  world.set_status(tenant.id, "suspended");
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}})) == "403 tenant.suspended");
  world.set_status(tenant.id, "active");
  CHECK(outcome_of_frame(said(world, wire, {{"text", "hi"}})) == "ack");
}

// ---- gestures and presence ------------------------------------------------------------------------------------------

TEST_CASE("a gesture goes to all who are there, and is never replayed", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire one = joined(world, tenant.member, tenant, thread), two = joined(world, tenant.viewer, tenant, thread);
  const Json data = {{"kind", "wave"}, {"type", "user_message"}};
  one.say({{"type", "gesture"}, {"data", data}});
  for (WsWire* wire : {&one, &two}) {
    const Json event = wire->await("gesture");
    REQUIRE(event.is_object());
    CHECK(event.at("data") == data);
    CHECK(event.at("seq").is_null());
    CHECK(event.at("meta").at("priority") == "gesture");
    CHECK(event.at("routing").at("actor_id") == tenant.member.id);
  }
  REQUIRE(outcome_of_frame(said(world, one, {{"text", "after"}})) == "ack");
  WsWire late = join(world, tenant.viewer, tenant, thread, "?from=earliest");
  while (const auto frame = late.next()) {
    const Json event = parse_own_json(frame->payload);
    CHECK(event.at("type") != "gesture");
    if (event.at("type") == "resume_cursor") break;
  }
}

TEST_CASE("gestures stand among the events only where gesture_logging is on", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.member, tenant, thread);
  const auto kept = [&] {
    const Answer answer = world.call("GET", "/events?event_type=gesture", World::in(tenant.owner, tenant.id));
    return answer.json.at("items");
  };
  wire.say({{"type", "gesture"}, {"data", {{"n", 1}}}});
  REQUIRE(wire.await("gesture").is_object());
  const Headers owner = World::in(tenant.owner, tenant.id);
  REQUIRE(world.call("PUT", "/feature-flags", owner, Json{{"gesture_logging", true}}).status == 200);
  wire.say({{"type", "gesture"}, {"data", {{"n", 2}, {"mail", "ann@example.com"}}}});
  REQUIRE(wire.await("gesture").is_object());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (kept().empty() && std::chrono::steady_clock::now() < deadline) continue;
  const Json items = kept();
  REQUIRE(items.size() == 1);
  CHECK(items[0].at("input").at("n") == 2);
  CHECK(items[0].at("asset_id") == thread);
  CHECK(items[0].dump().find("ann@example.com") == std::string::npos);
}

TEST_CASE("presence: online with a user's first stream, offline after the last, and told to whoever asks", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire watcher = joined(world, tenant.owner, tenant, thread);
  CHECK(watcher.await("presence_state").at("data") == Json{{"status", "online"}, {"user_id", tenant.owner.id}});
  {
    WsWire first = joined(world, tenant.member, tenant, thread);
    CHECK(watcher.await("presence_state").at("data") == Json{{"status", "online"}, {"user_id", tenant.member.id}});
    WsWire second = joined(world, tenant.member, tenant, thread);
    first.drop();
    second.say({{"type", "presence_ping"}});
    std::set<std::string> there;
    CHECK(second.await("presence_state").at("data").at("user_id") == tenant.member.id);
    for (int i = 0; i < 2; ++i) there.insert(second.await("presence_state").at("data").at("user_id"));
    CHECK(there == std::set<std::string>{tenant.owner.id, tenant.member.id});
  }
  CHECK(watcher.await("presence_state").at("data") == Json{{"status", "offline"}, {"user_id", tenant.member.id}});
}

// ---- resume ---------------------------------------------------------------------------------------------------------

TEST_CASE("a WebSocket goes on after a cursor, of an event or of an ack, without gap or repetition", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  std::string cursor;
  {
    WsWire wire = joined(world, tenant.member, tenant, thread);
    cursor = said(world, wire, {{"text", "seen"}}).at("cursor");
  }
  REQUIRE(post_message(world, tenant.member, tenant, thread, "missed 1").status == 201);
  REQUIRE(post_message(world, tenant.member, tenant, thread, "missed 2").status == 201);
  WsWire wire = join(world, tenant.viewer, tenant, thread, "?last_event_id=" + cursor);
  CHECK(wire.await("user_message").at("data").at("text") == "missed 1");
  const Json last = wire.await("user_message");
  CHECK(last.at("data").at("text") == "missed 2");
  CHECK(wire.await("resume_cursor").at("data").at("cursor") == last.at("meta").at("last_event_id"));
  REQUIRE(post_message(world, tenant.member, tenant, thread, "live").status == 201);
  CHECK(wire.await("user_message").at("data").at("text") == "live");
  WsWire all = join(world, tenant.viewer, tenant, thread, "?from=earliest");
  CHECK(all.await("user_message").at("data").at("text") == "seen");
}

TEST_CASE("a WebSocket is told of deletions, live and in replays", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  WsWire wire = joined(world, tenant.viewer, tenant, thread);
  const std::string id = post_message(world, tenant.member, tenant, thread, "gone").json.at("message_id");
  const Headers member = World::in(tenant.member, tenant.id);
  REQUIRE(world.call("DELETE", "/chat/threads/" + thread + "/messages/" + id, member).status == 204);
  const Json live = wire.await("message_deleted");
  REQUIRE(live.is_object());
  CHECK(live.at("data") == Json{{"message_id", id}});
  WsWire all = join(world, tenant.viewer, tenant, thread, "?from=earliest");
  const Json again = all.await("message_deleted");
  REQUIRE(again.is_object());
  CHECK(again.at("seq") == live.at("seq"));
}

TEST_CASE("a long thread is replayed whole and in order, with large messages among small ones", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 150; ++i) {
    sizes.push_back(i % 10 == 3 ? 30'000 : i + 1);
    REQUIRE(post_message(world, tenant.member, tenant, thread, std::string(sizes.back(), 'x')).status == 201);
  }
  WsWire wire = join(world, tenant.viewer, tenant, thread, "?from=earliest");
  wire.send(ws_frame(Opcode::ping, "meanwhile"));
  for (const std::size_t size : sizes) {
    const Json event = wire.await("user_message");
    REQUIRE(event.is_object());
    REQUIRE(event.at("data").at("text").get_ref<const std::string&>().size() == size);
  }
  CHECK(!wire.await("resume_cursor").is_null());
}

TEST_CASE("a cursor of another life of the database begins with a gap", "[ws]") {
  World& world = shared_world();
  const Tenant tenant = world.new_tenant_with_members();
  const std::string thread = new_thread(world, tenant);
  REQUIRE(post_message(world, tenant.member, tenant, thread, "there").status == 201);
  WsWire wire = join(world, tenant.viewer, tenant, thread, "?last_event_id=00000000.5");
  const auto first = wire.next();
  REQUIRE(first);
  CHECK(parse_own_json(first->payload).at("type") == "gap");
  CHECK(parse_own_json(first->payload).at("data").at("reason") == "epoch");
  CHECK(wire.await("user_message").at("data").at("text") == "there");
}

}  // namespace nexus::test
