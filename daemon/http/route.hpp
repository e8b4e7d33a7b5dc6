// The route table: the single source of truth of what can be asked, by whom, through which gates, with which limits.
// The dispatcher enforces all of it, OpenAPI and the sweeps of the tests are generated from it, and the daemon refuses
// to start on a route that leaves a question open.
//
// Handlers are plain functions: no socket, no lock, no audit call. A parser turns the request into a value that cannot
// be wrong; then `query(reader, caller, value)` reads, or `apply(tx, caller, value)` writes inside the transaction in
// which the gates were read. What needs files or other servers does so in `prepare`, before that transaction.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/audit/events.hpp"
#include "daemon/base/request_head.hpp"
#include "daemon/blobs/object.hpp"
#include "daemon/gates/decision.hpp"
#include "daemon/guard/guard.hpp"
#include "daemon/http/response.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/fields.hpp"
#include "store/database.hpp"

namespace nexus::blobs {
class BlobStore;
}

namespace nexus::http {

using model::Faults;
using model::Fields;
using model::TextRange;

/// A route's parameters by name, percent-decoded.
using PathParams = std::map<std::string, std::string, std::less<>>;

/// What a parser reads from.
struct Input {
  const RequestHead& head;
  const PathParams& path;
  Fields& query;
  Fields& body;
  std::string_view raw_body;
  const std::string& base_url;  // scheme and authority that links of ours begin with
  const Caller& caller;
  std::span<Fields> items = {};  // of a body that is an array, on a route with `batch_max`

  const std::string& param(std::string_view name) const { return path.find(name)->second; }
};

/// What a read answers: `json`, or `text` when it has a content type.
struct Reply {
  Json json;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string text = {};
  std::string content_type = {};
  std::function<bool(std::string&)> stream = {};  // with a content type; see Response
  StreamPtr opens = {};                           // the connection becomes this stream
  /// Activity of the read itself, handed to the writer after the answer: dropped and counted when its queue is full.
  std::vector<audit::Activity> events = {};
  /// What other servers must say first: asked once the snapshot is given back, on a thread that may block. Throws
  /// Problem, which is then the answer.
  std::function<void()> confirm = {};
};

/// Activity that is written with the change: the dispatcher adds tenant, env, actor, trace and request.
using audit::Activity;

/// What a write did.
struct Applied {
  Json json;  // the answer's body; null for 204
  std::string subject_type;
  std::optional<std::string> subject_id;
  Json details = Json::object();  // of the audit row: sizes and digests, never content, names or secrets
  std::vector<Activity> events = {};
  int status = 201;
  std::vector<std::pair<std::string, std::string>> fields = {};
  /// Set when nothing changed: the seq of the audit row that did the change before.
  std::optional<std::int64_t> unchanged_since = {};
  /// What Write::render makes the answer of again; empty: of the subject's id.
  std::string reference = {};
  /// The answer holds a secret: an idempotent replay tells the subject's id, not the answer.
  bool secret = false;
  /// Runs once the change is committed, on a thread that may block; what it does may be lost by a crash.
  std::function<void(store::Database&)> after_commit = {};
  /// What was done, where that shows only inside the transaction; empty: what the route or the request says.
  std::string action = {};
  /// Whose chain the row stands in, on a route without a tenant.
  std::optional<TenantId> tenant = {};
};

using Query = std::function<Reply(const store::Reader&, const Caller&)>;
/// Makes an answer that was too large to be kept, from Applied::reference, as its subject stands now. Throws Problem
/// when that is gone.
using Render = std::function<Json(const store::Reader&, const Caller&, const std::string& reference)>;

/// A parsed write.
struct Write {
  std::function<void(store::Database&, const Caller&)> prepare;  // may be empty; runs on a thread that may block
  std::function<Applied(store::Tx&, const Caller&)> apply;
  std::vector<std::string> providers = {};  // that the request names, for the kill switch
  // What the request itself names, where that stands for the route's own action or surface; empty otherwise. A surface
  // only where the route says that its body names one.
  std::string action = {};
  std::string surface = {};
  std::string subject_type = {};  // of an act outside Nexus, which then needs its own licence
  std::string subject_id = {};
  bool answers_decision = false;  // the answer is `{"decision":…}`, once all gates let pass
  Render render = {};             // for an Idempotency-Key; may be empty where no answer is large
  /// Of a change under /tenants/{tenant_id}: the envs in which the gates judge it, one after another; none: prod.
  std::vector<Env> envs = {};
  /// On a route without a tenant, of a change to what the caller has in one: that tenant, in which the kill switches
  /// judge him too, and in whose chain their refusal stands. Nothing where he has nothing there, so that it tells him
  /// nothing. May be empty.
  std::function<std::optional<TenantId>(const store::Reader&, const Caller&)> concerns = {};
  /// A configuration change that only tightens is never gated: it is done in a suspended tenant, and an agent may do it
  /// while autonomy is off. Set exactly where the route's direction is `told`.
  std::function<bool(const store::Reader&, const Caller&)> tightens;
};

using ReadHandler = std::function<Query(Input&)>;
using WriteHandler = std::function<Write(Input&)>;
/// Open and presigned routes: no store, no caller; the answer may be a file.
using OpenHandler = std::function<Response(const RequestHead&, const PathParams&)>;

/// Takes a body as it streams in. Runs on a thread that may block. Any member may throw Problem.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual void take(std::string_view chunk) = 0;
};
class BodySink : public ChunkSink {
 public:
  virtual Response finish() = 0;
};
using UploadHandler = std::function<std::unique_ptr<BodySink>(const RequestHead&, const PathParams&)>;

