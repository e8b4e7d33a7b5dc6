// The witness: the last receipt (seq and hash of an audit row) that this machine saw of each chain, by installation and
// not by address. A log that is rewritten later, even by the holder of its signing key, contradicts it. It is kept in
// the config directory as witness.json. Losing the file loses a witness and nothing else, so a failed write never fails
// a command.
//
// A later receipt replaces the kept one. When it does not follow directly, the daemon is first asked whether the kept
// row is unchanged. Otherwise a log that was cut and had grown again would pass unnoticed.
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
  /// The hash that the daemon reports for a row: empty when it says that the row does not exist, nothing when it says
  /// neither.
  using Ask = std::function<std::optional<std::string>(std::int64_t seq)>;

  explicit Witness(const std::filesystem::path& directory) : file_(directory / "witness.json") {}

  /// The rows that a whole log is compared with: the newest row seen, and a row that a jump passed while nobody could
  /// ask.
  std::vector<SeenRow> seen(const SeenChain& chain) const;
  /// Keeps a row if it is the newest of its chain. When the log contradicts the kept row, sets that aside in the file
  /// as evidence and returns a line for people.
  std::string see(const SeenChain& chain, const SeenRow& row, const Ask& ask) const;
  /// A whole log that ends with this row agreed with the kept rows.
  void proved(const SeenChain& chain, const SeenRow& row) const;

 private:
  std::filesystem::path file_;
};

}  // namespace nexus::cli
