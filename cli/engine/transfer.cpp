#include "cli/engine/transfer.hpp"

#include <algorithm>
#include <memory>

#include "cli/engine/failure.hpp"
#include "cli/engine/media_types.hpp"
#include "cli/engine/progress.hpp"
#include "daemon/base/bytes.hpp"
#include "daemon/base/crypto.hpp"

namespace nexus::cli {
namespace {

constexpr std::uint64_t kDefaultMaxBytes = 100ull << 20;

std::string text_at(const Json& json, const char* key) {
  if (auto found = find_text(json, key)) return *std::move(found);
  throw Failure(Exit::server_error, std::string("the daemon's answer lacks \"") + key + "\"");
}

Url presigned_url(const Session& session, const std::string& text) {
  if (text.starts_with("/")) {  // a redirect may be relative to the daemon
    Url url = parse_address(session.settings().server.value, session.settings().server.source);
    url.target = text;
    return url;
  }
  const auto url = parse_url(text);
  if (!url) throw Failure(Exit::server_error, "the daemon handed out an address that is none");
  return *url;
}

// S3 refuses in XML; its message becomes a problem's detail.
Json problem_of_xml(const std::string& body) {
  const auto element = [&](const std::string& name) -> std::string {
    const auto open = body.find("<" + name + ">");
    const auto close = body.find("</" + name + ">");
    if (open == std::string::npos || close == std::string::npos || close < open) return {};
    const auto from = open + name.size() + 2;
    return body.substr(from, close - from);
  };
  const std::string message = element("Message");
  if (message.empty()) return Json::object();
  return {{"detail", "the object store refused: " + message}, {"title", element("Code")}};
}

Exchange to_storage(const Session& session, const std::string& address) {
  Exchange exchange;
  exchange.url = presigned_url(session, address);
  exchange.headers = {{"User-Agent", "nexusctl/" NEXUS_VERSION}};
  return exchange;
}

Answer ask_storage(Session& session, const Exchange& exchange) {
  Answer answer;
  try {
    answer.http = session.exchange(exchange);
  } catch (const TransportError& error) {
    throw Failure(Exit::unreachable, error.what(), error.remedy);
  }
  answer.status = answer.http.status;
  const std::string type = answer.http.header("content-type");
  try {
    if (type.find("json") != std::string::npos)
      answer.json = parse_json(answer.http.body);
    else if (type.find("xml") != std::string::npos)
      answer.json = problem_of_xml(answer.http.body);
  } catch (const JsonError&) {
    answer.json = nullptr;  // the status is enough
  }
  return answer;
}

/// The store syncs and renames before it answers, so a large file needs time after its last byte.
std::chrono::milliseconds upload_timeout(const Session& session) {
  return std::max<std::chrono::milliseconds>(session.timeout(), std::chrono::minutes(5));
}

// Escapes a value for the quotes of a form's header.
std::string form_name(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"')
      out += "%22";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += '_';
    else
      out += c;
  }
  return out;
}

/// A multipart/form-data body with one file. It is made in memory, except the file, which streams from the disk. `file`
/// and `bar` must outlive it.
BodySource form_source(const FormFields& fields, const LocalFile& file, const std::string& content_type,
                       const std::string& boundary, Progress& bar) {
  const auto part = [&](const std::string& name) {
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + form_name(name) + "\"";
  };
  std::string before;
  for (const auto& [name, value] : fields) before += part(name) + "\r\n\r\n" + value + "\r\n";
  before +=
      part("file") + "; filename=\"" + form_name(file.filename) + "\"\r\nContent-Type: " + content_type + "\r\n\r\n";
  const std::string after = "\r\n--" + boundary + "--\r\n";
  const std::uint64_t file_end = before.size() + file.size;
  const auto read = [=, &file, &bar, buffer = std::make_shared<std::string>()](std::uint64_t offset,
                                                                               std::size_t most) -> std::string_view {
    if (offset < before.size()) return std::string_view(before).substr(offset, most);
    if (offset >= file_end) return std::string_view(after).substr(offset - file_end, most);
    const std::uint64_t at = offset - before.size();
    const auto piece = read_at(file, at, std::min<std::uint64_t>(most, file.size - at), *buffer);
    bar.at(at + piece.size());
    return piece;
  };
  return {file_end + after.size(), "multipart/form-data; boundary=" + boundary, read};
}

/// A later attempt of one upload has a key of its own, which follows from the caller's: so each repeat of the command
/// finds what the one before it did, whichever attempt that was.
ApiRequest with_key_of(const Session& session, int attempt, ApiRequest request) {
  const auto& key = session.settings().idempotency_key;
  if (key && attempt > 1)
    request.headers.emplace_back("Idempotency-Key", sha256_hex(*key + "\n" + std::to_string(attempt)));
  return request;
}

/// The answer of register where the object is in; nothing where it was not uploaded yet. Throws any other refusal.
std::optional<Answer> find_registered(Session& session, const ApiRequest& registration) {
  Answer answer = session.attempt(registration);
  if (answer.status < 300) return answer;
  Refusal refusal = refusal_of(answer);
  if (refusal.code() == "raw.not_uploaded") return std::nullopt;
  throw refusal;
}

}  // namespace

