#include "tests/bench/streams.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>

#include "daemon/base/json.hpp"
#include "tests/bench/machine.hpp"
#include "tests/bench/stream_client.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kHot = 1000;      // streams of the hot thread; as many of them WebSocket as the whole has a share
constexpr int kThreads = 100;   // of the others
constexpr double kPosts = 100;  // a second
constexpr std::int64_t kPatience = 60'000'000;  // microseconds, for anything

void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class Streams {
 public:
  Streams(const std::filesystem::path& data, int sse, int websocket) : data_(data) {
    allow_many_files();
    start();
    make_threads();
    const int all = sse + websocket;
    for (int i = 0; i < all; ++i) {
      ClientStream stream;
      // Every so many is a WebSocket, and every so many is in the hot thread, independently of each other.
      stream.websocket = (i + 1) * websocket / all != i * websocket / all;
      streams_.push_back(std::move(stream));
    }
    hot_ = std::min(kHot, all);
  }

  StreamFigures measure(milliseconds each) {
    StreamFigures figures;
    for (const ClientStream& stream : streams_) ++(stream.websocket ? figures.websocket : figures.sse);
    open(figures);
    post(figures, each);
    kill_and_resume(figures);
    return figures;
  }

 private:
  void start() {
    test::DaemonOptions options;
    options.data_dir = data_;
    options.port = port_;
    options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"},
                           {"NEXUSD_LIMITS_STREAMS_PER_USER", "1000000"}};
    daemon_.emplace(options);
    port_ = daemon_->port();
  }

  test::Headers fields() const {
    return {{"Authorization", "Bearer " + daemon_->token()}, {"X-Tenant-Id", "t_dev"}, {"X-Env", "dev"}};
  }

  void make_threads() {
    test::Client client(daemon_->address());
    for (int i = 0; i <= kThreads; ++i) {
      const Json body = {{"thread_id", "t-" + std::to_string(i)}};
      const auto answer = client.request("POST", "/chat/threads", fields(), body.dump());
      if (answer.status != 201) throw std::runtime_error("POST /chat/threads answered " + answer.body);
    }
  }

  /// The hot ones are spread over all, so that a thousand are hot and both transports are among them.
  bool is_hot(std::size_t index) const {
    const std::size_t stride = streams_.size() / static_cast<std::size_t>(hot_);
    return index % stride == 0 && index / stride < static_cast<std::size_t>(hot_);
  }

  std::string request_of(std::size_t index) const {
    const ClientStream& stream = streams_[index];
    const std::string thread = is_hot(index) ? "t-0" : "t-" + std::to_string(1 + index % kThreads);
    std::string request = std::string("GET ") + (stream.websocket ? "/ws/chat/" : "/sse/chat/") + thread;
    if (!stream.cursor.empty()) request += "?last_event_id=" + stream.cursor;
    request += " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
    for (const auto& [name, value] : fields()) request += name + ": " + value + "\r\n";
    if (stream.websocket)
      request +=
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: nexus.chat.v1\r\n";
    return request + "\r\n";
  }

  /// Connects all of them anew; answers the client that reads them.
  StreamClient& connect() {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      streams_[i].request = request_of(i);
      streams_[i].current = false;
    }
    client_.emplace(port_, streams_, [this](ClientStream& stream, std::int64_t number, std::int64_t micros) {
      take(stream, number, micros);
    });
    return *client_;
  }

  void take(ClientStream& stream, std::int64_t number, std::int64_t micros) {
    ++delivered_;
    if (number <= stream.newest) ++doubled_;
    if (number > stream.newest + 1) ++disordered_;
    stream.newest = std::max(stream.newest, number);
    if (measuring_) latencies_.push_back(static_cast<float>(steady_micros() - micros) / 1000);
  }

  std::uint64_t count_current() const {
    return static_cast<std::uint64_t>(
        std::count_if(streams_.begin(), streams_.end(), [](const ClientStream& stream) { return stream.current; }));
  }

  void open(StreamFigures& figures) {
    const double before = resident_mib(daemon_->pid());
    const std::int64_t start = steady_micros();
    StreamClient& client = connect();
    client.run(start + kPatience, [&] { return count_current() == streams_.size(); });
    figures.open_seconds = static_cast<double>(steady_micros() - start) / 1e6;
    const std::int64_t settled = steady_micros() + 1'000'000;
    client.run(settled, [] { return false; });
    figures.kib_a_stream = (resident_mib(daemon_->pid()) - before) * 1024 / static_cast<double>(streams_.size());
  }

  void post_one(test::Client& client) {
    const std::int64_t number = ++posted_;
    const Json body = {{"text", "m " + std::to_string(number) + " " + std::to_string(steady_micros())}};
    const auto answer = client.request("POST", "/chat/threads/t-0/messages", fields(), body.dump());
    if (answer.status != 201) throw std::runtime_error("a message was answered " + answer.body);
  }

  bool have_all() const {
    for (std::size_t i = 0; i < streams_.size(); ++i)
      if (is_hot(i) && streams_[i].newest < posted_) return false;
    return true;
  }

  void post(StreamFigures& figures, milliseconds each) {
    const double cpu = cpu_seconds(daemon_->pid());
    const std::int64_t start = steady_micros(), end = start + each.count() * 1000;
    latencies_.reserve(static_cast<std::size_t>(kPosts * static_cast<double>(hot_) * 1.2) *
                       static_cast<std::size_t>(each.count() / 1000 + 1));
    measuring_ = true;
    std::atomic<bool> over = false;
    std::thread poster([&] {
      test::Client client(daemon_->address());
      auto next = std::chrono::steady_clock::now();
      while (steady_micros() < end) {
        post_one(client);
        next += std::chrono::microseconds(static_cast<std::int64_t>(1e6 / kPosts));
        std::this_thread::sleep_until(next);
      }
      over = true;
    });
    client_->run(end + kPatience, [&] { return over.load() && have_all(); });
    poster.join();
    measuring_ = false;
    const double seconds = static_cast<double>(steady_micros() - start) / 1e6;
    figures.posted_per_second = static_cast<double>(posted_) / seconds;
    figures.cpu = (cpu_seconds(daemon_->pid()) - cpu) / seconds;
    figures.expected = static_cast<std::uint64_t>(posted_) * static_cast<std::uint64_t>(hot_);
    figures.delivered = delivered_;
    std::sort(latencies_.begin(), latencies_.end());
    if (latencies_.empty()) return;
    figures.p50_ms = latencies_[latencies_.size() / 2];
    figures.p99_ms = latencies_[latencies_.size() * 99 / 100];
  }

  /// What is posted while nobody is connected comes by resume.
  void kill_and_resume(StreamFigures& figures) {
    client_->close_all();
    daemon_->kill();
    start();
    test::Client client(daemon_->address());
    for (int i = 0; i < 20; ++i) post_one(client);
    const std::int64_t start_micros = steady_micros();
    connect().run(start_micros + kPatience, [&] { return count_current() == streams_.size() && have_all(); });
    figures.caught_up_seconds = static_cast<double>(steady_micros() - start_micros) / 1e6;
    figures.caught_up = count_current();
    figures.doubled = doubled_;
    figures.disordered = disordered_;
    client_->close_all();
  }

  std::filesystem::path data_;
  int port_ = 0;
  std::optional<test::DaemonProcess> daemon_;
  std::vector<ClientStream> streams_;
  std::optional<StreamClient> client_;
  int hot_ = 0;
  std::atomic<std::int64_t> posted_ = 0;
  std::uint64_t delivered_ = 0, doubled_ = 0, disordered_ = 0;
  bool measuring_ = false;
  std::vector<float> latencies_;
};

}  // namespace

StreamFigures measure_streams(const std::filesystem::path& data, int sse, int websocket, milliseconds each) {
  return Streams(data, sse, websocket).measure(each);
}

}  // namespace nexus::bench
