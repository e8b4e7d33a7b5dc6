#include "daemon/rails/stream_path.hpp"

#include "daemon/base/ids.hpp"

namespace nexus::rails {

bool is_stream_path(std::string_view path) {
  if (path == "/sse/events" || path == "/sse/audit") return true;
  for (const std::string_view prefix : {"/sse/chat/", "/ws/chat/"})
    if (path.starts_with(prefix)) return is_client_id(path.substr(prefix.size()));
  return false;
}

}  // namespace nexus::rails
