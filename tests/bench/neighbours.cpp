#include "tests/bench/neighbours.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/base/json.hpp"
#include "tests/bench/machine.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon_process.hpp"

namespace nexus::bench {
namespace {

using std::chrono::milliseconds;

constexpr const char* kNoisy = "t_noisy";
constexpr const char* kQuiet = "t_quiet";

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  const int small = 4096;  // what the client does not read soon fills the daemon's side
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

/// A daemon with a noisy and a quiet tenant; `u_dev` owns both.
class Scene {
 public:
  explicit Scene(const std::filesystem::path& data, std::vector<std::string> wrapper = {})
      : daemon(options_of(data, std::move(wrapper))), client_(daemon.address()) {
    for (const char* tenant : {kNoisy, kQuiet}) {
      as_root("POST", "/tenants", {{"tenant_id", tenant}, {"name", tenant}});
      as_root("PUT", std::string("/tenants/") + tenant + "/members/u_dev", {{"role", "owner"}});
    }
  }

  std::string fields(const char* tenant, const std::string& type = "application/json") const {
    return "Authorization: Bearer " + daemon.token() + "\r\nX-Tenant-Id: " + tenant +
           "\r\nX-Env: dev\r\nContent-Type: " + type + "\r\n";
  }
  std::string post(const char* tenant, const std::string& path, const Json& body) const {
    return request_text("POST", path, fields(tenant), body.dump());
  }
  std::string get(const char* tenant, const std::string& path) const {
    return request_text("GET", path, fields(tenant));
  }

  /// A request of set-up; answers the body.
  Json call(const char* tenant, const std::string& method, const std::string& path, const std::string& body,
            const std::string& type = "application/json") {
    const auto answer = client_.request(method, path,
                                        {{"Authorization", "Bearer " + daemon.token()},
                                         {"X-Tenant-Id", tenant},
                                         {"X-Env", "dev"},
                                         {"Content-Type", type}},
                                        body);
    if (answer.status / 100 != 2) throw std::runtime_error(path + " answered " + answer.body + answer.error);
    return answer.json;
  }

  Load load(int connections, double per_second, milliseconds each, std::function<bool(int, std::string&)> next) const {
    Load load;
    load.port = daemon.port();
    load.connections = connections;
    load.per_second = per_second;
    load.duration = each;
    load.next = std::move(next);
    return load;
  }

  test::DaemonProcess daemon;

 private:
  static test::DaemonOptions options_of(const std::filesystem::path& data, std::vector<std::string> wrapper) {
    test::DaemonOptions options;
    options.data_dir = data;
    options.wrapper = std::move(wrapper);
    options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}};
    return options;
  }
  void as_root(const char* method, const std::string& path, const Json& body) {
    const auto answer = client_.request(
        method, path, {{"Authorization", "Bearer " + daemon.root_token()}, {"X-Reason", "a bench"}}, body.dump());
    if (answer.status / 100 != 2) throw std::runtime_error(path + " answered " + answer.body);
  }
  test::Client client_;
};

/// Connections that ask for a large page, read it a few KiB at a time, and ask again.
class SlowReaders {
 public:
  SlowReaders(int port, int count, std::string request) : port_(port), request_(std::move(request)) {
    sockets_.assign(static_cast<std::size_t>(count), -1);
  }
  ~SlowReaders() {
    for (const int fd : sockets_) ::close(fd);
  }
  SlowReaders(const SlowReaders&) = delete;
  SlowReaders& operator=(const SlowReaders&) = delete;

  void run(const std::atomic<bool>& over) {
    char buffer[4096];
    while (!over) {
      for (int& fd : sockets_) {
        if (fd < 0) ask_again(fd);
        const ssize_t count = fd < 0 ? -1 : ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count == 0) close(fd);
      }
      std::this_thread::sleep_for(milliseconds(50));  // a phone on a bad line
    }
  }

 private:
  void close(int& fd) {
    ::close(fd);
    fd = -1;
  }
  void ask_again(int& fd) {
    fd = connect_to(port_);
    if (fd >= 0 && ::send(fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) close(fd);
  }

  int port_;
  std::string request_;
  std::vector<int> sockets_;
};

/// What makes the noise until it is told to stop. Answers how many answers it had.
using Noise = std::function<std::uint64_t(const std::atomic<bool>& over)>;

Noise noise_of(Load load) {
  return [load = std::move(load)](const std::atomic<bool>& over) mutable {
    load.duration = std::chrono::minutes(10);
    load.next = [&over, next = std::move(load.next)](int connection, std::string& out) {
      return !over && next(connection, out);
    };
    return drive(load).ok;
  };
}

