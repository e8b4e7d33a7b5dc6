// Fair shares: what one noisy client does to its neighbour. Each row drives a small, steady load of a quiet tenant
// alone, then the same load beside an ordinary request that another tenant, or a stranger, sends without end. The
// probe of liveness and the memory of nexusd are watched all the while.
#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "tests/bench/load.hpp"

namespace nexus::bench {

struct NeighbourRow {
  std::string name;
  Measured alone, beside;   // the quiet tenant's requests
  Measured livez;           // GET /livez beside the noise, ten a second
  std::uint64_t noise = 0;  // how many answers the noisy client had
  double resident_mib = 0;  // the most that nexusd held beside the noise
};

/// Measures every row, each on a daemon of its own, and reports it as soon as it is known.
void measure_neighbours(const std::filesystem::path& directory, std::chrono::milliseconds each,
                        const std::function<void(const NeighbourRow&)>& report);

/// Seconds until a kill switch is set while strangers hold every place and say nothing.
double measure_stop_with_every_place_taken(const std::filesystem::path& data);

}  // namespace nexus::bench
