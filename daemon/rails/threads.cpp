// Threads: the durable registry, per tenant and env.
#include "daemon/domain/made_by.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/log.hpp"
#include "daemon/rails/chat.hpp"
#include "daemon/rails/problems.hpp"
#include "daemon/rails/thread.hpp"

namespace nexus::rails {
namespace {

using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::size_t kDisplayNameBytesMax = 256;
constexpr std::size_t kParticipantsMax = 200;

Json thread_json(const Thread& thread) {
  Json out = model::json_of(kThread, thread);
  out["participants"] = parse_own_json(thread.participants);
  return out;
}

Json participant_schema() {
  return schema::named("Participant",
                       schema::object({"id"}, {{"id", schema::pattern(schema::kClientId)},
                                               {"display_name", schema::text_between(1, kDisplayNameBytesMax)}}));
}

Json take_participants(Input& input) {
  Json out = Json::array();
  for (auto& fields : input.body.optional_list("participants", kParticipantsMax)) {
    Json participant = {{"id", fields.text("id", {.min = 1, .max = limits::client_id_chars_max})}};
    if (const auto& id = participant["id"].get_ref<const std::string&>(); !id.empty() && !is_client_id(id))
      fields.fault("id", "must be letters, digits, '.', '_' and '-', beginning with a letter or digit");
    if (auto name = fields.optional_text("display_name", {.min = 1, .max = kDisplayNameBytesMax}))
      participant["display_name"] = std::move(*name);
    fields.finish();
    out.push_back(std::move(participant));
  }
  return out;
}

Thread parse_thread(Input& input) {
  Thread thread = domain::made_by(input.caller, model::take_new(kThread, input.body).value);
  if (thread.thread_id.empty()) thread.thread_id = new_id(input.caller.tenant());
  thread.participants = to_text(take_participants(input));
  return thread;
}

[[noreturn]] void refuse_thread(const Caller& caller) {
  log::info("a thread was not found", {{"request_id", caller.request_id}});
  throw Problem(problems::thread_not_found);
}

Applied create(store::Tx& tx, const Caller& caller, const Thread& thread) {
  if (store::has_row<kThread>(tx, caller.realm(), thread.thread_id)) throw Problem(problems::thread_exists);
  store::insert_with_seq<kThread>(tx, thread);
  Json json = thread_json(thread);
  const Json counts = {{"participants", json.at("participants").size()}};
  return {.json = std::move(json),
          .subject_type = "thread",
          .subject_id = thread.thread_id,
          .details = counts,
          .events = {{"chat_thread_created", "thread", thread.thread_id, model::json_of(kThread, thread, {"title"}),
                      counts}},
          .fields = {{"Location", "/chat/threads/" + thread.thread_id}}};
}

Reply show(const store::Reader& reader, const Caller& caller, const std::string& thread_id) {
  const auto thread = store::find_row<kThread>(reader, caller.realm(), thread_id);
  if (!thread) refuse_thread(caller);
  return {.json = thread_json(*thread)};
}

}  // namespace

ThreadAddress find_thread_address(const store::Reader& reader, const Caller& caller, const std::string& thread_id) {
  if (!store::has_row<kThread>(reader, caller.realm(), thread_id)) refuse_thread(caller);
  return {caller.tenant(), caller.env(), ThreadId::parse(thread_id).value()};
}

void add_thread_routes(http::RouteTable& routes) {
  Json request = model::create_schema(kThread), shape = model::answer_schema(kThread);
  request["properties"]["participants"] = schema::list(participant_schema(), kParticipantsMax);
  shape["properties"]["participants"] = schema::list(participant_schema());
  shape["required"].push_back("participants");
  routes.add(kChat.create("/chat/threads", "chat_thread_create", http::writes(parse_thread, create),
                          {.summary = "Make a thread", .request = request, .response = shape, .refusals = {409}}));
  routes.add(kChat.list("/chat/threads", http::by_seq<kThread>("chat_threads", thread_json),
                        {.summary = "List threads, newest first", .response = shape}));
  routes.add(kChat.show("/chat/threads/{thread_id}",
                        http::reads([](Input& input) { return input.param("thread_id"); }, show),
                        {.summary = "Show a thread", .response = shape}));
}

}  // namespace nexus::rails
