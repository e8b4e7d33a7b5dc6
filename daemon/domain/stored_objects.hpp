// What the routes of media and canvases share: their shape, and downloads.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/http/route.hpp"
#include "daemon/http/schema.hpp"

namespace nexus::domain {

/// A read for viewers; `surface` is media or canvas.
http::Route read_route(std::string path, std::string surface, http::ReadHandler handler, http::Docs docs);
/// A write for members through the whole chain.
http::Route write_route(std::string method, std::string path, std::string action, std::string surface,
                        http::Handler handler, http::Docs docs);
/// The same with a form that streams to storage.
http::Route form_route(std::string path, std::string action, std::string surface, http::FormHandler handler,
                       http::Docs docs);

/// 302 to a presigned GET of an object that must be this caller's.
http::Reply redirect_to(blobs::BlobStore& blobs, const Caller& caller, const std::string& key,
                        const std::string& filename, const std::string& content_type, const std::string& base_url);

/// The name under which an object is stored: the last part of its key.
std::string stored_filename(const std::string& key);

/// An id in a path, and where links of ours begin.
struct Download {
  std::string id, base_url;
  std::string parent = {};
};

}  // namespace nexus::domain
