// Functions that the rows of stored objects share: raw assets, media, files on canvases, atoms.
#pragma once
#include "daemon/blobs/backend.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/http/surface.hpp"
#include "store/atoms.hpp"
#include "store/pace.hpp"
#include "store/raw_assets.hpp"

namespace nexus::domain {

/// The name under which an object is stored: the last part of its key.
std::string stored_filename(const std::string& key);
/// `metadata`, with the filename that the client sent if the object is stored under another one.
Json with_original_filename(Json metadata, const std::string& key, const std::string& filename);
/// The key of an object that must be this caller's. Another caller's object is a defect (internal.error).
blobs::StorageKey own_key(const Caller& caller, const std::string& key);

/// Throws raw.changed unless `found` is the object that was registered. Called before a download, and before atoms are
/// made.
void require_registered(const store::RawAsset& asset, const std::optional<blobs::ObjectInfo>& found);

/// Fills the row with the object that a form's file became.
template <class Row>
void keep_file(Row& row, const http::StoredFile& file) {
  row.filename = file.filename;
  row.key = file.key.str();
  row.uri = file.uri;
  row.content_type = file.content_type;
  row.size_bytes = static_cast<std::int64_t>(file.info.size);
  if (!file.info.sha256.empty()) row.sha256 = file.info.sha256;
}

struct Downloadable {
  blobs::DownloadRequest download;
  std::function<void()> confirm = {};  // see http::Reply
};
/// Finds the object that a path leads to. Throws Problem where there is nothing to download.
using FindDownload = std::function<Downloadable(const store::Reader&, const Caller&, const http::PathParams&)>;

/// GET `path`/download: 302 to a presigned GET; 404 and `refusals` without one.
http::Route download_route(const http::Surface& surface, const std::string& path, blobs::BlobStore& blobs,
                           FindDownload find, std::vector<int> refusals = {});

// ---- atoms --------------------------------------------------------------------------------------------------------

/// The object of an atom, which must be this tenant's.
blobs::StorageKey atom_key(const AtomOfSet& atom);

/// Removes one set with its objects, as steps of its tenant's own. Blocks. False when the store did not accept the
/// removal.
bool sweep_set(store::Database& database, blobs::BlobStore& blobs, const AtomSet& set);

/// Removes atoms of one of the sets whose asset was deleted, or that were staged before `staged_before` and never
/// finished, as many as the stint allows. Returns whether more may wait.
bool sweep_some_atoms(store::Stint& stint, blobs::BlobStore& blobs, Micros staged_before);

}  // namespace nexus::domain
