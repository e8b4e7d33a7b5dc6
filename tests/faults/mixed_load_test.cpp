// Half an hour of what several tenants do, while rows pass their time all along: the daemon needs as much memory and as
// many descriptors at the end as after five minutes, its log stays bounded, nothing past its time is left, and the
// audit log holds exactly what was answered. Runs with NEXUS_TEST_LONG, or for NEXUS_MIXED_LOAD_SECONDS. Prints the
// figures.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "daemon/base/clock.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/catch.hpp"
#include "tests/faults/load.hpp"
#include "tests/faults/mixed_load.hpp"
#include "tests/support/memory.hpp"

using namespace nexus;
using namespace nexus::test;

namespace {

using std::chrono::seconds;

constexpr double kPerSecond = 150;      // requests of all tenants
constexpr double kMemoryGrowth = 1.05;  // at most, after a sixth of the time
constexpr double kMemoryNoiseMib = 2;   // between two minutes of the same load
constexpr double kCachesMib = 80;       // of pages, which a run of a minute is too short to fill
constexpr double kDescriptorNoise = 8;  // connections and files that come and go
constexpr double kWaitingNoise = 50;    // rows: deleted files pass their time for long after the load, a few a second
constexpr double kLogMib = 64;
constexpr int kWindows = 30;  // the run is judged in so many parts: minutes, when it is half an hour

const std::vector<std::string> kTenants = {"t_one", "t_two", "t_three"};

/// 0: it does not run.
int seconds_to_run() {
  const char* asked = std::getenv("NEXUS_MIXED_LOAD_SECONDS");
  if (asked != nullptr) return std::atoi(asked);
  return std::getenv("NEXUS_TEST_LONG") != nullptr ? 1800 : 0;
}

/// Rows that pass their time one after another, `per_second` of them, from the start to nine tenths of the run.
struct Stock {
  int per_second;
  Micros lifetime;
  const char* sql;  // n has i, from 1, and the time `at` from which the row lives
};
constexpr Stock kStocks[] = {
    {60, kDay,
     "INSERT INTO idempotency_keys (tenant_id, env, user_id, method, path, key, body_sha256, secret, status, headers, "
     "body, created_at) SELECT 's' || i % 50, 'dev', 'u', 'POST', '/', 'k' || i, 'x', 0, 201, '{}', "
     "hex(randomblob(150)), at FROM n"},
    {40, kDay,
     "INSERT INTO events (tenant_id, env, seq, event_id, surface, actor_id, actor_type, event_type, input, output, "
     "metadata, pii_flags, train_ok, trace_id, request_id, created_at) SELECT 't_dev', 'dev', i, 'e' || i, 'cards', "
     "'u', 'human', 'x', '{}', '{}', '{}', '[]', 0, 't', 'r', at FROM n"},
    {5, kDay,
     "INSERT INTO runs (tenant_id, env, run_id, kind, status, metadata, start_time, end_time, created_by) "
     "SELECT 't_dev', 'dev', 'r' || i, 'trace', 'completed', '{}', at, at, 'u_dev' FROM n"},
    {5, kDay, "INSERT INTO denied_tokens SELECT 'd' || i, at, at FROM n"},
    {5, 30 * kDay, "INSERT INTO cards SELECT 't_dev', 'dev', 'c' || i, 'note', '', '{}', '', 0, 0, 1, 'u', at FROM n"},
    {2, kHour,
     "INSERT INTO raw_assets (tenant_id, env, asset_id, status, filename, key, uri, content_type, max_bytes, "
     "sha256_checked, metadata, created_at, created_by) SELECT 't_dev', 'dev', 'a' || i, 'presigned', 'a.bin', "
     "'tenants/t_dev/dev/raw/a' || i || '/a.bin', 's3://nexus/tenants/t_dev/dev/raw/a' || i || '/a.bin', "
     "'text/plain', 1, 0, '{}', at, 'u_dev' FROM n"}};

void fill(const std::filesystem::path& data, int run_seconds) {
  store::Connection connection({.path = data / "nexus.db"});
  store::Tx tx(connection);
  for (const Stock& stock : kStocks) {
    const std::int64_t span = run_seconds * kSecond * 9 / 10, rows = stock.per_second * span / kSecond;
    const std::string numbered =
        "WITH RECURSIVE n (i, at) AS (SELECT 1, ?2 UNION ALL SELECT i + 1, ?2 + i * ?3 / ?1 FROM n WHERE i < ?1) ";
    tx.run("BEGIN");
    tx.run(numbered + stock.sql, rows, now_micros() - stock.lifetime, span);
    tx.run("COMMIT");
  }
  tx.run("INSERT INTO event_heads (tenant_id, env, seq) SELECT 't_dev', 'dev', max(seq) FROM events");
}

DaemonOptions soon_past(const std::filesystem::path& data) {
  DaemonOptions options = loaded(data);
  for (const auto& [name, value] : {std::pair{"NEXUSD_RETENTION_EVENTS_DAYS", "1"},
                                    {"NEXUSD_RETENTION_UNREGISTERED_HOURS", "1"},
                                    {"NEXUSD_RETENTION_INDEX_HOURS", "0"},
                                    {"NEXUSD_LIMITS_STORED_ANSWERS", "4MiB"}})
    options.environment.emplace_back(name, value);
  return options;
}

void found_tenants(const DaemonProcess& daemon, Journal& journal) {
  Client client(daemon.address());
  const Headers root = {{"Authorization", "Bearer " + daemon.root_token()}, {"X-Reason", "a test"}};
  for (const std::string& tenant : kTenants) {
    const Json made = {{"tenant_id", tenant}, {"name", tenant}};
    REQUIRE(client.request("POST", "/tenants", root, made.dump()).status == 201);
    REQUIRE(client.request("PUT", "/tenants/" + tenant + "/members/u_dev", root, R"({"role":"owner"})").status / 100 ==
            2);
    const Headers own = {{"Authorization", "Bearer " + daemon.token()}, {"X-Tenant-Id", tenant}, {"X-Env", "dev"}};
    journal.take(tenant, "a room", client.request("POST", "/chat/threads", own, R"({"thread_id":"room"})"));
  }
}

/// What the daemon takes at one moment.
struct Taken {
  double at;  // seconds since the start
  double resident_mib, anonymous_mib, descriptors, store_mib, log_mib, rows_waiting;
};

/// What /metrics says to be past its time.
struct Waiting {
  double rows = 0, all = 0;  // all: rows and bytes
  std::string by_kind;       // a line for each kind
};
Waiting waiting_in(const DaemonProcess& daemon) {
  const Answer metrics = Client(daemon.address()).request("GET", "/metrics");
  REQUIRE(metrics.status == 200);
  Waiting out;
  std::istringstream lines(metrics.body);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("nexus_housekeeping_waiting_")) continue;
    const double value = std::stod(line.substr(line.find(' ')));
    if (value == 0) continue;
    out.all += value;
    if (line.starts_with("nexus_housekeeping_waiting_rows{")) out.rows += value;
    out.by_kind += line + "\n";
  }
  return out;
}

