#include "cli/engine/line_reader.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace nexus::cli {

LineReader::LineReader(std::function<void(std::string)> line, std::function<void()> end, std::chrono::milliseconds pace)
    : stop_(::eventfd(0, EFD_CLOEXEC)), pace_(pace), thread_([this, line = std::move(line), end = std::move(end)] {
        read(line);
        end();
      }) {}

LineReader::~LineReader() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

bool LineReader::wait(std::chrono::milliseconds time, bool for_input) const {
  std::array<pollfd, 2> wanted{{{stop_.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  int ready = -1;
  do {
    ready = ::poll(wanted.data(), for_input ? 2 : 1, static_cast<int>(time.count()));
  } while (ready < 0 && errno == EINTR);
  return (wanted[0].revents & POLLIN) == 0 && ready >= 0;
}

void LineReader::read(const std::function<void(std::string)>& line) {
  std::string text;
  while (wait(std::chrono::milliseconds(-1), true)) {
    std::array<char, 4096> chunk{};
    const ssize_t count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (count <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(count));
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      line(text.substr(0, end));
      text.erase(0, end + 1);
      if (!wait(pace_, false)) return;
    }
  }
  if (!text.empty()) line(std::move(text));
}

}  // namespace nexus::cli
