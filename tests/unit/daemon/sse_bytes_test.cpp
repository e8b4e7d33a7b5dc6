// A server-sent stream as bytes: what stands between its frames makes no event for decoders that end one at every empty
// line.
#include "daemon/rails/sse_bytes.hpp"

#include <vector>

#include "daemon/rails/stream_event.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {
namespace {

/// The blocks between empty lines, as such decoders see them.
std::vector<std::string> blocks_of(const std::string& bytes) {
  std::vector<std::string> blocks;
  std::size_t at = 0;
  for (std::size_t end; (end = bytes.find("\n\n", at)) != std::string::npos; at = end + 2)
    blocks.push_back(bytes.substr(at, end - at));
  CHECK(at == bytes.size());
  return blocks;
}

std::string event(const std::string& type) { return make_frame(type, "0011aaff.1", "{}", 1, false)->text; }

}  // namespace

TEST_CASE("neither retry nor a comment makes a block of its own, wherever it stands") {
  const std::string end(kSseEnd), comment(kSseComment);
  const std::string bytes = sse_retry() + comment + event("user_message") + end + comment + comment +
                            event("user_message") + end + sse_close({.code = 4403, .reason = "membership"});
  const auto blocks = blocks_of(bytes);
  REQUIRE(blocks.size() == 3);
  for (const auto& block : blocks) CHECK(block.find("\ndata: {") != std::string::npos);
  CHECK(blocks.front().starts_with("retry: "));
  CHECK(blocks.back().find("\nevent: close\ndata: {\"code\":4403,") != std::string::npos);
}

TEST_CASE("clients come back after one to three seconds, not all at once") {
  bool differs = false;
  const std::string first = sse_retry();
  for (int i = 0; i < 100; ++i) {
    const std::string line = sse_retry();
    const int wait = std::stoi(line.substr(std::string("retry: ").size()));
    CHECK((wait >= 1000 && wait <= 3000));
    differs = differs || line != first;
  }
  CHECK(differs);
}

}  // namespace nexus::rails