double mib_of(const std::filesystem::path& file) {
  std::error_code gone;
  const auto bytes = std::filesystem::file_size(file, gone);
  return gone ? 0 : static_cast<double>(bytes) / (1 << 20);
}

Taken look_at(const DaemonProcess& daemon, double at) {
  const auto files = std::filesystem::directory_iterator("/proc/" + std::to_string(daemon.pid()) + "/fd");
  return {.at = at,
          .resident_mib = memory_mib(daemon.pid(), "VmRSS"),
          .anonymous_mib = memory_mib(daemon.pid(), "RssAnon"),
          .descriptors = static_cast<double>(std::distance(begin(files), end(files))),
          .store_mib = mib_of(daemon.data_dir() / "nexus.db"),
          .log_mib = mib_of(daemon.data_dir() / "nexus.db-wal"),
          .rows_waiting = waiting_in(daemon).rows};
}

/// The mean of a figure over a part of the run.
double mean(const std::vector<Taken>& all, double Taken::*figure, double from, double to) {
  double sum = 0, count = 0;
  for (const Taken& one : all)
    if (one.at >= from && one.at < to) sum += one.*figure, ++count;
  return count == 0 ? 0 : sum / count;
}

/// The highest mean of the parts that follow the one at a sixth of the run (in a short one, at a third), beside that.
struct Grown {
  double before, highest;
};
Grown growth_of(const std::vector<Taken>& all, double Taken::*figure, int run_seconds) {
  const double part = static_cast<double>(run_seconds) / kWindows;
  const int first = run_seconds < 600 ? kWindows / 3 : kWindows / 6;
  Grown out{mean(all, figure, first * part, (first + 1) * part), 0};
  for (int i = first + 1; i < kWindows; ++i)
    out.highest = std::max(out.highest, mean(all, figure, i * part, (i + 1) * part));
  return out;
}

