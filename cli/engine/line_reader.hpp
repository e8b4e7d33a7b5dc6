// Lines of standard input, read on a thread of their own so that a stream can be followed meanwhile.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "daemon/base/file.hpp"

namespace nexus::cli {

class LineReader {
 public:
  /// `line` and `end` are called on the reader's thread; after `end` nothing more. At most one line per `pace`.
  LineReader(std::function<void(std::string)> line, std::function<void()> end, std::chrono::milliseconds pace);
  ~LineReader();  // gives up waiting for input
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

 private:
  void read(const std::function<void(std::string)>& line);
  bool wait(std::chrono::milliseconds time, bool for_input) const;  // false: give up

  Fd stop_;  // readable once we are to give up
  std::chrono::milliseconds pace_;
  std::thread thread_;
};

}  // namespace nexus::cli
