// Presence and gestures that daemons on one store share: what each tells, and what becomes of words that are lost.
#include "daemon/rails/presence.hpp"

#include "daemon/rails/limits.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

using Clock = Presence::Clock;
using Users = std::vector<std::string>;

struct HeldBell final : store::Bell {
  void listen(Listener) override {}
  void say(std::string words, Weight) override { said.push_back(std::move(words)); }
  std::vector<std::string> said;
};

const ThreadAddress kThread{*TenantId::parse("t_acme"), Env::dev, *ThreadId::parse("general")};
const Presence::User kAnn{"u_ann", "human"}, kBob{"u_bob", "agent"};

FramePtr frame(std::string_view status, const Presence::User& user) {
  return StreamEvent(EventType::presence_state, kThread, Cause("trace-of-" + user.id, "request"), {user.id, user.type},
                     make_object({{"status", status}, {"user_id", user.id}}))
      .frame();
}

/// A daemon with a stream that listens.
struct Daemon {
  explicit Daemon(Clock::time_point& clock) : presence(hub, &bell, [&clock] { return clock; }) {
    hub.subscribe(thread_topic(kThread), stream);
  }
  void arrive(const Presence::User& user) { presence.arrive(kThread, user, frame("online", user), nullptr); }
  void leave(const Presence::User& user) { presence.leave(kThread, user, frame("offline", user)); }
  Users present() const { return hub.present(thread_topic(kThread)); }
  /// What its stream got since the last call, as "u_ann online".
  std::vector<std::string> got() {
    std::vector<std::string> out;
    for (const FramePtr& each : stream->take()) {
      const Json json = parse_json(std::string(each->json()) + "}}");
      out.push_back(json["type"] == "gesture"
                        ? "gesture"
                        : json["data"]["user_id"].get<std::string>() + " " + json["data"]["status"].get<std::string>());
    }
    return out;
  }
  HeldBell bell;
  Hub hub;
  SubscriberPtr stream = std::make_shared<Subscriber>();
  Presence presence;
};

/// Brings all words to the other, and those that it answers with, until nobody has any.
void exchange(Daemon& a, Daemon& b) {
  while (!a.bell.said.empty() || !b.bell.said.empty()) {
    for (const auto& words : std::exchange(a.bell.said, {})) b.presence.hear(words);
    for (const auto& words : std::exchange(b.bell.said, {})) a.presence.hear(words);
  }
}

struct Pair {
  Clock::time_point clock = Clock::now();
  Daemon a{clock}, b{clock};
  void pass(std::chrono::seconds time) {
    clock += time;
    a.presence.tick();
    b.presence.tick();
    exchange(a, b);
  }
};

}  // namespace

TEST_CASE("a user is present on every daemon from the first stream anywhere to the last", "[presence]") {
  Pair pair;
  pair.pass(std::chrono::seconds(3));
  pair.a.arrive(kAnn);
  pair.a.arrive(kAnn);
  exchange(pair.a, pair.b);
  CHECK(pair.b.got() == std::vector<std::string>{"u_ann online"});
  pair.b.arrive(kAnn);
  exchange(pair.a, pair.b);
  CHECK(pair.a.got() == std::vector<std::string>{"u_ann online"});
  pair.a.leave(kAnn);
  pair.a.leave(kAnn);
  exchange(pair.a, pair.b);
  CHECK(pair.a.got().empty());  // still online at b
  CHECK(pair.a.present() == Users{"u_ann"});
  pair.b.leave(kAnn);
  exchange(pair.a, pair.b);
  CHECK(pair.a.got() == std::vector<std::string>{"u_ann offline"});
  CHECK(pair.b.got() == std::vector<std::string>{"u_ann offline"});
  CHECK(pair.a.present().empty());
}

TEST_CASE("the frame of another daemon is the one that its own streams get", "[presence]") {
  Pair pair;
  pair.pass(std::chrono::seconds(3));
  const FramePtr sent = frame("online", kAnn);
  pair.a.presence.arrive(kThread, kAnn, sent, nullptr);
  exchange(pair.a, pair.b);
  const auto got = pair.b.stream->take();
  REQUIRE(got.size() == 1);
  CHECK(got.front()->text == sent->text);
  CHECK(got.front()->json_at == sent->json_at);
  CHECK(got.front()->open);
}

TEST_CASE("words that were lost are asked for, and a new daemon learns who is there", "[presence]") {
  Pair pair;
  pair.a.arrive(kAnn);
  pair.a.bell.said.clear();  // lost
  pair.a.arrive(kBob);
  exchange(pair.a, pair.b);  // b asks for the whole
  CHECK(pair.b.present() == Users{"u_ann", "u_bob"});
  pair.a.leave(kBob);
  pair.a.bell.said.clear();
  pair.b.got();
  pair.pass(std::chrono::seconds(3));  // "alive" shows that a number is missing
  CHECK(pair.b.present() == Users{"u_ann"});
  CHECK(pair.b.got() == std::vector<std::string>{"u_bob offline"});
}

