// The living store that a restore replaces, opened for reading. Nothing of it is changed, and no trace of the reading
// stays.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/directory.hpp"

namespace nexus::app {

class LivingStore {
 public:
  /// Nothing if no installation is there, or if it cannot be read and `may_be_unreadable`: it is damaged or of another
  /// schema. Else throws std::runtime_error for these, one line for the operator. Throws it for an installation other
  /// than `instance_id` in any case. The caller holds the directory's lock.
  static std::unique_ptr<LivingStore> open(const std::filesystem::path& data_dir, const std::string& instance_id,
                                           bool may_be_unreadable);
  explicit LivingStore(const std::filesystem::path& database);

  const store::Reader& reader() const { return reader_; }
  /// Whether its last writer left a log that is gone, so that its newest changes may be missing.
  bool lost_its_log() const;

 private:
  store::NoTrace trace_;  // first: removes the log's files after the connection ended
  store::Connection connection_;
  store::Reader reader_;
};

}  // namespace nexus::app
