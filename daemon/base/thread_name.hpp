// The names of threads, as `top -H` and /proc/PID/task/*/comm show them. docs/locks.md lists them.
#pragma once
#include <pthread.h>

#include <string>
#include <string_view>

namespace nexus {

/// The kernel keeps 15 bytes of a name.
inline constexpr std::size_t kThreadNameBytesMax = 15;

/// Names the calling thread. A thread without a name of its own has that of its maker. Cuts what is too long.
inline void name_thread(std::string_view name) {
  ::pthread_setname_np(::pthread_self(), std::string(name.substr(0, kThreadNameBytesMax)).c_str());
}

}  // namespace nexus
