#include "tests/bench/engines.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include "daemon/base/json.hpp"
#include "store/postgres/link.hpp"
#include "tests/support/client.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/relay.hpp"
#include "tests/support/second_daemon.hpp"

namespace nexus::bench {
namespace {

using std::chrono::milliseconds;

constexpr int kTenants = 64;
// Each way, between two machines of one place.
constexpr std::chrono::microseconds kDelay{250};

std::string tenant_name(int number) { return "t_bench_" + std::to_string(number); }

/// A daemon, or two on one store, with many tenants, all of u_dev.
class Subject {
 public:
  Subject(std::string name, const std::filesystem::path& data, const std::string& database, int daemons = 1)
      : name_(std::move(name)),
        daemon_(options_of(data, database)),
        second_(daemons == 1 ? nullptr : std::make_unique<test::SecondDaemon>(daemon_, options_of(data, database))) {
    test::Client client(daemon_.address());
    for (int number = 0; number < kTenants; ++number) {
      as_root(client, "POST", "/tenants", {{"tenant_id", tenant_name(number)}, {"name", "bench"}});
      as_root(client, "PUT", "/tenants/" + tenant_name(number) + "/members/u_dev", {{"role", "owner"}});
      requests_.push_back(request_text("POST", "/nexus/raw/presign-upload",
                                       "Authorization: Bearer " + daemon_.token() + "\r\nX-Tenant-Id: " +
                                           tenant_name(number) + "\r\nX-Env: dev\r\nContent-Type: application/json\r\n",
                                       R"({"filename":"a.txt","content_type":"text/plain","max_bytes":1024})"));
    }
  }
  const std::string& name() const { return name_; }

  /// What the daemons count: groups, and round trips for them.
  std::array<double, 2> counted() const {
    std::array<double, 2> sums{};
    for (const std::string& address : addresses()) {
      const std::string text = test::Client(address).request("GET", "/metrics", {}, "").body;
      const char* names[] = {"\nnexus_writer_batches_total ", "\nnexus_writer_round_trips_total "};
      for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += std::stod(text.substr(text.find(names[i]) + std::strlen(names[i])));
    }
    return sums;
  }

  Measured presign(int tenants, milliseconds each) const {
    Load load;
    load.port = daemon_.port();
    if (second_ != nullptr) load.other_port = second_->daemon().port();
    load.duration = each;
    load.next = [this, tenants](int connection, std::string& out) {
      out = requests_[static_cast<std::size_t>(connection % tenants)];
      return true;
    };
    return drive(load);
  }

 private:
  std::vector<std::string> addresses() const {
    std::vector<std::string> all{daemon_.address()};
    if (second_ != nullptr) all.push_back(second_->daemon().address());
    return all;
  }
  static test::DaemonOptions options_of(const std::filesystem::path& data, const std::string& database) {
    test::DaemonOptions options;
    options.data_dir = data;
    options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}};
    if (!database.empty()) options.environment.emplace_back("NEXUSD_DATABASE", database);
    return options;
  }
  void as_root(test::Client& client, const std::string& method, const std::string& path, const Json& body) const {
    const auto answer = client.request(method, path,
                                       {{"Authorization", "Bearer " + daemon_.root_token()},
                                        {"X-Nexus-Reason", "bench"},
                                        {"Content-Type", "application/json"}},
                                       to_text(body));
    if (answer.status / 100 != 2) throw std::runtime_error(path + " answered " + answer.body + answer.error);
  }

  const std::string name_;
  test::DaemonProcess daemon_;
  std::unique_ptr<test::SecondDaemon> second_;
  std::vector<std::string> requests_;
};

Measured median_of(std::vector<Measured> all) {
  std::ranges::sort(all, {}, &Measured::per_second);
  return all[all.size() / 2];
}

std::string address_of(const std::filesystem::path& host, const std::string& database) {
  return "postgresql://nexus@/" + database + "?host=" + host.string();
}

}  // namespace

std::vector<EngineRow> measure_engines(const std::filesystem::path& directory, int rounds, milliseconds each) {
  std::filesystem::create_directories(directory);
  const test::PostgresServer server(
      {"fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB"});
  const test::Relay relay(server.socket_directory(), kDelay);
  store::Link control({.url = server.url()});
  control.execute("CREATE DATABASE near");
  control.execute("CREATE DATABASE shared");
  control.execute("CREATE DATABASE far");
  const Subject file("SQLite", directory / "file", "");
  const Subject near("PostgreSQL, on this machine", directory / "near", address_of(server.socket_directory(), "near"));
  const Subject shared("PostgreSQL, two daemons", directory / "shared", address_of(server.socket_directory(), "shared"),
                       2);
  const Subject far("PostgreSQL, 0.25 ms away each way", directory / "far",
                    address_of(relay.socket_directory(), "far"));
  std::vector<EngineRow> rows;
  for (const int tenants : {kTenants, 1}) {
    const std::vector<const Subject*> subjects = {&file, &near, &shared, &far};
    std::vector<std::vector<Measured>> all(subjects.size());
    std::vector<std::array<double, 2>> before;
    for (const Subject* subject : subjects) before.push_back(subject->counted());
    for (int round = 0; round < rounds; ++round)
      for (std::size_t place = 0; place < subjects.size(); ++place)
        all[place].push_back(subjects[place]->presign(tenants, each));
    const double of_file = median_of(all[0]).per_second(), of_near = median_of(all[1]).per_second();
    for (std::size_t place = 0; place < subjects.size(); ++place) {
      const Measured median = median_of(all[place]);
      const auto after = subjects[place]->counted();
      rows.push_back({std::to_string(tenants) + (tenants == 1 ? " tenant, " : " tenants, ") + subjects[place]->name(),
                      median, place == 0 ? 0 : median.per_second() / of_file,
                      subjects[place] == &shared ? median.per_second() / of_near : 0,
                      (after[1] - before[place][1]) / (after[0] - before[place][0])});
    }
  }
  return rows;
}

}  // namespace nexus::bench
