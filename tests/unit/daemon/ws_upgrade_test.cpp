// The opening handshake of a WebSocket, judged from the head alone.
#include "daemon/rails/ws_upgrade.hpp"

#include "daemon/base/problem.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The example of RFC 6455 section 1.2, with some fields in place of its own; an empty value takes one away.
RequestHead head_with(const Fields& changes, const Fields& more = {}) {
  RequestHead head;
  head.method = "GET";
  head.target = "/ws/chat/general";
  head.fields = {{"host", "localhost"},
                 {"upgrade", "websocket"},
                 {"connection", "Upgrade"},
                 {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="},
                 {"sec-websocket-version", "13"}};
  for (const auto& [name, value] : changes) {
    std::erase_if(head.fields, [&gone = name](const auto& field) { return field.first == gone; });
    if (!value.empty()) head.fields.emplace_back(name, value);
  }
  for (const auto& field : more) head.fields.push_back(field);
  return head;
}

std::string judged(const RequestHead& head) {
  try {
    return judge_upgrade(head).subprotocol ? "nexus.chat.v1" : "good";
  } catch (const Problem& problem) {
    return std::to_string(info(problem.code).status);
  }
}

}  // namespace

TEST_CASE("a handshake as the standard has it is taken") {
  CHECK(judge_upgrade(head_with({})).key == "dGhlIHNhbXBsZSBub25jZQ==");
  CHECK(judged(head_with({})) == "good");
  CHECK(judged(head_with({{"upgrade", "WebSocket"}})) == "good");
  CHECK(judged(head_with({{"upgrade", "h2c, websocket"}})) == "good");
  CHECK(judged(head_with({{"connection", "keep-alive, upgrade"}})) == "good");
  CHECK(judged(head_with({{"connection", "keep-alive"}}, {{"connection", "Upgrade"}})) == "good");
  CHECK(judged(head_with({}, {{"sec-websocket-extensions", "permessage-deflate; client_max_window_bits"}})) == "good");
}

TEST_CASE("our subprotocol is agreed on where it is offered, in any place") {
  for (const char* offer : {"nexus.chat.v1", "other, nexus.chat.v1", "nexus.chat.v1 ,other"})
    CHECK(judged(head_with({{"sec-websocket-protocol", offer}})) == "nexus.chat.v1");
  CHECK(judged(head_with({}, {{"sec-websocket-protocol", "a"}, {"sec-websocket-protocol", "nexus.chat.v1"}})) ==
        "nexus.chat.v1");
  for (const char* offer : {"nexus.chat.v2", "NEXUS.CHAT.V1", "nexus.chat.v11"})
    CHECK(judged(head_with({{"sec-websocket-protocol", offer}})) == "good");
}

TEST_CASE("a request that asks for no WebSocket is told to") {
  CHECK(judged(head_with({{"upgrade", ""}})) == "426");
  CHECK(judged(head_with({{"upgrade", "h2c"}})) == "426");
  CHECK(judged(head_with({{"upgrade", "websockets"}})) == "426");
  CHECK(judged(head_with({{"connection", ""}})) == "426");
  CHECK(judged(head_with({{"connection", "close"}})) == "426");
  RequestHead old = head_with({});
  old.takes_chunks = false;  // HTTP/1.0
  CHECK(judged(old) == "426");
  RequestHead peek = head_with({});
  peek.method = "HEAD";
  CHECK(judged(peek) == "426");
}

TEST_CASE("another version than 13 is told which one") {
  for (const char* version : {"12", "14", "8", "0", "013", "13, 8", "x"})
    CHECK(judged(head_with({{"sec-websocket-version", version}})) == "426");
  CHECK(judged(head_with({{"sec-websocket-version", ""}})) == "400");
  CHECK(judged(head_with({}, {{"sec-websocket-version", "13"}})) == "400");
}

TEST_CASE("a key that is not 16 bytes in base64, or not one, is refused") {
  for (const char* key : {"x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ==x", "dGhlIHNhbXBsZSBub25j",
                          "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZSE=", "dGhlIHNhbXBs ZSBub25jZQ=="})
    CHECK(judged(head_with({{"sec-websocket-key", key}})) == "400");
  CHECK(judged(head_with({{"sec-websocket-key", ""}})) == "400");
  CHECK(judged(head_with({}, {{"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}})) == "400");
}

}  // namespace nexus::rails
