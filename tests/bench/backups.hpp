// Backups beside writes: the same steady writes alone, then while `nexusd backup create --verify` makes and proves one
// backup after the other, each begun when the one before was proved.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>

#include "tests/bench/load.hpp"

namespace nexus::bench {

struct BackupFigures {
  Measured alone, beside;     // the writes
  int backups = 0;            // made and proved beside them
  std::uint64_t lacking = 0;  // backups with fewer audit rows than had been acknowledged when they began
  double seconds = 0;         // of the longest, with its proof
  double mib = 0;             // of the last
};

/// `per_second` presigns over 16 connections, for a third of `each` alone and then for `each` beside backups, on one
/// daemon.
BackupFigures measure_backups(const std::filesystem::path& directory, double per_second,
                              std::chrono::milliseconds each);

}  // namespace nexus::bench
