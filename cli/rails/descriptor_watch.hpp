// Waiting for a descriptor that others share. Asio makes what it waits for non-blocking, and a terminal or a pipe would
// be so for the shell and for our own output too. So Asio waits for a descriptor of ours that tells of the shared one.
// Linux does this with an epoll instance, the POSIX twin with a thread and a pipe.
#pragma once
#include <memory>

namespace nexus::cli {

class DescriptorWatch {
 public:
  /// `reader_gone`: nobody will read any more what is written to the watched pipe.
  enum class Event { readable, reader_gone };

  /// Throws std::system_error when the process can open nothing more.
  DescriptorWatch(int watched, Event event);
  ~DescriptorWatch();
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;

  /// False for what nobody can wait for, such as a regular file: it is always ready, and has no reader.
  bool waits() const;
  /// Returns a new descriptor, the caller's to close, that is readable once the event is there. -1 without `waits`.
  int duplicate() const;
  /// To be called before each wait for an event: what was told of an earlier one is forgotten.
  void again();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nexus::cli
