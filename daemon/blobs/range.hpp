// HTTP's conditional and range requests (RFC 9110 sections 13 and 14) for one object, as plain functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexus::blobs {

/// Both ends included, as in Content-Range.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t size() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

enum class RangeKind { whole, part, unsatisfiable };
struct RangeResult {
  RangeKind kind = RangeKind::whole;
  ByteRange range;  // meaningful for `part`
};

/// One `bytes=a-b`, `bytes=a-` or `bytes=-n`. Other units, several ranges and bad syntax are ignored (whole), as the
/// RFC allows.
RangeResult parse_range(std::string_view header, std::uint64_t size);
/// Strong comparison with our ETag. A date never matches, because clients always have our ETag, which is more precise.
bool if_range_matches(std::string_view header, std::string_view etag);

/// The relevant headers of a GET or HEAD; empty when absent.
struct ReadConditions {
  std::optional<std::string_view> range = {};
  std::optional<std::string_view> if_range = {};
  std::optional<std::string_view> if_match = {};
  std::optional<std::string_view> if_none_match = {};
};

/// `status` is 200, 206, 304, 412 or 416; `content_range` is the header's value for 206 and 416, else empty.
struct ReadPlan {
  int status = 200;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of the body of a GET; 0 for 304, 412 and 416
  std::string content_range;
};

ReadPlan plan_read(const ReadConditions& conditions, std::string_view etag, std::uint64_t size);

}  // namespace nexus::blobs
