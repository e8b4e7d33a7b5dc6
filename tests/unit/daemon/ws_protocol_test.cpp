// Frames of a WebSocket judged by hand, and its two clocks with a time that the test moves.
#include "daemon/rails/ws_protocol.hpp"
#include "daemon/rails/limits.hpp"

#include <random>

#include "daemon/limits.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

const SteadyTime kStart{std::chrono::hours(1)};

/// "ping", "message", …, "1007", or the code of an objection with the pointers of its errors.
std::string verdict(std::string_view text) {
  const ClientFrame frame = judge_frame(text);
  if (std::holds_alternative<Ping>(frame)) return "ping";
  if (std::holds_alternative<PresencePing>(frame)) return "presence_ping";
  if (std::holds_alternative<Say>(frame)) return "message";
  if (std::holds_alternative<Gesture>(frame)) return "gesture";
  if (const auto* breach = std::get_if<Breach>(&frame)) return std::to_string(breach->code);
  const auto& problem = std::get<Objection>(frame).problem;
  std::string out(info(problem.code).code);
  for (const auto& error : problem.errors) out += " " + error.pointer;
  return out;
}

}  // namespace

TEST_CASE("each type of a client's frame is known") {
  CHECK(verdict(R"({"type":"ping"})") == "ping");
  CHECK(verdict(" {\"type\" : \"presence_ping\"}\n") == "presence_ping");
  CHECK(verdict(R"({"type":"gesture","data":{"kind":"wave"}})") == "gesture");
  CHECK(verdict(R"({"type":"message","text":"hi"})") == "message");
}

TEST_CASE("what is not JSON, or not as strict as ours, ends the connection with 1007") {
  for (const char* text : {"", " ", "hello", "{", R"({"type":"ping"} x)", R"({"type":"ping",})", "{'type':'ping'}",
                           R"({"type":"ping","type":"ping"})", "NaN", R"({"a":1e999})", "{\"a\":\"\xff\"}"})
    CHECK(verdict(text) == "1007");
  CHECK(verdict(std::string(33, '[') + std::string(33, ']')) == "1007");
}

TEST_CASE("JSON that is no frame is refused, and the connection lives") {
  for (const char* text : {"[]", "1", "null", "\"ping\"", "[{\"type\":\"ping\"}]"})
    CHECK(verdict(text) == "validation.failed");
  CHECK(verdict("{}") == "validation.failed /type");
  CHECK(verdict(R"({"type":1})") == "validation.failed /type");
  CHECK(verdict(R"({"type":"Ping"})") == "validation.failed /type");
  CHECK(verdict(R"({"type":"user_message"})") == "validation.failed /type");
  CHECK(verdict(R"({"type":"ping","data":1})") == "validation.unknown_field /data");
  CHECK(verdict(R"({"type":"presence_ping","user_id":"u_x"})") == "validation.unknown_field /user_id");
  CHECK(verdict(R"({"type":"gesture"})") == "validation.failed /data");
  CHECK(verdict(R"({"type":"gesture","data":[1]})") == "validation.failed /data");
  CHECK(verdict(R"({"type":"gesture","data":{},"to":"u_x"})") == "validation.unknown_field /to");
  CHECK(verdict(R"({"type":"gesture","data":{"a":")" + std::string(limits::metadata_bytes_max, 'x') + "\"}}") ==
        "validation.failed /data");
}

TEST_CASE("whatever bytes come, a frame is judged and nothing is thrown") {
  std::mt19937 random(20260731);
  const std::vector<std::string> seeds = {R"({"type":"message","ref":"r","text":"h\u00e9","scope":{"app":"x"}})",
                                          R"({"type":"gesture","data":{"a":[1,2.5]}})", R"({"type":"ping"})",
                                          R"([[[{"type":null}]]])"};
  int objections = 0, ends = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (auto edits = random() % 4; edits > 0; --edits) text[random() % text.size()] = static_cast<char>(random());
    if (random() % 8 == 0) text.resize(random() % text.size());
    const ClientFrame frame = judge_frame(text);
    objections += std::holds_alternative<Objection>(frame) ? 1 : 0;
    ends += std::holds_alternative<Breach>(frame) ? 1 : 0;
  }
  CHECK(objections > 1000);
  CHECK(ends > 1000);
}

