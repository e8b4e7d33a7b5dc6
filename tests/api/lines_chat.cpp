// Lines of chat, tickets and live tails.
#include "tests/api/lines.hpp"

namespace nexus::test {

std::vector<Line> chat_lines() {
  return {
      {"POST /tickets", "viewer", "ticket_create", "audited", 201,
       [](const Stage&) {
         return json("/tickets", {{"route", "/sse/chat/swept"}});
       }},
  };
}

}  // namespace nexus::test
