#include "daemon/backup/backups.hpp"

#include "daemon/backup/problems.hpp"
#include "daemon/blobs/problems.hpp"

namespace nexus::backup {

/// Holds the one place while it lives, and the archive that is made in it.
class Backups::Turn {
 public:
  explicit Turn(std::atomic<bool>& busy) : busy_(busy) {
    if (busy_.exchange(true)) throw Problem(problems::backup_in_progress, "wait until the other backup has ended");
  }
  ~Turn() {
    archive.reset();
    busy_ = false;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  std::optional<Archive> archive;

 private:
  std::atomic<bool>& busy_;
};

DatabaseCopy Backups::copied() const {
  try {
    return copy_online(*terms_.database, terms_.data_dir);
  } catch (const store::Error& error) {
    if (error.failure != store::Failure::full) throw;
    throw Problem(problems::storage_full, "the disk was full before the copy of the database was complete");
  }
}

std::shared_ptr<Archive> Backups::begin(bool objects) {
  if (terms_.database == nullptr) throw Problem(problems::backup_elsewhere, std::string(kElsewhere));
  const auto turn = std::make_shared<Turn>(busy_);
  const std::uint64_t needed = std::filesystem::file_size(terms_.database->path()) + terms_.reserve_bytes;
  const std::uint64_t free = std::filesystem::space(terms_.data_dir).available;
  if (free < needed)
    throw Problem(problems::storage_full, "the copy of the database needs " + std::to_string(needed) +
                                              " bytes beside the reserve, and " + std::to_string(free) + " are free");
  ObjectHome home = terms_.home;
  if (!objects) home.store = nullptr;
  turn->archive.emplace(copied(), std::move(home), [&database = *terms_.database](const blobs::StorageKey& key) {
    const std::string env(to_string(key.env()));
    return store::find_object_standing(database.read().reader(), {.plane = to_string(key.plane()),
                                                                  .tenant_id = key.tenant().str(),
                                                                  .env = env,
                                                                  .owner = key.owner(),
                                                                  .key = key.str()}) == store::ObjectStanding::present;
  });
  return {turn, &*turn->archive};
}

}  // namespace nexus::backup
