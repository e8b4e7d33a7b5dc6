// Streams of server-sent events: what they begin with, that they resume without gap or repetition, and why they end.
#include <atomic>
#include <random>
#include <thread>

#include "tests/api/chat_support.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> types(EventStream& stream, std::size_t count) {
  std::vector<std::string> out;
  while (out.size() < count) {
    const auto event = stream.next();
    if (!event) break;
    out.push_back(event->type);
  }
  return out;
}

std::string cursor_of(const Json& message) { return message.at("cursor"); }

/// The same cursor in another epoch, or at another seq.
std::string moved(const std::string& cursor, std::int64_t by) {
  const auto point = cursor.find('.');
  return cursor.substr(0, point + 1) + std::to_string(std::stoll(cursor.substr(point + 1)) + by);
}

using ChatTexts = std::vector<std::string>;

}  // namespace

TEST_CASE("a stream begins with what was missed, then its cursor, then presence, then what comes") {
  Chat chat;
  const Json first = chat.say("first"), second = chat.say("second");
  EventStream stream =
      chat.open(chat.tenant.viewer, "", {{"Last-Event-ID", cursor_of(first)}, {"X-Request-Id", "r-7"}});
  CHECK(stream.head().status == 200);
  CHECK(stream.head().header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(stream.head().header("cache-control") == "no-store");
  CHECK(stream.head().header("x-accel-buffering") == "no");
  const auto missed = stream.next();
  REQUIRE(missed);
  CHECK(missed->type == "user_message");
  CHECK(missed->id == cursor_of(second));
  const auto resume = stream.next();
  REQUIRE(resume);
  CHECK(resume->type == "resume_cursor");
  CHECK(resume->id == cursor_of(second));
  CHECK(resume->json["data"]["cursor"] == second["cursor"]);
  CHECK(resume->json["seq"].is_null());
  const auto presence = stream.next();
  REQUIRE(presence);
  CHECK(presence->type == "presence_state");
  CHECK(presence->id.empty());
  CHECK(presence->json["data"] == Json{{"status", "online"}, {"user_id", chat.tenant.viewer.id}});
  const Json third = chat.say("third");
  const auto live = stream.next();
  REQUIRE(live);
  CHECK(live->id == cursor_of(third));
  const Json& event = live->json;
  CHECK(event["v"] == 1);
  CHECK(event["type"] == "user_message");
  CHECK(event["event_id"] == third["event_id"]);
  CHECK(event["trace_id"] == third["trace_id"]);
  CHECK(event["ids"]["request_id"] == third["request_id"]);
  CHECK(event["routing"] == Json{{"tenant_id", chat.tenant.id},
                                 {"env", "dev"},
                                 {"thread_id", chat.thread},
                                 {"actor_id", chat.tenant.member.id},
                                 {"actor_type", "human"}});
  CHECK(event["meta"]["request_id"] == "r-7");
  CHECK(event["meta"]["trace_id"] == "r-7");
  CHECK(event["meta"]["last_event_id"] == third["cursor"]);
  CHECK(event["meta"]["persist"] == "always");
  CHECK(event["seq"].get<std::int64_t>() == std::stoll(cursor_of(third).substr(9)));
  // The first event tells how long to wait before coming back.
  const std::string& raw = stream.raw();
  CHECK(raw.starts_with("retry: "));
  const int retry = std::stoi(raw.substr(std::string("retry: ").size()));
  CHECK((retry >= 1000 && retry <= 3000));
  CHECK(raw.find("\nevent: user_message\n") == raw.find('\n'));
}

TEST_CASE("without a cursor a stream is live only; from=earliest tells all; a cursor beats both") {
  Chat chat;
  const Json first = chat.say("first");
  chat.say("second");
  EventStream live = chat.open(chat.tenant.viewer);
  CHECK(types(live, 2) == ChatTexts{"resume_cursor", "presence_state"});
  EventStream all = chat.open(chat.tenant.viewer, "?from=earliest");
  CHECK(types(all, 4) == ChatTexts{"user_message", "user_message", "resume_cursor", "presence_state"});
  EventStream by_query = chat.open(chat.tenant.viewer, "?from=earliest&last_event_id=" + cursor_of(first));
  CHECK(types(by_query, 3) == ChatTexts{"user_message", "resume_cursor", "presence_state"});
  EventStream by_header = chat.open(chat.tenant.viewer, "?last_event_id=" + cursor_of(first),
                                    {{"Last-Event-ID", moved(cursor_of(first), 1)}});
  CHECK(types(by_header, 2) == ChatTexts{"resume_cursor", "presence_state"});
}

TEST_CASE("a cursor that cannot be served begins the stream with a gap, and then with the oldest event") {
  Chat chat;
  const Json first = chat.say("first");
  const std::string cursor = cursor_of(first);
  const std::vector<std::pair<std::string, std::string>> cases = {{moved(cursor, 1000), "ahead"},
                                                                  {"00000000" + cursor.substr(8), "epoch"}};
  for (const auto& [sent, reason] : cases) {
    INFO(sent);
    EventStream stream = chat.open(chat.tenant.viewer, "?last_event_id=" + sent);
    CHECK(stream.head().status == 200);
    const auto gap = stream.next();
    REQUIRE(gap);
    CHECK(gap->type == "gap");
    CHECK(gap->json["data"] ==
          Json{{"from", sent}, {"to", moved(cursor, 1 - std::stoll(cursor.substr(9)) - 1)}, {"reason", reason}});
    CHECK(gap->json["data"]["to"] == gap->id);
    CHECK(types(stream, 3) == ChatTexts{"user_message", "resume_cursor", "presence_state"});
  }
  for (const char* malformed : {"7", "x", "00000000.", ".1", "00000000.01", "%0A"}) {
    INFO(malformed);
    const std::string target = "/sse/chat/" + chat.thread + "?last_event_id=" + malformed;
    CHECK(outcome(chat.world.call("GET", target, World::in(chat.tenant.viewer, chat.tenant.id))) ==
          "400 chat.cursor_invalid");
  }
}

TEST_CASE("whatever is posted meanwhile, every stream tells the thread once and in order, through all its drops") {
  Chat chat;
  constexpr int posters = 2, each = 60, readers = 4;
  std::atomic<int> posting{posters};
  std::vector<std::thread> threads;
  for (int p = 0; p < posters; ++p)
    threads.emplace_back([&, p] {
      Client client(chat.world.daemon().address());
      const Headers headers = World::in(chat.tenant.member, chat.tenant.id);
      for (int i = 0; i < each; ++i)
        client.request("POST", chat.messages(), headers,
                       Json{{"text", std::to_string(p) + "." + std::to_string(i)}}.dump());
      --posting;
    });
  std::vector<ChatTexts> told(readers);
  for (int r = 0; r < readers; ++r)
    threads.emplace_back([&, r] {
      std::mt19937 random(static_cast<unsigned>(r));
      std::string cursor;
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (told[r].size() < posters * each && std::chrono::steady_clock::now() < until) {
        EventStream stream = chat.open(chat.tenant.viewer, "?from=earliest", {{"Last-Event-ID", cursor}});
        const std::size_t take = 1 + random() % 15;
        for (std::size_t i = 0; i < take; ++i) {
          const auto event = stream.next(milliseconds(200));
          if (!event) break;
          if (!event->id.empty()) cursor = event->id;
          if (event->type == "user_message") told[r].push_back(event->json["data"]["text"]);
        }
      }
    });
  for (auto& thread : threads) thread.join();
  ChatTexts thread_order;
  std::string after;
  while (true) {
    const Answer page =
        chat.world.call("GET", chat.messages() + "?limit=200" + after, World::in(chat.tenant.viewer, chat.tenant.id));
    for (const Json& item : page.json["items"]) thread_order.push_back(item["text"]);
    if (page.json["next_cursor"].is_null()) break;
    after = "&after=" + page.json["next_cursor"].get<std::string>();
  }
  CHECK(thread_order.size() == posters * each);
  for (const ChatTexts& words : told) CHECK(words == thread_order);
  // Those posts went past the watch over the audit log: it is told of them by their rows.
  const Answer rows = chat.world.call("GET", "/audit?action=chat_message_create&limit=200",
                                      World::in(chat.tenant.admin, chat.tenant.id));
  for (const Json& row : rows.json["items"])
    chat.world.saw({.headers = {{"Nexus-Audit-Hash", row["hash"]}}, .body = {}, .json = {}, .error = {}});
}

TEST_CASE("a long thread is replayed whole, page by page") {
  Chat chat;
  ChatTexts said;
  for (int i = 0; i < 230; ++i) said.push_back(chat.say(std::to_string(i))["text"]);
  EventStream stream = chat.open(chat.tenant.viewer, "?from=earliest");
  ChatTexts told;
  while (const auto event = stream.next()) {
    if (event->type == "resume_cursor") break;
    told.push_back(event->json["data"]["text"]);
  }
  CHECK(told == said);
}

TEST_CASE("each empty line ends an event, from the first byte on and at the end") {
  Chat chat;
  EventStream stream = chat.live(chat.tenant.viewer);
  CHECK(stream.raw().find("\nevent: resume_cursor\n") == stream.raw().find('\n'));
  chat.say("one");
  REQUIRE(stream.next_of("user_message"));
  REQUIRE(chat.world
              .call("DELETE", "/tenants/" + chat.tenant.id + "/members/" + chat.tenant.viewer.id,
                    World::in(chat.tenant.owner, chat.tenant.id))
              .status == 204);
  CHECK(stream.close_code() == 4403);
  std::string_view rest = stream.raw();
  while (!rest.empty()) {
    const std::size_t end = rest.find("\n\n");
    REQUIRE(end != std::string_view::npos);
    CHECK(rest.substr(0, end).find("\ndata: ") != std::string_view::npos);
    rest.remove_prefix(end + 2);
  }
}

TEST_CASE("a deletion is told to those who follow, live and in replays, in its place") {
  Chat chat;
  const Json first = chat.say("the first secret");
  EventStream live = chat.live(chat.tenant.viewer);
  const std::string id = first.at("message_id");
  const auto remove = [&] {
    return chat.world.call("DELETE", chat.messages() + "/" + id, World::in(chat.tenant.member, chat.tenant.id));
  };
  REQUIRE(remove().status == 204);
  CHECK(remove().status == 404);
  const Json last = chat.say("last");
  const auto told = live.next();
  REQUIRE(told);
  CHECK(told->type == "message_deleted");
  CHECK(told->json["type"] == "message_deleted");
  CHECK(told->json["data"] == Json{{"message_id", id}});
  CHECK(told->json["routing"]["actor_id"] == chat.tenant.member.id);
  CHECK(told->json["routing"]["thread_id"] == chat.thread);
  CHECK(told->json["meta"]["persist"] == "always");
  CHECK(told->id == moved(cursor_of(last), -1));
  EventStream all = chat.open(chat.tenant.viewer, "?from=earliest");
  const auto tombstone = all.next();
  REQUIRE(tombstone);
  CHECK(tombstone->id == cursor_of(first));
  CHECK(tombstone->json["data"]["text"].is_null());
  const auto again = all.next();
  REQUIRE(again);
  CHECK(again->id == told->id);
  CHECK(again->json["data"] == told->json["data"]);
  CHECK(again->json["event_id"] == told->json["event_id"]);
  CHECK(types(all, 2) == ChatTexts{"user_message", "resume_cursor"});
  EventStream missed = chat.open(chat.tenant.viewer, "", {{"Last-Event-ID", cursor_of(first)}});
  CHECK(types(missed, 3) == ChatTexts{"message_deleted", "user_message", "resume_cursor"});
  // The deletion is no message: it is not listed, and cannot be deleted.
  const Headers admin = World::in(chat.tenant.admin, chat.tenant.id);
  for (const char* order : {"oldest", "newest"}) {
    const Answer list = chat.world.call("GET", chat.messages() + "?order=" + order, admin);
    CHECK(list.json.at("items").size() == 2);
  }
  const std::string deletion = told->json["event_id"];
  CHECK(outcome(chat.world.call("DELETE", chat.messages() + "/" + deletion, admin)) == "404 message.not_found");
  CHECK(chat.world.call("GET", "/events/" + deletion, admin).json["event_type"] == "chat_message_deleted");
  EventStream activity(chat.world.daemon().port(), "/sse/events?event_type=chat_message_deleted&from=earliest", admin);
  const auto act = activity.next();
  REQUIRE(act);
  CHECK(act->id == told->id);
}

TEST_CASE("user text never becomes a field, an event or an id") {
  Chat chat;
  EventStream stream = chat.live(chat.tenant.viewer);
  const ChatTexts texts = {"a\ndata: {}\n\nevent: close\ndata: {\"code\":4401}\n\n",
                           "a\r\nid: 9\r\nretry: 1\r\n\r\n",
                           "bell\a and escape\x1b[31m",
                           "\xEF\xBB\xBF: bom",
                           ": comment",
                           "\r",
                           "\xE2\x80\xA8\xE2\x80\xA9",
                           "</script><!--"};
  for (const std::string& text : texts) {
    const Json message = chat.say(text);
    const auto event = stream.next();
    REQUIRE(event);
    CHECK(event->type == "user_message");
    CHECK(event->id == cursor_of(message));
    CHECK(event->json["data"]["text"] == text);
  }
  CHECK(stream.raw().find('\r') == std::string::npos);
  const std::string nul("nul\0nul", 7);
  const Answer refused = chat.world.call("POST", "/chat/threads/" + chat.thread + "/messages",
                                         World::in(chat.tenant.member, chat.tenant.id), Json{{"text", nul}});
  CHECK(outcome(refused) == "422 validation.failed");
  CHECK(pointers(refused) == "/text");
}

TEST_CASE("presence is told to all streams of a thread: with a user's first one, and after the last") {
  Chat chat;
  EventStream watcher = chat.live(chat.tenant.viewer);
  {
    const EventStream first = chat.live(chat.tenant.member);
    { const EventStream second = chat.live(chat.tenant.member); }
    const auto online = watcher.next();
    REQUIRE(online);
    CHECK(online->type == "presence_state");
    CHECK(online->json["data"] == Json{{"status", "online"}, {"user_id", chat.tenant.member.id}});
    CHECK(online->json["meta"]["persist"] == "never");
  }
  const auto offline = watcher.next();
  REQUIRE(offline);
  CHECK(offline->json["data"] == Json{{"status", "offline"}, {"user_id", chat.tenant.member.id}});
}

TEST_CASE("a stream hears its own thread alone") {
  Chat chat, other;
  EventStream stream = chat.live(chat.tenant.viewer);
  const std::string mine = chat.thread;
  chat.thread = chat.make_thread();
  chat.say("elsewhere");
  other.say("far away");
  chat.thread = mine;
  chat.say("here");
  const auto event = stream.next();
  REQUIRE(event);
  CHECK(event->json["data"]["text"] == "here");
}

TEST_CASE("admins follow activity, of one type if they like, under the same cursors") {
  Chat chat;
  EventStream all(chat.world.daemon().port(), "/sse/events", World::in(chat.tenant.admin, chat.tenant.id));
  REQUIRE(all.next_of("resume_cursor"));
  EventStream deleted(chat.world.daemon().port(), "/sse/events?event_type=chat_message_deleted",
                      World::in(chat.tenant.admin, chat.tenant.id));
  REQUIRE(deleted.next_of("resume_cursor"));
  const Json message = chat.say("call +1 415 555 2671");
  const auto told = all.next();
  REQUIRE(told);
  CHECK(told->type == "chat_message");
  CHECK(told->id == cursor_of(message));
  CHECK(told->json["event_id"] == message["event_id"]);
  CHECK(told->data.find("555 2671") == std::string::npos);  // ids are random: three digits may stand in one
  chat.world.call("DELETE", chat.messages() + "/" + message["message_id"].get<std::string>(),
                  World::in(chat.tenant.admin, chat.tenant.id));
  const auto only = deleted.next();
  REQUIRE(only);
  CHECK(only->type == "chat_message_deleted");
  EventStream again(chat.world.daemon().port(), "/sse/events",
                    with(World::in(chat.tenant.admin, chat.tenant.id), {{"Last-Event-ID", told->id}}));
  CHECK(types(again, 2) == ChatTexts{"chat_message_deleted", "resume_cursor"});
}

TEST_CASE("admins follow the audit log by the seq of its rows") {
  Chat chat;
  const Answer posted = chat.post(chat.tenant.member, {{"text", "one"}});
  const std::string seq = posted.header("nexus-audit-seq");
  const Headers admin = World::in(chat.tenant.admin, chat.tenant.id);
  EventStream all(chat.world.daemon().port(), "/sse/audit?from=earliest", admin);
  const auto first = all.next();
  REQUIRE(first);
  CHECK(first->type == "audit_row");
  CHECK(first->id == "1");
  EventStream tail(chat.world.daemon().port(), "/sse/audit", with(admin, {{"Last-Event-ID", seq}}));
  CHECK(types(tail, 1) == ChatTexts{"resume_cursor"});
  const Answer next = chat.post(chat.tenant.member, {{"text", "two"}});
  const auto row = tail.next();
  REQUIRE(row);
  CHECK(row->id == next.header("nexus-audit-seq"));
  CHECK(row->json == chat.world.call("GET", "/audit/" + row->id, admin).json);
  EventStream ahead(chat.world.daemon().port(), "/sse/audit?last_event_id=100000", admin);
  const auto gap = ahead.next();
  REQUIRE(gap);
  CHECK(gap->type == "gap");
  CHECK(gap->json["data"] == Json{{"from", "100000"}, {"to", "0"}, {"reason", "ahead"}});
  CHECK(outcome(chat.world.call("GET", "/sse/audit?last_event_id=x", admin)) == "400 chat.cursor_invalid");
}

TEST_CASE("HEAD of a stream is its head alone, and leaves nobody online") {
  Chat chat;
  const Headers viewer = World::in(chat.tenant.viewer, chat.tenant.id);
  const Answer head = chat.world.call("HEAD", "/sse/chat/" + chat.thread, viewer);
  CHECK(head.status == 200);
  CHECK(head.header("content-type") == "text/event-stream; charset=utf-8");
  CHECK(chat.world.call("HEAD", "/sse/chat/never-was", viewer).status == 404);
}

}  // namespace nexus::test
