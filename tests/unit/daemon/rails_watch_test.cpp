// The look at the store: it finds rows and facts of which nobody told.
#include "daemon/rails/watch.hpp"

#include <future>

#include "daemon/audit/events.hpp"
#include "store/identity.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::rails {
namespace {

const Place kPlace{"t_acme", "dev"};

void write_event(store::Tx& tx) {
  Caller caller;
  caller.user_id = "u_ann";
  caller.actor_type = "human";
  caller.tenant_id = TenantId::parse(kPlace.tenant_id);
  caller.env_id = parse_env(kPlace.env);
  caller.request_id = caller.trace_id = "r-1";
  audit::write_event(tx, caller, "search", audit::prepared({"card_search", "card", "", Json::object(), {}}), 1);
}

}  // namespace

TEST_CASE("rows that no bell told of are published at the next look, once", "[rails]") {
  const store::test::Scratch scratch;
  store::SqliteDatabase database({.path = scratch.database()});
  Hub hub;
  const auto stream = std::make_shared<Subscriber>();
  hub.subscribe(activity_topic(kPlace.realm()), stream);
  const Epoch epoch("0011aaff");
  Feed feed(database, hub, epoch);  // nobody calls `changed`
  feed.listen(kPlace, Sequence::activity);
  feed.start(kPlace, Sequence::activity, 0);
  const Watch watch(
      database, feed, [](const auto&) {}, std::chrono::milliseconds(1));
  for (int count = 0; count < 3; ++count) {
    std::promise<void> came;
    stream->wait([&] { came.set_value(); });
    database.writer().apply(write_event);
    came.get_future().wait();
    CHECK(stream->take().size() == 1);
  }
}

TEST_CASE("each look brings the facts about the store", "[rails]") {
  const store::test::Scratch scratch;
  store::SqliteDatabase database({.path = scratch.database()});
  Hub hub;
  const Epoch epoch("0011aaff");
  Feed feed(database, hub, epoch);
  std::promise<void> seen;
  bool is_set = false;
  const auto look = [&](const Watch::Facts& facts) {
    if (is_set || !facts.contains("rights_mark")) throw std::runtime_error("the next look comes all the same");
    CHECK(facts.at("rights_mark") == "one");
    is_set = true;
    seen.set_value();
  };
  const Watch watch(database, feed, look, std::chrono::milliseconds(1));
  database.writer().apply([](store::Tx& tx) { store::put_meta(tx, "rights_mark", "one"); });
  seen.get_future().wait();
}

}  // namespace nexus::rails
