// What the kernel knows of a thread: its name, and how it shares the cores. docs/locks.md lists the threads.
#pragma once
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace nexus {

/// The kernel keeps 15 bytes of a name.
inline constexpr std::size_t kThreadNameBytesMax = 15;

/// The nice value of threads that compute. With it, a thread of value 0 has three times the share of a core.
inline constexpr int kNiceOfComputation = 5;

/// Names the calling thread, as `top -H` and /proc/PID/task/*/comm show it. A thread without a name of its own has that
/// of its maker. Cuts what is too long.
inline void name_thread(std::string_view name) {
  ::pthread_setname_np(::pthread_self(), std::string(name.substr(0, kThreadNameBytesMax)).c_str());
}

/// The calling thread, and those that it makes, give way to threads that others wait for: those of the sockets and the
/// writer. Where cores are few, long work of one tenant delays short work of all less. Linux keeps the value for each
/// thread, unlike POSIX (sched(7)). Where the limits forbid it, nothing changes.
inline void make_thread_give_way() {
  const auto thread = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, thread, std::max(::getpriority(PRIO_PROCESS, thread), kNiceOfComputation));
}

}  // namespace nexus
