// Usage events and budget policies. Money is whole micro-units in two columns. Requests and answers hold it as one
// object, written by hand (daemon/domain/measures.hpp).
#pragma once
#include "daemon/base/realm.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::budget {

struct UsageEvent {
  std::string tenant_id;
  std::string env;
  std::string usage_id;
  std::optional<std::string> surface;  // without one it counts in '*' alone
  std::optional<std::string> tool_type;
  std::optional<std::string> tool_id;
  std::string provider;  // as written; gates compare it without case
  std::optional<std::string> model_or_plan_id;
  std::int64_t tokens_input = 0;
  std::int64_t tokens_output = 0;
  std::int64_t cost_micros = 0;
  std::string currency;
  std::string metadata = "{}";
  Micros occurred_at = model::kNoTime;
  Micros created_at = 0;
  std::string created_by;
  std::int64_t audit_seq = 0;  // the audit row of its writing
  // Set once it was a mistake and counts no more.
  std::optional<Micros> voided_at;
  std::optional<std::string> voided_by;
  std::optional<std::string> void_reason;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr model::Rule kUsageText{.max = 128};
inline constexpr model::Rule kTokens{.least = 0, .most = 1'000'000'000'000, .required = true};

inline constexpr model::Table kUsage{
    "UsageEvent", "usage_events",
    std::array{
        model::tenant(&UsageEvent::tenant_id),
        model::env(&UsageEvent::env),
        model::key(model::field("usage_id", &UsageEvent::usage_id,
                                {.max = limits::client_id_chars_max,
                                 .form = &model::kClientId,
                                 .null_is_absent = true,
                                 .help = "the event's own id: sent twice, it counts once"})),
        model::field("surface", &UsageEvent::surface,
                     {.max = limits::client_id_chars_max,
                      .form = &model::kClientId,
                      .name = NameForm::name,
                      .help = "the surface it was used for; without one it counts for all alone"}),
        model::field("tool_type", &UsageEvent::tool_type, kUsageText),
        model::field("tool_id", &UsageEvent::tool_id, kUsageText),
        model::field("provider", &UsageEvent::provider,
                     {.max = 128, .name = NameForm::name, .required = true, .help = "who is paid"}),
        model::field("model_or_plan_id", &UsageEvent::model_or_plan_id, kUsageText),
        model::field("tokens_input", &UsageEvent::tokens_input, kTokens),
        model::field("tokens_output", &UsageEvent::tokens_output, kTokens),
        model::hidden("cost_micros", &UsageEvent::cost_micros),
        model::hidden("currency", &UsageEvent::currency),
        model::document("metadata", &UsageEvent::metadata,
                        {.max = limits::metadata_bytes_max,
                         .null_is_absent = true,
                         .help = "any object of at most 16384 bytes of compact JSON; its numbers are metrics"}),
        model::time_field(
            "occurred_at", &UsageEvent::occurred_at,
            {.null_is_absent = true, .past = true, .help = "at most 24 h back and 5 min ahead; now when left out"}),
        model::made_time("created_at", &UsageEvent::created_at),
        model::made("created_by", &UsageEvent::created_by),
        model::hidden("audit_seq", &UsageEvent::audit_seq),
        model::made_time("voided_at", &UsageEvent::voided_at),
        model::made("voided_by", &UsageEvent::voided_by),
        model::made("void_reason", &UsageEvent::void_reason)}};

struct Policy {
  std::string tenant_id;
  std::string env;
  std::string surface;  // '*' caps the sum over all surfaces
  std::int64_t threshold_micros = 0;
  std::string currency;
  std::int64_t window_days = 7;
  Micros updated_at = 0;
  std::string updated_by;
  Realm realm() const { return {.tenant = tenant_id, .env = env}; }
};

inline constexpr model::Table kPolicy{
    "BudgetPolicy", "budget_policies",
    std::array{model::tenant(&Policy::tenant_id), model::env(&Policy::env),
               model::key(model::field("surface", &Policy::surface,
                                       {.max = limits::client_id_chars_max,
                                        .form = &model::kSurfaceOrAll,
                                        .name = NameForm::name,
                                        .required = true,
                                        .help = "the surface; * is all of them together"})),
               model::hidden("threshold_micros", &Policy::threshold_micros),
               model::hidden("currency", &Policy::currency),
               model::field("window_days", &Policy::window_days,
                            {.least = 1, .most = 90, .required = true, .help = "the last N days, 1 to 90"}),
               model::made_time("updated_at", &Policy::updated_at), model::made("updated_by", &Policy::updated_by)}};

}  // namespace nexus::budget
