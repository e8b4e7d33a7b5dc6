// A licence for dangerous actions: issued, and revoked for good; there is no other change.
#pragma once
#include "daemon/base/ids.hpp"
#include "daemon/model/field.hpp"

namespace nexus::firearms {

struct Licence {
  std::string tenant_id;
  std::string env;
  std::string licence_id;
  std::string subject_type;
  std::string subject_id;
  std::optional<std::string> scope;  // the one action it is good for; nothing or "*": all
  std::string level = "low";
  std::optional<Micros> expires_at;
  std::string status;  // follows from the two times and the present
  std::optional<Micros> revoked_at;
  std::optional<std::string> revoked_by;
  std::optional<std::int64_t> revoked_seq;  // the audit row of the revocation
  Micros created_at = 0;
  std::string created_by;
};

inline constexpr std::string_view kSubjectTypes[] = {"agent", "tool", "surface", "app", "user"};
inline constexpr std::string_view kLevels[] = {"low", "medium", "high"};  // ascending
inline constexpr std::string_view kStatuses[] = {"active", "revoked", "expired"};

inline constexpr model::Table kLicence{
    "Licence", "firearms_licences",
    std::array{
        model::tenant(&Licence::tenant_id), model::env(&Licence::env), model::id("licence_id", &Licence::licence_id),
        model::field("subject_type", &Licence::subject_type,
                     {.choices = kSubjectTypes, .required = true, .fixed = true, .help = "what it is for"}),
        model::field("subject_id", &Licence::subject_id,
                     {.max = 128, .name = NameForm::name, .required = true, .fixed = true, .help = "whom it is for"}),
        model::field("scope", &Licence::scope,
                     {.max = 64,
                      .form = &model::kActionOrAll,
                      .name = NameForm::name,
                      .fixed = true,
                      .help = "the one action it is good for (all)"}),
        model::field("level", &Licence::level,
                     {.choices = kLevels, .required = true, .fixed = true, .help = "how dangerous at most"}),
        model::time_field("expires_at", &Licence::expires_at,
                          {.fixed = true, .help = "good until then, as 2026-12-31T18:00:00Z"}),
        model::computed("status", &Licence::status, {.choices = kStatuses}),
        model::made_time("revoked_at", &Licence::revoked_at), model::made("revoked_by", &Licence::revoked_by),
        model::hidden("revoked_seq", &Licence::revoked_seq),
        model::made_time("created_at", &Licence::created_at, {.fixed = true}),
        model::made("created_by", &Licence::created_by, {.fixed = true})}};

}  // namespace nexus::firearms
