// A presign signs a form for one key under the prefix of the tenant and env, and stores the asset. A register trusts
// nothing: in `prepare` it reads the stored object's size and digest and compares them with the stated ones. The gates
// can stop either; a signed form stays valid for its 15 minutes.
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/rows.hpp"
#include "daemon/model/problems.hpp"
#include "daemon/raw/asset.hpp"
#include "daemon/raw/asset_list.hpp"
#include "daemon/raw/limits.hpp"
#include "daemon/raw/problems.hpp"
#include "store/audit_log.hpp"

namespace nexus::raw {
namespace {

constexpr std::size_t kReadBytes = 64 * limits::KiB;
constexpr const char* kDeletedName = "deleted";  // in a tombstone's key, which needs no name

using http::Applied;
using http::Input;
using store::kRawAsset;
using store::RawAsset;
namespace schema = http::schema;

std::string take_filename(Input& input) {
  // The length is judged together with the other rules of a name, for the better explanation.
  std::string filename = input.body.text("filename", {.min = 0, .max = limits::json_body_bytes_max});
  if (!input.body.sent("filename")) return filename;
  if (const auto fault = blobs::filename_fault(filename)) input.body.fault("filename", *fault);
  return filename;
}

std::optional<std::string> take_content_type(Input& input) {
  auto type = input.body.optional_text("content_type", {.min = 1, .max = 255});
  if (!type) return type;
  if (const auto fault = blobs::content_type_fault(*type)) input.body.fault("content_type", *fault);
  return type;
}

// ---- presign -------------------------------------------------------------------------------------------------------

/// An upload to come, with all that follows from the request; the unit that stores it only binds values.
struct Presign {
  RawAsset asset;
  std::string answer;         // JSON
  Json details;               // of the audit row
  audit::Activity presigned;  // prepared
};
using PresignPtr = std::shared_ptr<const Presign>;

std::string answer_of(const RawAsset& asset, blobs::UploadGrant grant) {
  Json fields = Json::object();
  for (auto& [name, text] : grant.fields) fields[name] = std::move(text);
  return to_text(make_object({{"asset_id", asset.asset_id},
                              {"key", asset.key},
                              {"uri", asset.uri},
                              {"filename", domain::stored_filename(asset.key)},
                              {"url", std::move(grant.url)},
                              {"expires_at", to_rfc3339(grant.expires_at)},
                              {"fields", std::move(fields)}}));
}

PresignPtr parse_presign(Input& input, blobs::BlobStore& blobs, std::uint64_t upload_bytes_max) {
  const auto value = std::make_shared<Presign>();
  RawAsset& asset = value->asset;
  asset.filename = take_filename(input);
  asset.content_type = take_content_type(input).value_or("application/octet-stream");
  const auto most = static_cast<std::int64_t>(upload_bytes_max);
  asset.max_bytes = input.body.optional_integer("max_bytes", 1, most)
                        .value_or(std::min<std::int64_t>(limits::upload_bytes_default, most));
  asset.sha256_stated = input.body.optional_sha256("sha256");
  if (blobs::filename_fault(asset.filename) || blobs::content_type_fault(asset.content_type)) return value;

  asset.asset_id = new_id(input.caller.tenant());
  asset.status = "presigned";
  asset = domain::made_by(input.caller, std::move(asset));
  const auto key = blobs::StorageKey::make(input.caller.tenant(), input.caller.env(), blobs::Plane::raw, asset.asset_id,
                                           asset.filename);
  asset.key = key.str();
  asset.uri = key.uri(blobs.bucket());
  asset.metadata = to_text(domain::with_original_filename(Json::object(), asset.key, asset.filename));
  value->answer = answer_of(
      asset,
      blobs.presign_upload({key, asset.content_type, static_cast<std::uint64_t>(asset.max_bytes), asset.sha256_stated},
                           asset.created_at, input.base_url));
  value->details = model::json_of(kRawAsset, asset, {"content_type", "max_bytes"});
  value->presigned = audit::prepared({"raw_asset_presigned", "raw_asset", asset.asset_id,
                                      model::json_of(kRawAsset, asset, {"filename", "content_type", "max_bytes"}),
                                      model::json_of(kRawAsset, asset, {"key", "uri"})});
  return value;
}

Applied presign(store::Tx& tx, const Caller&, const PresignPtr& value) {
  store::insert_row<kRawAsset>(tx, value->asset);
  return {.json = nullptr,
          .subject_type = "raw_asset",
          .subject_id = value->asset.asset_id,
          .details = value->details,
          .events = std::vector(1, value->presigned),
          .status = 200,
          .text = [value] { return value->answer; },
          .text_bytes = value->answer.size()};
}

// ---- register ------------------------------------------------------------------------------------------------------

struct Register {
  std::string asset_id, filename;
  std::optional<std::string> content_type, sha256;
  std::optional<std::int64_t> size_bytes;
  std::optional<Json> metadata;
};

Register parse_register(Input& input) {
  Register value;
  value.asset_id = input.body.text("asset_id", {.min = 1, .max = 128});
  value.filename = take_filename(input);
  value.content_type = take_content_type(input);
  value.size_bytes = input.body.optional_integer("size_bytes", 0, limits::upload_bytes_hard_max);
  value.sha256 = input.body.optional_sha256("sha256");
  value.metadata = input.body.optional_object("metadata", limits::metadata_bytes_max);
  return value;
}

/// The same object with the digest that its store cannot prove: all of it is read.
std::optional<blobs::ObjectInfo> hashed(blobs::BlobStore& blobs, const blobs::StorageKey& key,
                                        const blobs::ObjectInfo& seen) {
  const auto source = blobs.read(key, seen.version);
  if (!source) return std::nullopt;
  blobs::ObjectInfo info = source->info();
  Sha256 hash;
  for (auto chunk = source->read(kReadBytes); !chunk.empty(); chunk = source->read(kReadBytes)) hash.update(chunk);
  info.sha256 = hex(hash.finish());
  return info;
}

/// The state of the asset's object in storage; nothing when there is no such asset or no object yet.
using Stored = std::optional<blobs::ObjectInfo>;

Stored look(store::Database& database, const Caller& caller, const Register& value, blobs::BlobStore& blobs,
            bool digest_required) {
  const auto asset = store::find_row<kRawAsset>(database.read().reader(), caller.realm(), value.asset_id);
  if (!asset || asset->status == "registered") return std::nullopt;
  const auto key = domain::own_key(caller, asset->key);
  Stored stored = blobs.head(key, {});
  if (stored && stored->sha256.empty() && digest_required) stored = hashed(blobs, key, *stored);
  return stored;
}

bool has_filename(const RawAsset& asset, const Register& value) {
  return value.filename == asset.filename || value.filename == domain::stored_filename(asset.key);
}

Json merged_metadata(const RawAsset& asset, const Register& value) {
  return domain::with_original_filename(*value.metadata, asset.key, asset.filename);
}

/// A second register: equal values change nothing, others are refused.
bool is_equal(const RawAsset& asset, const Register& value) {
  return has_filename(asset, value) && (!value.content_type || *value.content_type == asset.content_type) &&
         (!value.size_bytes || value.size_bytes == asset.size_bytes) &&
         (!value.sha256 || value.sha256 == asset.sha256) &&
         (!value.metadata || merged_metadata(asset, value) == parse_own_json(asset.metadata));
}

std::optional<http::Repeat> registered_before(const store::Reader& reader, const Caller& caller,
                                              const Register& value) {
  const auto asset = store::find_row<kRawAsset>(reader, caller.realm(), value.asset_id);
  if (!asset || !asset->registered_seq || !is_equal(*asset, value)) return std::nullopt;
  return http::Repeat{.audit_seq = *asset->registered_seq, .subject_type = "raw_asset", .subject_id = asset->asset_id};
}

void judge_object(const RawAsset& asset, const Register& value, const Stored& stored) {
  if (!stored) throw Problem(problems::raw_not_uploaded, "POST the file to the presigned form first");
  const auto size = static_cast<std::int64_t>(stored->size);
  if (value.size_bytes && *value.size_bytes != size)
    throw Problem(problems::raw_size_mismatch, "the stored object has " + std::to_string(size) + " bytes");
  const auto& digest = stored->sha256.empty() ? asset.sha256_stated : stored->sha256;
  for (const auto& stated : {value.sha256, asset.sha256_stated})
    if (stated && digest && *stated != *digest)
      throw Problem(problems::raw_digest_mismatch, stored->sha256.empty()
                                                       ? "the presign stated another SHA-256"
                                                       : "the stored object has another SHA-256 than stated");
}

/// A digest that only the client computed is stored as its claim: not checked.
void keep_digest(RawAsset& asset, const Register& value, const blobs::ObjectInfo& stored) {
  asset.sha256_checked = !stored.sha256.empty();
  if (asset.sha256_checked)
    asset.sha256 = stored.sha256;
  else
    asset.sha256 = value.sha256 ? value.sha256 : asset.sha256_stated;
}

Applied do_register(store::Tx& tx, const Caller& caller, const Register& value, const Stored& stored) {
  RawAsset asset = found(store::find_row<kRawAsset>(tx, caller.realm(), value.asset_id), problems::raw_not_found,
                         "presign the upload first: the asset_id comes from its answer");
  if (!has_filename(asset, value))
    throw Problem(problems::raw_filename_mismatch, "the asset was presigned for another filename");
  if (asset.status == "registered")
    throw Problem(problems::raw_already_registered, "the asset is registered with other values");
  judge_object(asset, value, stored);
  asset.status = "registered";
  asset.content_type = value.content_type.value_or(asset.content_type);
  asset.size_bytes = static_cast<std::int64_t>(stored->size);
  keep_digest(asset, value, *stored);
  asset.etag = stored->etag;
  if (!stored->version.empty()) asset.object_version = stored->version;
  if (value.metadata) asset.metadata = to_text(merged_metadata(asset, value));
  asset.registered_at = now_micros();
  asset.registered_seq = store::next_audit_seq(tx, caller.realm());
  store::update_row<kRawAsset>(tx, asset);
  return {
      .json = raw_json(asset),
      .subject_type = "raw_asset",
      .subject_id = asset.asset_id,
      .details = model::json_of(kRawAsset, asset, {"size_bytes", "sha256", "sha256_checked"}),
      .events = {{"raw_asset_registered", "raw_asset", asset.asset_id, model::json_of(kRawAsset, asset, {"filename"}),
                  model::json_of(kRawAsset, asset, {"uri", "size_bytes"})}},
      .fields = {{"Location", "/nexus/raw/" + asset.asset_id}}};
}

// ---- read, download, change, delete --------------------------------------------------------------------------------

Json show(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  return raw_json(find_asset(reader, caller, asset_id));
}

domain::Downloadable find_download(const store::Reader& reader, const Caller& caller, const std::string& asset_id,
                                   blobs::BlobStore& blobs) {
  const RawAsset asset = find_asset(reader, caller, asset_id);
  if (asset.status != "registered") throw Problem(problems::raw_not_uploaded, "register the asset first");
  domain::Downloadable out{
      {domain::own_key(caller, asset.key), asset.filename, asset.content_type, asset.object_version.value_or("")}};
  if (!blobs.is_write_once())
    out.confirm = [&blobs, download = out.download, asset] {
      domain::require_registered(asset, blobs.head(download.key, download.version));
    };
  return out;
}

/// Removes the object at once. The sweeps remove what a crash leaves of it, or a form brings back.
std::function<void(store::Database&)> removal(const RawAsset& asset, const Caller& caller, blobs::BlobStore& blobs) {
  return [&blobs, key = domain::own_key(caller, asset.key),
          version = asset.object_version.value_or("")](store::Database&) { blobs.remove_owner(key, version); };
}

Applied remove(store::Tx& tx, const Caller& caller, const std::string& asset_id, blobs::BlobStore& blobs) {
  const RawAsset asset = find_asset(tx, caller, asset_id);
  domain::require_creator_or_admin(caller, asset.created_by, "an asset");
  const auto nameless =
      blobs::StorageKey::make(caller.tenant(), caller.env(), blobs::Plane::raw, asset.asset_id, kDeletedName);
  if (blobs.finds_by_owner())
    store::bury_raw_asset(tx, asset, nameless.str(), nameless.uri(blobs.bucket()), now_micros());
  else
    store::bury_raw_asset(tx, asset, asset.key, asset.uri, now_micros());
  Applied out = http::deleted("raw_asset", asset_id, "raw_asset_deleted");
  out.leaves_rest = store::drop_atom_sets(tx, asset.realm(), asset_id);
  out.after_commit = removal(asset, caller, blobs);
  return out;
}

// ---- routes ---------------------------------------------------------------------------------------------------------

/// type/subtype, with parameters or without.
constexpr const char* kContentType = "^[A-Za-z0-9.+_-]{1,100}/[A-Za-z0-9.+_-]{1,100}(;[ -~]{0,50}[!-~])?$";

Json presign_schema() {
  const Json fields = {{"type", "object"}, {"additionalProperties", schema::text()}};
  return schema::named("PresignedUpload",
                       schema::whole({{"asset_id", schema::text()},
                                      {"url", schema::text("where the form is posted to")},
                                      {"fields", schema::described(fields, "fields of the form, before its file")},
                                      {"filename", schema::text()},
                                      {"key", schema::text()},
                                      {"uri", schema::text()},
                                      {"expires_at", schema::time()}}));
}

/// `bytes_max`: the largest upload allowed here.
Json presign_request_schema(std::uint64_t bytes_max) {
  return schema::named(
      "PresignedUploadCreate",
      schema::object(
          {"filename"},
          {{"filename", schema::text_between(1, limits::filename_bytes_max)},
           {"content_type", schema::defaults_to(schema::pattern(kContentType), "application/octet-stream")},
           {"max_bytes", schema::defaults_to(schema::integer(1, static_cast<std::int64_t>(bytes_max)),
                                             std::min<std::uint64_t>(limits::upload_bytes_default, bytes_max))},
           {"sha256", schema::sha256()}}));
}

Json register_request_schema() {
  return schema::named(
      "RawAssetRegister",
      schema::object({"asset_id", "filename"}, {{"asset_id", schema::pattern(schema::kClientId)},
                                                {"filename", schema::text_between(1, limits::filename_bytes_max)},
                                                {"content_type", schema::pattern(kContentType)},
                                                {"size_bytes", schema::integer(0, limits::upload_bytes_hard_max)},
                                                {"sha256", schema::sha256()},
                                                {"metadata", schema::any_object(limits::metadata_bytes_max)}}));
}

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("raw", "Raw assets: presign, upload, register");
  blobs::BlobStore& blobs = services.blobs;
  const http::Surface surface{.name = "raw_storage", .read_action = "raw_read", .tag = "raw"};
  const std::string one = "/nexus/raw/{asset_id}";
  const Json shape = model::answer_schema(kRawAsset);
  routes.add(http::into_storage(surface.act(
      "/nexus/raw/presign-upload", "raw_presign",
      http::writes(
          [&blobs, most = services.upload_bytes_max](Input& input) { return parse_presign(input, blobs, most); },
          presign),
      {.summary = "Presign the upload of one file",
       .request = presign_request_schema(services.upload_bytes_max),
       .response = presign_schema(),
       .refusals = {503}})));
  const auto look_up = [&blobs, required = services.digest_required](store::Database& database, const Caller& caller,
                                                                     const Register& value) {
    return look(database, caller, value, blobs, required(caller.env()));
  };
  routes.add(http::into_storage(
      surface.create("/nexus/raw/register", "raw_register",
                     http::repeatable(parse_register, registered_before, show,
                                      [look_up](auto parse) { return http::writes(parse, look_up, do_register); }),
                     {.summary = "Register an uploaded file: size and digest are checked",
                      .request = register_request_schema(),
                      .response = shape,
                      .refusals = {200, 404, 409, 503}})));
  const auto list = [](const store::Reader& reader, const Caller& caller, const AssetList& asked) {
    return list_assets(reader, caller, asked, raw_json);
  };
  routes.add(surface.list(
      "/nexus/raw", http::reads(take_asset_list, list),
      {.summary = "List registered assets, newest first", .response = shape, .query = filter_parameters()}));
  routes.add(surface.show(one, http::one("asset_id", show), {.summary = "Show an asset", .response = shape}));
  routes.add(
      domain::download_route(surface, one, blobs,
                             [&blobs](const store::Reader& reader, const Caller& caller, const http::PathParams& path) {
                               return find_download(reader, caller, path.at("asset_id"), blobs);
                             },
                             {409}));
  routes.add(surface.change(one, "raw_update", http::writes(take_asset_change, change_asset),
                            {.summary = "Merge metadata into an asset's, null removes: its creator or an admin",
                             .request = asset_change_schema(),
                             .response = shape,
                             .refusals = {409}}));
  routes.add(surface.remove(
      one, "raw_delete",
      http::writes(http::param("asset_id"), [&blobs](store::Tx& tx, const Caller& caller,
                                                     const std::string& id) { return remove(tx, caller, id, blobs); }),
      {.summary = "Delete an asset: its creator or an admin"}));
}

}  // namespace nexus::raw