Json parse_metadata(const std::vector<std::string>& pairs) {
  Json metadata;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) throw usage_error("--metadata wants KEY=VALUE, not " + pair);
    const std::string key = pair.substr(0, equals);
    if (metadata.contains(key)) throw usage_error("--metadata names " + key + " twice");
    metadata[key] = pair.substr(equals + 1);
  }
  return metadata;
}

std::string content_type_of(const UploadOptions& options, const std::string& filename) {
  return options.content_type.value_or(media_type_of(filename));
}

Json presign_body(const std::string& filename, const UploadOptions& options, const LocalFile* file) {
  Json body = {{"filename", filename}, {"content_type", content_type_of(options, filename)}};
  if (options.max_bytes)
    body["max_bytes"] = *options.max_bytes;
  else if (file && file->size > kDefaultMaxBytes)
    body["max_bytes"] = file->size;
  if (file) body["sha256"] = file->sha256;
  return body;
}

ApiRequest presign_request(Json body) {
  return {.method = "POST", .path = "/nexus/raw/presign-upload", .body = std::move(body)};
}

ApiRequest register_request(Json body) {
  return {.method = "POST", .path = "/nexus/raw/register", .body = std::move(body)};
}

Answer send_form(Session& session, const Json& presigned, const LocalFile& file, const std::string& content_type) {
  FormFields fields;
  for (const auto& [name, value] : presigned.at("fields").items()) fields.emplace_back(name, cell_text(value));
  Progress bar(file.filename, file.size, session.progress_wanted());
  Exchange exchange = to_storage(session, text_at(presigned, "url"));
  exchange.method = "POST";
  exchange.source = form_source(fields, file, content_type, "nexusctl-" + base64url(random_bytes(18)), bar);
  exchange.timeout = upload_timeout(session);
  return ask_storage(session, exchange);
}

Answer post_file(Session& session, const std::string& path, const FormFields& fields, const LocalFile& file,
                 const std::string& content_type) {
  // The same file and fields make the same body, so that an upload with an Idempotency-Key can be repeated. The
  // boundary is made of the file's digest, so no file can contain it.
  std::string made_of = file.sha256;
  for (const auto& [name, value] : fields) made_of.append("\n").append(name).append("=").append(value);
  Progress bar(file.filename, file.size, session.progress_wanted());
  const std::string boundary = "nexusctl-" + sha256_hex(made_of).substr(0, 40);
  return session.call({.method = "POST",
                       .path = path,
                       .timeout = upload_timeout(session),
                       .source = form_source(fields, file, content_type, boundary, bar)});
}

Answer upload(Session& session, const LocalFile& file, const UploadOptions& options) {
  const std::string content_type = content_type_of(options, file.filename);
  for (int attempt = 1;; ++attempt) {
    const auto keyed = [&](ApiRequest request) { return with_key_of(session, attempt, std::move(request)); };
    const Answer presigned = session.call(keyed(presign_request(presign_body(file.filename, options, &file))));
    Json body = {{"asset_id", text_at(presigned.json, "asset_id")},
                 {"filename", file.filename},
                 {"size_bytes", file.size},
                 {"sha256", file.sha256},
                 {"content_type", content_type}};
    if (!options.metadata.is_null()) body["metadata"] = options.metadata;
    const ApiRequest registration = keyed(register_request(std::move(body)));
    // An earlier run with the same Idempotency-Key may have got as far as its end.
    const bool repeats = !presigned.http.header("idempotency-replayed").empty();
    if (repeats)
      if (const auto done = find_registered(session, registration)) return *done;
    const Answer sent = send_form(session, presigned.json, file, content_type);
    // Its object may also have come in meanwhile: register compares size and digest with ours.
    const bool there_already = sent.status == 409 && session.settings().idempotency_key.has_value();
    if (sent.status < 300 || there_already) return session.call(registration);
    // The form of the earlier run has ended before its file came: a new one is asked for, under a key that follows.
    if (!repeats || sent.status != 403) throw refusal_of(sent);
  }
}

void fetch(Session& session, const std::string& path, const std::function<void(std::string_view)>& sink) {
  const Answer redirect = session.call({.path = path, .redirect_expected = true});
  const std::string location = redirect.http.header("location");
  if (redirect.status / 100 != 3 || location.empty())
    throw Failure(Exit::server_error, "the daemon did not say where the content is");
  Exchange exchange = to_storage(session, location);
  exchange.timeout = session.timeout();
  exchange.sink = sink;
  const Answer answer = ask_storage(session, exchange);
  if (answer.status >= 400) throw refusal_of(answer);
  if (answer.status != 200)
    throw Failure(Exit::server_error, "the content came with HTTP " + std::to_string(answer.status));
}

}  // namespace nexus::cli
