// A strategy lock. A client sends its terms, an edit changes them and an approval puts them in force. Terms that wait
// beside approved ones are in `draft`.
#pragma once
#include "daemon/limits.hpp"
#include "daemon/model/field.hpp"
#include "daemon/strategy_locks/limits.hpp"

namespace nexus::strategy_locks {

struct Lock {
  std::string tenant_id;
  std::string env;
  std::string lock_id;
  std::string title;
  std::optional<std::string> surface;  // nothing: it applies to every surface
  std::string scope;
  std::optional<std::string> description;
  std::string constraints = "{}";
  std::vector<std::string> allowed_actions;
  std::optional<std::string> three_wise_id;
  std::optional<Micros> valid_from, valid_until;
  std::string status;                // never stored as `expired`, which follows from valid_until
  std::optional<std::string> draft;  // JSON of terms (draft_text)
  std::vector<std::string> editors;  // the editors since its last approval
  Micros created_at = 0;
  std::string created_by;
  Micros updated_at = 0;
  std::string updated_by;
  std::optional<Micros> decided_at;
  std::optional<std::string> decided_by;
};

inline constexpr std::string_view kScopes[] = {"campaign",    "budget",     "kpi_corridor",
                                               "code_deploy", "app_toggle", "other"};
inline constexpr std::string_view kStatuses[] = {"draft", "approved", "rejected", "expired"};

inline constexpr model::Table kLock{
    "StrategyLock", "strategy_locks",
    std::array{
        model::tenant(&Lock::tenant_id),
        model::env(&Lock::env),
        model::id("lock_id", &Lock::lock_id),
        model::field("title", &Lock::title, {.max = 200, .required = true, .help = "what people call it"}),
        model::field("surface", &Lock::surface,
                     {.max = 64, .name = NameForm::name, .help = "the one surface it serves (all of them)"}),
        model::field("scope", &Lock::scope, {.choices = kScopes, .required = true, .help = "the kind of plan"}),
        model::field("description", &Lock::description, {.min = 0, .max = 4096, .help = "what it is about"}),
        model::document("constraints", &Lock::constraints,
                        {.max = limits::metadata_bytes_max, .null_resets = true, .help = "an object of your own"}),
        model::field("allowed_actions", &Lock::allowed_actions,
                     {.max = 64,
                      .count = limits::lock_actions_max,
                      .count_min = 1,
                      .form = &model::kActionOrAll,
                      .name = NameForm::name,
                      .required = true,
                      .help = "what it allows; * is every action"}),
        model::field("three_wise_id", &Lock::three_wise_id,
                     {.max = 128, .help = "good only while the three wise approve"}),
        model::time_field("valid_from", &Lock::valid_from, {.help = "not before, as 2026-12-01T00:00:00Z"}),
        model::time_field("valid_until", &Lock::valid_until, {.help = "no longer than that"}),
        model::made("status", &Lock::status, {.choices = kStatuses}),
        model::hidden("draft", &Lock::draft),
        model::hidden("editors", &Lock::editors),
        model::made_time("created_at", &Lock::created_at, {.fixed = true}),
        model::made("created_by", &Lock::created_by, {.fixed = true}),
        model::made_time("updated_at", &Lock::updated_at),
        model::made("updated_by", &Lock::updated_by),
        model::made_time("decided_at", &Lock::decided_at),
        model::made("decided_by", &Lock::decided_by)}};

}  // namespace nexus::strategy_locks
