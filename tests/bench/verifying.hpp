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

/// A store in `directory` with one chain of so many rows with their gates and details, as a presign leaves them, and a
/// note at every 1024; its key in keys/.
void write_audit_log(const std::filesystem::path& directory, std::int64_t rows);

/// Over such a store.
VerifyRates measure_verify(const std::filesystem::path& directory, std::int64_t rows);

}  // namespace nexus::bench
