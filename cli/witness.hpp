// The witness: the last receipt (seq and hash of an audit row) that this machine saw of each server and chain. A log
// that is rewritten later, even by whoever holds its signing key, cannot take back what stands here. Kept in the config
// directory as witness.json; a lost file loses a witness, nothing else, so that writing it never fails a command.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace nexus::cli {

struct SeenRow {
  std::int64_t seq = 0;
  std::string hash;
};

class Witness {
 public:
  explicit Witness(const std::filesystem::path& directory) : file_(directory / "witness.json") {}

  std::optional<SeenRow> last(const std::string& server, const std::string& tenant, const std::string& env) const;
  /// Keeps a row if it is the newest of its chain. Answers a line for people when it contradicts the one kept; that one
  /// is set aside in the file, as evidence.
  std::string see(const std::string& server, const std::string& tenant, const std::string& env,
                  const SeenRow& row) const;

 private:
  std::filesystem::path file_;
};

}  // namespace nexus::cli
