// The disk under the data directory. How much of it is free decides what is still written; a file of random bytes keeps
// some of it, really written, for the moment when nothing is free: it is given up for what stops things, and made again
// once there is space for it above audit.reserve.
//
// Threads: all from any thread; `keep_reserve` blocks.
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>

namespace nexus::app {

class Disk {
 public:
  struct Terms {
    std::filesystem::path directory;
    std::uint64_t audit_reserve_bytes = 0;
    bool keeps_reserve = true;
  };
  explicit Disk(Terms terms);

  /// Every second.
  void look();
  /// Free space was below audit.reserve at the last look; what was given up does not count as free.
  bool is_low() const { return is_low_; }
  /// The reserve file is not there, and the last look found space for it.
  bool wants_reserve() const { return wants_reserve_; }
  /// Makes the file, unless `stopping` says so on the way. Does nothing while another call does it.
  void keep_reserve(const std::function<bool()>& stopping);
  /// Gives the file up; false when there was none to give.
  bool make_room();

 private:
  std::filesystem::path file() const { return terms_.directory / "reserve"; }
  std::filesystem::path begun() const { return terms_.directory / "reserve.new"; }
  bool holds_reserve() const;

  const Terms terms_;
  std::atomic<bool> is_low_{false};
  std::atomic<bool> wants_reserve_{false};
  std::atomic<bool> given_up_{false};
  std::mutex making_;
};

}  // namespace nexus::app
