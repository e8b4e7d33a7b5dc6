// What a client of a rail decides, stepped by hand: where it goes on, what it tries again, and how it ends.
#include "cli/rails/rail_state.hpp"

#include "cli/rails/outbox.hpp"
#include "tests/catch.hpp"

using namespace nexus::cli;
using std::chrono::milliseconds;

namespace {

RailState state_at(std::optional<std::string> from = {}, double chance = 0) {
  return RailState(std::move(from), [chance] { return chance; });
}

RailEnd closed(int code) { return {.kind = RailEnd::Kind::closed, .code = code}; }
RailEnd dropped() { return {.kind = RailEnd::Kind::dropped, .why = "gone"}; }
RailEnd refused(int status, std::string retry_after = {}) {
  RailEnd end{.kind = RailEnd::Kind::refused};
  end.response.status = status;
  if (!retry_after.empty()) end.response.headers["retry-after"] = std::move(retry_after);
  return end;
}

}  // namespace

TEST_CASE("a stream goes on behind the last cursor that was seen", "[cli][rail]") {
  RailState state = state_at("earliest");
  CHECK(state.from_earliest());
  CHECK_FALSE(state.seen());
  state.opened();
  CHECK(state.from_earliest());
  state.saw("0a1b2c3d.41");
  CHECK_FALSE(state.from_earliest());
  CHECK(state.position() == "0a1b2c3d.41");
  CHECK(state.seen() == "0a1b2c3d.41");
  CHECK_FALSE(state_at().position());
}

TEST_CASE("what was given is not told as seen", "[cli][rail]") { CHECK_FALSE(state_at("0a1b2c3d.7").seen()); }

TEST_CASE("before the first stream every failure is final", "[cli][rail]") {
  RailState state = state_at();
  CHECK(state.ended(dropped()).exit == Exit::unreachable);
  CHECK_FALSE(state.ended(dropped()).again);
  CHECK(state.ended(refused(429)).exit == Exit::throttled);
  CHECK(state.ended(refused(503)).exit == Exit::server_error);
}

TEST_CASE("after it, drops and passing refusals are tried again, each time later", "[cli][rail]") {
  RailState state = state_at();
  state.opened();
  state.retry(milliseconds(1500));
  CHECK(state.ended(dropped()).wait == milliseconds(1500));
  CHECK(state.ended(dropped()).wait == milliseconds(3000));
  CHECK(state.ended(refused(502)).wait == milliseconds(6000));
  for (int i = 0; i < 20; ++i) CHECK(state.ended(dropped()).wait <= milliseconds(30'000));
  state.opened();
  CHECK(state.ended(dropped()).wait == milliseconds(1500));
}

TEST_CASE("chance spreads the tries, never below the wish of the daemon", "[cli][rail]") {
  RailState late = state_at({}, 0.999);
  late.opened();
  late.retry(milliseconds(2000));
  const auto wait = late.ended(dropped()).wait;
  CHECK(wait > milliseconds(2900));
  CHECK(wait < milliseconds(3000));
}

TEST_CASE("Retry-After is waited for", "[cli][rail]") {
  RailState state = state_at();
  state.opened();
  CHECK(state.ended(refused(503, "40")).wait == milliseconds(40'000));
}

TEST_CASE("a refusal that stays ends with the contract's exit code", "[cli][rail]") {
  RailState state = state_at();
  state.opened();
  const std::pair<int, Exit> cases[] = {
      {400, Exit::usage}, {401, Exit::unauthenticated}, {403, Exit::refused}, {404, Exit::not_found}};
  for (const auto& [status, exit] : cases) {
    INFO(status);
    CHECK_FALSE(state.ended(refused(status)).again);
    CHECK(state.ended(refused(status)).exit == exit);
  }
}

TEST_CASE("a close code says whether to come back", "[cli][rail]") {
  RailState state = state_at();
  state.opened();
  for (const int code : {1001, 1006, 1011, 1012, 4408}) {
    INFO(code);
    CHECK(state.ended(closed(code)).again);
  }
  const std::pair<int, Exit> final_ones[] = {{4401, Exit::unauthenticated}, {4403, Exit::refused},
                                             {4503, Exit::refused},         {4429, Exit::throttled},
                                             {1007, Exit::server_error},    {1009, Exit::server_error}};
  for (const auto& [code, exit] : final_ones) {
    INFO(code);
    CHECK_FALSE(state.ended(closed(code)).again);
    CHECK(state.ended(closed(code)).exit == exit);
  }
}

TEST_CASE("a message keeps its ref until it is answered, and is settled once it was seen", "[cli][rail]") {
  int next = 0;
  Outbox outbox([&next] { return "r" + std::to_string(++next); });
  CHECK(outbox.settled());
  const std::string first = outbox.say("a \"quoted\" line\n");
  outbox.say("b");
  CHECK(first == R"({"ref":"r1","text":"a \"quoted\" line\n","type":"message"})");
  REQUIRE(outbox.unanswered().size() == 2);
  CHECK(outbox.unanswered()[0] == first);
  outbox.answered({{"ref", "r1"}, {"cursor", "0a1b2c3d.12"}});
  outbox.answered({{"ref", "nobody's"}, {"cursor", "0a1b2c3d.99"}});
  outbox.answered({{"event_id", "without ref"}});
  outbox.answered({{"ref", "r2"}});
  CHECK(outbox.unanswered().empty());
  CHECK_FALSE(outbox.settled());
  outbox.saw("0a1b2c3d.12");
  CHECK(outbox.settled());
}

TEST_CASE("the number of a cursor", "[cli][rail]") {
  CHECK(sequence_of("0a1b2c3d.17") == 17);
  CHECK(sequence_of("17") == 0);
  CHECK(sequence_of("") == 0);
}
