// A request of a command to the daemon that runs on the same data directory: at the address that it wrote into its
// lock, with the system token that lies there.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace nexus::app {

/// Whether the daemon at `address` (host:port; empty: none) answers `/livez` within five seconds. Sends no secret.
bool answers(const std::string& address);

/// POSTs to `target` (path and query) at `address` (host:port) with this reason, and passes the answer's body to `take`
/// as it comes. Blocks; an answer that is silent for an hour counts as none. Throws std::runtime_error, one line
/// for the operator, unless the whole answer came with status 200; and what `take` throws.
void post_to_daemon(const std::filesystem::path& data_dir, const std::string& address, const std::string& target,
                    const std::string& reason, const std::function<void(std::string_view)>& take);

}  // namespace nexus::app
