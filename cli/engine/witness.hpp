// The witness: the last receipt (seq and hash of an audit row) that this machine saw of each chain, by installation: at
// which address it answers does not matter. A log that is rewritten later, even by whoever holds its signing key,
// cannot take back what stands here. Kept in the config directory as witness.json; a lost file loses a witness, nothing
// else, so that writing it never fails a command.
//
// A later receipt takes the place of the one kept. Where it does not follow it directly, the daemon is asked first
// whether the row that was seen is still what it was: else a log cut and grown again would pass unseen.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nexus::cli {

struct SeenRow {
  std::int64_t seq = 0;
  std::string hash;
};

struct SeenChain {
  std::string instance_id, tenant, env;
};

class Witness {
 public:
  /// The hash that the daemon says a row has, empty where it says that there is none; nothing where it says neither.
  using Ask = std::function<std::optional<std::string>(std::int64_t seq)>;

  explicit Witness(const std::filesystem::path& directory) : file_(directory / "witness.json") {}

  /// What is held against a whole log: the newest row seen, and one that a jump passed by while nobody could ask.
  std::vector<SeenRow> seen(const SeenChain& chain) const;
  /// Keeps a row if it is the newest of its chain. Answers a line for people when the log contradicts what was seen;
  /// that is set aside in the file, as evidence.
  std::string see(const SeenChain& chain, const SeenRow& row, const Ask& ask) const;
  /// A whole log that ends with this row did not contradict what was seen.
  void proved(const SeenChain& chain, const SeenRow& row) const;

 private:
  std::filesystem::path file_;
};

}  // namespace nexus::cli
