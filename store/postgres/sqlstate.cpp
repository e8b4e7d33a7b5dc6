#include "store/postgres/sqlstate.hpp"

#include <algorithm>
#include <utility>

namespace nexus::store {

Failure classify_sqlstate(std::string_view state) {
  // The first beginning that fits decides, so a code stands before its class.
  static constexpr std::pair<std::string_view, Failure> beginnings[] = {
      {"25006", Failure::read_only},    // a read-only transaction, or a standby
      {"25P03", Failure::unreachable},  // idle_in_transaction_session_timeout: the server ends the session
      {"25P04", Failure::unreachable},  // transaction_timeout: the same
      {"40001", Failure::busy},         // could not serialize
      {"40P01", Failure::busy},         // deadlock
      {"53100", Failure::full},
      {"53200", Failure::no_memory},
      {"55006", Failure::busy},  // an object in use
      {"55P03", Failure::busy},  // lock_timeout
      {"57014", Failure::interrupted},
      {"57P0", Failure::unreachable},  // the server ends, crashed, or starts
      {"XX001", Failure::corrupt},     // data
      {"XX002", Failure::corrupt},     // an index
      {"08", Failure::unreachable},
      {"23", Failure::constraint},
      {"53", Failure::busy},  // too many connections
      {"58", Failure::io}};
  const auto* found = std::ranges::find_if(beginnings, [&](const auto& line) { return state.starts_with(line.first); });
  return found == std::end(beginnings) ? Failure::other : found->second;
}

}  // namespace nexus::store
