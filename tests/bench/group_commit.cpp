#include "tests/bench/group_commit.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>

#include "store/audit_log.hpp"
#include "store/events.hpp"
#include "store/gates.hpp"
#include "store/identity.hpp"
#include "store/model_rows.hpp"
#include "store/raw_assets.hpp"
#include "store/sqlite/database.hpp"

namespace nexus::bench {
namespace {

using Clock = std::chrono::steady_clock;

const std::string kBenchTenant = "t_bench";
const std::string kBenchEnv = "dev";
const std::string kUser = "u_bench";
const std::string kToken = "01a20000-0000-7000-8000-000000000000";

/// Rows as a presign writes them: texts of the same lengths, with nothing computed.
struct Rows {
  store::RawAsset asset;
  domain::Event event;
  store::AuditRow audit;
};

Rows make_rows() {
  const std::string id(36, '0');
  const std::string key = "tenants/t_bench/dev/raw/" + id + "/bench.txt";
  Rows rows;
  rows.asset = {.tenant_id = kBenchTenant,
                .env = kBenchEnv,
                .asset_id = id,
                .status = "presigned",
                .filename = "bench.txt",
                .key = key,
                .uri = "s3://nexus/" + key,
                .content_type = "text/plain",
                .max_bytes = 1 << 20,
                .sha256_stated = {},
                .size_bytes = {},
                .sha256 = {},
                .created_by = kUser,
                .registered_at = {},
                .registered_seq = {}};
  rows.event = {.tenant_id = kBenchTenant,
                .env = kBenchEnv,
                .event_id = id,
                .surface = "raw",
                .agent_id = {},
                .actor_id = kUser,
                .actor_type = "human",
                .event_type = "raw_asset_presigned",
                .asset_type = "raw_asset",
                .asset_id = id,
                .input = std::string(80, 'i'),
                .output = std::string(200, 'o'),
                .metadata = "{}",
                .trace_id = id,
                .request_id = id,
                .run_id = {}};
  rows.audit = {.tenant_id = kBenchTenant,
                .env = kBenchEnv,
                .action = "raw_presign",
                .actor = kUser,
                .result = "PASS",
                .trace_id = id,
                .body = std::string(560, 'b'),
                .details = std::string(190, 'd'),
                .prev_hash = std::string(64, '0'),
                .hash = std::string(64, '1')};
  return rows;
}

void prepare(store::SqliteDatabase& database) {
  database.writer().apply([](store::Tx& tx) {
    store::insert_row<identity::kTenant>(tx, {kBenchTenant, "Bench", "active", 0, "system"});
    store::insert_row<identity::kUser>(tx, {kUser, std::nullopt, "Bench", 0, "system"});
    store::put_member(tx, {kBenchTenant, kUser, "owner", 0});
    identity::Token token;
    token.token_id = kToken;
    token.user_id = kUser;
    token.actor_type = "human";
    token.created_by = "system";
    store::insert_row<identity::kToken>(tx, token);
  });
}

/// One presign: the token and the membership again, the gate, the asset, the event, the head and the row of the audit.
void presign(store::Tx& tx, Rows& rows, std::int64_t number) {
  store::find_bearer(tx, kUser, kToken);
  store::find_standing(tx, kBenchTenant, kUser);
  store::find_kill_switches(tx, {.tenant = kBenchTenant, .env = kBenchEnv});
  const std::string digits = std::to_string(number);
  rows.asset.asset_id.replace(36 - digits.size(), digits.size(), digits);
  rows.asset.created_at = number;
  store::insert_row<store::kRawAsset>(tx, rows.asset);
  rows.event.event_id = rows.asset.asset_id;
  rows.event.created_at = number;
  store::append_event(tx, rows.event);
  rows.audit.seq = store::next_audit_seq(tx, {.tenant = kBenchTenant, .env = kBenchEnv});
  rows.audit.at = number;
  store::append_audit_row(tx, rows.audit);
}

/// Keeps units in flight: each that is done, submits the next one.
class Stream {
 public:
  Stream(store::SqliteDatabase& database, std::chrono::milliseconds duration)
      : database_(database), rows_(make_rows()), end_(Clock::now() + duration) {}

  void run(std::size_t in_flight) {
    for (std::size_t i = 0; i < in_flight; ++i) submit();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
    if (failed_) std::rethrow_exception(failed_);
  }
  std::int64_t done() const { return done_; }

 private:
  void submit() {
    {
      const std::lock_guard lock(mutex_);
      ++running_;
    }
    database_.writer().submit([this](store::Tx& tx) { presign(tx, rows_, ++number_); },
                              [this](const store::Result& result) { settle(result); });
  }

  void settle(const store::Result& result) {
    if (result.outcome == store::Outcome::applied) {
      ++done_;
      if (Clock::now() < end_) submit();
    }
    const std::lock_guard lock(mutex_);
    if (result.error) failed_ = result.error;
    if (--running_ == 0) ended_.notify_all();
  }

  store::SqliteDatabase& database_;
  Rows rows_;                // the writer's thread alone
  std::int64_t number_ = 0;  // the writer's thread alone
  std::atomic<std::int64_t> done_{0};
  Clock::time_point end_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::exception_ptr failed_;  // a unit that fails makes the measure worthless
};

}  // namespace

GroupCommit measure_group_commit(const std::filesystem::path& directory, std::size_t in_flight,
                                 std::chrono::milliseconds duration) {
  std::filesystem::create_directory(directory);
  store::DatabaseOptions options;
  options.path = directory / "raw.db";
  options.writer.batch_units = in_flight;
  store::SqliteDatabase database(options);
  prepare(database);
  const auto before = database.writer().stats();
  const auto start = Clock::now();
  Stream stream(database, duration);
  stream.run(in_flight);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const auto after = database.writer().stats();
  const auto batches = static_cast<double>(after.batches - before.batches);
  return {static_cast<double>(stream.done()) / seconds, static_cast<double>(stream.done()) / batches,
          static_cast<double>(after.commit_micros - before.commit_micros) / batches};
}

}  // namespace nexus::bench
