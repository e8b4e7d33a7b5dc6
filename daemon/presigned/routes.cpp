// HTTP access to the local store: POST /blobs/{bucket} accepts a presigned form like S3; GET and HEAD answer presigned
// links. They need no token: the signature is the permission.
#include "daemon/base/bytes.hpp"
#include "daemon/blobs/backend.hpp"
#include "daemon/blobs/form_parser.hpp"
#include "daemon/blobs/problems.hpp"
#include "daemon/blobs/range.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/guard/problems.hpp"
#include "daemon/http/problems.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"
#include "store/identity.hpp"
#include "store/objects.hpp"

namespace nexus::presigned {
namespace {

using http::Response;
using Params = http::PathParams;
using store::ObjectStanding;

/// Judges forms and links of the local store by their signature and by the rows that they lead to. A signature shows
/// that we made a promise; the rows show whether it is still valid. The routes know the store through this class alone,
/// so that nothing is written or served on a signature alone.
///
/// Refused: a column in the signed text for how long it holds. The events that end a promise (a deletion, a disabled
/// tenant) come after the signing.
class PresignedBlobs {
 public:
  PresignedBlobs(blobs::LocalBlobStore& blobs, store::Database& database) : blobs_(blobs), database_(database) {}

  /// An upload by a form. Throws Problem: the refusals of blobs::verify_post_form; those of judge_upload.
  blobs::Upload begin(std::string_view bucket, const blobs::Fields& fields) const {
    auto form = blobs_.verify_upload(bucket, fields, now_micros());
    judge_upload(form.key);
    return blobs_.begin(std::move(form));
  }
  /// Judged again when the body has arrived, right before it becomes an object: the promise may have ended meanwhile.
  /// Throws tenant.disabled, tenant.suspended; blob.form_expired (403) when the form's asset was registered, deleted or
  /// swept.
  void judge_upload(const blobs::StorageKey& key) const {
    if (standing_of(key, true) != ObjectStanding::awaited)
      throw Problem(problems::blob_form_expired, "the asset of this form was registered or deleted: presign a new one");
  }

  struct Found {
    blobs::VerifiedGet link;
    blobs::OpenObject object;
  };
  /// The object of a link. Throws Problem: the refusals of blobs::verify_presigned_get; tenant.disabled; blob.not_found
  /// for an object that no row names any more.
  Found open(const blobs::SentGet& sent) const {
    auto link = blobs_.verify_download(sent, now_micros());
    if (standing_of(link.key, false) != ObjectStanding::present) throw Problem(problems::blob_not_found);
    auto object = found(blobs_.open(link.key), problems::blob_not_found);
    return {std::move(link), std::move(object)};
  }

 private:
  /// The row behind the key. Throws tenant.disabled, and tenant.suspended for a change.
  ObjectStanding standing_of(const blobs::StorageKey& key, bool changes) const {
    auto lease = database_.read();
    const std::string& tenant_id = key.tenant().str();
    const auto tenant = store::find_row<identity::kTenant>(lease.reader(), tenant_id);
    if (!tenant) return ObjectStanding::absent;
    if (tenant->status == "disabled") throw Problem(problems::tenant_disabled, "the operator disabled this tenant");
    if (changes && tenant->status == "suspended")
      throw Problem(problems::tenant_suspended, "the tenant can be read, not changed");
    return store::find_object_standing(
        lease.reader(), {to_string(key.plane()), tenant_id, to_string(key.env()), key.owner(), key.str()});
  }

  blobs::LocalBlobStore& blobs_;
  store::Database& database_;
};

/// The form while it streams in: fields, then verification, then the file straight into an upload.
class FormSink : public http::BodySink {
 public:
  FormSink(std::shared_ptr<PresignedBlobs> blobs, std::string bucket, std::string_view boundary)
      : blobs_(std::move(blobs)),
        bucket_(std::move(bucket)),
        parser_(boundary, {.on_file = [this] { begin(); },
                           .on_bytes = [this](std::string_view bytes) { upload_->append(bytes); }}) {}

  void take(std::string_view chunk) override { parser_.feed(chunk); }

  Response finish() override {
    parser_.finish();
    blobs_->judge_upload(upload_->key());
    const blobs::ObjectInfo info = upload_->commit();
    Response response;
    response.status = 204;
    response.set("ETag", info.etag);
    response.set("Location", "/blobs/" + percent_encode(bucket_) + "/" + percent_encode(upload_->key().str(), true));
    return response;
  }

