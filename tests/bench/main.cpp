// nexus_bench: what this machine does with Nexus, beside what it could do at most, in one run and one table. It
// measures and never judges: the aims stand beside the figures, a slow machine is no failure. `--quick` takes one
// second a figure; `--rows N` puts N usage rows and observations behind the gates' decision; `--only
// daemon`, `chain`, `decision`, `verify`, `search`, `streams`, `backups`, `engines`, `moves` or `neighbours` takes one
// part.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>

#include "daemon/base/text.hpp"
#include "store/sqlite/connection.hpp"
#include "tests/bench/backups.hpp"
#include "tests/bench/bare_server.hpp"
#include "tests/bench/decision.hpp"
#include "tests/bench/engines.hpp"
#include "tests/bench/full_chain.hpp"
#include "tests/bench/group_commit.hpp"
#include "tests/bench/machine.hpp"
#include "tests/bench/moving.hpp"
#include "tests/bench/neighbours.hpp"
#include "tests/bench/routes.hpp"
#include "tests/bench/searching.hpp"
#include "tests/bench/streams.hpp"
#include "tests/bench/verifying.hpp"
#include "tests/support/client.hpp"

namespace {

using namespace nexus;
using namespace nexus::bench;
using std::chrono::milliseconds;

struct Options {
  milliseconds each{5000};
  int assets = 4000;  // uploaded and registered
  int starts = 10;
  std::int64_t few_rows = 100'000, many_rows = 1'000'000;  // behind a decision
  std::int64_t audit_rows = 1'000'000;                     // to be verified
  int cards = 100'000;                                     // to be searched
  int sse = 10'000, websocket = 1'000;                     // streams
  milliseconds backups{180'000};                           // of writes beside backups
  int rounds = 5;                                          // of each engine
  std::string only = {};
  bool takes(const char* part) const { return only.empty() || only == part; }
};

test::DaemonOptions daemon_options(const std::filesystem::path& data) {
  test::DaemonOptions options;
  options.data_dir = data;
  options.environment = {{"NEXUSD_LIMITS_DEFAULT_REQUESTS", "1000000000"}};
  return options;
}

// ---- the table -----------------------------------------------------------------------------------------------------

void title(const char* text) {
  std::printf("\n%-46s %9s %8s %8s %7s  %s\n", text, "/s", "p50 ms", "p99 ms", "ratio", "aim");
}

void line(const char* name, const Measured& measured, double of, const char* aim = "") {
  std::printf("  %-44s %9.0f %8.2f %8.2f ", name, measured.per_second(), measured.p50_ms, measured.p99_ms);
  if (of > 0)
    std::printf("%7.2f", measured.per_second() / of);
  else
    std::printf("%7s", "");
  std::printf("  %s\n", aim);
  if (measured.others + measured.broken > 0)
    std::printf("  !! %lu answers other than 2xx, %lu broken connections\n", measured.others, measured.broken);
  std::fflush(stdout);
}

void figure(const char* name, double value, const char* unit, const char* aim) {
  std::printf("  %-44s %9.1f %-25s  %s\n", name, value, unit, aim);
  std::fflush(stdout);
}

// ---- the figures ---------------------------------------------------------------------------------------------------

/// PASS rows of the actions that were sent, once the daemon has ended.
std::uint64_t count_audit_rows(const std::filesystem::path& data) {
  store::ConnectionOptions options;
  options.path = data / "nexus.db";
  options.read_only = true;
  store::Connection connection(options);
  auto query =
      store::Reader(connection)
          .query("SELECT count(*) FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev' AND result = 'PASS'");
  query.next();
  return static_cast<std::uint64_t>(query.integer(0));
}

void measure_mutations(const test::DaemonProcess& daemon, const Options& options, const GroupCommit& limit,
                       std::uint64_t& acknowledged) {
  title("mutations, gated and audited, 64 connections");
  const Measured presigns = load_presign(daemon, options.each);
  line("POST /nexus/raw/presign-upload", presigns, limit.units_per_second, ">= 8000, p99 <= 30");
  const Prepared prepared = load_register(daemon, options.assets);
  line("POST /nexus/raw/register", prepared.registers, limit.units_per_second);
  std::printf("  %-44s %9.0f %8s %8s %7.2f  %.0f a batch, COMMIT %.2f ms\n",
              "SQLite group commit, a presign's statements", limit.units_per_second, "", "", 1.0, limit.units_per_batch,
              limit.commit_micros / 1000);
  line("(POST /blobs/nexus, files of 1 KiB, synced)", prepared.uploads, 0);
  acknowledged += presigns.ok + prepared.presigns.ok + prepared.registers.ok;
}

void measure_reads(const test::DaemonProcess& daemon, const Options& options, std::uint64_t& acknowledged) {
  const KeyedRead read = make_keyed_read(daemon);
  const BareServer server(read.body, 2);
  Load bare;
  bare.port = server.port();
  bare.duration = options.each;
  bare.next = always(read.request);
  Load keyed = bare;
  keyed.port = daemon.port();

  title("reads, 64 connections");
  const Measured floor = drive(bare);
  line("GET /nexus/raw/{asset_id}", drive(keyed), floor.per_second(), ">= 35000");
  const Mixed mixed = load_mixed(daemon, read, 2000, options.each);
  line("the same beside 2000 mutations/s", mixed.reads, floor.per_second(), ">= 20000, p99 <= 8");
  line("those mutations", mixed.writes, 0, "2000");
  line("a bare Beast handler, the same body", floor, floor.per_second());
  acknowledged += mixed.writes.ok + 1;
}

/// From fork to the first 200 of /readyz.
double start_ms(const std::filesystem::path& data, double& resident) {
  const auto start = std::chrono::steady_clock::now();
  test::DaemonProcess daemon(daemon_options(data));
  if (test::Client(daemon.address()).request("GET", "/readyz").status != 200) throw std::runtime_error("not ready");
  const auto took = std::chrono::steady_clock::now() - start;
  resident = resident_mib(daemon.pid());
  return std::chrono::duration<double, std::milli>(took).count();
}

double median_start_ms(const std::filesystem::path& data, int times, double& resident) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) all.push_back(start_ms(data, resident));
  std::ranges::sort(all);
  return all[all.size() / 2];
}

