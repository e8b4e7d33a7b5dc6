// The judge of the fault tests: reads a data directory as the daemon left it and compares it with what clients were
// told. It knows the tables and the published formula of the audit chain, and shares no code with the daemon's own.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nexus::test {

/// One mutation that a client holds a 2xx for.
struct Acknowledged {
  std::string name;      // the client's own, unique: the file name of a presign, the display name of a user
  std::string id;        // the daemon's: asset_id or user_id
  std::int64_t seq = 0;  // the receipt
  std::string hash;
};

/// What a kind of mutation leaves behind: where its rows and its audit rows are.
struct Trace {
  std::string_view rows;    // SQL answering (name, id) of all rows
  std::string_view tenant;  // of the chain
  std::string_view env;
  std::string_view action;
  std::size_t own = 0;  // audit rows of that action that the daemon wrote at its first start
};
extern const Trace kPresigned;     // by a member of t_dev, env dev
extern const Trace kUsersCreated;  // by the system token

/// Complaints, one a line; none when all that was acknowledged is there exactly once, with its receipt, and nothing
/// else.
std::vector<std::string> compare(const std::filesystem::path& data_dir, const Trace& trace,
                                 const std::vector<Acknowledged>& acknowledged);

/// The number that a statement answers; -1 without one.
std::int64_t count(const std::filesystem::path& data_dir, std::string_view sql);

/// Complaints of the file itself: SQLite's integrity_check, and every chain recomputed from its genesis to its head.
std::vector<std::string> verify(const std::filesystem::path& data_dir);

/// From the row that switched an action off to the row that switched it on again (0: never).
struct Window {
  std::int64_t off = 0, on = 0;
};
/// PASS rows of the action inside of a window.
std::vector<std::string> find_leaks(const std::filesystem::path& data_dir, const Trace& trace,
                                    const std::vector<Window>& windows);

}  // namespace nexus::test
