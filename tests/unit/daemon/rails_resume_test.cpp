// Cursors, and where a stream begins.
#include "daemon/rails/resume.hpp"
#include "tests/catch.hpp"

namespace nexus::rails {

TEST_CASE("a cursor reads back as it was written") {
  for (const char* text : {"0011aaff.0", "0011aaff.1", "deadbeef.9223372036854775807"}) {
    const auto cursor = parse_cursor(text);
    REQUIRE(cursor);
    CHECK(cursor->text() == text);
  }
  CHECK(parse_plain_cursor("7")->text() == "7");
}

TEST_CASE("no other spelling is a cursor") {
  for (const char* text : {"",
                           ".",
                           "0011aaff",
                           "0011aaff.",
                           ".1",
                           "0011aaff.01",
                           "0011aaff.+1",
                           "0011aaff.-1",
                           "0011aaff.1 ",
                           " 0011aaff.1",
                           "0011AAFF.1",
                           "0011aaf.1",
                           "0011aafff.1",
                           "0011aagg.1",
                           "0011aaff.1.2",
                           "0011aaff.1x",
                           "0011aaff.9223372036854775808",
                           "0011aaff.0x1",
                           "7",
                           "0011aaff.1\n"}) {
    INFO(text);
    CHECK(!parse_cursor(text));
  }
  for (const char* text : {"", "07", "-1", "+1", "1.0", "0011aaff.1", "9223372036854775808", "7 "}) {
    INFO(text);
    CHECK(!parse_plain_cursor(text));
  }
}

namespace {

const Span kSpan{.epoch = "0011aaff", .pruned_to = 10, .head = 20};

StartRequest after(const char* cursor) { return {.after = parse_cursor(cursor)}; }

void check_gap(const Start& start, const std::string& from, std::string_view reason) {
  CHECK(start.after == 10);
  REQUIRE(start.gap);
  CHECK(start.gap->from == from);
  CHECK(start.gap->to == "0011aaff.10");
  CHECK(to_string(start.gap->reason) == reason);
}

}  // namespace

TEST_CASE("without a cursor a stream is live only, unless all is asked for") {
  CHECK(decide_start({}, kSpan).after == 20);
  CHECK(decide_start({.after = {}, .from_earliest = true}, kSpan).after == 10);
  CHECK(!decide_start({}, kSpan).gap);
  CHECK(!decide_start({.after = {}, .from_earliest = true}, kSpan).gap);
}

TEST_CASE("a cursor of what there is goes on behind it, at both ends too") {
  for (const auto& [cursor, seq] : {std::pair{"0011aaff.10", 10}, {"0011aaff.15", 15}, {"0011aaff.20", 20}}) {
    const Start start = decide_start(after(cursor), kSpan);
    CHECK(start.after == seq);
    CHECK(!start.gap);
  }
}

TEST_CASE("a cursor beats the wish for all: a browser that reconnects keeps its URL") {
  const StartRequest request{.after = parse_cursor("0011aaff.15"), .from_earliest = true};
  CHECK(decide_start(request, kSpan).after == 15);
}

TEST_CASE("what is missing is told, and the stream goes on from the oldest event there is") {
  check_gap(decide_start(after("0011aaff.9"), kSpan), "0011aaff.9", "pruned");
  check_gap(decide_start(after("0011aaff.0"), kSpan), "0011aaff.0", "pruned");
  check_gap(decide_start(after("0011aaff.21"), kSpan), "0011aaff.21", "ahead");
  check_gap(decide_start(after("ffffffff.15"), kSpan), "ffffffff.15", "epoch");
  check_gap(decide_start(after("ffffffff.5"), kSpan), "ffffffff.5", "epoch");
}

TEST_CASE("a sequence without epochs knows only ahead") {
  const Span audit{.epoch = {}, .pruned_to = 0, .head = 7};
  CHECK(decide_start({.after = parse_plain_cursor("7")}, audit).after == 7);
  const Start start = decide_start({.after = parse_plain_cursor("8")}, audit);
  REQUIRE(start.gap);
  CHECK(start.gap->to == "0");
  CHECK(start.after == 0);
}

}  // namespace nexus::rails
