// Stream events as bytes.
#include "daemon/rails/stream_event.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

ThreadAddress address() { return {*TenantId::parse("t_acme"), Env::dev, *ThreadId::parse("standup")}; }

StreamEvent event_of(EventType type, Json data) {
  return {type, address(), Cause("trace-1", "request-1", "run-1"), {"u_ann", "human"}, std::move(data)};
}

Json parsed(const FramePtr& frame, const std::string& ending) {
  return parse_own_json(std::string(frame->json()) + (frame->open ? ending : ""));
}

}  // namespace

TEST_CASE("an event cannot be built without a tenant, a thread, a trace and a request") {
  CHECK(!TenantId::parse("t_unknown"));
  CHECK(!TenantId::parse(""));
  CHECK(!ThreadId::parse(""));
  CHECK(!ThreadId::parse("a\nb"));
  CHECK_THROWS_AS(Cause("", "request-1"), std::logic_error);
  CHECK_THROWS_AS(Cause("trace-1", ""), std::logic_error);
}

TEST_CASE("a stored event carries its place in the sequence, its cause and its delivery") {
  StreamEvent event = event_of(EventType::user_message, {{"text", "hello"}});
  event.stored_as({"0011aaff", 7}, "event-1", 1'700'000'000'123'456).on_surface("web", std::nullopt);
  const FramePtr frame = event.frame();
  CHECK(frame->seq == 7);
  CHECK(frame->text.starts_with("event: user_message\nid: 0011aaff.7\ndata: {"));
  const Json json = parsed(frame, delivery_ending("trace-2", "request-2"));
  CHECK(json == parse_own_json(R"({"v":1,"type":"user_message","ts":"2023-11-14T22:13:20.123Z","seq":7,
    "event_id":"event-1","trace_id":"trace-1","ids":{"request_id":"request-1","run_id":"run-1"},
    "routing":{"tenant_id":"t_acme","env":"dev","thread_id":"standup","surface_id":"web","actor_id":"u_ann",
    "actor_type":"human"},"data":{"text":"hello"},"meta":{"schema_ver":1,"priority":"truth","persist":"always",
    "last_event_id":"0011aaff.7","trace_id":"trace-2","request_id":"request-2"}})"));
}

TEST_CASE("only what has a cursor has an id on the wire") {
  const FramePtr presence = event_of(EventType::presence_state, {{"status", "online"}, {"user_id", "u_ann"}}).frame();
  CHECK(presence->text.starts_with("event: presence_state\ndata: {"));
  const Json json = parsed(presence, delivery_ending("t", "r"));
  CHECK(json["seq"].is_null());
  CHECK(json["meta"]["last_event_id"].is_null());
  CHECK(json["meta"]["persist"] == "never");
  CHECK(json["event_id"].get<std::string>().size() == 36);
  StreamEvent pointer = event_of(EventType::resume_cursor, {{"cursor", "0011aaff.9"}});
  const FramePtr cursor = pointer.pointing_at({"0011aaff", 9}).frame();
  CHECK(cursor->text.starts_with("event: resume_cursor\nid: 0011aaff.9\ndata: {"));
  CHECK(cursor->seq == 0);
  CHECK(parsed(cursor, delivery_ending("t", "r"))["seq"].is_null());
}

TEST_CASE("whatever a user writes stays on the one line of its data") {
  for (const std::string& text :
       {std::string("a\ndata: {\"type\":\"gap\"}\n\nevent: close\ndata: x"), std::string("a\r\nid: 9\r\n\r\n"),
        std::string("\r"), std::string("a\0b", 3), std::string("\xEF\xBB\xBF: comment"), std::string(":"),
        std::string("\xE2\x80\xA8retry: 1\xE2\x80\xA9"), std::string("\"}}\n\n")}) {
    const FramePtr frame = event_of(EventType::user_message, {{"text", text}}).frame();
    const std::string line(frame->json());
    CHECK(line.find_first_of("\r\n") == std::string::npos);
    CHECK(line.find('\0') == std::string::npos);
    CHECK(parsed(frame, delivery_ending("t", "r"))["data"]["text"] == text);
  }
}

TEST_CASE("a type that is none of ours cannot end its line") {
  CHECK(make_frame("a\nid: 7", "", "{}", 0, false)->text == "event: event\ndata: {}");
  CHECK(make_frame("", "", "{}", 0, false)->text == "event: event\ndata: {}");
  CHECK(make_frame("card_created", "0011aaff.3", "{}", 3, false)->text ==
        "event: card_created\nid: 0011aaff.3\ndata: {}");
}

}  // namespace nexus::rails
