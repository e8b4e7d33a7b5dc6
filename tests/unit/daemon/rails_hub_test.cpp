// The hub: who gets what, bounded queues, presence.
#include "daemon/limits.hpp"
#include "daemon/rails/hub.hpp"
#include "daemon/rails/limits.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

FramePtr frame(std::int64_t seq, std::size_t bytes = 2) {
  return make_frame("user_message", "", std::string(bytes, 'x'), seq, false);
}

SubscriberPtr join(Hub& hub, const std::string& topic) {
  auto subscriber = std::make_shared<Subscriber>();
  hub.subscribe(topic, subscriber);
  return subscriber;
}

std::vector<std::int64_t> taken(const SubscriberPtr& subscriber) {
  std::vector<std::int64_t> seqs;
  for (const auto& each : subscriber->take()) seqs.push_back(each->seq);
  return seqs;
}

using Seqs = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a frame reaches the subscribers of its topic, in order, and nobody else") {
  Hub hub;
  const auto here = join(hub, "a"), also_here = join(hub, "a"), elsewhere = join(hub, "b");
  CHECK(hub.publish("a", frame(1)) == 2);
  CHECK(hub.publish("a", frame(2), here.get()) == 1);
  CHECK(hub.publish("c", frame(3)) == 0);
  CHECK(taken(here) == Seqs{1});
  CHECK(taken(also_here) == Seqs{1, 2});
  CHECK(taken(elsewhere).empty());
}

TEST_CASE("who unsubscribed gets nothing more, and the last one leaves no topic behind") {
  Hub hub;
  const auto subscriber = join(hub, "a");
  CHECK(hub.has_subscribers("a"));
  hub.unsubscribe("a", subscriber);
  hub.unsubscribe("a", subscriber);
  CHECK(!hub.has_subscribers("a"));
  CHECK(hub.publish("a", frame(1)) == 0);
  CHECK(taken(subscriber).empty());
}

TEST_CASE("topics of different tenants, envs and threads have different keys") {
  const auto address = [](const char* tenant, Env env, const char* thread) {
    return ThreadAddress{*TenantId::parse(tenant), env, *ThreadId::parse(thread)};
  };
  const std::string mine = thread_topic(address("t_a", Env::dev, "x"));
  CHECK(mine == thread_topic(address("t_a", Env::dev, "x")));
  CHECK(mine != thread_topic(address("t_b", Env::dev, "x")));
  CHECK(mine != thread_topic(address("t_a", Env::prod, "x")));
  CHECK(mine != thread_topic(address("t_a", Env::dev, "y")));
  CHECK(activity_topic({.tenant = "t_a", .env = "dev"}) != audit_topic({.tenant = "t_a", .env = "dev"}));
  CHECK(activity_topic({.tenant = "t_a", .env = "dev"}) !=
        activity_topic({.tenant = "t_a", .env = "dev"}, "card_created"));
}

TEST_CASE("a queue takes 256 events and not one more: then the stream ends as too slow, and nobody else notices") {
  Hub hub;
  const auto slow = join(hub, "a"), quick = join(hub, "a");
  for (std::size_t i = 0; i < limits::subscriber_queue_events_max; ++i) hub.publish("a", frame(1));
  CHECK(!slow->ended());
  CHECK(quick->take().size() == limits::subscriber_queue_events_max);
  hub.publish("a", frame(2));
  CHECK(slow->ended() == End::too_slow);
  CHECK(slow->take().empty());
  CHECK(!quick->ended());
  CHECK(taken(quick) == Seqs{2});
}

TEST_CASE("a queue takes 1 MiB and not one byte more") {
  Subscriber subscriber;
  const std::size_t head = frame(1, 0)->text.size();
  subscriber.push(frame(1, limits::subscriber_queue_bytes_max - head));
  CHECK(!subscriber.ended());
  subscriber.push(frame(2, 0));
  CHECK(subscriber.ended() == End::too_slow);
}

TEST_CASE("the first reason to end counts, and what was queued is not sent after it") {
  Subscriber subscriber;
  subscriber.push(frame(1));
  subscriber.end(End::membership);
  subscriber.end(End::shutdown);
  subscriber.push(frame(2));
  CHECK(subscriber.ended() == End::membership);
  CHECK(subscriber.take().empty());
}

TEST_CASE("whoever waits is called once, for a frame, for an end, for a wake, and at once when there is something") {
  Subscriber subscriber;
  int calls = 0;
  const auto count = [&] { ++calls; };
  subscriber.wait(count);
  CHECK(calls == 0);
  subscriber.push(frame(1));
  subscriber.push(frame(2));
  CHECK(calls == 1);
  subscriber.wait(count);
  CHECK(calls == 2);
  subscriber.take();
  subscriber.wait(count);
  CHECK(calls == 2);
  subscriber.wake();
  CHECK(calls == 3);
  subscriber.wake();
  subscriber.wait(count);
  CHECK(calls == 4);
  subscriber.wait(count);
  subscriber.stop_waiting();
  subscriber.end(End::token);
  CHECK(calls == 4);
  subscriber.wait(count);
  CHECK(calls == 5);
}

TEST_CASE("presence is told with a user's first stream and after the last, never in between") {
  Hub hub;
  const auto other = join(hub, "a"), mine = join(hub, "a");
  hub.arrive("a", "u_ann", frame(1), mine.get());
  hub.arrive("a", "u_ann", frame(2), nullptr);
  CHECK(hub.present("a") == std::vector<std::string>{"u_ann"});
  hub.leave("a", "u_ann", frame(3));
  CHECK(taken(other) == Seqs{1});
  CHECK(taken(mine).empty());
  hub.leave("a", "u_ann", frame(4));
  hub.leave("a", "u_ann", frame(5));
  CHECK(taken(other) == Seqs{4});
  CHECK(hub.present("a").empty());
}

}  // namespace nexus::rails
