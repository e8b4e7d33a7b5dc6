// The items of readiness about where things are stored: keys stand below their tenant and env, and env prod keeps
// nothing on the machine's own disk.
#include "cli/commands/readiness_items.hpp"
#include "cli/engine/transfer.hpp"

namespace nexus::cli::readiness {
namespace {

constexpr const char* kContent = "readiness\n";
/// A name that would climb out of its directory, if it were taken as it is.
constexpr const char* kName = "../../readiness.txt";
/// The key of somebody else.
constexpr const char* kForeign = "tenants/t_system/dev/raw/01900000-0000-7000-8000-000000000000/readiness.txt";
/// How access key ids of the daemon's own store begin (daemon/blobs/backend.cpp): no S3 server gives such ones.
constexpr std::string_view kLocalKeyPrefix = "nxl_";

Probe posted(const char* path, Json body) { return {.method = "POST", .path = path, .body = std::move(body)}; }

/// A form with a small file, and no other field.
Probe file_for(const std::string& path) {
  const std::string boundary = "nexusctl-readiness";
  return {.method = "POST",
          .path = path,
          .form = "--" + boundary +
                  "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"readiness.txt\"\r\n"
                  "Content-Type: text/plain\r\n\r\n" +
                  kContent + "\r\n--" + boundary + "--\r\n",
          .headers = {{"Content-Type", "multipart/form-data; boundary=" + boundary}}};
}

/// `tenants/{tenant}/{env}/{plane}/{owner id}/`
std::string prefix_of(const std::string& plane, const std::string& owner_id) {
  return std::string("tenants/") + kTenant + "/" + kEnv + "/" + plane + "/" + owner_id + "/";
}

/// The key of an answer, once it stands where it must, and the uri too.
std::string proved_key(const Answer& answer, const std::string& plane, const char* id) {
  const std::string key = text_of(answer, "key"), prefix = prefix_of(plane, text_of(answer, id));
  require(key.starts_with(prefix) && key.find("..") == std::string::npos,
          "the key " + key + " does not stand below " + prefix);
  const std::string uri = text_of(answer, "uri");
  require(uri.starts_with("s3://") && uri.ends_with("/" + key), "the uri " + uri + " does not lead to its key");
  return key;
}

/// Sends the presigned form as the storage's client: without token.
Answer send_to_storage(Walk& walk, const Json& form) {
  ++walk.requests;
  try {
    return send_form(walk.session(), form, spool(kContent, "readiness.txt"), "text/plain");
  } catch (const TransportError& error) {
    throw Failure(Exit::unreachable, error.what(), error.remedy);
  }
}

/// Whether what signs here is the daemon's own store. `signed_by` is a form's or a link's credential.
bool is_local(const std::string& signed_by) { return signed_by.find(kLocalKeyPrefix) != std::string::npos; }

void prod_presign(Walk& walk, std::string& evidence) {
  const Answer answer = walk.ask(posted("/nexus/raw/presign-upload", {{"filename", kName}}), walk.system("prod"));
  if (answer.status == 200) {
    walk.made.emplace_back("/nexus/raw/" + segment(text_of(answer, "asset_id")), walk.system("prod"));
    require(!is_local(text_of(answer, "fields.x-amz-credential")),
            "presign in env prod leads to the daemon's own disk: blobs.allow_local_in_prod is on");
  } else {
    require_outcome(answer, "presign in env prod", "503 storage.local_in_prod");
  }
  evidence = "presign " + outcome_of(answer);
}

void prod_media(Walk& walk, std::string& evidence) {
  const Answer answer = walk.ask(file_for("/media-v2/assets"), walk.system("prod"));
  if (answer.status == 201) {
    const std::string path = "/media-v2/assets/" + segment(text_of(answer, "asset_id"));
    walk.made.emplace_back(path, walk.system("prod"));
    const std::string link = walk.ask({.path = path + "/download"}, walk.system("prod")).http.header("location");
    require(!link.empty() && !is_local(link),
            "media of env prod stay on the daemon's own disk: blobs.allow_local_in_prod is on");
  } else {
    require_outcome(answer, "a media upload in env prod", "503 storage.local_in_prod");
  }
  evidence += ", media " + outcome_of(answer);
}

/// On S3 no canvas is made in env prod, since none can be deleted: its absence is what is asked for.
void prod_canvas(Walk& walk, std::string& evidence) {
  const Answer answer = walk.ask(file_for(std::string("/canvas/") + kCanvas + "/artifacts"), walk.system("prod"));
  if (outcome_of(answer) != "404 canvas.not_found")
    require_outcome(answer, "a canvas upload in env prod", "503 storage.local_in_prod");
  evidence += ", canvas " + outcome_of(answer);
}

}  // namespace

std::string raw_keys_are_prefixed(Walk& walk) {
  const Answer form = walk.ask(posted("/nexus/raw/presign-upload", {{"filename", kName}}), walk.owner());
  require_outcome(form, "presign", "200");
  const std::string id = text_of(form, "asset_id");
  walk.made.emplace_back("/nexus/raw/" + segment(id), walk.system(kEnv));
  const std::string key = proved_key(form, "raw", "asset_id");
  require(text_of(form, "fields.key") == key, "the form's field is another key than the answer's");

  Json foreign_form = form.json;
  foreign_form["fields"]["key"] = kForeign;
  const Answer taken = send_to_storage(walk, foreign_form);
  require(taken.status == 403, "the form with another tenant's key was answered " + outcome_of(taken) + ", not 403");
  const Json naming = {{"filename", kName}, {"key", kForeign}};
  require_outcome(walk.ask(posted("/nexus/raw/presign-upload", naming), walk.owner()), "presign that names a key",
                  "422 validation.unknown_field");

  const Answer sent = send_to_storage(walk, form.json);
  require(sent.status < 300, "the form was answered " + outcome_of(sent));
  Json body = {{"asset_id", id}, {"filename", text_of(form, "filename")}, {"key", kForeign}};
  require_outcome(walk.ask(posted("/nexus/raw/register", body), walk.owner()), "register that names a key",
                  "422 validation.unknown_field");
  body.erase("key");
  const Answer registered = walk.ask(posted("/nexus/raw/register", body), walk.owner());
  require_outcome(registered, "register", "201");
  require(proved_key(registered, "raw", "asset_id") == key, "register has another key than presign");
  return key + "; another tenant's key: form " + outcome_of(taken) +
         ", presign and register 422 validation.unknown_field";
}

std::string media_keys_are_prefixed(Walk& walk) {
  const Answer asset = walk.ask(file_for("/media-v2/assets"), walk.owner());
  require_outcome(asset, "a media upload", "201");
  const std::string path = "/media-v2/assets/" + segment(text_of(asset, "asset_id"));
  walk.made.emplace_back(path, walk.system(kEnv));
  const std::string media_key = proved_key(asset, "media_v2", "asset_id");

  const Json foreign = {{"kind", "other"}, {"uri", std::string("s3://nexus/") + kForeign}};
  const Answer artifact = walk.ask({.method = "POST", .path = path + "/artifacts", .body = foreign}, walk.owner());
  require_outcome(artifact, "an artifact at another tenant's key", "400 storage.foreign_prefix");

  const Answer canvas = walk.ask(posted("/canvas", {{"canvas_id", kCanvas}, {"title", "readiness"}}), walk.owner());
  if (canvas.status != 409) require_outcome(canvas, "a canvas", "201");
  const Answer drawn = walk.ask(file_for(std::string("/canvas/") + kCanvas + "/artifacts"), walk.owner());
  require_outcome(drawn, "a canvas upload", "201");
  return media_key + " and " + proved_key(drawn, "canvas", "artifact_id") + "; another tenant's key " +
         outcome_of(artifact);
}

std::string prod_has_no_local_storage(Walk& walk) {
  std::string evidence;
  prod_presign(walk, evidence);
  prod_media(walk, evidence);
  prod_canvas(walk, evidence);
  return evidence;
}

}  // namespace nexus::cli::readiness