void measure_process(const std::filesystem::path& data, const Options& options, double resident_loaded) {
  double resident = 0, ignored = 0;
  std::printf("\nprocess\n");
  figure("start to /readyz, a new directory", median_start_ms({}, options.starts, resident), "ms, median", "<= 150");
  figure("start to /readyz, this run's data", median_start_ms(data, 3, ignored), "ms, median", "");
  figure("resident memory, idle", resident, "MiB", "<= 40");
  figure("resident memory, after the load", resident_loaded, "MiB, caches filled", "");
  const auto bytes = std::filesystem::file_size(test::program("nexusd"));
  figure("nexusd, the binary", static_cast<double>(bytes) / (1 << 20), "MiB", "");
}

/// One daemon under load, in slices between those of another: what the machine does besides falls on both alike.
struct Loaded {
  test::DaemonProcess daemon;
  Measured sum = {};
  double cpu = 0;

  explicit Loaded(const std::filesystem::path& data) : daemon(daemon_options(data)) {}
  void run_slice(milliseconds duration) {
    const double before = cpu_seconds(daemon.pid());
    const Measured slice = load_presign(daemon, duration);
    cpu += cpu_seconds(daemon.pid()) - before;
    sum.ok += slice.ok;
    sum.others += slice.others;
    sum.broken += slice.broken;
    sum.seconds += slice.seconds;
    sum.p50_ms = std::max(sum.p50_ms, slice.p50_ms);
    sum.p99_ms = std::max(sum.p99_ms, slice.p99_ms);
  }
  double cpu_micros() const { return 1e6 * cpu / static_cast<double>(sum.ok); }
};

/// The same mutations with nothing and with everything configured.
void measure_full_chain(const std::filesystem::path& directory, const Options& options) {
  constexpr int slices = 5;
  title("presigns by what the gates are configured with");
  std::filesystem::create_directories(directory);
  Loaded none(directory / "none"), full(directory / "full");
  configure_full_chain(full.daemon);
  for (int i = 0; i < slices; ++i) {
    none.run_slice(options.each / slices);
    full.run_slice(options.each / slices);
  }
  line("nothing configured", none.sum, none.sum.per_second(), ">= 8000");
  line("the whole chain, six gates judge", full.sum, none.sum.per_second(), ">= 8000");
  std::printf("  the whole chain costs %.1f %%, %.1f us of CPU a mutation (%.1f beside %.1f)\n",
              100 * (1 - full.sum.per_second() / none.sum.per_second()), full.cpu_micros() - none.cpu_micros(),
              full.cpu_micros(), none.cpu_micros());
}

