// The main job as functions: presign, send with the form, register, download. The commands upload, presign, register,
// asset and smoke are thin wrappers over these. Presigned URLs never see the token.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "cli/engine/curl.hpp"
#include "cli/engine/local_file.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

struct UploadOptions {
  std::optional<std::string> content_type;
  std::optional<long long> max_bytes;
  Json metadata;  // null: none
};

/// The media type that the caller named, or that of the name.
std::string content_type_of(const UploadOptions& options, const std::string& filename);

/// Returns the body of a presign request for this file. Asks for more than the default size only when the file needs
/// it.
Json presign_body(const std::string& filename, const UploadOptions& options, const LocalFile* file);
ApiRequest presign_request(Json body);
ApiRequest register_request(Json body);

/// POSTs the file with the form of a presign answer, streaming. Returns the storage's answer, whatever its status.
Answer send_form(Session& session, const Json& presigned, const LocalFile& file, const std::string& content_type);

/// POSTs the file and fields to a route of the daemon itself, streaming. Throws a Refusal for 400 and above.
Answer post_file(Session& session, const std::string& path, const FormFields& fields, const LocalFile& file,
                 const std::string& content_type);

/// Does the three steps; returns the answer of register. With an Idempotency-Key a repeat goes on behind the last step
/// that was done, and ends as the first run did, or would have.
Answer upload(Session& session, const LocalFile& file, const UploadOptions& options);

/// Follows the redirect of `path` once and passes the content to `sink`.
void fetch(Session& session, const std::string& path, const std::function<void(std::string_view)>& sink);

/// Reads `k=v` pairs into an object of strings; null for none.
Json parse_metadata(const std::vector<std::string>& pairs);

}  // namespace nexus::cli
