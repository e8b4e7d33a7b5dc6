// Shared by the tests of this floor: a temporary directory, refusals as values, a key.
#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "daemon/base/problem.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/blobs/storage_key.hpp"
#include "tests/catch.hpp"

namespace nexus::blobs::testing {

/// The wire code and detail of the Problem that `act` throws; empty when it throws none.
struct Refusal {
  std::string code;
  int status = 0;
  std::string detail;
};

template <typename Act>
Refusal refusal_of(Act&& act) {
  try {
    act();
  } catch (const Problem& problem) {
    return {std::string(info(problem.code).code), info(problem.code).status, problem.detail};
  }
  return {};
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(std::filesystem::temp_directory_path() / ("nexus-blobs-" + uuid_v7())) {
    std::filesystem::create_directory(path_);
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }
  /// Regular files at any depth.
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) count += entry.is_regular_file();
    return count;
  }

 private:
  std::filesystem::path path_;
};

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline StorageKey key_of(std::string_view filename = "a.txt", std::string_view owner = "asset-1") {
  return StorageKey::make(*TenantId::parse("t_acme"), Env::dev, Plane::raw, owner, filename);
}

}  // namespace nexus::blobs::testing
