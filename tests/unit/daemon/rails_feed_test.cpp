// The feed: sequences go in turn.
#include "daemon/rails/feed.hpp"

#include <future>

#include "daemon/audit/events.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::rails {
namespace {

constexpr int kRows = 1000;

void write_events(store::Tx& tx, const Place& place, int count) {
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse(place.tenant_id);
  caller.env_id = parse_env(place.env);
  caller.request_id = caller.trace_id = "r-1";
  for (int i = 0; i < count; ++i)
    audit::write_event(tx, caller, "search", audit::prepared({"card_search", "card", "", Json::object(), {}}), 1);
}

SubscriberPtr subscriber_of(Hub& hub, const Place& place) {
  auto subscriber = std::make_shared<Subscriber>();
  hub.subscribe(activity_topic(place.realm()), subscriber);
  return subscriber;
}

}  // namespace

TEST_CASE("a sequence with much to publish lets others go first after a page", "[rails]") {
  const store::test::Scratch scratch;
  store::SqliteDatabase database({.path = scratch.database()});
  const Place loud{"t_loud", "dev"}, quiet{"t_quiet", "dev"};
  database.writer().apply([&](store::Tx& tx) {
    write_events(tx, loud, kRows);
    write_events(tx, quiet, 1);
  });
  Hub hub;
  const SubscriberPtr to_loud = subscriber_of(hub, loud), to_quiet = subscriber_of(hub, quiet);
  store::test::Gate quiet_has_begun;
  std::promise<void> loud_is_published, quiet_is_published;
  std::size_t published = 0, before_quiet = 0;
  // These run on the feed's thread, as frames come.
  std::function<void()> count_loud = [&] {
    quiet_has_begun.pass();
    published += to_loud->take().size();
    if (published == kRows) return loud_is_published.set_value();
    to_loud->wait(count_loud);
  };
  to_loud->wait(count_loud);
  to_quiet->wait([&] {
    before_quiet = published;
    quiet_is_published.set_value();
  });
  {
    const Epoch epoch("0011aaff");
    Feed feed(database, hub, epoch);
    for (const Place& place : {loud, quiet}) feed.listen(place, Sequence::activity);
    feed.start(loud, Sequence::activity, 0);
    feed.start(quiet, Sequence::activity, 0);
    quiet_has_begun.open();
    quiet_is_published.get_future().wait();
    loud_is_published.get_future().wait();
  }
  CHECK(before_quiet <= kPageRows);
  CHECK(published == kRows);
}

}  // namespace nexus::rails
