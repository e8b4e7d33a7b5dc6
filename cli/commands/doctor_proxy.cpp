// nexusctl doctor --through: what a proxy does to requests and streams. Each probe sends what the daemon answers in a
// known way, and sees whether that answer comes through.
#include "cli/commands/doctor_findings.hpp"
#include "cli/rails/rail_client.hpp"
#include "cli/rails/sse_parser.hpp"
#include "daemon/base/ids.hpp"

namespace nexus::cli {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kBodyBytes = 64u << 20;
constexpr seconds kFirstEvent{10};  // it comes at once; the daemon is silent for up to 15 s afterwards

/// A token of a viewer, which ends with this object.
class ViewerToken {
 public:
  ViewerToken(Session& session, const Json& body) : session_(session) {
    const Json made = session.call({.method = "POST", .path = "/tokens", .body = body, .scope = Scope::identity}).json;
    text_ = cell_at(made, "token");
    id_ = cell_at(made, "token_id");
  }
  ~ViewerToken() {
    try {
      session_.call({.method = "DELETE", .path = "/tokens/" + segment(id_), .scope = Scope::identity});
    } catch (const std::exception&) {
      session_.warn("the token " + id_ + " could not be revoked; it ends by itself within 60 s");
    }
  }
  ViewerToken(const ViewerToken&) = delete;
  ViewerToken& operator=(const ViewerToken&) = delete;

  const std::string& text() const { return text_; }

 private:
  Session& session_;
  std::string text_, id_;
};

/// A member of the tenant, for whom the system token can make a token; nothing where there is none.
std::optional<std::string> any_member(Session& session) {
  const Json members =
      session.call({.path = "/tenants/" + segment(session.tenant()) + "/members", .scope = Scope::identity}).json;
  for (const Json& member : value_at(members, "items"))
    if (cell_at(member, "status") != "invited") return find_text(member, "user_id");
  return std::nullopt;
}

/// The way through the proxy.
class ProxyWay {
 public:
  ProxyWay(Session& session, Url url) : session_(session), url_(std::move(url)) {
    while (url_.target.ends_with('/')) url_.target.pop_back();
  }

  Exchange exchange(const std::string& method, const std::string& path, Headers headers = {}) const {
    Exchange made;
    made.method = method;
    made.url = url_;
    made.reach = reach_of(session_.settings());
    made.headers = std::move(headers);
    made.url.target += path;
    made.timeout = kFirstEvent;
    return made;
  }
  Response ask(const Exchange& exchange) const { return session_.exchange(exchange); }
  std::string host() const {
    const std::string origin = url_.origin();
    return origin.substr(origin.find("://") + 3);
  }

