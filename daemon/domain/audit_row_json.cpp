#include "daemon/domain/audit_row_json.hpp"

#include "daemon/http/schema.hpp"

namespace nexus::domain {
namespace {

/// Parses the text. A tampered text may not be JSON, but the answer must be.
Json parsed(const std::string& text) {
  Json value = parse_or_discard(text);
  return value.is_discarded() ? Json(text) : value;
}

}  // namespace

Json audit_row_json(const store::AuditRow& row) {
  return {{"seq", row.seq},
          {"body", parsed(row.body)},
          {"details", row.details ? parsed(*row.details) : Json()},
          {"prev_hash", row.prev_hash},
          {"hash", row.hash}};
}

Json audit_row_schema() {
  namespace schema = http::schema;
  return schema::named("AuditRow", schema::whole({{"seq", {{"type", "integer"}, {"minimum", 1}}},
                                                  {"body", schema::any_object()},
                                                  {"details", schema::nullable(schema::any_object())},
                                                  {"prev_hash", schema::sha256()},
                                                  {"hash", schema::sha256()}}));
}

}  // namespace nexus::domain