void measure_decisions(const std::filesystem::path& directory, const Options& options) {
  std::printf("\na decision of the six gates, all configured, in process (CPU time)\n");
  const auto measure = [&](std::int64_t rows) {
    const auto place = directory / std::to_string(rows);
    const DecisionCost cost = measure_decision(place, rows);
    std::filesystem::remove_all(place);
    const std::string name = "with " + std::to_string(rows) + " usage rows behind it";
    figure(name.c_str(), cost.micros, "us", "<= 20");
    figure("  right after usage was recorded", cost.micros_after, "us", "");
    return cost;
  };
  const DecisionCost few = measure(options.few_rows), many = measure(options.many_rows);
  std::printf("  growth %.2f, right after usage %.2f\n", many.micros / few.micros,
              many.micros_after / few.micros_after);
}

void measure_verifying(const std::filesystem::path& directory, const Options& options) {
  std::printf("\nverifying the audit log, %lld rows of a presign each\n", static_cast<long long>(options.audit_rows));
  const VerifyRates rates = measure_verify(directory, options.audit_rows);
  figure("an export", rates.export_rows_per_second, "rows/s", ">= 500000");
  figure("a database file", rates.database_rows_per_second, "rows/s", ">= 500000");
}

void measure_moving(const std::filesystem::path& directory, const Options& options) {
  std::printf("\na store of %lld audit rows moves\n", static_cast<long long>(options.audit_rows));
  const Moves moves = measure_moves(directory, options.audit_rows);
  const auto show = [](const char* name, const MoveFigures& figures, const char* aim) {
    figure(name, figures.seconds, "s", aim);
    figure("  its rows", figures.copy_seconds, "s", "");
    figure("  compared and verified", figures.verify_seconds, "s", "");
  };
  show("to PostgreSQL", moves.there, "<= 180 for 1000000 rows");
  show("back", moves.back, "");
}

void measure_many_streams(const std::filesystem::path& data, const Options& options) {
  const StreamFigures all = measure_streams(data, options.sse, options.websocket, options.each);
  std::printf("\nstreams: %d by SSE, %d by WebSocket\n", all.sse, all.websocket);
  figure("until all were open", all.open_seconds, "s", "");
  figure("memory of an idle one", all.kib_a_stream, "KiB", "<= 16, limit 32");
  figure("messages to a thousand of them", all.posted_per_second, "/s", "100");
  figure("delivery p50", all.p50_ms, "ms", "");
  figure("delivery p99", all.p99_ms, "ms", "<= 250");
  figure("lost", static_cast<double>(all.expected) - static_cast<double>(all.delivered), "", "0");
  figure("doubled, or out of order", static_cast<double>(all.doubled + all.disordered), "", "0");
  figure("nexusd's processor", all.cpu, "cores", "");
  figure("after kill -9, until all had caught up", all.caught_up_seconds, "s", "");
  figure("  of them", static_cast<double>(all.caught_up), "streams", "");
}

void measure_searching(const std::filesystem::path& data, const Options& options) {
  title("cards of five tenants, one searched");
  const SearchFigures all = measure_search(data, options.cards, options.each);
  line(("POST /nexus/cards, the first " + std::to_string(options.cards)).c_str(), all.load, 0);
  std::printf("  searches, one after another, and beside 500 new cards/s\n");
  for (const auto& each : all.figures) {
    line(each.words.c_str(), each.quiet, each.quiet.per_second());
    line("  while cards are written", each.beside, each.quiet.per_second(), "p99 <= 20");
    line("  those cards", each.writes, 0, "500");
  }
}

void show_neighbour(const NeighbourRow& row) {
  std::printf("  %-46s %8.2f %8.2f %7.1f %9.2f %8.1f %8.0f %9lu\n", row.name.c_str(), row.alone.p99_ms,
              row.beside.p99_ms, row.beside.p99_ms / row.alone.p99_ms, row.beside.p50_ms, row.livez.max_ms,
              row.resident_mib, row.noise);
  for (const Measured* each : {&row.alone, &row.beside})
    if (each->others + each->broken > 0)
      std::printf("  !! %lu answers other than 2xx, %lu broken connections\n", each->others, each->broken);
  std::fflush(stdout);
}

void measure_fair_shares(const std::filesystem::path& directory, const Options& options) {
  std::printf("\n%-48s %8s %8s %7s %9s %8s %8s %9s\n", "a quiet tenant | beside a noisy one", "alone", "p99 ms",
              "ratio", "p50 ms", "livez", "MiB", "answers");
  std::printf("  %-46s %8s %8s %7s %9s %8s %8s\n", "aim", "", "", "<= 2", "", "<= 20", "<= 256");
  measure_neighbours(directory, options.each, show_neighbour);
  figure("a kill switch, every place taken", measure_stop_with_every_place_taken(directory / "places"), "s", "<= 1");
}

