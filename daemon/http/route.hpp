// The route table: the single source of truth of which requests exist, who may make them, through which gates and with
// which limits. The dispatcher enforces all of it. OpenAPI and the tests' sweeps are generated from it. The daemon
// refuses to start on a route that leaves a question open.
//
// Handlers are plain functions: no socket, no lock, no audit call. A parser turns the request into a valid value. Then
// `query(reader, caller, value)` reads, or `apply(tx, caller, value)` writes inside the transaction in which the gates
// were read. A write that needs files or other servers uses them in `prepare`, before that transaction.
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
  const std::string& base_url;  // scheme and authority of our links
  const Caller& caller;
  std::span<Fields> items = {};  // of an array body, on a route with `batch_max`

  const std::string& param(std::string_view name) const { return path.find(name)->second; }
};

/// What a read returns: `json`, or `text` when it has a content type.
struct Reply {
  Json json;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string text = {};
  std::string content_type = {};
  std::function<bool(std::string&)> stream = {};  // with a content type; see Response
  StreamPtr opens = {};                           // the connection becomes this stream
  /// Activity of the read itself. It goes to the writer after the answer; it is dropped and counted when the queue is
  /// full.
  std::vector<audit::Activity> events = {};
  /// Asks other servers for what they must confirm first. Runs after the snapshot is released, on a thread that may
  /// block. Throws Problem, which is then the answer.
  std::function<void()> confirm = {};
};

/// Activity that is written with the change: the dispatcher adds tenant, env, actor, trace and request.
using audit::Activity;

/// What a write did.
struct Applied {
  Json json;  // the answer's body; null for 204, and where `text` or Write::render makes it
  std::string subject_type;
  std::optional<std::string> subject_id;
  Json details = Json::object();  // of the audit row: sizes and digests, never content, names or secrets
  std::vector<Activity> events = {};
  int status = 201;
  std::vector<std::pair<std::string, std::string>> fields = {};
  /// What Write::render renders the answer from again; empty: the subject's id.
  std::string reference = {};
  /// A key keeps the reference however small the answer is: nothing changed, and that may be repeated without end.
  bool changed_nothing = false;
  /// The answer holds a secret: an idempotent replay returns the subject's id, not the answer.
  bool secret = false;
  /// Runs once the change is committed, on a thread that may block. A crash may lose its work.
  std::function<void(store::Database&)> after_commit = {};
  /// A deletion left more than fits in one unit. Housekeeping removes it, and begins once the change is committed.
  bool leaves_rest = false;
  /// Further units of the change, each in the share of its tenant, one after another before the answer: each call does
  /// a small part, and returns whether more is left. A crash or a full queue may end them early, so what is left is
  /// also noted for housekeeping. May be empty.
  std::function<bool(store::Tx&)> parts = {};
  /// The action, where only the transaction can know it; empty: the action of the route or the request.
  std::string action = {};
  /// The tenant whose chain gets the row, on a route without a tenant.
  std::optional<TenantId> tenant = {};
  /// Makes the text of the answer. Runs once the change is committed; before, where the text is stored. May be empty.
  std::function<std::string()> text = {};
  std::size_t text_bytes = 0;  // at least so many are in the text, however it is made; 0: unknown
  /// Pulls the answer instead, in this content type: see Response::stream. No key keeps it: a repeat makes it anew.
  std::function<bool(std::string&)> stream = {};
  std::string content_type = {};
  /// Called with the seq of each of `events`, in the transaction that wrote it. May be empty.
  std::function<void(store::Tx&, std::int64_t)> numbered = {};
};

/// What was done before, for a request that would change nothing.
struct Repeat {
  std::int64_t audit_seq = 0;  // of the row of the act
  std::string subject_type;    // as in that row
  std::optional<std::string> subject_id = {};
  std::string reference = {};  // from which Write::render makes the answer; empty: the subject's id
  std::vector<std::pair<std::string, std::string>> fields = {};
};

using Query = std::function<Reply(const store::Reader&, const Caller&)>;
/// Renders an answer that is not stored whole, from its reference and the subject's current state. Throws Problem when
/// the subject is gone.
using Render = std::function<Json(const store::Reader&, const Caller&, const std::string& reference)>;

