#include "daemon/maybes/routes.hpp"

#include <algorithm>

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/domain/words.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "store/maybes.hpp"

namespace nexus::maybes {
namespace {

using http::Applied;
using http::Fields;
using http::Input;
using http::Reply;
using store::Maybe;
namespace schema = http::schema;

constexpr std::size_t kSpaceBytesMax = 128;
constexpr std::size_t kSourceTypeMax = 64;
constexpr std::size_t kSourceRefBytesMax = 1024;
constexpr std::size_t kSearchBytesMax = 256;
constexpr const char* kByHand = "manual";  // where a client says nothing of the source

// ---- shapes ---------------------------------------------------------------------------------------------------------

Json maybe_json(const Maybe& maybe) {
  return make_object({{"tenant_id", maybe.tenant_id},
                      {"env", maybe.env},
                      {"item_id", maybe.item_id},
                      {"title", maybe.title},
                      {"body", maybe.body},
                      {"tags", maybe.tags},
                      {"space", or_null(maybe.space)},
                      {"pinned", maybe.pinned},
                      {"archived", maybe.archived},
                      {"source_type", maybe.source_type},
                      {"source_ref", or_null(maybe.source_ref)},
                      {"created_at", to_rfc3339(maybe.created_at)},
                      {"created_by", maybe.created_by},
                      {"updated_at", to_rfc3339(maybe.updated_at)},
                      {"updated_by", maybe.updated_by}});
}

Json tags_schema() { return schema::list(schema::text_between(1, limits::maybe_tag_bytes_max)); }

Json maybe_schema() {
  return schema::object({"tenant_id", "env", "item_id", "title", "body", "tags", "space", "pinned", "archived",
                         "source_type", "source_ref", "created_at", "created_by", "updated_at", "updated_by"},
                        {{"tenant_id", schema::text()},
                         {"env", schema::choice({"dev", "staging", "prod"})},
                         {"item_id", schema::text()},
                         {"title", schema::text()},
                         {"body", schema::text()},
                         {"tags", tags_schema()},
                         {"space", schema::nullable(schema::text())},
                         {"pinned", schema::boolean()},
                         {"archived", schema::boolean()},
                         {"source_type", schema::text()},
                         {"source_ref", schema::nullable(schema::text())},
                         {"created_at", schema::time()},
                         {"created_by", schema::text()},
                         {"updated_at", schema::time()},
                         {"updated_by", schema::text()}});
}

Json fields_schema(bool whole) {
  Json out = schema::object({}, {{"title", schema::text_between(1, limits::maybe_title_bytes_max)},
                                 {"body", schema::text_between(0, limits::maybe_body_bytes_max)},
                                 {"tags", tags_schema()},
                                 {"space", schema::nullable(schema::text_between(1, kSpaceBytesMax))},
                                 {"pinned", schema::boolean()},
                                 {"archived", schema::boolean()},
                                 {"source_type", schema::text_between(1, kSourceTypeMax)},
                                 {"source_ref", schema::nullable(schema::text_between(1, kSourceRefBytesMax))}});
  if (whole) out["required"] = {"title"};
  return out;
}

// ---- fields ---------------------------------------------------------------------------------------------------------

/// What a client sent; in a PATCH the rest stays as it was. Null takes away what may be missing.
struct MaybeFields {
  std::vector<std::string> sent;
  std::optional<std::string> title, body, source_type, space, source_ref;
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> pinned, archived;

