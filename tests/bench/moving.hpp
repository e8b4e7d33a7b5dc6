// How long a store takes to PostgreSQL and back, with its proof there: nexusd migrate, by its own clock.
#pragma once
#include <cstdint>
#include <filesystem>

namespace nexus::bench {

struct MoveFigures {
  double copy_seconds = 0, verify_seconds = 0, seconds = 0;  // rows and the index; sums and chains; in all
};
struct Moves {
  MoveFigures there, back;
};

/// A store of one chain of `rows` rows, as measure_verify has it. The server's settings are its defaults, fsync too.
Moves measure_moves(const std::filesystem::path& directory, std::int64_t rows);

}  // namespace nexus::bench
