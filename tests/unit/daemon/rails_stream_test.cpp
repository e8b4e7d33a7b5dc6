// A stream over a real store, stepped by hand: replay, the switch to live, and what happens in between.
#include "daemon/guard/problems.hpp"
#include "daemon/rails/limits.hpp"
#include "daemon/rails/stream.hpp"

#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "daemon/rails/rails.hpp"
#include "daemon/rails/sources.hpp"
#include "store/identity.hpp"
#include "store/model_rows.hpp"
#include "store/sqlite/database.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

using Texts = std::vector<std::string>;

Caller caller_of(const std::string& user, const std::string& tenant) {
  Caller caller;
  caller.user_id = user;
  caller.actor_type = "human";
  caller.token_id = "token-of-" + user;
  caller.tenant_id = TenantId::parse(tenant);
  caller.env_id = Env::dev;
  caller.role = Role::member;
  caller.request_id = "request-of-" + user;
  caller.trace_id = "trace-of-" + user;
  return caller;
}

struct House {
  std::filesystem::path directory;
  std::unique_ptr<store::SqliteDatabase> database;
  std::unique_ptr<Rails> rails;
  http::Route route{.method = "GET",
                    .path = "/sse/chat/{thread_id}",
                    .demand = {},
                    .action = {},
                    .surface = {},
                    .handler = http::StreamHandler{},
                    .docs = {}};
  std::int64_t messages = 0;

