// Which processes use a data directory, as /proc tells. Linux alone; elsewhere nothing is seen.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/file.hpp"

namespace nexus::app::doctor {

/// The processes that hold a lock of flock(2) on the file, without this one; sorted.
std::vector<pid_t> lock_holders(const std::filesystem::path& file);

/// The name of a process's program, "a process" where it is not told.
std::string program_of(pid_t pid);

enum class OpenFile { same, other, unseen };
/// Whether the process has open what stands under this name now, or only a file that stood there before.
OpenFile open_file_of(pid_t pid, const std::filesystem::path& file);

/// The hard limit of open descriptors of a process; nothing where it is not told.
std::optional<std::size_t> descriptor_limit_of(pid_t pid);

/// The use of a data directory. It holds the directory's lock while nobody else does, so that no daemon starts
/// meanwhile; the lock is as good for a daemon that is asked about itself.
class Use {
 public:
  /// `within`: this process is the daemon.
  Use(const std::filesystem::path& data_dir, bool within);

  bool in_use() const { return in_use_; }
  /// Whether no other process can write the database as long as this lives.
  bool is_ours() const { return static_cast<bool>(held_); }
  /// The process that serves, if it can be seen.
  std::optional<pid_t> pid() const;
  /// All that hold the lock of the directory or of its file `lock`.
  const std::vector<pid_t>& holders() const { return holders_; }
  /// The process that the file `lock` names; 0 without one.
  pid_t named() const { return named_; }
  /// Where that process answers, as the file tells it; empty where it does not.
  const std::string& address() const { return address_; }

 private:
  Fd held_;
  bool in_use_ = false;
  std::vector<pid_t> holders_;
  pid_t named_ = 0;
  std::string address_;
};

}  // namespace nexus::app::doctor
