// POSIX knows neither names of threads nor a nice value of one thread.
#include "daemon/base/thread.hpp"

namespace nexus {

void name_thread(std::string_view) {}

void make_thread_give_way() {}

}  // namespace nexus
