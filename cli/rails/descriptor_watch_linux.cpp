// An epoll instance can be waited for itself, and asks without changing what it watches.
#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

#include "cli/rails/descriptor_watch.hpp"
#include "daemon/base/file.hpp"

namespace nexus::cli {

struct DescriptorWatch::Impl {
  Fd epoll;
  bool waits = false;
};

DescriptorWatch::DescriptorWatch(int watched, Event event) : impl_(std::make_unique<Impl>()) {
  impl_->epoll = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!impl_->epoll) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  // The end of a pipe is told without being asked for.
  epoll_event asked{.events = event == Event::readable ? static_cast<std::uint32_t>(EPOLLIN) : 0u, .data = {}};
  impl_->waits = ::epoll_ctl(impl_->epoll.get(), EPOLL_CTL_ADD, watched, &asked) == 0;
}

DescriptorWatch::~DescriptorWatch() = default;

bool DescriptorWatch::waits() const { return impl_->waits; }

int DescriptorWatch::duplicate() const { return impl_->waits ? ::fcntl(impl_->epoll.get(), F_DUPFD_CLOEXEC, 0) : -1; }

void DescriptorWatch::again() {}  // it tells what is so now

}  // namespace nexus::cli
