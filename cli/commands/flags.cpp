// nexusctl flags: which features are on in a tenant and env.
#include "cli/engine/one_request.hpp"

namespace nexus::cli {
namespace {

const Shape kFlagsShape = {"env", {"ws_enabled", "sse_enabled", "gesture_logging", "updated_at", "updated_by"}};
constexpr const char* kFlagsPath = "/feature-flags";

/// null falls back to t_system's flag, and then to the built-in value.
Json value_of(const std::string& word) {
  if (word == "on") return true;
  if (word == "off") return false;
  if (word == "default") return nullptr;
  throw Failure(Exit::usage, "a flag is on, off or default", "nexusctl flags set FLAG off");
}

Json flag_of(const Values& values) { return {{values.text("FLAG"), value_of(values.text("VALUE"))}}; }

constexpr const char* kFlagsDescription = R"(
`ws_enabled` opens the WebSocket rails, `sse_enabled` opens the event-stream rails, and `gesture_logging` keeps
gestures among the events. A flag that is not set has the value that it has in the tenant `t_system`, in the same env;
else the first two are on and the third is off. Everybody may look; admins and owners may set.)";

}  // namespace

Command flags_command() {
  return {.name = "flags",
          .topic = Topic::set_up,
          .summary = "feature flags: show, set",
          .description = kFlagsDescription,
          .example = "nexusctl flags set gesture_logging on",
          .commands = {
              {.name = "show",
               .summary = "show which features are on",
               .example = "nexusctl flags show -o json",
               .run = shows({.path = kFlagsPath}, kFlagsShape)},
              {.name = "set",
               .summary = "turn a feature on or off, or back to the default",
               .example = "nexusctl flags set ws_enabled default",
               .parameters = {one_of({"ws_enabled", "sse_enabled", "gesture_logging"},
                                     argument("FLAG", "ws_enabled, sse_enabled or gesture_logging")),
                              one_of({"on", "off", "default"}, argument("VALUE", "on, off or default"))},
               .run = sends({.method = "PUT", .path = kFlagsPath}, kFlagsShape, flag_of)},
          }};
}

}  // namespace nexus::cli
