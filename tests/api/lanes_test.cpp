// The lanes: what one tenant asks of them waits in its own line, of bounded length, and others pass it.
#include <algorithm>
#include <memory>

#include "tests/api/search_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/wire.hpp"

namespace nexus::test {
namespace {

constexpr std::size_t kConnections = 160;
constexpr std::size_t kWaitingMax = 64;

/// Thirty-two words that a heavy card holds thousands of times.
std::string heavy_words() {
  std::string out;
  for (char c = 'a'; c < 'a' + 16; ++c) out += std::string("k") + c + " m" + c + " ";
  return out;
}

std::string search_request(const Cards& cards, const std::string& text) {
  const std::string body = Json{{"query_text", text}, {"top_k", 1}}.dump();
  std::string out = "POST /nexus/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  for (const auto& [name, value] : cards.as("viewer")) out.append(name).append(": ").append(value).append("\r\n");
  return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a tenant's searches wait in a line of their own, and others pass it", "[lanes]") {
  Cards noisy, quiet;
  std::string heavy;
  while (heavy.size() < 200'000) heavy += heavy_words();
  for (int i = 0; i < 4; ++i) noisy.card(heavy);
  const std::string mine = quiet.card("launch");

  std::vector<std::unique_ptr<Wire>> wires;
  for (std::size_t i = 0; i < kConnections; ++i) wires.push_back(std::make_unique<Wire>(noisy.world.daemon().port()));
  const std::string request = search_request(noisy, heavy_words());
  for (const auto& wire : wires) REQUIRE(wire->send(request));
  CHECK(quiet.found("launch") == Ids{mine});
  // First come, first served would have answered all of them before.
  CHECK(std::ranges::any_of(wires, [](const auto& wire) { return !wire->speaks(std::chrono::milliseconds(0)); }));

  std::size_t taken = 0, refused = 0;
  for (const auto& wire : wires) {
    const Answer answer = wire->answer(false, std::chrono::seconds(60));
    taken += answer.status == 200;
    if (answer.status == 200) continue;
    ++refused;
    CHECK(outcome(answer) == "429 rate_limit_exceeded");
    CHECK(answer.header("retry-after") == "1");
    CHECK(answer.has("ratelimit"));
  }
  CHECK(taken >= kWaitingMax);
  CHECK(refused > 0);
  CHECK(noisy.search({{"query_text", "ka"}, {"top_k", 1}}).status == 200);
}

}  // namespace nexus::test
