// How many rows a second the audit log is verified at, as an export and as a database file: by the clock, on the two
// threads that nexusctl uses.
#pragma once
#include <cstdint>
#include <filesystem>

namespace nexus::bench {

struct VerifyRates {
  double export_rows_per_second = 0;
  double database_rows_per_second = 0;
};

/// Over a chain of `rows` rows with their gates and details, as a presign leaves them, and a note at every 1024.
VerifyRates measure_verify(const std::filesystem::path& directory, std::int64_t rows);

}  // namespace nexus::bench
