// A progress bar on stderr for a person who waits; nothing when stderr is no terminal.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace nexus::cli {

class Progress {
 public:
  /// With `shown` false every call does nothing.
  Progress(std::string label, std::uint64_t total, bool shown);
  ~Progress();  // removes the bar
  void at(std::uint64_t done);

 private:
  std::string label_;
  std::uint64_t total_;
  bool shown_;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace nexus::cli
