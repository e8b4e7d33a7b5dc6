// A thread polls the shared descriptor, and writes a byte into a pipe of ours once the event is there.
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "cli/rails/descriptor_watch.hpp"
#include "daemon/base/file.hpp"

namespace nexus::cli {
namespace {

struct Pipe {
  Fd reader, writer;
};

/// Neither end is inherited, and the reader does not block.
Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  Pipe made{Fd(ends[0]), Fd(ends[1])};
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  ::fcntl(made.reader.get(), F_SETFL, O_NONBLOCK);
  return made;
}

void put_byte(const Fd& writer, char byte) {
  while (::write(writer.get(), &byte, 1) < 0 && errno == EINTR) continue;
}

bool take_byte(const Fd& reader, char& byte) { return ::read(reader.get(), &byte, 1) == 1; }

bool can_be_waited_for(int descriptor) {
  struct stat info {};
  return ::fstat(descriptor, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

/// A thread that takes no signal: they are for those who handle them.
template <class Task>
std::thread quiet_thread(Task task) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(task));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

constexpr char kArm = 'a', kEnd = 'e', kTold = 't';

}  // namespace

struct DescriptorWatch::Impl {
  int watched;
  short events;
  bool waits = false;
  Pipe orders, news;  // to the thread and from it
  std::thread thread;

  /// Tells of the event once, and again after each order to.
  void run() {
    bool armed = true;
    while (true) {
      std::array<pollfd, 2> asked{{{orders.reader.get(), POLLIN, 0}, {watched, events, 0}}};
      if (::poll(asked.data(), armed ? 2 : 1, -1) < 0) continue;
      char order = 0;
      if (take_byte(orders.reader, order)) {
        if (order == kEnd) return;
        armed = true;
      } else if (armed && asked[1].revents != 0) {
        armed = false;
        put_byte(news.writer, kTold);
      }
    }
  }
};

DescriptorWatch::DescriptorWatch(int watched, Event event)
    : impl_(std::make_unique<Impl>(Impl{.watched = watched,
                                        .events = event == Event::readable ? static_cast<short>(POLLIN) : short{0},
                                        .waits = can_be_waited_for(watched),
                                        .orders = make_pipe(),
                                        .news = make_pipe(),
                                        .thread = {}})) {
  if (impl_->waits) impl_->thread = quiet_thread([impl = impl_.get()] { impl->run(); });
}

DescriptorWatch::~DescriptorWatch() {
  if (!impl_->thread.joinable()) return;
  put_byte(impl_->orders.writer, kEnd);
  impl_->thread.join();
}

bool DescriptorWatch::waits() const { return impl_->waits; }

int DescriptorWatch::duplicate() const {
  return impl_->waits ? ::fcntl(impl_->news.reader.get(), F_DUPFD_CLOEXEC, 0) : -1;
}

void DescriptorWatch::again() {
  char told = 0;
  if (take_byte(impl_->news.reader, told)) put_byte(impl_->orders.writer, kArm);
}

}  // namespace nexus::cli
