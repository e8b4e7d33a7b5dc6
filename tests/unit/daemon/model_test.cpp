// What is derived from a resource's table: a value that a schema takes the parser takes, what it refuses is a fault
// that names the field, JSON and rows go through without loss, and a PATCH changes what was sent and nothing else.
#include "daemon/maybes/limits.hpp"
#include "daemon/maybes/maybe.hpp"
#include "daemon/memory/turn.hpp"
#include "daemon/model/draft.hpp"
#include "daemon/model/json.hpp"
#include "daemon/model/schema.hpp"
#include "store/model_rows.hpp"
#include "tests/catch.hpp"

using namespace nexus;
using maybes::kMaybe;
using maybes::Maybe;

namespace {

/// The draft of a POST; `fault` is its 422, or empty.
struct Taken {
  model::Draft<Maybe> draft;
  std::string fault;
};

template <class Take>
Taken take(const Json& body, Take read) {
  model::Faults faults;
  model::Fields fields(body, "", faults);
  Taken out;
  out.draft = read(kMaybe, fields);
  fields.finish();
  try {
    faults.raise();
  } catch (const Problem& problem) {
    for (const auto& error : problem.errors) out.fault += error.pointer + " ";
  }
  return out;
}

Taken create(const Json& body) {
  return take(body, [](const auto& table, model::Fields& fields) { return model::take_new(table, fields); });
}
Taken change(const Json& body) {
  return take(body, [](const auto& table, model::Fields& fields) { return model::take_change(table, fields); });
}

}  // namespace

TEST_CASE("a new row takes what was sent, and its own defaults for the rest", "[model]") {
  const Taken taken = create({{"title", "A tea shop"}, {"tags", {" idea "}}, {"space", nullptr}});
  REQUIRE(taken.fault.empty());
  Maybe row;
  taken.draft.apply_to(kMaybe, row);
  CHECK(row.title == "A tea shop");
  CHECK(row.tags == std::vector<std::string>{"idea"});  // in normal form
  CHECK(row.source_type == "manual");
  CHECK(!row.space);
}

TEST_CASE("each field that does not fit is named", "[model]") {
  CHECK(create(Json::object()).fault == "/title ");
  CHECK(create({{"title", ""}}).fault == "/title ");
  CHECK(create({{"title", std::string(513, 'x')}}).fault == "/title ");
  CHECK(create({{"title", "a"}, {"pinned", "no"}, {"source_type", "-"}}).fault == "/pinned /source_type ");
  CHECK(create({{"title", "a"}, {"tags", {"x", "x"}}}).fault == "/tags ");
  CHECK(create({{"title", "a"}, {"tags", {"x,y"}}}).fault == "/tags ");
  CHECK(create({{"title", "a"}, {"item_id", "mine"}}).fault == "/item_id ");
  CHECK(create({{"title", "a"}, {"archived", nullptr}}).fault == "/archived ");
}

TEST_CASE("a PATCH changes what was sent, null takes away, and an empty one is a fault", "[model]") {
  Maybe row;
  row.title = "old";
  row.body = "text";
  row.space = "attic";
  const Taken taken = change({{"title", "new"}, {"space", nullptr}});
  REQUIRE(taken.fault.empty());
  taken.draft.apply_to(kMaybe, row);
  CHECK(row.title == "new");
  CHECK(row.body == "text");
  CHECK(!row.space);
  CHECK(change(Json::object()).fault == "/title ");
  CHECK(change({{"title", nullptr}}).fault == "/title ");
}

TEST_CASE("an answer holds every shown field in the schema's shape, and no hidden one", "[model]") {
  Maybe row;
  row.title = "t";
  const Json shown = model::json_of(kMaybe, row);
  const Json schema = model::answer_schema(kMaybe.specs());
  CHECK(!shown.contains("folded"));
  for (const auto& [name, value] : schema["properties"].items()) CHECK(shown.contains(name));
  CHECK(shown.size() == schema["properties"].size());
  CHECK(shown["space"].is_null());
  CHECK(shown["created_at"] == "1970-01-01T00:00:00.000Z");
  CHECK(model::json_of(kMaybe, row, {"title"}) == Json{{"title", "t"}});
  CHECK_THROWS_AS(model::json_of(kMaybe, row, {"gone"}), std::logic_error);
}

TEST_CASE("a request schema never takes what the parser refuses", "[model]") {
  const Json properties = model::create_schema(kMaybe.specs())["properties"];
  // 128 code points of four bytes are the 512 bytes of a title; ASCII forms may use all of theirs.
  std::string widest;
  for (std::size_t i = 0; i < properties["title"]["maxLength"]; ++i) widest += "\xF0\x9F\x8D\xB5";
  CHECK(create({{"title", widest}}).fault.empty());
  CHECK(create({{"title", "a"}, {"source_type", std::string(properties["source_type"]["maxLength"], 'x')}})
            .fault.empty());
  CHECK(properties["tags"]["maxItems"] == limits::maybe_tags_max);
  CHECK(!properties.contains("item_id"));
  CHECK(model::change_schema(kMaybe.specs())["minProperties"] == 1);
}

TEST_CASE("null is as good as not sent where the rule says so", "[model]") {
  const Json body = {{"role", nullptr}, {"content", "x"}, {"metadata", nullptr}, {"shared", nullptr}};
  model::Faults faults;
  model::Fields fields(body, "", faults);
  const auto draft = model::take_new(memory::kTurn, fields);
  CHECK(draft.sent == std::vector<std::string_view>{"role", "content"});
  CHECK(draft.value.metadata == "{}");
  CHECK(faults.any());  // of the role, which is required
}

TEST_CASE("what is asked for alone is in the request, and in no answer or column", "[model]") {
  CHECK(model::create_schema(memory::kTurn)["properties"].contains("shared"));
  CHECK(!model::json_of(memory::kTurn, memory::Turn{}).contains("shared"));
  CHECK(store::select_rows<memory::kTurn>().find("shared") == std::string::npos);
}

TEST_CASE("a schema tells the defaults of flags and texts", "[model]") {
  const Json properties = model::create_schema(kMaybe)["properties"];
  CHECK(properties["pinned"]["default"] == false);
  CHECK(properties["source_type"]["default"] == "manual");
  for (const char* name : {"title", "body", "space", "tags"}) CHECK(!properties[name].contains("default"));
  CHECK(!model::change_schema(kMaybe)["properties"]["pinned"].contains("default"));
}

TEST_CASE("statements name every column once and the key first", "[model]") {
  CHECK(store::select_rows<kMaybe>().starts_with("SELECT tenant_id, env, item_id, title,"));
  CHECK(store::select_rows<kMaybe>().ends_with("WHERE tenant_id = ?1 AND env = ?2 AND deleted_at IS NULL "));
  CHECK(store::select_rows_everywhere<kMaybe>().ends_with("updated_by FROM maybes "));
  const auto specs = kMaybe.specs();
  const std::string update = store::update_text("maybes", specs);
  CHECK(update.starts_with("UPDATE maybes SET title = ?4, body = ?5"));
  CHECK(update.ends_with("WHERE tenant_id = ?1 AND env = ?2 AND item_id = ?3"));
  CHECK(update.find("created_by") == std::string::npos);
  CHECK(store::insert_text("maybes", specs).ends_with("?15, ?16)"));
}
