#include "cli/engine/json_option.hpp"

#include "cli/engine/failure.hpp"

namespace nexus::cli {

Json json_object(const std::string& text, const std::string& option_name) {
  try {
    Json json = parse_json(text);
    if (json.is_object()) return json;
  } catch (const JsonError&) {
  }
  throw usage_error(option_name + R"( wants a JSON object such as {"take":3})");
}

}  // namespace nexus::cli
