// What the kernel knows of a thread: its name, and how it shares the cores. docs/locks.md lists the threads. Both are
// Linux's; where nexusctl is built for POSIX alone, the twin leaves threads as they are.
#pragma once
#include <string_view>

namespace nexus {

/// The kernel keeps 15 bytes of a name.
inline constexpr std::size_t kThreadNameBytesMax = 15;

/// The nice value of threads that compute. With it, a thread of value 0 has three times the share of a core.
inline constexpr int kNiceOfComputation = 5;

/// The nice value of what nobody waits for: beside it, a thread of value 0 has 98 % of a core.
inline constexpr int kNiceOfBackground = 19;

/// Names the calling thread, as `top -H` and /proc/PID/task/*/comm show it. A thread without a name of its own has that
/// of its maker. Cuts what is too long.
void name_thread(std::string_view name);

/// The calling thread, and those that it makes, give way to threads that others wait for: those of the sockets and the
/// writer. Where cores are few, long work of one tenant delays short work of all less. Linux keeps the value for each
/// thread, unlike POSIX (sched(7)). Where the limits forbid it, nothing changes.
void make_thread_give_way();

/// The calling thread, and those that it makes, take what nobody else on the machine wants: of the cores, and of the
/// disk where its scheduler knows classes (ioprio_set(2)). For a process that works beside a daemon and for whose end
/// nobody waits. Where the limits forbid it, nothing changes. The twin of POSIX lowers the whole process.
void work_in_background();

}  // namespace nexus
