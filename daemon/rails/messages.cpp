// Messages of a thread: post, list, delete.
#include "daemon/base/uuid.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/handlers.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/model/schema.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/limits.hpp"
#include "daemon/rails/problems.hpp"
#include "daemon/rails/sources.hpp"
#include "daemon/rails/store.hpp"
#include "store/model_rows.hpp"

namespace nexus::rails {
namespace {

using http::Activity;
using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::size_t kNameBytesMax = 256;
constexpr const char* kScopeNames[] = {"surface", "app", "federation", "cluster", "gang", "agent", "kind", "target_id"};

// ---- post -----------------------------------------------------------------------------------------------------------

struct Post {
  std::string thread_id;
  std::string text;
  std::optional<Json> scope;
  std::optional<std::string> sender_id, sender_name, role;
  audit::Activity activity;  // prepared
};

std::optional<Json> take_scope(Input& input) {
  auto fields = input.body.optional_fields("scope");
  if (!fields) return std::nullopt;
  Json scope = Json::object();
  for (const char* name : kScopeNames)
    if (auto value = fields->optional_text(name, {.min = 1, .max = kNameBytesMax})) scope[name] = std::move(*value);
  fields->finish();
  return scope;
}

Post parse_post(Input& input) {
  Post post;
  post.thread_id = input.param("thread_id");
  post.text = input.body.text("text", {.min = 1, .max = limits::chat_text_bytes_max});
  post.scope = take_scope(input);
  if (auto sender = input.body.optional_fields("sender")) {
    post.sender_id = sender->text("id", {.min = 1, .max = limits::client_id_chars_max});
    post.sender_name = sender->optional_text("display_name", {.min = 1, .max = kNameBytesMax});
    sender->finish();
  }
  post.role = input.body.optional_choice("role", kRoles);
  audit::Activity activity{.event_type = "chat_message", .asset_type = "message", .asset_id = ""};
  activity.input = make_object({{"text", post.text}});
  if (post.scope) activity.input["scope"] = *post.scope;
  activity.thread_id = post.thread_id;
  post.activity = audit::prepared(std::move(activity));
  return post;
}

/// The one role that each type of actor may use.
std::string role_of(const Caller& caller) { return caller.actor_type == "human" ? "user" : caller.actor_type; }

/// A row that the caller adds to a thread. Its seq follows with its event.
Message row_by(const Caller& caller, const std::string& thread_id) {
  Message row = domain::made_by(caller, Message{});
  row.thread_id = thread_id;
  row.message_id = new_id(caller.tenant());
  row.role = role_of(caller);
  row.sender_id = caller.user_id;
  row.actor_type = caller.actor_type;
  row.trace_id = caller.trace_id;
  row.request_id = caller.request_id;
  row.run_id = caller.run_id;
  row.created_at = now_micros();
  return row;
}

Applied post(const Rails& rails, store::Tx& tx, const Caller& caller, const Post& value) {
  find_thread_address(tx, caller, value.thread_id);
  if (value.sender_id.value_or(caller.user_id) != caller.user_id)
    throw Problem(problems::chat_sender_mismatch, "the sender is the user of the token");
  if (value.role.value_or(role_of(caller)) != role_of(caller))
    throw Problem(problems::chat_sender_mismatch,
                  "this token speaks as " + role_of(caller) + ": send that role, or none");
  Message message = row_by(caller, value.thread_id);
  message.text = value.text;
  if (value.scope) message.scope = to_text(*value.scope);
  message.sender_name = value.sender_name;
  audit::Activity activity = value.activity;
  activity.asset_id = activity.event_id = message.message_id;
  activity.output = {{"thread_id", value.thread_id}, {"role", message.role}};
  message.seq = audit::write_event(tx, caller, "chat", std::move(activity), message.created_at).seq;
  store::insert_row<kMessage>(tx, message);
  return {.json = message_json(message, rails.epoch()),
          .subject_type = "message",
          .subject_id = message.message_id,
          .details = {{"thread_id", value.thread_id}, {"size_bytes", value.text.size()}, {"seq", message.seq}},
          .reference = to_text(make_object({{"thread_id", value.thread_id}, {"message_id", message.message_id}}))};
}

/// The answer of an earlier post; `reference` names thread and message.
Json render(const Rails& rails, const store::Reader& reader, const Caller& caller, const std::string& reference) {
  const Json address = parse_own_json(reference);
  const auto message = find_message(reader, caller.realm(), address.at("thread_id").get<std::string>(),
                                    address.at("message_id").get<std::string>());
  if (!message) throw Problem(problems::message_not_found);
  return message_json(*message, rails.epoch());
}

// ---- list -----------------------------------------------------------------------------------------------------------

constexpr std::string_view kOrders[] = {"oldest", "newest"};

struct List {
  std::string thread_id;
  Order order = Order::oldest_first;
  std::optional<std::int64_t> after;  // in that order
  int limit = 0;
};

List parse_list(const Rails& rails, Input& input) {
  List list;
  list.thread_id = input.param("thread_id");
  list.limit = static_cast<int>(input.query.optional_integer("limit", 1, limits::list_limit_max)
                                    .value_or(static_cast<std::int64_t>(limits::list_limit_default)));
  if (input.query.optional_choice("order", kOrders) == "newest") list.order = Order::newest_first;
  auto after = input.query.optional_text("after", {.min = 1, .max = 256});
  const auto cursor_of_page = input.query.optional_text("cursor", {.min = 1, .max = 256});
  if (after && cursor_of_page) input.query.fault("cursor", "is another name of after: send one of them");
  if (!after) after = cursor_of_page;
  if (!after) return list;
  const auto cursor = parse_cursor(*after);
  if (!cursor || cursor->epoch != rails.epoch())
    throw Problem(problems::chat_cursor_invalid, "take the cursor of a message, or next_cursor, as it came");
  list.after = cursor->seq;
  return list;
}

Reply list(const Rails& rails, const store::Reader& reader, const Caller& caller, const List& value) {
  find_thread_address(reader, caller, value.thread_id);
  const auto rows = list_messages(reader, caller.realm(), value.thread_id, value.order, value.after, value.limit + 1);
  const std::string epoch = rails.epoch();
  http::PageItems items(value.limit);
  Json next;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!items.full() && items.add(message_json(rows[i], epoch))) continue;
    next = Cursor{epoch, rows[i - 1].seq}.text();
    break;
  }
  return {.json = make_object({{"items", items.take()}, {"next_cursor", std::move(next)}})};
}

