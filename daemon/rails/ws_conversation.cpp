#include "daemon/rails/ws_conversation.hpp"

#include <algorithm>

#include "daemon/base/uuid.hpp"
#include "daemon/domain/feature_flags.hpp"
#include "daemon/rails/rails.hpp"

namespace nexus::rails {
namespace {

/// The caller of one frame: the stream's caller, with a new request id and the stream's trace.
Caller caller_of_frame(const Caller& stream) {
  Caller caller = stream;
  caller.request_id = uuid_v4();
  return caller;
}

RequestHead head_of(const Say& say, const ThreadId& thread) {
  RequestHead head;
  head.method = "POST";
  head.target = "/chat/threads/" + thread.str() + "/messages";
  head.fields = {{"content-type", "application/json"}};
  if (!say.ref.empty()) head.fields.emplace_back("idempotency-key", say.ref);
  head.content_length = say.body.size();
  head.has_body = true;
  return head;
}

std::optional<AuditReceipt> receipt_of(const http::Response& response) {
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(response.fields, name, [](const auto& field) { return field.first; });
    return found == response.fields.end() ? std::string() : found->second;
  };
  const std::string seq = value("Nexus-Audit-Seq");
  if (seq.empty()) return std::nullopt;
  return AuditReceipt{std::stoll(seq), value("Nexus-Audit-Hash")};
}

}  // namespace

http::ExchangePtr Conversation::ask(const Say& say) const {
  return dispatcher_.admission().admit_within(caller_of_frame(stream_->caller()),
                                              head_of(say, stream_->address().thread));
}

void Conversation::answer(const Say& say, http::Exchange& exchange, http::Response response) const {
  dispatcher_.answers().finish(exchange, response);
  Json json = parse_or_discard(response.body);
  const bool done = response.status / 100 == 2;
  const auto receipt = receipt_of(response);
  stream_->reply(done ? ack_frame(say.ref, json, receipt) : error_frame(say.ref, std::move(json), receipt));
}

void Conversation::take(const ClientFrame& frame) const {
  if (std::holds_alternative<Ping>(frame)) stream_->reply(pong_frame());
  if (std::holds_alternative<PresencePing>(frame)) stream_->tell_presence();
  if (const auto* gesture = std::get_if<Gesture>(&frame)) pass_on(*gesture);
  if (const auto* objection = std::get_if<Objection>(&frame)) object(objection->ref, objection->problem);
}

/// A gesture requires the same role as a message, and the same switches stop it.
const http::Route& Conversation::message_route() const {
  const auto match =
      dispatcher_.routes().match("POST", "/chat/threads/" + stream_->address().thread.str() + "/messages");
  if (match.route == nullptr) throw std::logic_error("there is no route of messages");
  return *match.route;
}

void Conversation::pass_on(const Gesture& gesture) const {
  const Caller caller = caller_of_frame(stream_->caller());
  bool kept = false;
  try {
    auto lease = stream_->rails().database().read();
    const auto refused = [stream = stream_](const http::Response& response) {
      stream->reply(error_frame({}, parse_or_discard(response.body), receipt_of(response)));
    };
    if (!dispatcher_.reads().allows(lease.reader(), message_route(), caller, refused)) return;
    kept = domain::read_flags(lease.reader(), caller.realm()).in_force().gesture_logging;
  } catch (const Problem& problem) {
    return object({}, problem);
  }
  if (kept)
    dispatcher_.reads().events().record(caller, "chat",
                                        {{.event_type = "gesture",
                                          .asset_type = "thread",
                                          .asset_id = stream_->address().thread.str(),
                                          .input = gesture.data}});
  stream_->gesture(gesture.data);
}

void Conversation::object(std::string_view ref, const Problem& problem) const {
  const auto response = http::problem_response(problem, uuid_v4(), stream_->caller().trace_id);
  stream_->reply(error_frame(ref, parse_own_json(response.body)));
}

}  // namespace nexus::rails
