// Which threads may wait. A thread of a pool works for one tenant at a time, and may wait for what others hold. All
// tenants wait for a thread of the sockets, so it must find what it needs (store/sqlite/readers.hpp).
#pragma once

namespace nexus {

/// Set by a thread of a pool at its beginning.
inline thread_local bool thread_is_patient = false;

}  // namespace nexus
