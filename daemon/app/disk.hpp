// The disk under the data directory. Its free space decides which writes are still taken. A reserve file of random
// bytes, which really occupies the disk, keeps space for the moment when nothing is free. It is removed to make room
// for mutations that stop things, and made again once there is space for it above audit.reserve.
//
// Threads: any; `keep_reserve` blocks.
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
    std::uint64_t audit_reserve_bytes = 0;  // 0: the store is on another disk, and all writes are taken
    bool keeps_reserve = true;
  };
  explicit Disk(Terms terms);

  /// Measures the free space. Call every second.
  void look();
  /// Whether free space was below audit.reserve at the last look. Space of the removed reserve file does not count as
  /// free.
  bool is_low() const { return is_low_; }
  std::uint64_t reserve_bytes() const { return terms_.audit_reserve_bytes; }
  /// The free space at the last look.
  std::uint64_t free_bytes() const { return free_bytes_; }
  /// Whether the reserve file is missing and the last look found space for it.
  bool wants_reserve() const { return wants_reserve_; }
  /// Makes the reserve file, until `stopping` returns true. Does nothing while another call makes it.
  void keep_reserve(const std::function<bool()>& stopping);
  /// Removes the reserve file; false when there is none.
  bool make_room();

 private:
  std::filesystem::path file() const { return terms_.directory / "reserve"; }
  std::filesystem::path begun() const { return terms_.directory / "reserve.new"; }
  bool holds_reserve() const;

  const Terms terms_;
  std::atomic<std::uint64_t> free_bytes_{0};
  std::atomic<bool> is_low_{false};
  std::atomic<bool> wants_reserve_{false};
  std::atomic<bool> given_up_{false};
  std::mutex making_;
};

}  // namespace nexus::app
