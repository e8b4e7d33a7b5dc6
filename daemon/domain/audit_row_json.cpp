#include "daemon/domain/audit_row_json.hpp"

namespace nexus::domain {
namespace {

/// A text that was tampered with may be no JSON any more: the answer must be, all the same.
Json parsed(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
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

}  // namespace nexus::domain