/// A parsed write.
struct Write {
  /// Runs on a thread that may block. Returns about how many bytes the unit adds to the body. May be empty.
  std::function<std::size_t(store::Database&, const Caller&)> prepare;
  std::function<Applied(store::Tx&, const Caller&)> apply;
  /// Removes what `prepare` has stored, where the change was not made. May block, and may be empty.
  std::function<void()> undo = {};
  /// Finds what the request would only repeat. Nothing where it would change something or be refused; it throws no
  /// Problem. Runs in a snapshot, where that answers the request, and else before `apply`, in the same transaction. May
  /// be empty; else `render` makes the answer, with status 200.
  std::function<std::optional<Repeat>(const store::Reader&, const Caller&)> repeated = {};
  std::vector<std::string> providers = {};  // named by the request, for the kill switch
  // What the request itself names instead of the route's own action or surface; empty otherwise. It names a surface
  // only where the route says so (`body_names_surface`).
  std::string action = {};
  std::string surface = {};
  std::string subject_type = {};  // of an act outside Nexus; the subject then needs its own licence
  std::string subject_id = {};
  bool answers_decision = false;  // the answer is `{"decision":…}` when all gates let pass
  Render render = {};             // may be empty when no answer is large
  /// For a change under /tenants/{tenant_id}: the envs in which the gates judge it, one after another. Empty: prod.
  std::vector<Env> envs = {};
  /// For a route without a tenant whose change concerns what the caller has in a tenant: returns that tenant. Its kill
  /// switches judge the caller too, and its chain gets their refusal. Returns nothing where the caller has nothing
  /// there, so that the answer reveals nothing. May be empty.
  std::function<std::optional<TenantId>(const store::Reader&, const Caller&)> concerns = {};
  /// Whether the change only tightens configuration. Such a change is never gated: it is done in a suspended tenant,
  /// and an agent may do it while autonomy is off. Set exactly where the route's direction is `told`.
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
  /// The tenant whose share of the storage lane it takes, where only the body tells; empty until that is proved.
  virtual std::string payer() const { return {}; }
};
class BodySink : public ChunkSink {
 public:
  virtual Response finish() = 0;
};
using UploadHandler = std::function<std::unique_ptr<BodySink>(const RequestHead&, const PathParams&)>;

/// The file of a form, in storage by the time the write is applied. It has an id of its own, which is the id of the
/// resource it becomes and the owner in its key.
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
/// byte of the body; a body that they refuse is never read. Fields may come before the file and after it. The parser
/// judges those before it when the file begins (so each field must be optional), and all of them at the end. A write
/// that the gates or `apply` then refuse leaves no object behind.
struct FormHandler {
  blobs::BlobStore* blobs = nullptr;
  blobs::Plane plane = blobs::Plane::raw;
  std::uint64_t file_bytes_max = limits::upload_bytes_hard_max;
  std::set<std::string, std::less<>> lists = {};      // comma-separated fields, which may be sent several times
  std::set<std::string, std::less<>> documents = {};  // fields whose text is JSON
  /// Throws Problem for an absent subject, before the body is read. May be empty.
  std::function<void(const store::Reader&, Input&)> look = {};
  /// Called without a file until the file has begun.
  std::function<Write(Input&, StoredFilePtr)> parse = {};
  WriteHandler json = {};  // for Body::json_or_form: the same route with a JSON body
};

struct Route;

/// A GET that is answered by a stream. The guard, the limits and the gates judge it like any read, before the first
/// byte of the stream. While it is open, it is judged again and again.
struct StreamHandler {
  enum class Transport { sse, websocket };
  using Open = std::function<Reply(const store::Reader&, const Caller&, const Route&)>;  // with Reply::opens

  Transport transport = Transport::sse;
  /// Throws Problem feature.disabled. Called right after the check of membership. May be empty.
  std::function<void(const store::Reader&, const Caller&)> allow = {};
  /// Judges path, query and head. The function that it returns runs in the snapshot in which the gates let pass.
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
  Json request = nullptr;   // JSON Schema of the body; null without a body
  Json response = nullptr;  // JSON Schema of the 2xx answer, or of the data of a stream's events; null without one
  int success = 200;
  std::vector<QueryParameter> query = {};
  std::vector<int> refusals = {};  // the handler's own statuses, besides those that follow from the table
  Json form = nullptr;             // JSON Schema of a form's fields; null: undocumented
  std::string particular = {};     // a sentence that the summary leaves out
  std::string content_type = "application/json";  // of the 2xx answer, also of one without a schema
};

