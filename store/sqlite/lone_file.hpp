// What a database file says by itself, without the log beside it. A log of another database is applied by SQLite as if
// it were its own: only the file alone shows what stood there before.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace nexus::store {

struct LoneFile {
  std::map<std::string, std::string> meta;          // the table `meta`
  std::map<std::string, std::int64_t> audit_heads;  // `{tenant}/{env}`: the last seq
  bool sound = false;                               // quick_check found nothing
};

/// Reads the file as one that nobody writes, and creates nothing beside it. Returns nothing where these tables cannot
/// be read: a file whose own log was partly copied into it need not be readable without it. `judge_soundness` reads
/// every page. Threads: any.
std::optional<LoneFile> read_without_log(const std::filesystem::path& database, bool judge_soundness);

}  // namespace nexus::store