/// The file of a form, in storage by the time the write is applied. It has an id of its own: that of the thing it
/// becomes, and the owner in its key.
struct StoredFile {
  std::string id;
  blobs::StorageKey key;
  std::string uri;
  std::string filename;  // as the client named it
  std::string content_type;
  blobs::ObjectInfo info = {};
};
using StoredFilePtr = std::shared_ptr<const StoredFile>;

/// A write whose body is a form with one part `file`, which streams to storage. The gates are read before the first
/// byte of the body; what they refuse is never read. Fields may stand before the file and after it: the parser judges
/// those before it as soon as the file begins (so each of them must be optional), and all of them at the end. What the
/// gates or `apply` then refuse leaves no object behind.
struct FormHandler {
  blobs::BlobStore* blobs = nullptr;
  blobs::Plane plane = blobs::Plane::raw;
  std::uint64_t file_bytes_max = limits::upload_bytes_hard_max;
  std::set<std::string, std::less<>> lists = {};  // fields of values between commas, which may be sent several times
  std::set<std::string, std::less<>> documents = {};  // fields whose text is JSON
  /// May be empty: throws Problem for a subject that is not there, before the body is read.
  std::function<void(const store::Reader&, Input&)> look = {};
  /// Called without a file until there is one.
  std::function<Write(Input&, StoredFilePtr)> parse = {};
  WriteHandler json = {};  // for Body::json_or_form: the same route with a JSON body
};

struct Route;

/// A GET that is answered by a stream. The guard, the limits and the gates judge it as any read, before the first byte
/// of the stream; then it is judged again and again for as long as it is open.
struct StreamHandler {
  enum class Transport { sse, websocket };
  using Open = std::function<Reply(const store::Reader&, const Caller&, const Route&)>;  // with Reply::opens

  Transport transport = Transport::sse;
  /// May be empty. Throws Problem feature.disabled; asked right after membership.
  std::function<void(const store::Reader&, const Caller&)> allow = {};
  /// Judges path, query and head; what it answers is asked in the snapshot in which the gates let pass.
  std::function<Open(Input&)> parse = {};
};

using Handler = std::variant<OpenHandler, ReadHandler, WriteHandler, UploadHandler, FormHandler, StreamHandler>;

