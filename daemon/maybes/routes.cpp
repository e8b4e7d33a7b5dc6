// Maybes: things that users keep for later. An item belongs to its creator; to others it is absent, except to admins.
#include <algorithm>

#include "daemon/base/words.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/maybes/limits.hpp"
#include "daemon/maybes/problems.hpp"
#include "daemon/maybes/store.hpp"

namespace nexus::maybes {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

using Draft = model::Draft<Maybe>;

constexpr std::size_t kSearchBytesMax = 256;
constexpr model::TextRange kSpace{.min = 1, .max = 128};

Maybe find(const store::Reader& reader, const Caller& caller, const std::string& item_id) {
  auto maybe = store::find_row<kMaybe>(reader, caller.realm(), item_id);
  if (!maybe || !caller.owns(maybe->created_by)) throw Problem(problems::maybe_not_found);
  return std::move(*maybe);
}

// ---- create, change, delete -----------------------------------------------------------------------------------------

struct NewMaybe {
  Maybe maybe;
  audit::Activity created;  // prepared
};

NewMaybe parse_create(Input& input) {
  NewMaybe sent{model::take_new(kMaybe, input.body).value, {"maybe_created", "maybe", ""}};
  sent.maybe.folded = folded_text(sent.maybe);
  sent.created.input = model::json_of(kMaybe, sent.maybe, {"title", "body", "tags", "space", "source_ref"});
  sent.created = audit::prepared(std::move(sent.created));
  return sent;
}

Json details_of(const Maybe& maybe) {
  return make_object({{"title_bytes", maybe.title.size()},
                      {"body_bytes", maybe.body.size()},
                      {"tags_count", maybe.tags.size()},
                      {"pinned", maybe.pinned},
                      {"archived", maybe.archived}});
}

Applied create(store::Tx& tx, const Caller& caller, const NewMaybe& sent) {
  Maybe maybe = domain::made_by(caller, sent.maybe);
  maybe.item_id = new_id(caller.tenant());
  audit::Activity created = sent.created;
  created.asset_id = created.event_id = maybe.item_id;
  store::insert_row<kMaybe>(tx, maybe);
  return {.json = model::json_of(kMaybe, maybe),
          .subject_type = "maybe",
          .subject_id = maybe.item_id,
          .details = details_of(maybe),
          .events = {std::move(created)},
          .fields = {{"Location", "/maybes/items/" + maybe.item_id}}};
}

struct Change {
  std::string item_id;
  Draft draft;
  std::string folded_title, folded_body;  // of those that were sent
};

Change parse_change(Input& input) {
  Change change{input.param("item_id"), model::take_change(kMaybe, input.body), {}, {}};
  change.folded_title = fold_text(change.draft.value.title);
  change.folded_body = fold_text(change.draft.value.body);
  return change;
}

/// Folding leaves line ends as they are, so the folded text of an item ends its title at the same one.
void apply(const Change& change, Maybe& maybe) {
  std::size_t title_end = maybe.folded.find('\n');
  for (auto lines = std::ranges::count(maybe.title, '\n'); lines > 0; --lines)
    title_end = maybe.folded.find('\n', title_end + 1);
  if (change.draft.has("body")) maybe.folded.replace(title_end + 1, std::string::npos, change.folded_body);
  if (change.draft.has("title")) maybe.folded.replace(0, title_end, change.folded_title);
  change.draft.apply_to(kMaybe, maybe);
}

/// The event names the changed fields and holds none of their content.
Applied update(store::Tx& tx, const Caller& caller, const Change& change) {
  Maybe maybe = find(tx, caller, change.item_id);
  apply(change, maybe);
  maybe.updated_at = std::max(now_micros(), maybe.updated_at);
  maybe.updated_by = caller.user_id;
  store::update_row<kMaybe>(tx, maybe);
  Json details = details_of(maybe);
  details["changed"] = change.draft.sent;
  return {.json = model::json_of(kMaybe, maybe),
          .subject_type = "maybe",
          .subject_id = maybe.item_id,
          .details = std::move(details),
          .events = {{.event_type = "maybe_updated",
                      .asset_type = "maybe",
                      .asset_id = maybe.item_id,
                      .input = make_object({{"changed", change.draft.sent}}),
                      .content = maybe.title + "\n" + maybe.body}},
          .status = 200};
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& item_id) {
  const Maybe maybe = find(tx, caller, item_id);
  bury_maybe(tx, maybe, now_micros(), caller.user_id);
  return {.json = nullptr,
          .subject_type = "maybe",
          .subject_id = item_id,
          .details = make_object({{"created_by", maybe.created_by}}),
          .events = {{"maybe_deleted", "maybe", item_id}},
          .status = 204};
}

// ---- read -----------------------------------------------------------------------------------------------------------

struct List {
  http::Page page;
  Filter filter;
};

std::vector<std::string> take_tags_any(model::Fields& query) {
  std::vector<std::string> tags;
  const auto text = query.optional_text("tags_any", {.min = 1, .max = 4096});
  if (!text) return tags;
  for (const auto tag : split(*text, ',')) tags.push_back(normal_name(tag, NameForm::label).value_or(""));
  if (tags.size() > limits::maybe_tags_max || std::ranges::any_of(tags, &std::string::empty))
    query.fault("tags_any", "must be 1 to 32 tags between commas");
  return tags;
}

List parse_list(Input& input) {
  List list;
  list.filter.tags_any = take_tags_any(input.query);
  if (const auto text = input.query.optional_text("search_text", {.min = 1, .max = kSearchBytesMax}))
    list.filter.folded = fold_text(*text);
  list.filter.space = input.query.optional_text("space", kSpace);
  list.filter.pinned_only = input.query.optional_boolean("pinned_only").value_or(false);
  list.filter.archived = input.query.optional_boolean("archived").value_or(false);
  list.page = http::take_page(input, "maybes\n" + input.caller.user_id);
  return list;
}

Reply list(const store::Reader& reader, const Caller& caller, const List& request) {
  Filter filter = request.filter;
  if (!caller.sees_all()) filter.created_by = caller.user_id;
  return {
      .json = http::page_json_in_pieces<Maybe>(
          request.page,
          [&](const std::string& mark, int count) { return list_maybes(reader, caller.realm(), filter, mark, count); },
          http::row_json<kMaybe>, store::id_of<kMaybe>)};
}

Json show(const store::Reader& reader, const Caller& caller, const std::string& item_id) {
  return model::json_of(kMaybe, find(reader, caller, item_id));
}

// ---- routes ---------------------------------------------------------------------------------------------------------

std::vector<http::QueryParameter> list_parameters() {
  return {{"tags_any", "Only items with at least one of these tags, between commas", schema::labels(32)},
          {"search_text", "Only items that hold this text in title or body, in whatever case, accents and width",
           schema::text_between(1, kSearchBytesMax)},
          {"space", "Only items of this space", schema::text_between(1, kSpace.max)},
          {"pinned_only", "Only pinned items", schema::defaults_to(schema::boolean(), false)},
          {"archived", "The archived items instead of the others", schema::defaults_to(schema::boolean(), false)}};
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services&) {
  routes.describe("maybes", "Items kept for later");
  const http::Surface surface{.name = "maybes", .read_action = "maybes_read"};
  const Json shape = model::answer_schema(kMaybe);
  routes.add(surface.create("/maybes/items", "maybes_create", http::rendered(http::writes(parse_create, create), show),
                            {.summary = "Keep an item", .request = model::create_schema(kMaybe), .response = shape}));
  routes.add(surface.list("/maybes/items", http::reads(parse_list, list),
                          {.summary = "List one's own items, newest first; admins see everybody's",
                           .response = shape,
                           .query = list_parameters()}));
  routes.add(surface.show("/maybes/items/{item_id}", http::one("item_id", show),
                          {.summary = "Show an item", .response = shape}));
  routes.add(surface.change(
      "/maybes/items/{item_id}", "maybes_update", http::writes(parse_change, update),
      {.summary = "Change the fields sent", .request = model::change_schema(kMaybe), .response = shape}));
  routes.add(surface.remove("/maybes/items/{item_id}", "maybes_delete", http::writes(http::param("item_id"), remove),
                            {.summary = "Delete an item"}));
}

}  // namespace nexus::maybes
