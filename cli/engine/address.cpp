#include "cli/engine/address.hpp"

#include "cli/engine/failure.hpp"

namespace nexus::cli {

Url parse_address(std::string_view text, std::string_view source) {
  auto url = parse_url(text);
  if (!url || url->target.find('?') != std::string::npos) {
    throw usage_error("the address from " + std::string(source) +
                      " is not an http:// or https:// URL such as http://127.0.0.1:7700");
  }
  while (!url->target.empty() && url->target.back() == '/') url->target.pop_back();
  return *url;
}

}  // namespace nexus::cli
