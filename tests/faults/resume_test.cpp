// Resume: clients that are cut off again and again while messages are posted and the daemon is killed, and that come
// back by either transport, see the thread once, whole and in order. 240 disconnects and a kill in a quick run; with
// NEXUS_TEST_LONG, 1 000 and five.
#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "tests/catch.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/ws_wire.hpp"

using namespace nexus::test;
using nexus::Json;
using nexus::parse_own_json;

namespace {

constexpr int kClients = 8;
constexpr auto kBetweenPosts = std::chrono::milliseconds(10);

bool is_long_run() { return std::getenv("NEXUS_TEST_LONG") != nullptr; }

/// What all threads share.
struct Scene {
  explicit Scene(const std::filesystem::path& data_) : data(data_) { live(0); }

  void live(int wanted_port) {
    daemon.emplace(DaemonOptions{
        .data_dir = data, .environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}}, .port = wanted_port});
    port = daemon->port();
    if (token.empty()) token = daemon->token();  // it outlives the daemon, whose key is kept
  }
  Headers fields() const { return {{"Authorization", "Bearer " + token}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}}; }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port); }

  std::filesystem::path data;
  std::optional<DaemonProcess> daemon;
  int port = 0;
  std::string token;
  std::atomic<int> cuts = 0;  // disconnects so far
  std::atomic<bool> posting = true;
  std::vector<std::string> posted;  // acknowledged, in order; the poster's until it has ended
};

/// Posts numbers until it is told to stop. What got no answer is posted again under its key, so that it is there once.
void post_all(Scene& scene) {
  auto next = std::chrono::steady_clock::now();
  for (int number = 0; scene.posting; ++number) {
    const std::string text = std::to_string(number);
    Headers fields = scene.fields();
    fields.emplace_back("Idempotency-Key", text);
    const std::string body = Json{{"text", text}}.dump();
    for (bool done = false; !done;) {
      try {
        Client client(scene.address());
        done = client.request("POST", "/chat/threads/room/messages", fields, body).status == 201;
      } catch (const std::exception&) {  // nobody listens: it is being killed
      }
      if (!done) std::this_thread::sleep_for(kBetweenPosts);
    }
    scene.posted.push_back(text);
    next = std::max(next + kBetweenPosts, std::chrono::steady_clock::now() - kBetweenPosts);
    std::this_thread::sleep_until(next);
  }
}

class Follower {
 public:
  Follower(Scene& scene, unsigned seed) : scene_(scene), random_(seed) {}

  /// One connection, by one transport or the other, cut off after a while, or once `until` messages were seen. Answers
  /// whether there was a stream to be cut off.
  bool follow(std::optional<std::size_t> until) {
    const auto over = std::chrono::steady_clock::now() +
                      (until ? std::chrono::milliseconds(20'000) : std::chrono::milliseconds(random_() % 150));
    const std::string query = cursor_.empty() ? "?from=earliest" : "?last_event_id=" + cursor_;
    try {
      if (random_() % 2 == 0) return read_events(query, over, until);
      return read_frames(query, over, until);
    } catch (const std::exception&) {  // nobody listens: it is being killed
      std::this_thread::sleep_for(kBetweenPosts);
      return false;
    }
  }

  const std::vector<std::string>& seen() const { return seen_; }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  static std::chrono::milliseconds left(Time over) {
    return std::max(std::chrono::milliseconds(1),
                    std::chrono::ceil<std::chrono::milliseconds>(over - std::chrono::steady_clock::now()));
  }
  bool goes_on(Time over, const std::optional<std::size_t>& until) const {
    return std::chrono::steady_clock::now() < over && !(until && seen_.size() >= *until);
  }

  void take(const Json& event) {
    if (event.value("type", "") == "gap") faults_.push_back(event.dump());
    if (event.value("type", "") != "user_message") return;
    seen_.push_back(event.at("data").at("text"));
    cursor_ = event.at("meta").at("last_event_id");
  }

  bool read_events(const std::string& query, Time over, const std::optional<std::size_t>& until) {
    EventStream stream(scene_.port, "/sse/chat/room" + query, scene_.fields());
    if (stream.head().status != 200) return false;
    while (goes_on(over, until)) {
      const auto event = stream.next(left(over));
      if (!event) return true;
      take(event->json);
    }
    return true;
  }

  bool read_frames(const std::string& query, Time over, const std::optional<std::size_t>& until) {
    WsWire wire(scene_.port, "/ws/chat/room" + query, scene_.fields());
    if (wire.opened().status != 101) return false;
    while (goes_on(over, until)) {
      const auto frame = wire.next(left(over));
      if (!frame || frame->opcode == Opcode::close) return true;
      if (frame->opcode == Opcode::text) take(parse_own_json(frame->payload));
    }
    return true;
  }

  Scene& scene_;
  std::mt19937 random_;
  std::string cursor_;
  std::vector<std::string> seen_, faults_;
};

std::vector<std::string> thread_of(const Scene& scene) {
  Client client(scene.address());
  std::vector<std::string> texts;
  std::string after;
  while (true) {
    const auto page = client.request("GET", "/chat/threads/room/messages?limit=200" + after, scene.fields());
    for (const auto& message : page.json.at("items")) {
      texts.push_back(message.at("text"));
      after = "&after=" + message.at("cursor").get<std::string>();
    }
    if (page.json.at("items").size() < 200) return texts;
  }
}

}  // namespace

TEST_CASE("who is cut off while others post and the daemon is killed sees the thread once and in order", "[L6]") {
  const int disconnects = is_long_run() ? 1000 : 240, kills = is_long_run() ? 5 : 1;
  TemporaryDirectory directory;
  Scene scene(directory.path() / "data");
  Client(scene.address()).request("POST", "/chat/threads", scene.fields(), R"({"thread_id":"room"})");
  std::vector<Follower> followers;
  for (unsigned i = 0; i < kClients; ++i) followers.emplace_back(scene, 20261126 + i);

  std::thread poster([&] { post_all(scene); });
  std::vector<std::thread> threads;
  for (Follower& follower : followers)
    threads.emplace_back([&] {
      while (scene.cuts < disconnects) scene.cuts += follower.follow(std::nullopt) ? 1 : 0;
    });
  for (int kill = 1; kill <= kills; ++kill) {
    while (scene.cuts < disconnects * kill / (kills + 1)) std::this_thread::sleep_for(kBetweenPosts);
    const int port = scene.port;
    scene.daemon->kill();
    scene.live(port);
  }
  for (auto& thread : threads) thread.join();
  scene.posting = false;
  poster.join();

  const auto thread = thread_of(scene);
  CHECK(thread == scene.posted);
  for (Follower& follower : followers) {
    for (int tries = 0; follower.seen().size() < thread.size() && tries < 3; ++tries) follower.follow(thread.size());
    CHECK(follower.seen() == thread);
    CHECK(follower.faults() == std::vector<std::string>());
  }
  WARN(scene.cuts << " disconnects, " << kills << " kills, " << thread.size() << " messages, " << kClients
                  << " clients");
}
