// Throughput of the writer and cost of a lease, on a real disk. Hidden: `store_tests "[bench]"` runs it.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "support.hpp"
#include "tests/catch.hpp"

using namespace nexus::store;
using namespace nexus::store::test;
using Clock = std::chrono::steady_clock;

namespace {

struct OnDisk {
  OnDisk()
      : path(std::filesystem::current_path() / ("bench-" + std::to_string(Clock::now().time_since_epoch().count()))) {
    std::filesystem::create_directory(path);
  }
  ~OnDisk() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

DatabaseOptions options(const OnDisk& disk, std::size_t batch) {
  DatabaseOptions result;
  result.path = disk.path / "nexus.db";
  result.migrations = kNotes;
  result.writer.batch_units = batch;
  return result;
}

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Keeps `in_flight` units waiting or running for a second; answers units per second.
double units_per_second(SqliteDatabase& database, int in_flight) {
  std::atomic<std::int64_t> done = 0;
  std::int64_t sent = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < 1.0) {
    while (sent - done < in_flight) {
      ++sent;
      database.writer().submit([id = sent](Tx& tx) { add_note(tx, id); }, [&done](const Result&) { ++done; });
    }
    std::this_thread::yield();
  }
  while (done < sent) std::this_thread::yield();
  return static_cast<double>(sent) / seconds_since(start);
}

}  // namespace

TEST_CASE("units a second by size of batch", "[.bench]") {
  for (const std::size_t batch : {1u, 8u, 64u, 128u}) {
    const OnDisk disk;
    SqliteDatabase database(options(disk, batch));
    const double rate = units_per_second(database, static_cast<int>(2 * batch));
    const auto stats = database.writer().stats();
    const auto log = database.writer().log_stats();
    std::printf("batch %3zu: %8.0f units/s, %.1f units a batch, COMMIT %.0f us, checkpoints %lu + %lu partial\n", batch,
                rate, static_cast<double>(stats.applied) / static_cast<double>(stats.batches),
                static_cast<double>(stats.commit_micros) / static_cast<double>(stats.batches), log.checkpoints,
                log.checkpoints_partial);
  }
}

TEST_CASE("a lease costs microseconds", "[.bench]") {
  const OnDisk disk;
  SqliteDatabase database(options(disk, 64));
  database.writer().apply([](Tx& tx) { add_note(tx, 1); });
  constexpr int kTimes = 200'000;
  auto start = Clock::now();
  for (int i = 0; i < kTimes; ++i) database.read();
  std::printf("an empty lease: %.2f us\n", seconds_since(start) / kTimes * 1e6);
  start = Clock::now();
  for (int i = 0; i < kTimes; ++i) has_note(database.read().reader(), 1);
  std::printf("a lease with one keyed read: %.2f us\n", seconds_since(start) / kTimes * 1e6);
}

TEST_CASE("readers without a pause do not keep the log from being emptied", "[.bench]") {
  const OnDisk disk;
  SqliteDatabase database(options(disk, 128));
  std::atomic<bool> stop = false;
  std::atomic<std::int64_t> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        count_notes(database.read().reader());
        ++reads;
      }
    });
  }
  std::atomic<std::int64_t> done = 0;
  std::int64_t sent = 0;
  std::uint64_t largest = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < 10) {
    while (sent - done < 64) {
      ++sent;
      database.writer().submit([id = sent](Tx& tx) { add_note(tx, id % 5000 + (id / 5000) * 1'000'000); },
                               [&done](const Result&) { ++done; });
    }
    largest = std::max(largest, database.writer().log_stats().bytes);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  const auto log = database.writer().log_stats();
  std::printf("%ld units, %ld reads; largest log %lu KiB; checkpoints %lu whole, %lu partial\n", done.load(),
              reads.load(), largest / 1024, log.checkpoints, log.checkpoints_partial);
}
