// Holds the audit log against what clients were told: every row belongs to an answer that carried its receipt, a
// mutation's or a gate's refusal, and every receipt names a row. Left out are the rows that come without an answer of
// their own: sampled refusals of the guard, reads of the system token, and what the daemon does by itself.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/realm.hpp"
#include "tests/support/client.hpp"

namespace nexus::store {
class Reader;
}

namespace nexus::test {

class AuditWatch {
 public:
  void saw(const Answer& answer);
  /// Complaints, one a line, about what was written or answered since the last call; to be asked when no request is
  /// under way.
  std::vector<std::string> complaints(const std::filesystem::path& data_dir);

 private:
  void read_chain(const store::Reader& reader, const Place& chain, std::vector<std::string>& complaints);

  std::set<std::string> open_;               // receipts whose row was not looked for yet
  std::set<std::string> matched_;            // an answer may repeat the receipt of an older row
  std::map<Place, std::int64_t> rows_read_;  // of each chain, the last
};

}  // namespace nexus::test