// The effects of a mutation of control or identity on the machinery around it. None has a default: the daemon does not
// start on a route that leaves one open.

/// `stops`: it stops things. It may enter a full queue, and it may use the reserved disk space.
enum class Urgency { open, ordinary, stops };
/// `may`: it may end the right to an open stream, so open streams are judged again once it is committed.
enum class EndsStreams { open, no, may };
/// `yes`: it corrects what others set too tight. No limit of the tenant's own slows it, and none can be set for it.
/// `switches`: it also lifts kill switches, so no switch on an action judges it.
enum class Repairs { open, no, yes, switches };

struct Effects {
  Urgency urgency = Urgency::open;
  EndsStreams streams = EndsStreams::open;
  Repairs repairs = Repairs::open;
  Direction direction = Direction::open;
};
/// The effects of a mutation that changes only its own rows.
constexpr Effects own_rows_alone(Direction direction) {
  return {Urgency::ordinary, EndsStreams::no, Repairs::no, direction};
}
constexpr Effects kOwnRowsAlone = own_rows_alone(Direction::either);

struct Route {
  std::string method;
  std::string path;  // "/nexus/raw/{asset_id}"; a last "{key...}" takes the rest of the path
  Demand demand;
  std::string action;  // for gates, audit and rate limits; empty on open routes
  std::string surface;
  bool body_names_surface = false;  // the surface in the body is judged and audited instead
  gates::Policy policy = gates::Policy::none;
  Effects effects = {};  // set by every mutation whose policy is control or audited
  Body body = Body::none;
  std::size_t body_bytes_max = limits::json_body_bytes_max;
  std::size_t batch_max = 0;  // above 0: the JSON body may also be an array of up to this many objects
  bool takes_long = false;    // a read that computes: not on a thread that serves sockets; set for every list
  bool writes_blobs = false;  // refused in prod while blobs are local
  bool probed = false;        // requested by machines: unknown query parameters are ignored
  Handler handler;
  Docs docs;
};

bool is_mutation(const Route& route);
/// Whether no limit of the tenant's own slows the route.
inline bool repairs(const Route& route) { return route.effects.repairs >= Repairs::yes; }
/// Whether the route is a read that returns items page by page: its documentation names `limit`.
bool is_list(const Route& route);
/// The canonical spelling of a request's path, however the client escaped the parameters. %2F inside a parameter stays
/// escaped.
std::string spelled(const Route& route, const PathParams& params);

class RouteTable {
 public:
  /// Throws std::logic_error for a route that leaves a question open: the daemon does not start.
  void add(Route route);
  const std::vector<std::unique_ptr<Route>>& all() const { return routes_; }
  /// Describes a tag of the documentation. /openapi.json needs a description of every tag in use.
  void describe(std::string tag, std::string description) { tags_[std::move(tag)] = std::move(description); }
  const std::map<std::string, std::string>& tags() const { return tags_; }
  /// Runs `task` once the last route is added.
  void when_complete(std::function<void(const RouteTable&)> task) { tasks_.push_back(std::move(task)); }
  void complete() {
    for (const auto& task : tasks_) task(*this);
    tasks_.clear();
  }

  struct Match {
    const Route* route = nullptr;
    PathParams params;
    std::vector<std::string> allowed;  // methods of the path; empty where there is no such path
  };
  /// `path` is raw. HEAD matches GET. A literal path is a resource of its own: /things/list has none of the methods of
  /// /things/{id}. So a literal may only stand beside ids that the daemon makes.
  Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, std::string> tags_;
  std::vector<std::function<void(const RouteTable&)>> tasks_;
  std::map<std::string, std::vector<const Route*>, std::less<>> by_first_segment_;
  std::set<std::string, std::less<>> literal_paths_;
};

}  // namespace nexus::http
