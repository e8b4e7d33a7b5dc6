#include "daemon/rails/ws_upgrade.hpp"

#include <algorithm>

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/rails/problems.hpp"

namespace nexus::rails {
namespace {

constexpr std::size_t kNonceBytes = 16;

std::size_t count(const RequestHead& head, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(head.fields, name, [](const auto& field) { return field.first; }));
}

/// Whether a comma-separated list field, over all its lines, holds the element.
template <class Equals>
bool lists(const RequestHead& head, std::string_view name, std::string_view wanted, Equals equals) {
  return std::ranges::any_of(head.fields, [&](const auto& field) {
    return field.first == name && std::ranges::any_of(split(field.second, ','), [&](std::string_view element) {
             return equals(trim_ascii(element), wanted);
           });
  });
}

bool is_nonce(std::string_view key) {
  const auto bytes = unbase64(key);
  return bytes && bytes->size() == kNonceBytes;
}

}  // namespace

Upgrade judge_upgrade(const RequestHead& head) {
  const bool asks = head.method == "GET" && head.takes_chunks && lists(head, "connection", "upgrade", iequals_ascii) &&
                    lists(head, "upgrade", "websocket", iequals_ascii);
  if (!asks) throw Problem(problems::request_upgrade_required, "open a WebSocket: GET with Upgrade: websocket");
  if (count(head, "sec-websocket-version") != 1)
    throw Problem(problems::request_malformed, "exactly one Sec-WebSocket-Version is needed");
  if (*head.find("sec-websocket-version") != "13")
    throw Problem(problems::request_upgrade_required, "the only WebSocket version spoken here is 13");
  if (count(head, "sec-websocket-key") != 1)
    throw Problem(problems::request_malformed, "exactly one Sec-WebSocket-Key is needed");
  const std::string& key = *head.find("sec-websocket-key");
  if (!is_nonce(key)) throw Problem(problems::request_malformed, "Sec-WebSocket-Key must be 16 bytes in base64");
  return {key, lists(head, "sec-websocket-protocol", kSubprotocol, std::equal_to<std::string_view>{})};
}

}  // namespace nexus::rails
