// The measure of mutations: the statements of one presign, with rows of the same sizes, through the same writer, with
// nothing around them: no HTTP, no JSON, no hashes, no signatures.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>

namespace nexus::bench {

struct GroupCommit {
  double units_per_second = 0;
  double units_per_batch = 0;
  double commit_micros = 0;  // a COMMIT with its sync, on average
};

/// In a database of its own in `directory`, with `in_flight` units waiting or running all the time.
GroupCommit measure_group_commit(const std::filesystem::path& directory, std::size_t in_flight,
                                 std::chrono::milliseconds duration);

}  // namespace nexus::bench