 private:
  Session& session_;
  Url url_;
};

Json json_of(const Response& response) {
  try {
    return parse_json(response.body);
  } catch (const JsonError&) {
    return Json::object();  // a proxy's own page
  }
}

/// Whether the daemon itself gave this answer, not the proxy: every answer of the daemon has a request id.
bool is_of_daemon(const Response& response) { return !response.header("x-request-id").empty(); }

/// Whether the daemon behind the proxy is that of the session.
bool probe_instance(Session& session, const ProxyWay& way, DoctorFindings& findings) {
  const Response there = way.ask(way.exchange("GET", "/version"));
  if (cell_at(json_of(there), "code") == "host.not_allowed") {
    findings.add("proxy.host", "error", "the daemon does not take requests for " + way.host(),
                 "start nexusd with --public-url or --allowed-host " + way.host());
    return false;
  }
  const auto& wanted = session.instance();
  if (wanted && find_text(json_of(there), "instance_id") == *wanted) {
    findings.add("proxy.instance", "ok", "the proxy leads to this instance, " + *wanted);
    return true;
  }
  findings.add("proxy.instance", "error",
               "behind the proxy is not this instance (status " + std::to_string(there.status) +
                   "): nothing more was asked there",
               "give the address of a proxy in front of " + session.settings().server.value);
  return false;
}

/// A daemon that sees a strange Host refuses it. One that does not see it answers.
void probe_host(const ProxyWay& way, DoctorFindings& findings) {
  const Response there = way.ask(way.exchange("GET", "/version", {{"Host", "nexusctl-doctor.invalid"}}));
  if (cell_at(json_of(there), "code") == "host.not_allowed")
    return findings.add("proxy.host", "ok", "the proxy keeps the Host");
  if (there.status != 200 || !is_of_daemon(there))
    return findings.add("proxy.host", "note",
                        "whether the proxy keeps the Host cannot be told: it takes no other Host itself");
  findings.add("proxy.host", "warning",
               "the proxy replaces the Host: without --public-url, links of the daemon lead past it",
               "let it keep the Host (nginx: proxy_set_header Host $host)");
}

/// The daemon answers by the head alone, before the body is read: no form has this type.
void probe_body(const ProxyWay& way, DoctorFindings& findings) {
  Exchange exchange = way.exchange("POST", "/blobs/nexus", {{"Expect", ""}});
  const std::string piece(64 * 1024, '-');
  exchange.source =
      BodySource{.size = kBodyBytes,
                 .content_type = "multipart/form-data; boundary=nexusctl-doctor",
                 .read = [&piece](std::uint64_t, std::size_t most) { return std::string_view(piece).substr(0, most); }};
  const std::string size = std::to_string(kBodyBytes >> 20) + " MiB";
  const std::string remedy = "raise the limit of the proxy (nginx: client_max_body_size 0)";
  try {
    const Response there = way.ask(exchange);
    if (is_of_daemon(there)) return findings.add("proxy.body", "ok", "a body of " + size + " reaches the daemon");
    findings.add("proxy.body", "error",
                 "the proxy refuses a body of " + size + " with status " + std::to_string(there.status), remedy);
  } catch (const TransportError& error) {
    findings.add("proxy.body", "error", "a body of " + size + " does not pass the proxy: " + error.what(), remedy);
  } catch (const Failure& failure) {
    findings.add("proxy.body", "error", "a body of " + size + " does not pass the proxy: " + failure.what(), remedy);
  }
}

std::string refusal_text(const RailEnd& end) {
  if (end.kind == RailEnd::Kind::refused) return "status " + std::to_string(end.response.status);
  return end.why.empty() ? "nothing came" : end.why;
}

void probe_socket(const ProxyWay& way, const Headers& headers, const std::string& thread, DoctorFindings& findings) {
  bool opened = false;
  RailClient client;
  client.finish_at(std::chrono::steady_clock::now() + kFirstEvent);
  const RailEnd end =
      client.converse(way.exchange("GET", "/ws/chat/" + segment(thread), headers),
                      {.opened = [&] { opened = true; }, .received = [&](std::string_view) { client.finish(); }});
  if (opened) return findings.add("proxy.websocket", "ok", "a WebSocket opens through the proxy");
  if (end.kind == RailEnd::Kind::refused && cell_at(json_of(end.response), "code") == "feature.disabled")
    return findings.add("proxy.websocket", "note", "WebSockets are switched off in this tenant, and were not tried");
  findings.add("proxy.websocket", "error", "no WebSocket opens through the proxy: " + refusal_text(end),
               "let it pass Upgrade and Connection (nginx: proxy_http_version 1.1; proxy_set_header Upgrade "
               "$http_upgrade; proxy_set_header Connection \"upgrade\")");
}

/// Each stream begins with an event at once, and does not end by itself.
void probe_events(const ProxyWay& way, const Headers& headers, const std::string& thread, DoctorFindings& findings) {
  bool came = false;
  RailClient client;
  client.finish_at(std::chrono::steady_clock::now() + kFirstEvent);
  SseParser parser;
  const RailEnd end = client.stream(way.exchange("GET", "/sse/chat/" + segment(thread), headers),
                                    {.opened = [] {},
                                     .received =
                                         [&](std::string_view bytes) {
                                           parser.feed(bytes, [&](const SseEvent&) { came = true; });
                                           if (came) client.finish();
                                         }});
  if (came) return findings.add("proxy.events", "ok", "server-sent events come while the stream is open");
  if (end.kind == RailEnd::Kind::refused && cell_at(json_of(end.response), "code") == "feature.disabled")
    return findings.add("proxy.events", "note", "server-sent events are switched off in this tenant");
  findings.add("proxy.events", "error",
               "no server-sent event came through the proxy within " + std::to_string(kFirstEvent.count()) + " s" +
                   (end.kind == RailEnd::Kind::finished ? ": it holds them back" : ": " + refusal_text(end)),
               "let it pass answers on at once (nginx: proxy_buffering off)");
}

/// The fields of a viewer in the tenant and env of this run.
Headers fields_of(Session& session, const ViewerToken& token) {
  return {{"Authorization", "Bearer " + token.text()}, {"X-Tenant-Id", session.tenant()}, {"X-Env", session.env()}};
}

/// What a token for these probes asks for; nothing where the tenant has no member to make it for.
std::optional<Json> wanted_token(Session& session) {
  Json body = {{"name", "doctor"},
               {"role", "viewer"},
               {"ttl_seconds", 60},
               {"tenants", Json::array({session.tenant()})},
               {"envs", Json::array({session.env()})}};
  const Json me = session.call({.path = "/auth/me", .scope = Scope::identity}).json;
  if (value_at(me, "role") != "system" && value_at(me, "actor_type") != "system") return body;
  const auto member = any_member(session);
  if (!member) return std::nullopt;
  body["user_id"] = *member;
  return body;
}

void note_streams(DoctorFindings& findings, const std::string& why) {
  findings.add("proxy.websocket", "note", "not tried: " + why);
  findings.add("proxy.events", "note", "not tried: " + why);
}

void probe_streams(Session& session, const ProxyWay& way, DoctorFindings& findings) {
  if (!session.settings().tenant || !session.settings().env)
    return note_streams(findings, "no tenant and env are given: --tenant TENANT --env ENV");
  const auto wanted = wanted_token(session);
  if (!wanted) return note_streams(findings, "the tenant " + session.tenant() + " has no member");
  const ViewerToken token(session, *wanted);
  const Headers headers = fields_of(session, token);
  const Response threads = way.ask(way.exchange("GET", "/chat/threads?limit=1", headers));
  if (threads.status != 200)
    return note_streams(findings,
                        "the threads of the tenant were refused with status " + std::to_string(threads.status));
  const auto thread = find_text(json_of(threads), "items.0.thread_id");
  if (!thread)
    return note_streams(
        findings, "the tenant " + session.tenant() + " has no thread: nexusctl chat thread create THREAD_ID makes one");
  probe_socket(way, headers, *thread, findings);
  probe_events(way, headers, *thread, findings);
}

}  // namespace

void probe_proxy(Session& session, const std::string& address, DoctorFindings& findings) {
  const auto url = parse_url(address);
  if (!url) throw usage_error("--through wants an address such as https://nexus.example");
  const ProxyWay way(session, *url);
  try {
    if (!probe_instance(session, way, findings)) return;
    probe_host(way, findings);
    probe_body(way, findings);
    probe_streams(session, way, findings);
  } catch (const Refusal& refusal) {
    note_streams(findings, std::string("the daemon refused: ") + refusal.what());
  } catch (const TransportError& error) {
    findings.add("proxy.reach", "error", std::string("the proxy does not answer: ") + error.what(),
                 error.remedy.empty() ? "look whether it runs, and listens there" : error.remedy);
  }
}

}  // namespace nexus::cli