TEST_CASE("the whole of many users comes in parts, and one without its parts is asked for again", "[presence]") {
  Pair pair;
  Users all;
  for (int i = 1000; i < 1500; ++i) {
    all.push_back("u_" + std::to_string(i));
    pair.a.arrive({all.back(), "human"});
  }
  pair.a.bell.said.clear();
  pair.pass(std::chrono::seconds(3));
  CHECK(pair.b.present() == all);

  Daemon late(pair.clock);
  const auto alive = [&] {
    pair.a.bell.said.clear();
    pair.clock += std::chrono::seconds(3);
    pair.a.presence.tick();
    for (const auto& words : std::exchange(pair.a.bell.said, {})) late.presence.hear(words);
    for (const auto& words : std::exchange(late.bell.said, {})) pair.a.presence.hear(words);
  };
  alive();
  REQUIRE(pair.a.bell.said.size() == 3);
  late.presence.hear(pair.a.bell.said[0]);
  late.presence.hear(pair.a.bell.said[2]);
  CHECK(late.present().empty());
  alive();
  for (const auto& words : pair.a.bell.said) late.presence.hear(words);
  CHECK(late.present() == all);
}

TEST_CASE("the streams of a daemon that says bye, or nothing for 10 s, are gone", "[presence]") {
  Pair pair;
  pair.pass(std::chrono::seconds(3));
  {
    Daemon third(pair.clock);
    third.arrive(kBob);
    exchange(third, pair.b);
    CHECK(pair.b.present() == Users{"u_bob"});
  }
  pair.a.arrive(kAnn);
  exchange(pair.a, pair.b);
  CHECK(pair.b.present() == Users{"u_ann", "u_bob"});  // what the third said last was lost
  pair.b.got();
  pair.pass(std::chrono::seconds(5));
  pair.pass(std::chrono::seconds(6));
  CHECK(pair.b.present() == Users{"u_ann"});
  CHECK(pair.b.got() == std::vector<std::string>{"u_bob offline"});

  HeldBell bell;
  Hub hub;
  {
    Presence fourth(hub, &bell);
    fourth.arrive(kThread, kBob, frame("online", kBob), nullptr);
    for (const auto& words : std::exchange(bell.said, {})) pair.b.presence.hear(words);
    for (const auto& words : std::exchange(pair.b.bell.said, {})) fourth.hear(words);
    for (const auto& words : std::exchange(bell.said, {})) pair.b.presence.hear(words);
    CHECK(pair.b.present() == Users{"u_ann", "u_bob"});
  }
  for (const auto& words : bell.said) pair.b.presence.hear(words);
  CHECK(pair.b.present() == Users{"u_ann"});
}

TEST_CASE("a gesture reaches the streams of every daemon once", "[presence]") {
  Pair pair;
  const FramePtr gesture =
      StreamEvent(EventType::gesture, kThread, Cause("trace", "request"), {"u_ann", "human"}, Json::object()).frame();
  pair.a.presence.gesture(kThread, gesture);
  CHECK(pair.a.bell.said.empty());  // nobody is known to listen
  CHECK(pair.a.got() == std::vector<std::string>{"gesture"});
  pair.pass(std::chrono::seconds(3));
  pair.a.presence.gesture(kThread, gesture);
  exchange(pair.a, pair.b);
  CHECK(pair.a.got() == std::vector<std::string>{"gesture"});
  CHECK(pair.b.got() == std::vector<std::string>{"gesture"});
}

TEST_CASE("a tenant that gestures too much is heard elsewhere in part, and others are heard whole", "[presence]") {
  Pair pair;
  pair.pass(std::chrono::seconds(3));
  pair.b.got();
  const auto gesture = [&](const std::string& tenant, std::size_t bytes) {
    const ThreadAddress at{*TenantId::parse(tenant), Env::dev, *ThreadId::parse("general")};
    const Json data = make_object({{"pad", std::string(bytes, 'x')}});
    pair.a.presence.gesture(at, StreamEvent(EventType::gesture, at, Cause("t", "r"), {"u_ann", "human"}, data).frame());
  };
  constexpr std::size_t part = limits::gesture_bytes_told_max / 4;
  for (int times = 0; times < 10; ++times) gesture("t_acme", part);
  CHECK(pair.a.got().size() == 10);  // its own streams lose nothing
  for (int times = 0; times < 3; ++times) gesture("t_other", part);
  CHECK(pair.a.bell.said.size() == 3 + 3);  // a frame is longer than its data
  exchange(pair.a, pair.b);
  CHECK(pair.b.got().size() == 3);
  pair.clock += std::chrono::seconds(1);
  gesture("t_acme", part);
  exchange(pair.a, pair.b);
  CHECK(pair.b.got().size() == 1);
}

TEST_CASE("words that no daemon of this version says change nothing", "[presence]") {
  Pair pair;
  pair.a.arrive(kAnn);
  exchange(pair.a, pair.b);
  pair.b.got();
  for (const char* words :
       {"", "no json", "[]", "{}", R"({"is":"online"})", R"({"is":"dance","from":"x"})",
        R"({"is":"gesture","from":"x","at":["t_unknown!","dev","general"],"json":"{"})",
        R"({"is":"gesture","from":"x","at":["t_acme","dev"],"json":"{"})", R"({"is":"ask","from":"x","of":7})",
        R"({"is":"whole","from":"x","n":0,"part":0,"last":true,"streams":[{"at":["t_acme","dev","a b"],"users":[]}]})"})
    pair.b.presence.hear(words);
  CHECK(pair.b.got().empty());
  CHECK(pair.b.present() == Users{"u_ann"});
}

TEST_CASE("where no other daemon may be, presence is the hub's", "[presence]") {
  Hub hub;
  Presence presence(hub, nullptr);
  presence.arrive(kThread, kAnn, frame("online", kAnn), nullptr);
  presence.tick();
  CHECK(hub.present(thread_topic(kThread)) == Users{"u_ann"});
  presence.leave(kThread, kAnn, frame("offline", kAnn));
  CHECK(hub.present(thread_topic(kThread)).empty());
}

}  // namespace nexus::rails
