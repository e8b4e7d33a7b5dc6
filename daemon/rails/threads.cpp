// Threads: the durable registry, per tenant and env.
#include <charconv>

#include "daemon/base/uuid.hpp"
#include "daemon/http/page.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/log.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/problems.hpp"
#include "store/chat.hpp"

namespace nexus::rails {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
using store::ChatThread;
namespace schema = http::schema;

constexpr std::size_t kTitleBytesMax = 512;
constexpr std::size_t kNameBytesMax = 256;
constexpr std::size_t kParticipantsMax = 200;

Json thread_json(const ChatThread& thread) {
  return make_object({{"tenant_id", thread.tenant_id},
                      {"env", thread.env},
                      {"thread_id", thread.thread_id},
                      {"title", or_null(thread.title)},
                      {"participants", Json::parse(thread.participants)},
                      {"created_at", to_rfc3339(thread.created_at)},
                      {"created_by", thread.created_by}});
}

Json participant_schema() {
  return schema::named("Participant",
                       schema::object({"id"}, {{"id", schema::pattern(schema::kClientId)},
                                               {"display_name", schema::text_between(1, kNameBytesMax)}}));
}

Json thread_schema() {
  return schema::named(
      "Thread", schema::object({"tenant_id", "env", "thread_id", "title", "participants", "created_at", "created_by"},
                               {{"tenant_id", schema::text()},
                                {"env", schema::env()},
                                {"thread_id", schema::text()},
                                {"title", schema::nullable(schema::text())},
                                {"participants", schema::list(participant_schema())},
                                {"created_at", schema::time()},
                                {"created_by", schema::text()}}));
}

Json take_participants(Input& input) {
  Json out = Json::array();
  for (auto& fields : input.body.optional_list("participants", kParticipantsMax)) {
    Json participant = {{"id", fields.text("id", {.min = 1, .max = limits::client_id_chars_max})}};
    if (const auto& id = participant["id"].get_ref<const std::string&>(); !id.empty() && !is_client_id(id))
      fields.fault("id", "must be letters, digits, '.', '_' and '-', beginning with a letter or digit");
    if (auto name = fields.optional_text("display_name", {.min = 1, .max = kNameBytesMax}))
      participant["display_name"] = std::move(*name);
    fields.finish();
    out.push_back(std::move(participant));
  }
  return out;
}

ChatThread parse_thread(Input& input) {
  ChatThread thread;
  const auto id = input.body.optional_text("thread_id", {.min = 1, .max = limits::client_id_chars_max});
  if (id && !is_client_id(*id))
    input.body.fault("thread_id", "must be letters, digits, '.', '_' and '-', beginning with a letter or digit");
  thread.tenant_id = input.caller.tenant().str();
  thread.env = to_string(input.caller.env());
  thread.thread_id = id.value_or(new_id(input.caller.tenant()));
  thread.title = input.body.optional_text("title", {.min = 1, .max = kTitleBytesMax});
  thread.participants = to_text(take_participants(input));
  thread.created_at = now_micros();
  thread.created_by = input.caller.user_id;
  return thread;
}

ChatThread find_thread(const store::Reader& reader, const Caller& caller, const std::string& thread_id) {
  auto thread = store::find_chat_thread(reader, caller.realm(), thread_id);
  if (thread) return std::move(*thread);
  log::info("a thread was not found", {{"request_id", caller.request_id}});
  throw Problem(problems::thread_not_found);
}

Applied create(store::Tx& tx, const Caller&, const ChatThread& thread) {
  if (store::find_chat_thread(tx, {.tenant = thread.tenant_id, .env = thread.env}, thread.thread_id))
    throw Problem(problems::thread_exists);
  store::insert_chat_thread(tx, thread);
  const Json participants = Json::parse(thread.participants);
  return {
      .json = thread_json(thread),
      .subject_type = "thread",
      .subject_id = thread.thread_id,
      .details = {{"participants", participants.size()}},
      .events = {{"chat_thread_created", "thread", thread.thread_id, make_object({{"title", or_null(thread.title)}}),
                  make_object({{"participants", participants.size()}})}},
      .fields = {{"Location", "/chat/threads/" + thread.thread_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& thread_id) {
  return {.json = thread_json(find_thread(reader, caller, thread_id))};
}

Reply list(const store::Reader& reader, const Caller& caller, const http::Page& page) {
  std::int64_t before = 0;
  std::from_chars(page.mark.data(), page.mark.data() + page.mark.size(), before);
  auto rows = store::list_chat_threads(reader, caller.realm(), before, page.limit + 1);
  return {.json = http::page_json<ChatThread>(page, std::move(rows), thread_json,
                                              [](const ChatThread& row) { return std::to_string(row.seq); })};
}

}  // namespace

Place find_place(const store::Reader& reader, const Caller& caller, const std::string& thread_id) {
  find_thread(reader, caller, thread_id);
  return {caller.tenant(), caller.env(), ThreadId::parse(thread_id).value()};
}

http::Route chat_read_route(std::string path, http::ReadHandler handler, http::Docs docs) {
  return {.method = "GET",
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::viewer},
          .action = "chat_read",
          .surface = "chat",
          .policy = gates::Policy::read,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

http::Route chat_write_route(std::string method, std::string path, std::string action, gates::Policy policy,
                             http::WriteHandler handler, http::Docs docs) {
  return {.method = std::move(method),
          .path = std::move(path),
          .demand = {.access = Access::role, .scope = Scope::header, .role = Role::member, .mutates = true},
          .action = std::move(action),
          .surface = "chat",
          .policy = policy,
          .handler = std::move(handler),
          .docs = std::move(docs)};
}

void add_thread_routes(http::RouteTable& routes) {
  http::Route post = chat_write_route(
      "POST", "/chat/threads", "chat_thread_create", gates::Policy::full, http::writes(parse_thread, create),
      {"Make a thread",
       "chat",
       schema::named("ThreadCreate",
                     schema::object({}, {{"thread_id", schema::pattern(schema::kClientId)},
                                         {"title", schema::text_between(1, kTitleBytesMax)},
                                         {"participants", schema::list(participant_schema(), kParticipantsMax)}})),
       thread_schema(),
       201,
       {},
       {409}});
  post.body = http::Body::json;
  routes.add(std::move(post));
  routes.add(chat_read_route(
      "/chat/threads", http::reads([](Input& input) { return http::take_page(input, "chat_threads"); }, list),
      {"List threads, newest first", "chat", {}, schema::page(thread_schema()), 200, http::page_parameters(), {}}));
  routes.add(chat_read_route("/chat/threads/{thread_id}",
                             http::reads([](Input& input) { return input.param("thread_id"); }, show),
                             {"Show a thread", "chat", {}, thread_schema(), 200, {}, {404}}));
}

}  // namespace nexus::rails
