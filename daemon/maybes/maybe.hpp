// A maybe: a thing that a user keeps for later. An item belongs to its creator.
#pragma once
#include "daemon/limits.hpp"
#include "daemon/maybes/limits.hpp"
#include "daemon/model/field.hpp"

namespace nexus::maybes {

struct Maybe {
  std::string tenant_id;
  std::string env;
  std::string item_id;  // also the id of the event of its creation
  std::string title;
  std::string body;
  std::vector<std::string> tags;
  std::optional<std::string> space;
  bool pinned = false;
  bool archived = false;
  std::string source_type = "manual";
  std::optional<std::string> source_ref;
  std::string folded;  // title and body as a search reads them
  Micros created_at = 0;
  std::string created_by;
  Micros updated_at = 0;
  std::string updated_by;
};

inline constexpr model::Table kMaybe{
    "Maybe", "maybes",
    std::array{
        model::tenant(&Maybe::tenant_id), model::env(&Maybe::env), model::id("item_id", &Maybe::item_id),
        model::field("title", &Maybe::title,
                     {.max = limits::maybe_title_bytes_max, .required = true, .help = "what people call it"}),
        model::field("body", &Maybe::body,
                     {.min = 0, .max = limits::maybe_body_bytes_max, .from_input = true, .help = "what it is about"}),
        model::field("tags", &Maybe::tags,
                     {.max = limits::maybe_tag_bytes_max,
                      .count = limits::maybe_tags_max,
                      .form = &model::kNoComma,
                      .name = NameForm::label,
                      .unique = true,
                      .help = "to find it by"}),
        model::field("space", &Maybe::space, {.max = 128, .help = "where it belongs"}),
        model::field("pinned", &Maybe::pinned, {.help = "pin it"}),
        model::field("archived", &Maybe::archived, {.help = "keep it out of sight"}),
        model::field("source_type", &Maybe::source_type,
                     {.max = 64, .form = &model::kClientId, .help = "what it comes from (manual)"}),
        model::field("source_ref", &Maybe::source_ref, {.max = 1024, .help = "which one of those"}),
        model::hidden("folded", &Maybe::folded), model::made_time("created_at", &Maybe::created_at, {.fixed = true}),
        model::made("created_by", &Maybe::created_by, {.fixed = true}),
        model::made_time("updated_at", &Maybe::updated_at), model::made("updated_by", &Maybe::updated_by)},
    "deleted_at IS NULL"};

}  // namespace nexus::maybes
