// Events that are masked before their unit: what is stored, and its flags, are those of one scan of the whole event.
#include <random>

#include "daemon/audit/events.hpp"
#include "daemon/limits.hpp"
#include "store/events.hpp"
#include "tests/catch.hpp"
#include "tests/unit/store/support.hpp"

namespace nexus::audit {
namespace {

struct Parts {
  Json input, output, metadata;
  std::string content;
};

struct Stored {
  std::string input, output, metadata;
  std::vector<std::string> flags;
  bool train_ok = false;
  bool operator==(const Stored&) const = default;
};

/// One scan over the four parts in their order, as the unit itself made it once.
Stored whole(Parts parts) {
  PiiScan scan;
  for (Json* part : {&parts.input, &parts.output, &parts.metadata}) scan.mask(*part);
  Json content = parts.content;
  scan.mask(content);
  return {to_text(parts.input), to_text(parts.output), to_text(parts.metadata),
          scan.flags().get<std::vector<std::string>>(), !scan.found()};
}

struct Fixture {
  store::test::Scratch scratch;
  store::SqliteDatabase database{{.path = scratch.database()}};
  Caller caller;

  Fixture() {
    caller.user_id = "u_ann";
    caller.actor_type = "human";
    caller.tenant_id = TenantId::parse("t_a");
    caller.env_id = Env::dev;
  }
  Stored stored(const Activity& activity) {
    Written written;
    database.writer().apply([&](store::Tx& tx) { written = write_event(tx, caller, "tests", activity, now_micros()); });
    const auto event = store::find_event(database.read().reader(), caller.realm(), written.event_id);
    REQUIRE(event);
    CHECK(written.pii_flags == Json(event->pii_flags));
    return {event->input, event->output, event->metadata, event->pii_flags, event->train_ok};
  }
};

Activity activity_of(const Parts& parts) {
  Activity activity{"tested", "thing", "1", parts.input, parts.output, parts.metadata};
  activity.content = parts.content;
  return activity;
}

void check_all_ways(Fixture& fixture, const Parts& parts) {
  const Stored wanted = whole(parts);
  CHECK(fixture.stored(activity_of(parts)) == wanted);
  CHECK(fixture.stored(prepared(activity_of(parts))) == wanted);
  CHECK(fixture.stored(prepared(prepared(activity_of(parts)))) == wanted);
  // A unit adds the output, as those of messages, turns and runs do.
  Activity later = activity_of({parts.input, Json::object(), Json::object(), ""});
  later = prepared(std::move(later));
  later.output = parts.output;
  later.metadata = parts.metadata;
  later.content = parts.content;
  CHECK(fixture.stored(later) == wanted);
  // A unit adds the input, as those of cards do, whose content was looked over before.
  Activity card{"tested", "thing", "1"};
  card.content = parts.content;
  card = prepared(std::move(card));
  card.input = parts.input;
  card.output = parts.output;
  card.metadata = parts.metadata;
  CHECK(fixture.stored(card) == wanted);
}

TEST_CASE("an event that is prepared equals one that is scanned in its unit", "[events]") {
  Fixture fixture;
  const auto text = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  check_all_ways(fixture, {Json::object(), Json::object(), Json::object(), ""});
  check_all_ways(fixture, {{{"a", "ann@example.com"}}, {{"b", "8.8.8.8"}}, {{"c", 4111111111111111}}, "no"});
  check_all_ways(fixture, {{{"a", 1}}, nullptr, {{"ann@example.com", "x"}}, "call +1 415 555 0132"});
  for (const char* ours :
       {"00000000-0000-4000-8000-012345678901", "2026-11-23T01:02:03.456Z", "41111111111111114111111111111111"})
    check_all_ways(fixture, {{{"a", ours}}, Json::object(), Json::object(), ours});
  constexpr std::size_t most = limits::pii_scan_bytes_max;
  for (const std::size_t bytes : {most - 8, most - 7, most - 1, most, most + 1})
    for (const std::string& small : {std::string("a@b.com"), std::string("1234567")}) {
      check_all_ways(fixture, {{{"a", small}}, Json::object(), Json::object(), text(bytes)});
      check_all_ways(fixture, {{{"a", text(bytes)}}, {{"b", small}}, Json::object(), ""});
      check_all_ways(fixture, {{{"a", text(bytes)}}, Json::object(), {{"b", small}}, small});
    }
  check_all_ways(fixture, {{{"a", "x"}}, Json::object(), Json::object(), text(most - 20) + " ann@example.com"});
}

}  // namespace
}  // namespace nexus::audit
