// POSIX knows neither names of threads nor a nice value of one thread, and no classes of the disk.
#include "daemon/base/thread.hpp"

#include <sys/resource.h>

namespace nexus {

void name_thread(std::string_view) {}

void make_thread_give_way() {}

void work_in_background() { ::setpriority(PRIO_PROCESS, 0, kNiceOfBackground); }

}  // namespace nexus