/// The quiet tenant's load alone, then beside the noise; the noise has begun before the load does.
NeighbourRow measure(Scene& scene, std::string name, const Load& quiet, const Noise& noise) {
  NeighbourRow row{.name = std::move(name), .alone = {}, .beside = {}, .livez = {}};
  drive(quiet);  // caches filled
  row.alone = drive(quiet);
  std::atomic<bool> over = false;
  std::thread noisy([&] { row.noise = noise(over); });
  std::thread watch([&] {
    while (!over) {
      row.resident_mib = std::max(row.resident_mib, resident_mib(scene.daemon.pid()));
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  std::thread probe(
      [&] { row.livez = drive(scene.load(1, 10, quiet.duration, always(request_text("GET", "/livez", "")))); });
  row.beside = drive(quiet);
  over = true;
  for (std::thread* thread : {&noisy, &watch, &probe}) thread->join();
  return row;
}

/// Small writes: one maybe each, a hundred a second over four connections.
Load small_writes(const Scene& scene, const char* tenant, milliseconds each) {
  return scene.load(4, 100, each, always(scene.post(tenant, "/maybes/items", {{"title", "A small write"}})));
}

std::string large_card(int number) {
  std::string out = "card_type: note\ntitle: Large " + std::to_string(number) + "\n---\n";
  std::mt19937 random(static_cast<unsigned>(number));
  while (out.size() < 250u << 10) out += "w" + std::to_string(random() % 20'000) + (random() % 12 ? " " : ".\n");
  return out;
}

std::function<bool(int, std::string&)> large_cards(const Scene& scene, const char* tenant) {
  std::vector<std::string> requests;
  for (int i = 0; i < 16; ++i)
    requests.push_back(request_text("POST", "/nexus/cards", scene.fields(tenant, "text/markdown"), large_card(i)));
  return [requests = std::move(requests), sent = std::make_shared<std::atomic<std::size_t>>(0)](int, std::string& out) {
    out = requests[(*sent)++ % requests.size()];
    return true;
  };
}

NeighbourRow beside_large_cards(Scene& scene, milliseconds each, const char* noisy, std::string name) {
  return measure(scene, std::move(name), small_writes(scene, kQuiet, each),
                 noise_of(scene.load(8, 25, each, large_cards(scene, noisy))));
}

NeighbourRow beside_usage_batches(Scene& scene, milliseconds each) {
  const Json usage = {{"provider", "openai"},
                      {"surface", "cards"},
                      {"tokens_input", 10},
                      {"tokens_output", 20},
                      {"cost", {{"amount_micros", 1}, {"currency", "USD"}}}};
  return measure(scene, "small writes | batches of 1000 usages", small_writes(scene, kQuiet, each),
                 noise_of(scene.load(1, 0, each, always(scene.post(kNoisy, "/budget/usage", Json(1000, usage))))));
}

NeighbourRow beside_slow_cards(Scene& scene, milliseconds each) {
  for (int i = 0; i < 40; ++i) scene.call(kNoisy, "POST", "/nexus/cards", large_card(i), "text/markdown");
  SlowReaders readers(scene.daemon.port(), 12, scene.get(kNoisy, "/nexus/cards?limit=200"));
  return measure(scene, "small writes | 12 slow readers of cards", small_writes(scene, kQuiet, each),
                 [&](const std::atomic<bool>& over) {
                   readers.run(over);
                   return std::uint64_t{0};
                 });
}

NeighbourRow beside_lists_of_maybes(Scene& scene, milliseconds each) {
  for (int i = 0; i < 200; ++i)
    scene.call(kNoisy, "POST", "/maybes/items", Json{{"title", "Large"}, {"body", std::string(4000, 'x')}}.dump());
  const std::string id =
      scene.call(kQuiet, "POST", "/maybes/items", Json{{"title", "Read"}}.dump())["item_id"].get<std::string>();
  const Load reads = scene.load(4, 400, each, always(scene.get(kQuiet, "/maybes/items/" + id)));
  return measure(scene, "keyed reads | 8 readers of lists", reads,
                 noise_of(scene.load(8, 0, each, always(scene.get(kNoisy, "/maybes/items?limit=200")))));
}

/// 400 approved locks, or as many as there may be, and acts on surfaces that nobody ever named before.
NeighbourRow beside_surfaces(Scene& scene, milliseconds each) {
  constexpr int kLocks = 250;
  for (int i = 0; i < kLocks; ++i) {
    const Json lock = scene.call(kNoisy, "POST", "/strategy-locks",
                                 Json{{"scope", "other"},
                                      {"title", "Lock " + std::to_string(i)},
                                      {"surface", "surface_" + std::to_string(i)},
                                      {"allowed_actions", Json(60, "send_" + std::to_string(i))}}
                                     .dump());
    scene.call(kNoisy, "POST", "/strategy-locks/" + lock["lock_id"].get<std::string>() + "/approve", "{}");
  }
  std::atomic<int> number = 0;
  const auto next = [&](int, std::string& out) {
    out = scene.post(kNoisy, "/gates/check",
                     {{"action", "send_mail"}, {"surface", "made_up_" + std::to_string(number++)}});
    return true;
  };
  return measure(scene, "small writes | locks x surfaces made up", small_writes(scene, kQuiet, each),
                 noise_of(scene.load(8, 0, each, next)));
}

NeighbourRow beside_prefix_searches(Scene& scene, milliseconds each) {
  for (const char* tenant : {kNoisy, kQuiet}) {
    const int cards = tenant == kNoisy ? 40 : 4;
    for (int i = 0; i < cards; ++i) scene.call(tenant, "POST", "/nexus/cards", large_card(i), "text/markdown");
  }
  const Load searches =
      scene.load(2, 20, each, always(scene.post(kQuiet, "/nexus/search", {{"query_text", "w17 w18"}})));
  return measure(scene, "searches | 16 connections of prefixes", searches,
                 noise_of(scene.load(
                     16, 0, each, always(scene.post(kNoisy, "/nexus/search", {{"query_text", "w1* w2* w3* w4*"}})))));
}

std::string upload(Scene& scene, const std::string& text) {
  const Json form = scene.call(kNoisy, "POST", "/nexus/raw/presign-upload",
                               R"({"filename":"text.txt","content_type":"text/plain","max_bytes":1048576})");
  const std::string boundary = "nexus-bench-boundary";
  std::string body;
  for (const auto& [name, value] : form["fields"].items())
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
            value.get<std::string>() + "\r\n";
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"text.txt\"\r\n" +
          "Content-Type: text/plain\r\n\r\n" + text + "\r\n--" + boundary + "--\r\n";
  const auto url = form["url"].get<std::string>();
  scene.call(kNoisy, "POST", url.substr(url.find('/', url.find("://") + 3)), body,
             "multipart/form-data; boundary=" + boundary);
  const auto id = form["asset_id"].get<std::string>();
  scene.call(kNoisy, "POST", "/nexus/raw/register", Json{{"asset_id", id}, {"filename", "text.txt"}}.dump());
  return id;
}

NeighbourRow beside_repeated_atoms(Scene& scene, milliseconds each) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "line " + std::to_string(i) + "\n";
  const std::string body = Json{{"raw_asset_id", upload(scene, text)}, {"op_type", "lines"}}.dump();
  std::atomic<int> number = 0;
  const auto next = [&](int, std::string& out) {
    out = request_text("POST", "/nexus/atoms/create-from-raw",
                       scene.fields(kNoisy) + "Idempotency-Key: again-" + std::to_string(number++) + "\r\n", body);
    return true;
  };
  return measure(scene, "small writes | the same atoms with fresh keys", small_writes(scene, kQuiet, each),
                 noise_of(scene.load(8, 0, each, next)));
}

}  // namespace

void measure_neighbours(const std::filesystem::path& directory, milliseconds each,
                        const std::function<void(const NeighbourRow&)>& report) {
  using Row = std::function<NeighbourRow(Scene&)>;
  const std::vector<Row> rows = {
      [=](Scene& scene) { return beside_large_cards(scene, each, kNoisy, "small writes | 25 cards/s of 250 KiB"); },
      [=](Scene& scene) { return beside_large_cards(scene, each, kQuiet, "small writes | the same, of one tenant"); },
      [=](Scene& scene) { return beside_usage_batches(scene, each); },
      [=](Scene& scene) { return beside_slow_cards(scene, each); },
      [=](Scene& scene) { return beside_lists_of_maybes(scene, each); },
      [=](Scene& scene) { return beside_surfaces(scene, each); },
      [=](Scene& scene) { return beside_prefix_searches(scene, each); },
      [=](Scene& scene) { return beside_repeated_atoms(scene, each); },
  };
  std::filesystem::create_directories(directory);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto data = directory / std::to_string(i);
    {
      Scene scene(data);
      report(rows[i](scene));
    }
    std::filesystem::remove_all(data);
  }
}

double measure_stop_with_every_place_taken(const std::filesystem::path& data) {
  constexpr int kStrangers = 1100;  // more than a process of 1024 descriptors has places
  Scene scene(data, {"prlimit", "--nofile=1024:1024"});
  std::vector<int> silent;
  for (int i = 0; i < kStrangers; ++i) silent.push_back(connect_to(scene.daemon.port()));
  const auto start = std::chrono::steady_clock::now();
  const test::Headers headers = {{"Authorization", "Bearer " + scene.daemon.token()},
                                 {"X-Tenant-Id", kQuiet},
                                 {"X-Env", "dev"},
                                 {"Content-Type", "application/json"}};
  int status = 0;
  while (status / 100 != 2 && std::chrono::steady_clock::now() - start < std::chrono::minutes(2)) {
    test::Client client(scene.daemon.address());
    status = client.request("PUT", "/kill-switches", headers, R"({"disabled_actions":["raw_presign"]})").status;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  for (const int fd : silent) ::close(fd);
  if (status / 100 != 2) throw std::runtime_error("the kill switch did not get in within two minutes");
  return took.count();
}

}  // namespace nexus::bench
