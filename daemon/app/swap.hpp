// The last step of a restore: the prepared store takes the place of the living one. It begins when `restore.tmp/ready`
// is there. From then on it is a row of steps, each of which can be done again, so that whoever takes the data
// directory's lock next completes it. Until then nothing outside of `restore.tmp` is changed.
//
// Prepared are, below `restore.tmp`: `unpacked/nexus.db` without a log, the objects in `unpacked/blobs/`, and in
// `keys/` the key files that shall be added or replaced. What they replace moves to `before-restore-TIME/`, beside the
// living database and its log.
//
// Threads: one, which holds the data directory's lock. Errors: std::system_error.
#pragma once
#include <filesystem>
#include <span>
#include <string>

namespace nexus::app {

struct Swap {
  std::filesystem::path data_dir;
  std::string before;  // the name of the directory for what is replaced

  std::filesystem::path prepared() const { return data_dir / "restore.tmp"; }
  std::filesystem::path replaced() const { return data_dir / before; }
};

struct SwapStep {
  const char* name;
  void (*run)(const Swap&);
};
/// In order. The last one removes `ready`.
std::span<const SwapStep> swap_steps();

/// Whether a swap began and did not end. Needs no lock.
bool is_swap_cut(const std::filesystem::path& data_dir);

/// Syncs what was prepared, and notes in `ready` that it is complete. Returns the swap that now must be completed.
/// Throws std::runtime_error, one line for the operator, where parts of the directory are other file systems.
Swap begin_swap(const std::filesystem::path& data_dir);

/// Does all steps of the swap that began, and removes `restore.tmp`, also one whose swap did not begin. Returns the
/// directory with what was replaced; empty when no swap began.
std::filesystem::path complete_swap(const std::filesystem::path& data_dir);

}  // namespace nexus::app