  explicit House(const RailsOptions& options = {}) {
    std::string name = (std::filesystem::temp_directory_path() / "nexus-rails-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory = name;
    database = std::make_unique<store::SqliteDatabase>(store::DatabaseOptions{.path = directory / "nexus.db"});
    database->writer().apply([](store::Tx& tx) { store::put_meta(tx, "epoch", "0011aaff"); });
    rails = std::make_unique<Rails>(*database, options);
  }
  ~House() {
    database->writer().stop();
    rails.reset();
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  /// Messages that say their own numbers, each committed before the next.
  void say(int count, const std::string& thread = "standup") {
    for (int i = 0; i < count; ++i) database->writer().apply([&](store::Tx& tx) { write(tx, thread); });
  }
  void write(store::Tx& tx, const std::string& thread) {
    const std::string text = std::to_string(++messages);
    audit::Activity activity{.event_type = "chat_message", .asset_type = "message", .asset_id = text};
    const Caller ann = caller_of("u_ann", "t_acme");
    Message message;
    message.tenant_id = "t_acme";
    message.env = "dev";
    message.thread_id = thread;
    message.message_id = "m-" + text;
    message.seq = audit::write_event(tx, ann, "chat", std::move(activity), now_micros()).seq;
    message.text = text;
    message.role = "user";
    message.sender_id = ann.user_id;
    message.actor_type = "human";
    message.trace_id = ann.trace_id;
    message.request_id = ann.request_id;
    store::insert_row<kMessage>(tx, message);
  }

  std::shared_ptr<Stream> open(const StartRequest& request, const std::string& user = "u_bob") {
    auto source = thread_source({*TenantId::parse("t_acme"), Env::dev, *ThreadId::parse("standup")}, rails->epoch());
    auto lease = database->read();
    Start start = decide_start(request, source->span(lease.reader()));
    auto stream = rails->open(route, caller_of(user, "t_acme"), std::move(source), std::move(start));
    stream->begin(std::chrono::seconds(15), [] {});
    return stream;
  }
};

void add_texts(const std::vector<FramePtr>& frames, const Stream& stream, Texts& texts) {
  for (const auto& frame : frames) {
    const Json json = parse_own_json(std::string(frame->json()) + stream.ending());
    texts.push_back(json["type"] == "user_message" ? json["data"]["text"].get<std::string>()
                                                   : json["type"].get<std::string>());
  }
}

/// Takes until so many have come.
Texts take_all(Stream& stream, std::size_t at_least) {
  Texts texts;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (texts.size() < at_least && !stream.close() && std::chrono::steady_clock::now() < until)
    add_texts(stream.take(), stream, texts);
  return texts;
}

Texts numbers(int from, int to) {
  Texts texts;
  for (int i = from; i <= to; ++i) texts.push_back(std::to_string(i));
  return texts;
}

Texts operator+(Texts a, const Texts& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Texts kArrival = {"resume_cursor", "presence_state"};

}  // namespace

TEST_CASE("what is committed between two pages of a replay is told in its place, and once") {
  House house;
  house.say(250);
  const auto stream = house.open({.after = {}, .from_earliest = true});
  Texts texts;
  add_texts(stream->take(), *stream, texts);
  CHECK(texts == numbers(1, 100));
  house.say(200);
  texts = texts + take_all(*stream, 350 + kArrival.size());
  CHECK(texts == numbers(1, 450) + kArrival);
  house.say(5);
  CHECK(take_all(*stream, 5) == numbers(451, 455));
}

TEST_CASE("a stream that is behind is not too slow, however much is committed meanwhile") {
  House house;
  house.say(101);
  const auto stream = house.open({.after = {}, .from_earliest = true});
  Texts texts;
  add_texts(stream->take(), *stream, texts);
  house.say(static_cast<int>(limits::subscriber_queue_events_max) + 50);
  CHECK(!stream->close());
  const int all = static_cast<int>(house.messages);
  texts = texts + take_all(*stream, static_cast<std::size_t>(all) - texts.size() + kArrival.size());
  CHECK(texts == numbers(1, all) + kArrival);
}

TEST_CASE("a live stream that takes nothing is too slow") {
  House house;
  const auto stream = house.open({});
  CHECK(take_all(*stream, 2) == kArrival);
  house.say(static_cast<int>(limits::subscriber_queue_events_max) + 1);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!stream->close() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  REQUIRE(stream->close());
  CHECK(stream->close()->code == 4408);
  CHECK(stream->take().empty());
}

TEST_CASE("a unit that is undone is never told") {
  House house;
  const auto stream = house.open({});
  CHECK(take_all(*stream, 2) == kArrival);
  const auto result = house.database->writer().run([&](store::Tx& tx) {
    house.write(tx, "standup");
    throw std::runtime_error("undone");
  });
  CHECK(result.outcome == store::Outcome::refused);
  house.say(1);
  CHECK(take_all(*stream, 1) == Texts{"2"});
}

TEST_CASE("what is no longer kept is told as a gap, and the stream goes on with what is") {
  House house;
  house.say(5);
  house.database->writer().apply([](store::Tx& tx) {
    tx.run("DELETE FROM chat_messages WHERE seq <= 3");
    store::note_pruned(tx, store::kMessages, {.tenant = "t_acme", .env = "dev"}, 3);
  });
  const auto stream = house.open({.after = parse_cursor("0011aaff.1")});
  const auto frames = stream->take();
  REQUIRE(!frames.empty());
  const Json gap = parse_own_json(std::string(frames[0]->json()) + stream->ending());
  CHECK(gap["type"] == "gap");
  CHECK(gap["data"] == Json{{"from", "0011aaff.1"}, {"to", "0011aaff.3"}, {"reason", "pruned"}});
  Texts texts;
  add_texts(frames, *stream, texts);
  CHECK(texts == Texts{"gap", "4", "5"} + kArrival);
  const auto behind = house.open({.after = parse_cursor("0011aaff.3")});
  CHECK(take_all(*behind, 4) == numbers(4, 5) + kArrival);
}

TEST_CASE("what retention takes between two pages of a replay is told as a gap") {
  House house;
  house.say(350);
  const auto stream = house.open({.after = {}, .from_earliest = true});
  const auto prune_to = [&](std::int64_t seq) {
    house.database->writer().apply([seq](store::Tx& tx) {
      tx.run("DELETE FROM chat_messages WHERE seq <= ?1", seq);
      store::note_pruned(tx, store::kMessages, {.tenant = "t_acme", .env = "dev"}, seq);
    });
  };
  Texts texts;
  add_texts(stream->take(), *stream, texts);
  REQUIRE(texts == numbers(1, 100));
  prune_to(80);  // behind it: nothing is missing
  texts.clear();
  add_texts(stream->take(), *stream, texts);
  REQUIRE(texts == numbers(101, 200));
  prune_to(250);
  const auto frames = stream->take();
  REQUIRE(!frames.empty());
  const Json gap = parse_own_json(std::string(frames[0]->json()) + stream->ending());
  CHECK(gap["type"] == "gap");
  CHECK(gap["data"] == Json{{"from", "0011aaff.200"}, {"to", "0011aaff.250"}, {"reason", "pruned"}});
  texts.clear();
  add_texts(frames, *stream, texts);
  CHECK(texts + take_all(*stream, 101 + kArrival.size() - texts.size()) == Texts{"gap"} + numbers(251, 350) + kArrival);
}

TEST_CASE("what was gone at the start and what went since are one gap") {
  House house;
  house.say(50);
  const auto prune_to = [&](std::int64_t seq) {
    house.database->writer().apply([seq](store::Tx& tx) {
      tx.run("DELETE FROM chat_messages WHERE seq <= ?1", seq);
      store::note_pruned(tx, store::kMessages, {.tenant = "t_acme", .env = "dev"}, seq);
    });
  };
  prune_to(10);
  const auto stream = house.open({.after = parse_cursor("0011aaff.4")});
  prune_to(20);
  const auto frames = stream->take();
  REQUIRE(!frames.empty());
  const Json gap = parse_own_json(std::string(frames[0]->json()) + stream->ending());
  CHECK(gap["data"] == Json{{"from", "0011aaff.4"}, {"to", "0011aaff.20"}, {"reason", "pruned"}});
  Texts texts;
  add_texts(frames, *stream, texts);
  CHECK(texts == Texts{"gap"} + numbers(21, 50) + kArrival);
}

TEST_CASE("the place of a stream is free before its client is told that it ended") {
  House house({.streams_max = 2, .streams_per_user = 1});
  const auto first = house.open({});
  CHECK_THROWS_AS(house.open({}), Problem);
  first->end(End::membership);
  first->give_place_back();
  const auto second = house.open({});
  first->give_place_back();  // once
  CHECK_THROWS_AS(house.open({}), Problem);
}

TEST_CASE("streams are judged when permissions changed, once a caller, and end as a request would be refused") {
  House house;
  int asked = 0;
  house.rails->judge_by([&](const store::Reader&, const http::Route&, const Caller& caller) -> std::optional<Code> {
    ++asked;
    return caller.user_id == "u_bob" ? std::optional<Code>(problems::auth_not_a_member) : std::nullopt;
  });
  const auto first = house.open({}), second = house.open({}), other = house.open({}, "u_cid");
  house.rails->tick();
  CHECK(asked == 0);
  house.rails->permissions_changed();
  house.rails->tick();
  CHECK(asked == 2);
  for (const auto& stream : {first, second}) {
    REQUIRE(stream->close());
    CHECK(stream->close()->code == 4403);
  }
  CHECK(!other->close());
}

TEST_CASE("a stream that was silent for its beat is woken to say something, and then not at once again") {
  House house;
  const auto stream = house.open({});
  CHECK(take_all(*stream, 2) == kArrival);
  CHECK(!stream->beat_is_due());
  stream->begin(std::chrono::seconds(1), [] {});
  bool woken = false;
  stream->wait([&] { woken = true; });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!woken && std::chrono::steady_clock::now() < until) house.rails->tick();
  CHECK(woken);
  CHECK(stream->beat_is_due());
  stream->begin(std::chrono::seconds(3600), [] {});
  stream->wrote(0);
  CHECK(!stream->beat_is_due());
}

TEST_CASE("a stream that does not take its end is cut") {
  House house;
  bool cut = false;
  const auto stream = house.open({});
  stream->begin(std::chrono::seconds(15), [&] { cut = true; });
  stream->end(End::membership);
  house.rails->tick();
  CHECK(!cut);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!cut && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    house.rails->tick();
  }
  CHECK(cut);
}

TEST_CASE("a stream that is opened while the daemon drains ends at once") {
  House house;
  const auto before = house.open({});
  house.rails->drain();
  const auto after = house.open({});
  for (const auto& stream : {before, after}) {
    REQUIRE(stream->close());
    CHECK(stream->close()->code == 1001);
  }
}

TEST_CASE("places are given back, whatever became of their streams") {
  House house({.streams_max = 2, .streams_per_user = 1});
  auto bob = house.open({}), cid = house.open({}, "u_cid");
  CHECK_THROWS_AS(house.open({}, "u_dan"), Problem);
  cid.reset();
  CHECK_THROWS_AS(house.open({}), Problem);
  cid = house.open({}, "u_cid");
  bob.reset();
  CHECK_NOTHROW(house.open({}));
}

}  // namespace nexus::rails