  std::string payer() const override { return upload_ ? upload_->key().tenant().str() : std::string(); }

 private:
  void begin() { upload_.emplace(blobs_->begin(bucket_, parser_.fields())); }

  std::shared_ptr<PresignedBlobs> blobs_;
  std::string bucket_;
  std::optional<blobs::Upload> upload_;
  blobs::FormParser parser_;
};

std::optional<std::string_view> field(const RequestHead& head, std::string_view name) {
  const std::string* value = head.find(name);
  return value == nullptr ? std::nullopt : std::optional<std::string_view>(*value);
}

Response answer_object(blobs::OpenObject object, const blobs::VerifiedGet& verified, const RequestHead& head) {
  const blobs::ObjectInfo& info = object.info;
  const auto plan = blobs::plan_read({.range = field(head, "range"),
                                      .if_range = field(head, "if-range"),
                                      .if_match = field(head, "if-match"),
                                      .if_none_match = field(head, "if-none-match")},
                                     info.etag, info.size);
  if (plan.status == 412) throw Problem(problems::precondition_failed, "the object has another ETag");
  Response response;
  response.status = plan.status;
  response.set("ETag", info.etag);
  response.set("Accept-Ranges", "bytes");
  if (!plan.content_range.empty()) response.set("Content-Range", plan.content_range);
  if (plan.status == 304 || plan.status == 416) return response;
  response.content_type = verified.content_type.empty() ? info.content_type : verified.content_type;
  response.set("Content-Disposition", verified.content_disposition);
  // Uploaded content must never run as a page of ours.
  response.set("Content-Security-Policy", "sandbox; default-src 'none'");
  response.set("Cache-Control", "private, no-store");
  response.file = http::FileBody{std::move(object.file), plan.offset, plan.length};
  response.payer = verified.key.tenant().str();
  return response;
}

Response read_object(PresignedBlobs& blobs, const RequestHead& head) {
  const std::string* host = head.find("host");
  auto [link, object] =
      blobs.open({head.method, host == nullptr ? std::string_view{} : *host, head.path(), head.query()});
  return answer_object(std::move(object), link, head);
}

Json upload_form_schema() {
  namespace schema = http::schema;
  Json required = Json::array(), fields = Json::object();
  for (const char* name :
       {"key", "Content-Type", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "policy", "x-amz-signature"}) {
    fields[name] = schema::text();
    required.push_back(name);
  }
  fields["x-amz-meta-sha256"] = schema::text("where presigning was told a sha256");
  fields["file"] = schema::file();
  required.push_back("file");
  return schema::named("BlobUpload",
                       {{"type", "object"}, {"required", std::move(required)}, {"properties", std::move(fields)}});
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  if (services.local_blobs == nullptr) return;
  routes.describe("blobs", "Objects of the local store, by presigned forms and links");
  const auto blobs = std::make_shared<PresignedBlobs>(*services.local_blobs, services.database);
  const auto upload = [blobs](const RequestHead& head, const Params& params) {
    const auto boundary = blobs::boundary_of(*head.find("content-type"));
    if (!boundary) throw Problem(problems::blob_form_invalid, "the Content-Type names no valid boundary");
    return std::make_unique<FormSink>(blobs, params.find("bucket")->second, *boundary);
  };
  routes.add(
      {.method = "POST",
       .path = "/blobs/{bucket}",
       .demand = {.access = Access::presigned},
       .action = {},
       .surface = {},
       .body = http::Body::form,
       // The file, its form, and the parts that follow it.
       .body_bytes_max = limits::upload_bytes_hard_max + 64 * limits::KiB,
       .handler = http::UploadHandler(upload),
       .docs = {.summary = "Upload a file with a presigned form",
                .tag = "blobs",
                .success = 204,
                .refusals = {400, 403, 404, 409, 507},
                .form = upload_form_schema(),
                .particular = "The fields are those that presigning answered, unchanged, and the file comes last."}});
  routes.add({.method = "GET",
              .path = "/blobs/{bucket}/{key...}",
              .demand = {.access = Access::presigned},
              .action = {},
              .surface = {},
              .handler = http::OpenHandler(
                  [blobs](const RequestHead& head, const Params&) { return read_object(*blobs, head); }),
              .docs = {.summary = "Download an object with a presigned link",
                       .tag = "blobs",
                       .refusals = {206, 304, 403, 404, 412, 416},
                       .particular = "The link is to be used as it was answered: its query is signed.",
                       .content_type = "application/octet-stream"}});
}

}  // namespace nexus::presigned
