#include "daemon/atoms/atom_json.hpp"

#include "daemon/atoms/atom_maker.hpp"
#include "daemon/atoms/limits.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/limits.hpp"

namespace nexus::atoms {

namespace schema = http::schema;

Json atom_json(const store::AtomOfSet& found, const blobs::BlobStore& blobs) {
  const auto& [set, atom] = found;
  Json metadata = {{"params", parse_own_json(set.params)}};
  if (atom.key) {
    metadata["size_bytes"] = atom.size_bytes;
    metadata["sha256"] = *atom.sha256;
  }
  Json json = make_object({{"tenant_id", set.tenant_id},
                           {"env", set.env},
                           {"atom_id", atom.atom_id},
                           {"raw_asset_id", set.raw_asset_id},
                           {"op_type", set.op_type},
                           {"op_version", set.op_version},
                           {"ordinal", atom.ordinal},
                           {"metadata", std::move(metadata)},
                           {"created_at", to_rfc3339(set.created_at)},
                           {"created_by", set.created_by}});
  if (atom.content)
    json["content"] = *atom.content;
  else
    json["uri"] = atom_uri(atom, blobs);
  return json;
}

Json atom_schema() {
  return schema::named(
      "AtomArtifact", schema::object({"tenant_id", "env", "atom_id", "raw_asset_id", "op_type", "op_version", "ordinal",
                                      "metadata", "created_at", "created_by"},
                                     {{"tenant_id", schema::text()},
                                      {"env", schema::env()},
                                      {"atom_id", schema::text("a UUIDv8: the same whenever the same is made again")},
                                      {"raw_asset_id", schema::text()},
                                      {"op_type", schema::choice({"text_identity", "text_split", "lines"})},
                                      {"op_version", schema::integer(1, INT64_MAX)},
                                      {"ordinal", schema::integer(0, limits::atoms_of_one_operation_max)},
                                      {"content", schema::text("the text; else there is a uri")},
                                      {"uri", schema::text("s3://bucket/key of the text, when it has over 16 KiB")},
                                      {"metadata", schema::any_object()},
                                      {"created_at", schema::time()},
                                      {"created_by", schema::text()}}));
}

Json atom_request_schema() {
  Json params = schema::object({}, {{"max_chars", schema::integer(1, limits::atom_chars_max)}});
  params["description"] = "of text_split alone";
  Json out = schema::object({"raw_asset_id", "op_type"},
                            {{"raw_asset_id", schema::pattern(schema::kClientId)},
                             {"op_type", schema::choice({"text_identity", "text_split", "lines"})},
                             {"params", std::move(params)}});
  return schema::named("AtomsCreate", std::move(out));
}

}  // namespace nexus::atoms
