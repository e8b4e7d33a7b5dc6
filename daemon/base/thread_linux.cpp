// By the calls that glibc has for it, and by one that it has no function for.
#include <linux/ioprio.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "daemon/base/thread.hpp"

namespace nexus {

void name_thread(std::string_view name) {
  ::pthread_setname_np(::pthread_self(), std::string(name.substr(0, kThreadNameBytesMax)).c_str());
}

void make_thread_give_way() {
  const auto thread = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, thread, std::max(::getpriority(PRIO_PROCESS, thread), kNiceOfComputation));
}

void work_in_background() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceOfBackground);
  ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

}  // namespace nexus
