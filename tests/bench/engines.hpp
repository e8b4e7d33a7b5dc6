// The two engines of the store beside each other: the same load on a daemon with a file and on one with a PostgreSQL
// server of this machine, both on the same disk and both with every commit synced, in rounds that take turns.
#pragma once
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/load.hpp"

namespace nexus::bench {

struct EngineRow {
  std::string name;
  Measured median;           // the round with the median rate
  double of_sqlite = 0;      // its rate by that of SQLite with the same load; 0 for SQLite itself
  double of_one_daemon = 0;  // that of two daemons on one database by that of one; 0 for the others
  double round_trips = 0;    // of a group, of all rounds; 0 for SQLite
};

/// Presigns over 64 connections, to 64 tenants and to one, for `each` a figure. Of two daemons each has half of the
/// connections, and of the 64 tenants. Makes its data in `directory`. Throws
/// std::runtime_error where no PostgreSQL is installed.
std::vector<EngineRow> measure_engines(const std::filesystem::path& directory, int rounds,
                                       std::chrono::milliseconds each);

}  // namespace nexus::bench
