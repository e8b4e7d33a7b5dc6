#include "daemon/http/page.hpp"

#include <charconv>

#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::http {
namespace {

constexpr std::size_t kCheckDigits = 16;

/// The part of a page's bytes that is kept for the members around its items, such as the cursor.
constexpr std::size_t kAround = 32 * limits::KiB;

std::string check_of(std::string_view context, std::string_view mark) {
  return sha256_hex("nexus.cursor\n" + std::string(context) + "\n" + std::string(mark)).substr(0, kCheckDigits);
}

[[noreturn]] void refuse_cursor() {
  throw Problem(problems::request_invalid_cursor, "take the cursor from next_cursor of the same list");
}

}  // namespace

std::string page_context(const Caller& caller, std::string_view list) {
  std::string context(list);
  if (caller.tenant_id) context += "\n" + caller.tenant_id->str();
  if (caller.env_id) context.append("\n").append(to_string(*caller.env_id));
  return context;
}

Page take_page(Input& input, std::string_view list) {
  Page page;
  page.limit = static_cast<int>(input.query.optional_integer("limit", 1, limits::list_limit_max)
                                    .value_or(static_cast<std::int64_t>(limits::list_limit_default)));
  page.context = page_context(input.caller, list);
  const auto cursor = input.query.optional_text("cursor", {.min = 0, .max = 1024});
  if (!cursor) return page;
  const auto text = unbase64url(*cursor);
  if (!text || text->size() < kCheckDigits ||
      check_of(page.context, text->substr(kCheckDigits)) != text->substr(0, kCheckDigits))
    refuse_cursor();
  page.mark = text->substr(kCheckDigits);
  return page;
}

store::TimeRange take_time_range(Input& input) {
  store::TimeRange range{.since = input.query.optional_time("since"), .until = input.query.optional_time("until")};
  if (range.since && range.until && *range.until <= *range.since) input.query.fault("until", "must be after since");
  return range;
}

std::vector<QueryParameter> time_range_parameters(std::string_view things) {
  const std::string only = "Only " + std::string(things);
  return {{"since", only + " from this time on", schema::time()},
          {"until", only + " before this time", schema::time()}};
}

std::string mark_text(Micros at, std::string_view id) { return std::to_string(at) + ":" + std::string(id); }

store::PageMark mark_of(std::string_view text) {
  if (text.empty()) return {};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) refuse_cursor();
  return {.at = number_of_mark(text.substr(0, colon)), .id = std::string(text.substr(colon + 1))};
}

std::int64_t number_of_mark(std::string_view text) {
  if (text.empty()) return 0;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) refuse_cursor();
  return number;
}

std::string make_cursor(const Page& page, std::string_view mark) {
  return base64url(check_of(page.context, mark) + std::string(mark));
}

bool PageItems::add(Json item) {
  const std::size_t size = text_size(item) + 1;
  if (!items_.empty() && bytes_ + size > limits::list_bytes_max - kAround) return false;
  bytes_ += size;
  items_.push_back(std::move(item));
  return true;
}

std::vector<QueryParameter> page_parameters() {
  return {{"limit", "Items of a page",
           schema::defaults_to(schema::integer(1, limits::list_limit_max), limits::list_limit_default)},
          {"cursor", "next_cursor of the page before, as it was answered", schema::text()}};
}

}  // namespace nexus::http