TEST_CASE("a message is the body of the POST, without the frame's own fields") {
  const ClientFrame frame = judge_frame(R"({"type":"message","ref":"r-1","text":"hi","scope":{"app":"x"},"foo":1})");
  const Say& say = std::get<Say>(frame);
  CHECK(say.ref == "r-1");
  CHECK(parse_own_json(say.body) == parse_own_json(R"({"text":"hi","scope":{"app":"x"},"foo":1})"));
  CHECK(std::get<Say>(judge_frame(R"({"type":"message","ref":null,"text":"hi"})")).ref.empty());
}

TEST_CASE("a ref is what an Idempotency-Key may be") {
  const auto with_ref = [](const std::string& ref) {
    return verdict(to_text({{"type", "message"}, {"text", "hi"}, {"ref", ref}}));
  };
  CHECK(with_ref(std::string(255, 'r')) == "message");
  CHECK(with_ref(std::string(256, 'r')) == "validation.failed /ref");
  CHECK(with_ref("") == "validation.failed /ref");
  CHECK(with_ref("a b") == "validation.failed /ref");
  CHECK(with_ref("\xc3\xa4") == "validation.failed /ref");
  CHECK(verdict(R"({"type":"message","text":"hi","ref":7})") == "validation.failed /ref");
}

TEST_CASE("an objection names the ref of its frame where it has one") {
  CHECK(std::get<Objection>(judge_frame(R"({"type":"shout","ref":"r-9"})")).ref == "r-9");
  CHECK(std::get<Objection>(judge_frame(R"({"type":"shout"})")).ref.empty());
}

TEST_CASE("the daemon's own frames") {
  CHECK(pong_frame() == R"({"type":"pong"})");
  CHECK(ack_frame("r-1", {{"event_id", "m1"}, {"cursor", "0a0b0c0d.7"}, {"text", "hi"}}) ==
        R"({"cursor":"0a0b0c0d.7","event_id":"m1","ref":"r-1","type":"ack"})");
  CHECK(ack_frame("", {{"event_id", "m1"}, {"cursor", "c.1"}}).find(R"("ref":null)") != std::string::npos);
  CHECK(ack_frame("r", Json::object(), AuditReceipt{7, "ab"}) ==
        R"({"audit_hash":"ab","audit_seq":7,"cursor":null,"event_id":null,"ref":"r","type":"ack"})");
  CHECK(error_frame("r-1", {{"status", 422}}) == R"({"problem":{"status":422},"ref":"r-1","type":"error"})");
}

TEST_CASE("fifty frames a second are never too many, and one more a second is after five") {
  FrameMeter steady, fast;
  bool too_many = false;
  int last = 0;
  for (int second = 0; second < 60; ++second)
    for (int i = 0; i < 50; ++i)
      too_many = steady.count(kStart + std::chrono::seconds(second) + std::chrono::milliseconds(20 * i)) || too_many;
  CHECK_FALSE(too_many);
  for (int second = 0; second < 60 && !too_many; ++second)
    for (int i = 0; i < 51 && !too_many; ++i) {
      too_many = fast.count(kStart + std::chrono::seconds(second) + std::chrono::milliseconds(19 * i));
      last = second;
    }
  CHECK(too_many);
  CHECK(last == 4);
}

TEST_CASE("a burst is allowed as long as it fits the window, and forgotten after it") {
  FrameMeter meter;
  for (int i = 0; i < 250; ++i) REQUIRE_FALSE(meter.count(kStart));
  CHECK(meter.count(kStart));
  FrameMeter other;
  for (int i = 0; i < 250; ++i) REQUIRE_FALSE(other.count(kStart));
  for (int i = 0; i < 250; ++i) REQUIRE_FALSE(other.count(kStart + limits::ws_flood_window));
  CHECK(other.count(kStart + limits::ws_flood_window));
}

TEST_CASE("a ping goes out every 25 seconds, and who answers none within 10 is gone") {
  using Step = Heartbeat::Step;
  Heartbeat heart(kStart);
  const auto at = [](int seconds) { return kStart + std::chrono::seconds(seconds); };
  CHECK(heart.next() == at(25));
  CHECK(heart.step(at(24)) == Step::wait);
  CHECK(heart.step(at(25)) == Step::ping);
  CHECK(heart.next() == at(35));
  CHECK(heart.step(at(34)) == Step::wait);
  heart.pong();
  CHECK(heart.step(at(35)) == Step::wait);
  CHECK(heart.next() == at(50));
  CHECK(heart.step(at(50)) == Step::ping);
  CHECK(heart.step(at(59)) == Step::wait);
  CHECK(heart.step(at(60)) == Step::gone);
}

}  // namespace nexus::rails
