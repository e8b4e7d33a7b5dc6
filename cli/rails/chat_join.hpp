// nexusctl chat join: one WebSocket that sends typed lines and shows events.
#pragma once
#include "cli/rails/rail_tail.hpp"

namespace nexus::cli {

/// A message for people, and for scripts.
extern const Shape kMessageEventShape;
std::string chat_line(const Json& event);

int run_join(Session& session, const Values& values);

}  // namespace nexus::cli