/// `text` is text/plain or text/markdown, read from Input::raw_body.
enum class Body { none, json, form, json_or_form, text };

struct QueryParameter {
  std::string name;
  std::string description;
  Json schema;
  bool required = false;
};

/// What OpenAPI says of a route.
struct Docs {
  std::string summary;
  std::string tag = {};
  Json request = nullptr;   // JSON Schema of the body; null without one
  Json response = nullptr;  // JSON Schema of the 2xx answer, of a stream its events' data; null without one
  int success = 200;
  std::vector<QueryParameter> query = {};
  std::vector<int> refusals = {};                 // statuses of the subject, beside those that follow from the table
  Json form = nullptr;                            // JSON Schema of a form's fields; null: not told
  std::string particular = {};                    // a sentence that the summary leaves out
  std::string content_type = "application/json";  // of the 2xx answer; one without a schema has a body of another type
};

// What a mutation of control or identity means to the machinery around it. None has an answer by default: a route that
// leaves one open does not start.

/// `stops`: what stops things. It may enter a full queue, and it may use the space that is kept in reserve.
enum class Urgency { open, ordinary, stops };
/// `may`: it may end the right to an open stream, so open streams are judged again once it is committed.
enum class EndsStreams { open, no, may };
/// `yes`: it puts right what others set too tight. No limit of a tenant's own slows it, and none can be set for it.
/// `switches`: that, and it lifts kill switches, so that no switch on an action judges it.
enum class Repairs { open, no, yes, switches };

struct Effects {
  Urgency urgency = Urgency::open;
  EndsStreams streams = EndsStreams::open;
  Repairs repairs = Repairs::open;
  Direction direction = Direction::open;
};
/// Of a mutation that changes its own rows and nothing around them.
constexpr Effects own_rows_alone(Direction direction) {
  return {Urgency::ordinary, EndsStreams::no, Repairs::no, direction};
}
constexpr Effects kOwnRowsAlone = own_rows_alone(Direction::either);

struct Route {
  std::string method;
  std::string path;  // "/nexus/raw/{asset_id}"; a last "{key...}" takes all that is left
  Demand demand;
  std::string action;  // for gates, audit and rate limits; empty on open routes
  std::string surface;
  bool body_names_surface = false;  // what the body names is judged and audited instead
  gates::Policy policy = gates::Policy::none;
  Effects effects = {};  // said by every mutation whose policy is control or audited
  Body body = Body::none;
  std::size_t body_bytes_max = limits::json_body_bytes_max;
  std::size_t batch_max = 0;  // above 0: the JSON body may also be an array of up to so many objects
  bool takes_long = false;    // not on a thread that serves sockets: a read that computes; every list is made one
  bool writes_blobs = false;  // refused in prod while blobs are local
  bool probed = false;        // asked by machines: query parameters that it does not know are ignored
  Handler handler;
  Docs docs;
};

bool is_mutation(const Route& route);
/// No limit of a tenant's own slows it.
inline bool repairs(const Route& route) { return route.effects.repairs >= Repairs::yes; }
/// A read that answers items page by page: its documentation names `limit`.
bool is_list(const Route& route);
/// The one spelling of a request's path: however a client escaped the parameters, and %2F inside one stays inside it.
std::string spelled(const Route& route, const PathParams& params);

class RouteTable {
 public:
  /// Throws std::logic_error for a route that leaves a question open: the daemon does not start.
  void add(Route route);
  const std::vector<std::unique_ptr<Route>>& all() const { return routes_; }
  /// What a tag of the documentation stands for; /openapi.json wants it of every tag that a route has.
  void describe(std::string tag, std::string description) { tags_[std::move(tag)] = std::move(description); }
  const std::map<std::string, std::string>& tags() const { return tags_; }
  /// Runs `task` when the last route has been added.
  void when_complete(std::function<void(const RouteTable&)> task) { tasks_.push_back(std::move(task)); }
  void complete() {
    for (const auto& task : tasks_) task(*this);
    tasks_.clear();
  }

