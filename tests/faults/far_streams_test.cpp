// L5 with two daemons: streams on one, of both transports, and writers on the other. Nothing is lost, doubled or
// reordered, also while either daemon and the server are killed: then streams resume by their cursor. How long a
// message took from its request to each stream is printed.
#include <algorithm>
#include <cstdio>
#include <mutex>

#include "tests/catch.hpp"
#include "tests/faults/fleet.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/ws_wire.hpp"

using namespace nexus::test;
using nexus::Json;
using nexus::parse_own_json;
using std::chrono::milliseconds;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReading = 0, kWriting = 1;  // the daemons
constexpr auto kPause = milliseconds(5);
constexpr auto kLook = milliseconds(250);  // how often a stream that hears nothing looks whether all is over

std::int64_t micros_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

/// What is written, and by whom it is read.
struct Room {
  explicit Room(const std::string& url) : fleet({url, url}) {
    Client(fleet.at(kWriting).address()).request("POST", "/chat/threads", fleet.in_dev(), R"({"thread_id":"room"})");
  }
  /// Goes on until the post with this number is there; one that got no 201 is sent again under its key.
  void post(int number) {
    Headers headers = fleet.in_dev();
    headers.emplace_back("Idempotency-Key", std::to_string(number));
    const std::string body = Json{{"text", std::to_string(number) + " " + std::to_string(micros_now())}}.dump();
    while (writer.request("POST", "/chat/threads/room/messages", headers, body).status != 201)
      std::this_thread::sleep_for(kPause);
  }

  Fleet fleet;
  Client writer{fleet.at(kWriting).address()};
  std::atomic<int> posted{0};
  std::atomic<bool> over{false};  // no more is posted
};

class Reader {
 public:
  Reader(Room& room, bool by_frames) : room_(room), by_frames_(by_frames), thread_([this] { run(); }) {}
  void join() { thread_.join(); }

  std::vector<int> seen;
  std::vector<std::int64_t> micros;  // that each took
  std::vector<std::string> faults;
  int connections = 0;

 private:
  bool is_done() const { return room_.over && static_cast<int>(seen.size()) >= room_.posted; }
  void run() {
    const auto deadline = Clock::now() + std::chrono::minutes(3);
    while (!is_done() && Clock::now() < deadline) {
      const std::string query = cursor_.empty() ? "?from=earliest" : "?last_event_id=" + cursor_;
      try {
        by_frames_ ? read_frames(query) : read_events(query);
      } catch (const std::exception&) {  // nobody listens: it is being killed
      }
      std::this_thread::sleep_for(kPause);
    }
  }
  void read_events(const std::string& query) {
    EventStream stream(port(), "/sse/chat/room" + query, room_.fleet.in_dev());
    if (stream.head().status != 200) return;
    ++connections;
    for (auto heard = Clock::now(); !is_done() && Clock::now() - heard < 4 * kLook;) {
      const auto event = stream.next(kLook);
      if (event) take(event->json);
      if (event) heard = Clock::now();
    }
  }
  void read_frames(const std::string& query) {
    WsWire wire(port(), "/ws/chat/room" + query, room_.fleet.in_dev());
    if (wire.opened().status != 101) return;
    ++connections;
    for (auto heard = Clock::now(); !is_done() && Clock::now() - heard < 4 * kLook;) {
      const auto frame = wire.next(kLook);
      if (frame && frame->opcode == Opcode::close) return;
      if (frame && frame->opcode == Opcode::text) take(parse_own_json(frame->payload));
      if (frame) heard = Clock::now();
    }
  }
  void take(const Json& event) {
    if (event.value("type", "") == "gap") faults.push_back(event.dump());
    if (event.value("type", "") != "user_message") return;
    const std::string text = event.at("data").at("text");
    std::size_t end = 0;
    seen.push_back(std::stoi(text, &end));
    micros.push_back(micros_now() - std::stoll(text.substr(end)));
    cursor_ = event.at("meta").at("last_event_id");
  }
  int port() const {
    const std::string& address = room_.fleet.addresses()[kReading];
    return std::stoi(address.substr(address.rfind(':') + 1));
  }

  Room& room_;
  const bool by_frames_;
  std::string cursor_;
  std::thread thread_;
};

/// Posts so many, with a pause after each.
void post_some(Room& room, int count, milliseconds pause) {
  for (int i = 0; i < count; ++i) {
    room.post(room.posted);
    ++room.posted;
    std::this_thread::sleep_for(pause);
  }
}

/// All readers end, having seen everything once and in order. Returns how long each message took, in order of time.
std::vector<std::int64_t> judge(Room& room, std::deque<Reader>& readers) {
  room.over = true;
  std::vector<int> all(static_cast<std::size_t>(room.posted));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  std::vector<std::int64_t> micros;
  for (Reader& reader : readers) {
    reader.join();
    CHECK(reader.seen == all);
    CHECK(reader.faults == std::vector<std::string>{});
    micros.insert(micros.end(), reader.micros.begin(), reader.micros.end());
  }
  std::ranges::sort(micros);
  return micros;
}

}  // namespace

TEST_CASE("streams on one daemon tell what is written through another, soon, once and in order", "[fleet][L5]") {
  if (!is_on_postgres()) return;
  PostgresServer server;
  Room room(server.url());
  std::deque<Reader> readers;
  for (int i = 0; i < many(100, 16); ++i) readers.emplace_back(room, i % 2 == 0);
  post_some(room, many(2000, 200), milliseconds(10));
  const auto micros = judge(room, readers);
  REQUIRE(!micros.empty());
  std::printf("%zu streams, %d messages: delivered within %.1f ms (p50), %.1f ms (p99)\n", readers.size(),
              room.posted.load(), static_cast<double>(micros[micros.size() / 2]) / 1000,
              static_cast<double>(micros[micros.size() * 99 / 100]) / 1000);
}

TEST_CASE("streams resume by their cursor when daemons and the server are killed in between", "[fleet][L5]") {
  if (!is_on_postgres()) return;
  PostgresServer server;
  Room room(server.url());
  std::deque<Reader> readers;
  for (int i = 0; i < 8; ++i) readers.emplace_back(room, i % 2 == 0);
  const int kills = many(15, 3);
  std::thread poster([&] {
    while (!room.over) post_some(room, 1, milliseconds(5));
  });
  for (int i = 0; i < kills; ++i) {
    const int before = room.posted;
    while (room.posted < before + 20) std::this_thread::sleep_for(kPause);
    if (i % 3 == 2) {
      server.kill();
      server.start_again();
    } else {
      room.fleet.at(i % 3 == 0 ? kReading : kWriting).kill();
      room.fleet.start_again(i % 3 == 0 ? kReading : kWriting);
    }
  }
  room.over = true;
  poster.join();
  judge(room, readers);
  int connections = 0;
  for (const Reader& reader : readers) connections += reader.connections;
  CHECK(connections > static_cast<int>(readers.size()));  // the control: streams did end
  std::printf("%d kills, %d messages, %d connections of %zu streams\n", kills, room.posted.load(), connections,
              readers.size());
}
