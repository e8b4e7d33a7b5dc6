#include "tests/bench/verifying.hpp"

#include <chrono>
#include <stdexcept>

#include "cli/commands/audit_database.hpp"
#include "daemon/audit/chain.hpp"
#include "daemon/audit/checkpoints.hpp"
#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/sqlite/database.hpp"

namespace nexus::bench {
namespace {

constexpr const char* kInstance = "0192f0c1-0000-7000-8000-000000000000";
constexpr std::int64_t kUnitRows = 1024;

audit::Act act_of(std::int64_t number) {
  audit::Act act;
  act.tenant = "t_a";
  act.env = "dev";
  act.action = "raw_presign";
  act.surface = "raw_storage";
  act.subject_type = "raw_asset";
  act.subject_id = "019ac000-0000-7000-8000-" + std::to_string(100'000'000'000 + number);
  act.actor_type = "human";
  act.actor_id = "u_ann";
  act.actor_token = "019ac000-1111-7000-8000-000000000000";
  act.request_id = act.trace_id = *act.subject_id;
  Json gates = Json::array();
  for (const char* gate : {"kill_switch", "firearms", "strategy_lock", "budget", "kpi", "temperature"})
    gates.push_back({{"gate", gate}, {"verdict", "pass"}});
  act.gates = canonical(gates);
  act.details = {{"key", "tenants/t_a/dev/raw/" + *act.subject_id + "/bench.txt"},
                 {"content_type", "text/plain"},
                 {"max_bytes", 1048576}};
  return act;
}

audit::SigningKey signing_key(const std::filesystem::path& directory) {
  const auto file = directory / "keys" / "checkpoint.key";
  const std::string name = std::string("nexusd/") + kInstance;
  if (auto key = audit::SigningKey::load(file, name)) return *key;
  const auto made = audit::SigningKey::generate(name);
  made.save(file);
  return made;
}

/// What GET /audit/export answers.
std::string export_of(const std::filesystem::path& directory) {
  store::Connection connection({.path = directory / "nexus.db", .read_only = true});
  connection.execute("BEGIN");
  const store::Reader reader(connection);
  std::string out, head;
  std::int64_t rows = 0;
  audit::append_header_line(out, {kInstance, "t_a", "dev"}, {signing_key(directory).public_key()});
  store::AuditScan scan({.tenant = "t_a", .env = "dev"});
  const auto take_row = [&](const store::AuditRow& row) {
    audit::append_row_line(out, row);
    head = row.hash;
    ++rows;
  };
  while (scan.page(reader, 10'000, take_row,
                   [&](const store::AuditNote& note) { audit::append_note_line(out, note.note); })) {
  }
  audit::append_end_line(out, rows, head);
  return out;
}

template <class Call>
double rate(std::int64_t rows, Call call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return static_cast<double>(rows) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void require(const audit::Report& report, std::int64_t rows) {
  if (!report.ok() || report.rows != rows || report.notes == 0)
    throw std::runtime_error("the bench's own audit log does not verify");
}

}  // namespace

void write_audit_log(const std::filesystem::path& directory, std::int64_t rows) {
  std::filesystem::create_directories(directory / "keys");
  store::SqliteDatabase database({.path = directory / "nexus.db"});
  audit::Checkpoints checkpoints(database, signing_key(directory), kInstance);
  database.writer().apply([](store::Tx& tx) { store::put_meta(tx, "instance_id", kInstance); });
  for (std::int64_t done = 0; done < rows; done += kUnitRows) {
    database.writer().apply([&](store::Tx& tx) {
      for (std::int64_t i = done; i < std::min(rows, done + kUnitRows); ++i)
        audit::append(tx, kInstance, act_of(i), now_micros());
    });
    checkpoints.finish();
  }
}

VerifyRates measure_verify(const std::filesystem::path& directory, std::int64_t rows) {
  write_audit_log(directory, rows);
  VerifyRates rates;
  const std::string text = export_of(directory);
  rates.export_rows_per_second = rate(rows, [&] {
    audit::ExportVerifier verifier({});
    constexpr std::size_t piece = 64 << 10;
    for (std::size_t at = 0; at < text.size(); at += piece) verifier.take(std::string_view(text).substr(at, piece));
    require(verifier.finish(), rows);
  });
  rates.database_rows_per_second = rate(rows, [&] {
    const auto key = cli::key_beside(directory / "nexus.db");
    const auto verdicts = cli::verify_database({directory / "nexus.db"}, {.key = key, .notes = {}, .receipts = {}},
                                               "t_a", "dev", [](std::int64_t) {});
    require(verdicts.at(0).report, rows);
  });
  return rates;
}

}  // namespace nexus::bench