  struct Match {
    const Route* route = nullptr;
    PathParams params;
    std::vector<std::string> allowed;  // methods of the path, when no route matched the method
  };
  /// `path` is raw. HEAD matches GET. No match and no `allowed`: there is no such path.
  Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, std::string> tags_;
  std::vector<std::function<void(const RouteTable&)>> tasks_;
  std::map<std::string, std::vector<const Route*>, std::less<>> by_first_segment_;
};

// ---- from typed functions to handlers ------------------------------------------------------------------------------

/// What `apply` is refused when it comes without what was to be made before it: the gates refused then, and let pass
/// now.
[[noreturn]] void refuse_unprepared();

/// parse: V(Input&); query: Reply(const Reader&, const Caller&, const V&)
template <class Parse, class Ask>
ReadHandler reads(Parse parse, Ask query) {
  return [parse, query](Input& input) -> Query {
    return [value = parse(input), query](const store::Reader& reader, const Caller& caller) {
      return query(reader, caller, value);
    };
  };
}

/// parse: V(Input&); apply: Applied(Tx&, const Caller&, const V&)
template <class Parse, class Apply>
WriteHandler writes(Parse parse, Apply apply) {
  return [parse, apply](Input& input) -> Write {
    Write write;
    write.apply = [value = parse(input), apply](store::Tx& tx, const Caller& caller) {
      return apply(tx, caller, value);
    };
    return write;
  };
}

/// `handler`, whose answers may be large: see Render.
inline WriteHandler rendered(WriteHandler handler, Render render) {
  return [handler = std::move(handler), render = std::move(render)](Input& input) {
    Write write = handler(input);
    write.render = render;
    return write;
  };
}

/// `handler`, whose change concerns what the caller has in the tenant of the path: see Write::concerns.
/// `has_something`: bool(const Reader&, const Caller&, const TenantId&)
template <class HasSomething>
WriteHandler concerning_tenant(WriteHandler handler, HasSomething has_something) {
  return [handler = std::move(handler), has_something](Input& input) {
    Write write = handler(input);
    write.concerns = [tenant = TenantId::parse(input.param("tenant_id")), has_something](
                         const store::Reader& reader, const Caller& caller) -> std::optional<TenantId> {
      return tenant && has_something(reader, caller, *tenant) ? tenant : std::nullopt;
    };
    return write;
  };
}

/// parse: V(Input&); apply: Applied(Tx&, const Caller&, const V&, const StoredFile&)
template <class Parse, class Apply>
std::function<Write(Input&, StoredFilePtr)> receives(Parse parse, Apply apply) {
  return [parse, apply](Input& input, StoredFilePtr file) -> Write {
    Write write;
    write.apply = [value = parse(input), file = std::move(file), apply](store::Tx& tx, const Caller& caller) {
      if (!file) refuse_unprepared();
      return apply(tx, caller, value, *file);
    };
    return write;
  };
}

/// parse: V(Input&); prepare: P(Database&, const Caller&, const V&); apply: Applied(Tx&, const Caller&, const V&, const
/// P&)
template <class Parse, class Prepare, class Apply>
WriteHandler writes(Parse parse, Prepare prepare, Apply apply) {
  return [parse, prepare, apply](Input& input) -> Write {
    using Value = decltype(parse(input));
    using Prepared = decltype(prepare(std::declval<store::Database&>(), input.caller, std::declval<const Value&>()));
    auto value = std::make_shared<const Value>(parse(input));
    auto prepared = std::make_shared<std::optional<Prepared>>();
    Write write;
    write.prepare = [value, prepared, prepare](store::Database& database, const Caller& caller) {
      prepared->emplace(prepare(database, caller, *value));
    };
    write.apply = [value, prepared, apply](store::Tx& tx, const Caller& caller) {
      if (!*prepared) refuse_unprepared();
      return apply(tx, caller, *value, **prepared);
    };
    return write;
  };
}

}  // namespace nexus::http
