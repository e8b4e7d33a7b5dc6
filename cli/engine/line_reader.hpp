// Reads lines of standard input on a thread of its own, so that a stream can be followed meanwhile.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "daemon/base/file.hpp"

namespace nexus::cli {

class LineReader {
 public:
  /// `line` and `end` are called on the reader's thread, nothing after `end`. At most one line per `pace`.
  LineReader(std::function<void(std::string)> line, std::function<void()> end, std::chrono::milliseconds pace);
  ~LineReader();  // stops waiting for input
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

 private:
  void read(const std::function<void(std::string)>& line);
  bool wait(std::chrono::milliseconds time, bool for_input) const;  // returns false to give up

  Fd stop_;  // readable once the reader must give up
  std::chrono::milliseconds pace_;
  std::thread thread_;
};

}  // namespace nexus::cli
