// Ranges and validators of one object.
#include "daemon/blobs/range.hpp"

#include "tests/unit/blobs/support.hpp"

namespace nexus::blobs {
namespace {

struct RangeRow {
  const char* header;
  std::uint64_t size;
  RangeKind kind;
  ByteRange range;
};

TEST_CASE("a single range against a size") {
  using enum RangeKind;
  const std::vector<RangeRow> rows = {
      {"bytes=0-0", 10, part, {0, 0}},
      {"bytes=0-9", 10, part, {0, 9}},
      {"bytes=0-10", 10, part, {0, 9}},
      {"bytes=9-", 10, part, {9, 9}},
      {"bytes=10-", 10, unsatisfiable, {}},
      {"bytes=10-11", 10, unsatisfiable, {}},
      {"bytes=-1", 10, part, {9, 9}},
      {"bytes=-10", 10, part, {0, 9}},
      {"bytes=-11", 10, part, {0, 9}},
      {"bytes=-0", 10, unsatisfiable, {}},
      {"BYTES= 2-3 ", 10, part, {2, 3}},
      {"bytes=0-99999999999999999999999", 10, part, {0, 9}},
      {"bytes=99999999999999999999999-", 10, unsatisfiable, {}},
      {"bytes=0-", 0, unsatisfiable, {}},
      {"bytes=-1", 0, whole, {}},
      {"bytes=3-2", 10, whole, {}},
      {"bytes=0-1,3-4", 10, whole, {}},
      {"bytes=", 10, whole, {}},
      {"bytes=-", 10, whole, {}},
      {"bytes=a-b", 10, whole, {}},
      {"bytes=+1-2", 10, whole, {}},
      {"bytes=1 -2", 10, whole, {}},
      {"bytes=--1", 10, whole, {}},
      {"items=0-1", 10, whole, {}},
      {"", 10, whole, {}},
  };
  for (const RangeRow& row : rows) {
    INFO(row.header << " of " << row.size);
    const RangeResult result = parse_range(row.header, row.size);
    CHECK(result.kind == row.kind);
    if (row.kind == part) CHECK(result.range == row.range);
  }
}

TEST_CASE("validators") {
  CHECK(if_range_matches(" \"abc\" ", "\"abc\""));
  CHECK_FALSE(if_range_matches("W/\"abc\"", "\"abc\""));
  CHECK_FALSE(if_range_matches("Mon, 23 Nov 2026 01:02:03 GMT", "\"abc\""));
}

TEST_CASE("a read is planned from its headers") {
  const auto plan = [](ReadConditions conditions) { return plan_read(conditions, "\"abc\"", 10); };
  CHECK(plan({.if_match = "\"abd\""}).status == 412);
  CHECK(plan({.if_match = "W/\"abc\""}).status == 412);
  CHECK(plan({.if_match = "\"x\", \"abc\""}).status == 200);
  CHECK(plan({.if_match = "*", .if_none_match = "\"abc\""}).status == 304);
  CHECK(plan({}).status == 200);
  CHECK(plan({}).length == 10);
  const ReadPlan part = plan({"bytes=2-5", {}, {}});
  CHECK(part.status == 206);
  CHECK(part.offset == 2);
  CHECK(part.length == 4);
  CHECK(part.content_range == "bytes 2-5/10");
  CHECK(plan({"bytes=2-5", "\"abc\"", {}}).status == 206);
  CHECK(plan({"bytes=2-5", "\"other\"", {}}).status == 200);
  CHECK(plan({"bytes=99-", "\"other\"", {}}).status == 200);
  CHECK(plan({"bytes=10-", {}, {}}).status == 416);
  CHECK(plan({"bytes=10-", {}, {}}).content_range == "bytes */10");
  CHECK(plan({.range = "bytes=2-5", .if_none_match = "\"abc\""}).status == 304);
  CHECK(plan({.if_none_match = "\"other\""}).status == 200);
}

}  // namespace
}  // namespace nexus::blobs