// ---- delete ---------------------------------------------------------------------------------------------------------

struct Target {
  std::string thread_id, message_id;
};

Applied bury(store::Tx& tx, const Caller& caller, const Target& target) {
  find_thread_address(tx, caller, target.thread_id);
  const auto message = find_message(tx, caller.realm(), target.thread_id, target.message_id);
  if (!message) throw Problem(problems::message_not_found, "there is no message with this id in this thread");
  if (!caller.owns(message->sender_id))
    throw Problem(problems::auth_insufficient_role, "only its sender or an admin deletes a message");
  Message deletion = row_by(caller, target.thread_id);
  deletion.deletes = target.message_id;
  bury_message(tx, *message, deletion.created_at, caller.user_id);
  Activity activity{"chat_message_deleted", "message", target.message_id, Json::object(),
                    make_object({{"thread_id", target.thread_id}})};
  activity.event_id = deletion.message_id;
  return {.json = nullptr,
          .subject_type = "message",
          .subject_id = target.message_id,
          .details = {{"thread_id", target.thread_id}},
          .events = {std::move(activity)},
          .status = 204,
          .numbered = [deletion = std::move(deletion)](store::Tx& writing, std::int64_t seq) mutable {
            deletion.seq = seq;
            store::insert_row<kMessage>(writing, deletion);
          }};
}

// ---- shapes ---------------------------------------------------------------------------------------------------------

Json scope_schema() {
  Json scope = schema::object({}, {});
  for (const char* name : kScopeNames) scope["properties"][name] = schema::text_between(1, kNameBytesMax);
  return schema::named("MessageScope", std::move(scope));
}

Json sender_schema() {
  return schema::named(
      "Sender",
      schema::object({"id"},
                     {{"id", schema::described(schema::name(limits::client_id_chars_max), "the user of the token")},
                      {"display_name", schema::text_between(1, kNameBytesMax)}}));
}

Json message_schema() {
  Json shape = model::answer_schema(kMessage);
  for (auto& [name, value] :
       std::initializer_list<std::pair<const char*, Json>>{{"event_id", schema::text()},
                                                           {"cursor", schema::text()},
                                                           {"created_by", schema::text()},
                                                           {"scope", schema::nullable(scope_schema())},
                                                           {"sender", sender_schema()}}) {
    shape["properties"][name] = value;
    shape["required"].push_back(name);
  }
  return shape;
}

http::Route post_route(const std::string& path, const Rails& rails) {
  http::Route route = kChat.create(
      path, "chat_message_create",
      http::rendered(http::writes(parse_post, std::bind_front(post, std::cref(rails))),
                     std::bind_front(render, std::cref(rails))),
      {.summary = "Post a message",
       .request = schema::named(
           "MessageCreate", schema::object({"text"}, {{"text", schema::text_between(1, limits::chat_text_bytes_max)},
                                                      {"scope", scope_schema()},
                                                      {"sender", sender_schema()},
                                                      {"role", schema::choice(kRoles)}})),
       .response = message_schema(),
       .refusals = {404}});
  route.policy = gates::Policy::telemetry;
  return route;
}

}  // namespace

void add_message_routes(http::RouteTable& routes, Rails& rails) {
  routes.add(post_route("/chat/threads/{thread_id}/messages", rails));
  routes.add(post_route("/sse/chat/{thread_id}", rails));
  routes.add(kChat.show(
      "/chat/threads/{thread_id}/messages",
      http::reads(std::bind_front(parse_list, std::cref(rails)), std::bind_front(list, std::cref(rails))),
      {.summary = "List messages, oldest first unless `order` says newest",
       .response = schema::page(message_schema()),
       .query = {http::page_parameters().front(),
                 {"order", "Which come first", schema::defaults_to(schema::choice(kOrders), "oldest")},
                 {"after", "The cursor of a message, or next_cursor of the page before", cursor_schema(false)},
                 {"cursor", "Another name of `after`, as in other lists", cursor_schema(false)}}}));
  const auto target = [](Input& input) { return Target{input.param("thread_id"), input.param("message_id")}; };
  routes.add(kChat.remove("/chat/threads/{thread_id}/messages/{message_id}", "chat_message_delete",
                          http::writes(target, bury), {.summary = "Delete a message: its sender or an admin"}));
}

}  // namespace nexus::rails