  bool has(std::string_view name) const { return std::ranges::find(sent, name) != sent.end(); }
  void apply_to(Maybe& maybe) const;
};

void MaybeFields::apply_to(Maybe& maybe) const {
  maybe.title = title.value_or(maybe.title);
  maybe.body = body.value_or(maybe.body);
  maybe.tags = tags.value_or(maybe.tags);
  if (has("space")) maybe.space = space;
  maybe.pinned = pinned.value_or(maybe.pinned);
  maybe.archived = archived.value_or(maybe.archived);
  maybe.source_type = source_type.value_or(maybe.source_type);
  if (has("source_ref")) maybe.source_ref = source_ref;
  maybe.folded = fold_case(maybe.title + "\n" + maybe.body);
}

/// A tag stands in lists between commas, too.
std::optional<std::string> tags_fault(std::vector<std::string> tags) {
  for (const auto& tag : tags)
    if (tag.find(',') != std::string::npos) return "a tag holds no comma";
  std::ranges::sort(tags);
  if (std::ranges::adjacent_find(tags) != tags.end()) return "a tag is named twice";
  return std::nullopt;
}

MaybeFields take_fields(Fields& body) {
  MaybeFields fields;
  for (const char* name : {"title", "body", "tags", "space", "pinned", "archived", "source_type", "source_ref"}) {
    if (body.sent(name)) fields.sent.emplace_back(name);
    const bool may_be_null = std::string_view(name) == "space" || std::string_view(name) == "source_ref";
    if (body.sent_null(name) && !may_be_null) body.fault(name, "must not be null");
  }
  fields.title = body.optional_text("title", {.min = 1, .max = limits::maybe_title_bytes_max});
  fields.body = body.optional_text("body", {.min = 0, .max = limits::maybe_body_bytes_max});
  fields.tags = body.optional_names("tags", limits::maybe_tags_max, {.min = 1, .max = limits::maybe_tag_bytes_max},
                                    NameForm::label);
  if (fields.tags)
    if (const auto fault = tags_fault(*fields.tags)) body.fault("tags", *fault);
  fields.space = body.optional_text("space", {.min = 1, .max = kSpaceBytesMax});
  fields.pinned = body.optional_boolean("pinned");
  fields.archived = body.optional_boolean("archived");
  fields.source_type = body.optional_text("source_type", {.min = 1, .max = kSourceTypeMax});
  if (fields.source_type && !is_client_id(*fields.source_type))
    body.fault("source_type", "must be letters, digits, '.', '_' and '-', beginning with a letter or digit");
  fields.source_ref = body.optional_text("source_ref", {.min = 1, .max = kSourceRefBytesMax});
  return fields;
}

// ---- whose it is ----------------------------------------------------------------------------------------------------

bool sees_all(const Caller& caller) { return *caller.role >= Role::admin; }

Maybe find(const store::Reader& reader, const Caller& caller, const std::string& item_id) {
  auto maybe = store::find_maybe(reader, caller.tenant().str(), to_string(caller.env()), item_id);
  if (!maybe || (maybe->created_by != caller.user_id && !sees_all(caller))) throw Problem(Code::maybe_not_found);
  return std::move(*maybe);
}

// ---- create, change, delete -----------------------------------------------------------------------------------------

MaybeFields parse_create(Input& input) {
  MaybeFields fields = take_fields(input.body);
  if (!input.body.sent("title")) input.body.fault("title", "is required");
  return fields;
}

Json details_of(const Maybe& maybe) {
  return make_object({{"title_bytes", maybe.title.size()},
                      {"body_bytes", maybe.body.size()},
                      {"tags_count", maybe.tags.size()},
                      {"pinned", maybe.pinned},
                      {"archived", maybe.archived}});
}

Applied create(store::Tx& tx, const Caller& caller, const MaybeFields& fields) {
  Maybe maybe;
  maybe.tenant_id = caller.tenant().str();
  maybe.env = to_string(caller.env());
  maybe.item_id = new_id(caller.tenant());
  maybe.source_type = kByHand;
  maybe.created_at = maybe.updated_at = now_micros();
  maybe.created_by = maybe.updated_by = caller.user_id;
  fields.apply_to(maybe);
  store::insert_maybe(tx, maybe);
  return {.json = maybe_json(maybe),
          .subject_type = "maybe",
          .subject_id = maybe.item_id,
          .details = details_of(maybe),
          .events = {{.event_type = "maybe_created",
                      .asset_type = "maybe",
                      .asset_id = maybe.item_id,
                      .input = make_object({{"title", maybe.title},
                                            {"body", maybe.body},
                                            {"tags", maybe.tags},
                                            {"space", or_null(maybe.space)},
                                            {"source_ref", or_null(maybe.source_ref)}}),
                      .event_id = maybe.item_id}},
          .fields = {{"Location", "/maybes/items/" + maybe.item_id}}};
}

struct Change {
  std::string item_id;
  MaybeFields fields;
};

Change parse_change(Input& input) {
  Change change{input.param("item_id"), take_fields(input.body)};
  if (change.fields.sent.empty()) input.body.fault("title", "at least one field to change is required");
  return change;
}

/// Its event names what changed and holds nothing of it.
Applied update(store::Tx& tx, const Caller& caller, const Change& change) {
  Maybe maybe = find(tx, caller, change.item_id);
  change.fields.apply_to(maybe);
  maybe.updated_at = std::max(now_micros(), maybe.updated_at);
  maybe.updated_by = caller.user_id;
  store::update_maybe(tx, maybe);
  Json details = details_of(maybe);
  details["changed"] = change.fields.sent;
  return {.json = maybe_json(maybe),
          .subject_type = "maybe",
          .subject_id = maybe.item_id,
          .details = std::move(details),
          .events = {{.event_type = "maybe_updated",
                      .asset_type = "maybe",
                      .asset_id = maybe.item_id,
                      .input = make_object({{"changed", change.fields.sent}}),
                      .content = maybe.title + "\n" + maybe.body}},
          .status = 200};
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& item_id) {
  const Maybe maybe = find(tx, caller, item_id);
  store::bury_maybe(tx, maybe, now_micros(), caller.user_id);
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
  store::MaybeFilter filter;
};

std::vector<std::string> take_tags_any(Fields& query) {
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
    list.filter.folded = fold_case(*text);
  list.filter.space = input.query.optional_text("space", {.min = 1, .max = kSpaceBytesMax});
  list.filter.pinned_only = input.query.optional_boolean("pinned_only").value_or(false);
  list.filter.archived = input.query.optional_boolean("archived").value_or(false);
  list.page = http::take_page(input, "maybes\n" + input.caller.user_id);
  return list;
}

Reply list(const store::Reader& reader, const Caller& caller, const List& wish) {
  store::MaybeFilter filter = wish.filter;
  if (!sees_all(caller)) filter.created_by = caller.user_id;
  return {.json = http::page_json_in_pieces<Maybe>(
              wish.page,
              [&](const std::string& mark, int count) {
                return store::list_maybes(reader, caller.tenant().str(), to_string(caller.env()), filter, mark, count);
              },
              maybe_json, [](const Maybe& row) { return row.item_id; })};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& item_id) {
  return {.json = maybe_json(find(reader, caller, item_id))};
}

Json render(const store::Reader& reader, const Caller& caller, const std::string& item_id) {
  return show(reader, caller, item_id).json;
}

// ---- routes ---------------------------------------------------------------------------------------------------------

http::Route read_route(std::string path, http::ReadHandler handler, http::Docs docs) {
  http::Route route =
      domain::read_route(std::move(path), "maybes_read", Role::viewer, std::move(handler), std::move(docs));
  route.surface = "maybes";
  return route;
}

http::Route write_route(std::string method, std::string path, std::string action, http::WriteHandler handler,
                        http::Docs docs) {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = std::move(action),
          .surface = "maybes",
          .policy = gates::Policy::full,
          .body = docs.request.is_null() ? http::Body::none : http::Body::json,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

std::vector<http::QueryParameter> list_parameters() {
  auto out = http::page_parameters();
  out.push_back({"tags_any", "Only items with at least one of these tags, between commas", schema::text()});
  out.push_back({"search_text", "Only items that hold this text in title or body, in any case",
                 schema::text_between(1, kSearchBytesMax)});
  out.push_back({"space", "Only items of this space", schema::text_between(1, kSpaceBytesMax)});
  out.push_back({"pinned_only", "Only pinned items", schema::boolean()});
  out.push_back({"archived", "The archived items instead of the others", schema::boolean()});
  return out;
}

}  // namespace

void add_maybe_routes(http::RouteTable& routes) {
  const auto item_id = [](Input& input) { return input.param("item_id"); };
  routes.add(write_route("POST", "/maybes/items", "maybes_create",
                         http::rendered(http::writes(parse_create, create), render),
                         {"Keep an item", "maybes", fields_schema(true), maybe_schema(), 201, {}, {}}));
  routes.add(read_route("/maybes/items", http::reads(parse_list, list),
                        {"List one's own items, newest first; admins see everybody's",
                         "maybes",
                         {},
                         schema::page(maybe_schema()),
                         200,
                         list_parameters(),
                         {}}));
  routes.add(read_route("/maybes/items/{item_id}", http::reads(item_id, show),
                        {"Show an item", "maybes", {}, maybe_schema(), 200, {}, {404}}));
  routes.add(write_route("PATCH", "/maybes/items/{item_id}", "maybes_update", http::writes(parse_change, update),
                         {"Change the fields sent", "maybes", fields_schema(false), maybe_schema(), 200, {}, {404}}));
  routes.add(write_route("DELETE", "/maybes/items/{item_id}", "maybes_delete", http::writes(item_id, remove),
                         {"Delete an item", "maybes", {}, {}, 204, {}, {404}}));
}

}  // namespace nexus::maybes