double highest(const std::vector<Taken>& all, double Taken::*figure) {
  double out = 0;
  for (const Taken& one : all) out = std::max(out, one.*figure);
  return out;
}

std::vector<Taken> watch(const DaemonProcess& daemon, int run_seconds) {
  std::vector<Taken> all;
  const auto begun = std::chrono::steady_clock::now();
  const std::chrono::duration<double> each(std::min(10.0, run_seconds / 60.0));
  for (int i = 1; i * each.count() < run_seconds; ++i) {
    std::this_thread::sleep_until(begun + std::chrono::duration_cast<std::chrono::milliseconds>(i * each));
    all.push_back(look_at(daemon, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count()));
  }
  return all;
}

/// How long it takes until nothing is past its time but what passed it meanwhile, in seconds; housekeeping looks once a
/// minute.
struct Quiet {
  double after;
  Waiting least;
};
Quiet time_to_none_waiting(const DaemonProcess& daemon) {
  const auto begun = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(); };
  Waiting least = waiting_in(daemon);
  while (least.all > kWaitingNoise && passed() < 180) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (Waiting now = waiting_in(daemon); now.all < least.all) least = std::move(now);
  }
  return {passed(), least};
}

std::string table_of(const std::vector<Taken>& all) {
  std::string out = "seconds  resident MiB  anonymous MiB  descriptors  store MiB  log MiB  waiting\n";
  char line[100];
  for (const Taken& one : all) {
    std::snprintf(line, sizeof line, "%7.0f %13.1f %14.1f %12.0f %10.1f %8.1f %8.0f\n", one.at, one.resident_mib,
                  one.anonymous_mib, one.descriptors, one.store_mib, one.log_mib, one.rows_waiting);
    out += line;
  }
  return out;
}

std::string end_of(const std::string& text) {
  constexpr std::size_t most = 4000;
  return text.size() <= most ? text : "…" + text.substr(text.size() - most);
}

}  // namespace

TEST_CASE("mixed load leaves memory, descriptors and the log as they were, and nothing past its time") {
  const int run_seconds = seconds_to_run();
  if (run_seconds == 0) return;
  const TemporaryDirectory directory;
  const auto data = directory.path() / "data";
  REQUIRE(DaemonProcess(loaded(data)).stop() == 0);
  fill(data, run_seconds);
  Journal journal;
  std::string log_end;
  {
    DaemonProcess daemon(soon_past(data));
    found_tenants(daemon, journal);
    MixedLoad load(daemon, kTenants, kPerSecond, journal);
    const std::vector<Taken> all = watch(daemon, run_seconds);
    load.stop();
    const Quiet quiet = time_to_none_waiting(daemon);
    const Grown memory = growth_of(all, &Taken::resident_mib, run_seconds),
                files = growth_of(all, &Taken::descriptors, run_seconds);
    const double log = highest(all, &Taken::log_mib);
    std::printf(
        "# mixed load, %d s: %zu answers, %zu refused by a switch, %zu repeats; resident %.1f then at most %.1f MiB; "
        "descriptors %.1f then at most %.1f; log at most %.1f MiB; past their time at most %.0f rows, none after %.1f "
        "s\n",
        run_seconds, journal.answers(), journal.refusals(), journal.repeats(), memory.before, memory.highest,
        files.before, files.highest, log, highest(all, &Taken::rows_waiting), quiet.after);
    INFO(table_of(all));
    INFO("least that was past its time:\n" << quiet.least.by_kind);
    log_end = "the end of the daemon's log:\n" + end_of(daemon.log());
    INFO(log_end);
    CHECK(memory.highest <= kMemoryGrowth * memory.before + (run_seconds < 600 ? kCachesMib : kMemoryNoiseMib));
    CHECK(files.highest <= files.before + kDescriptorNoise);
    CHECK(log <= kLogMib);
    CHECK(quiet.least.all <= kWaitingNoise);
    CHECK(journal.refusals() > 0);
    CHECK(journal.repeats() > 0);
    REQUIRE(daemon.stop() == 0);
  }
  INFO(log_end);
  CHECK(journal.complaints() == std::vector<std::string>{});
  for (const std::string& tenant : kTenants)
    CHECK(count(data, "SELECT count(*) FROM audit_rows WHERE env = 'dev' AND tenant_id = '" + tenant + "'") ==
          static_cast<std::int64_t>(journal.receipts(tenant)));
  CHECK(verify(data) == std::vector<std::string>{});
}