void measure_backing_up(const std::filesystem::path& directory, const Options& options) {
  title("writes at a steady rate, and backups beside them");
  const BackupFigures all = measure_backups(directory, 1000, options.backups);
  line("alone", all.alone, 0, "1000");
  line("one backup after the other, each proved", all.beside, all.alone.per_second(), "1000");
  figure("their p99, beside backups by alone", all.beside.p99_ms / all.alone.p99_ms, "", "<= 2");
  figure("backups", all.backups, "", "");
  figure("  of them without what was acknowledged before", static_cast<double>(all.lacking), "", "0");
  figure("  the last", all.mib, "MiB", "");
  figure("  the longest, with its proof", all.seconds, "s", "");
}

void measure_both_engines(const std::filesystem::path& directory, const Options& options) {
  title("presigns over 64 connections, by engine, medians");
  double of_sqlite = 0;
  for (const EngineRow& row : measure_engines(directory, options.rounds, options.each)) {
    if (row.of_sqlite == 0) of_sqlite = row.median.per_second();
    line(row.name.c_str(), row.median, of_sqlite, row.of_sqlite == 0 ? "" : ">= 0.8 of SQLite's; 3000 and 2000 of one");
    if (row.round_trips != 0) figure("  round trips of a group", row.round_trips, "", "<= 4");
    if (row.of_one_daemon != 0) figure("  by one daemon on PostgreSQL", row.of_one_daemon, "", ">= 0.9");
  }
}

void measure_daemon(const std::filesystem::path& directory, const Options& options) {
  const GroupCommit limit = measure_group_commit(directory / "raw", 64, options.each);
  const auto data = directory / "data";
  std::uint64_t acknowledged = 0;
  double resident = 0;
  {
    test::DaemonProcess daemon(daemon_options(data));
    measure_mutations(daemon, options, limit, acknowledged);
    measure_reads(daemon, options, acknowledged);
    resident = resident_mib(daemon.pid());
    daemon.stop();
  }
  const std::uint64_t rows = count_audit_rows(data);
  std::printf("\naudit rows %lu, acknowledged mutations %lu: %s\n", rows, acknowledged,
              rows == acknowledged ? "equal" : "NOT EQUAL");
  measure_process(data, options, resident);
}

void run(const Options& options) {
  const test::TemporaryDirectory directory;
  std::printf("%s\n", machine_facts(directory.path()).c_str());
  std::fflush(stdout);
  if (options.takes("daemon")) measure_daemon(directory.path(), options);
  if (options.takes("chain")) measure_full_chain(directory.path() / "chain", options);
  if (options.takes("decision")) measure_decisions(directory.path() / "decisions", options);
  if (options.takes("verify")) measure_verifying(directory.path() / "audit", options);
  if (options.takes("search")) measure_searching(directory.path() / "search", options);
  if (options.takes("streams")) measure_many_streams(directory.path() / "streams", options);
  if (options.takes("backups")) measure_backing_up(directory.path() / "backups", options);
  if (options.takes("engines")) measure_both_engines(directory.path() / "engines", options);
  if (options.takes("moves")) measure_moving(directory.path() / "moves", options);
  if (options.takes("neighbours")) measure_fair_shares(directory.path() / "neighbours", options);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--quick") == 0) {
      options.each = milliseconds(1000);
      options.assets = 500;
      options.starts = 3;
      options.few_rows = 1'000;
      options.many_rows = options.audit_rows = 100'000;
      options.cards = 5'000;
      options.sse = 900;
      options.websocket = 100;
      options.backups = milliseconds(5000);
      options.rounds = 1;
    } else if (std::strcmp(arguments[i], "--only") == 0 && i + 1 < count) {
      options.only = arguments[++i];
    } else if (std::strcmp(arguments[i], "--rows") == 0 && i + 1 < count && std::atoll(arguments[i + 1]) > 0) {
      options.many_rows = std::atoll(arguments[++i]);
    } else {
      std::fprintf(stderr,
                   "usage: nexus_bench [--quick] [--rows N] [--only PART]\n"
                   "PART: daemon, chain, decision, verify, search, streams, backups, engines, moves or neighbours\n");
      return 2;
    }
  }
  try {
    run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nexus_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
