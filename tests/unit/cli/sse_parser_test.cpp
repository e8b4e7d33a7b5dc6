// Server-sent events from bytes: the standard's rules, in whatever pieces the bytes come.
#include "cli/rails/sse_parser.hpp"

#include <vector>

#include "tests/catch.hpp"

using namespace nexus::cli;
using namespace std::string_literals;

namespace {

std::vector<SseEvent> parse(std::string_view bytes, std::size_t piece = std::string::npos) {
  SseParser parser;
  std::vector<SseEvent> events;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size()))
    parser.feed(bytes.substr(at, piece), [&](const SseEvent& event) { events.push_back(event); });
  return events;
}

}  // namespace

TEST_CASE("an event has type, data and id, and ends with an empty line", "[cli][sse]") {
  const auto events = parse("event: user_message\nid: ab.7\ndata: {\"a\":1}\n\ndata: x\n\n");
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == "user_message");
  CHECK(events[0].id == "ab.7");
  CHECK(events[0].data == "{\"a\":1}");
  CHECK(events[1].type == "message");
  CHECK_FALSE(events[1].id);
}

TEST_CASE("lines of data are joined, one space behind a colon is taken away, comments are nothing", "[cli][sse]") {
  const auto events = parse(": hello\ndata:a\ndata:  b\ndata\ndata: c:d\nother: x\n\n");
  REQUIRE(events.size() == 1);
  CHECK(events[0].data == "a\n b\n\nc:d");
}

TEST_CASE("a comment with one line end, and retry before an event, belong to the next event", "[cli][sse]") {
  const auto events = parse("retry: 1500\n:\nevent: a\ndata: 1\n\n:\n:\nevent: b\ndata: 2\n\n");
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == "a");
  CHECK(events[1].data == "2");
}

TEST_CASE("every line end counts once, wherever the pieces are cut", "[cli][sse]") {
  const std::string bytes =
      "\xEF\xBB\xBF"
      "event: a\r\ndata: 1\rdata: 2\ndata: 3\r\n\r\nid: 9\ndata: x\r\r";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    INFO(piece);
    const auto events = parse(bytes, piece);
    REQUIRE(events.size() == 2);
    CHECK(events[0].type == "a");
    CHECK(events[0].data == "1\n2\n3");
    CHECK(events[1].id == "9");
  }
}

TEST_CASE("what has no data is no event, and an id with NUL is none", "[cli][sse]") {
  CHECK(parse("event: a\nid: 1\n\n").empty());
  CHECK(parse("data: unfinished\n").empty());
  const auto events = parse("id: a\0b\ndata: x\n\ndata:\n\n"s);
  REQUIRE(events.size() == 2);
  CHECK_FALSE(events[0].id);
  CHECK(events[1].data.empty());
}

TEST_CASE("retry is a whole number of milliseconds, and taken once", "[cli][sse]") {
  SseParser parser;
  const auto none = [](const SseEvent&) {};
  for (const char* bad : {"retry: 1.5\n", "retry: -5\n", "retry: x\n", "retry:\n"}) {
    parser.feed(bad, none);
    CHECK_FALSE(parser.take_retry());
  }
  parser.feed("retry: 2500\n", none);
  CHECK(parser.take_retry() == std::chrono::milliseconds(2500));
  CHECK_FALSE(parser.take_retry());
}

TEST_CASE("a new connection forgets what was half there", "[cli][sse]") {
  SseParser parser;
  std::vector<SseEvent> events;
  const auto keep = [&](const SseEvent& event) { events.push_back(event); };
  parser.feed("event: old\ndata: half", keep);
  parser = {};
  parser.feed("data: whole\n\n", keep);
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == "message");
  CHECK(events[0].data == "whole");
}

TEST_CASE("an event without end is refused, not kept", "[cli][sse]") {
  SseParser parser;
  const std::string piece(1 << 20, 'x');
  const auto endless = [&] {
    for (int i = 0; i < 10; ++i) parser.feed(piece, [](const SseEvent&) {});
  };
  CHECK_THROWS_AS(endless(), std::length_error);
}
