#include "daemon/atoms/atom_json.hpp"

#include "daemon/atoms/atom_maker.hpp"
#include "daemon/atoms/limits.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/limits.hpp"
#include "daemon/model/json.hpp"

namespace nexus::atoms {

namespace schema = http::schema;

Json atom_json(const domain::AtomOfSet& found, const blobs::BlobStore& blobs) {
  const auto& [set, atom] = found;
  Json json = model::json_of(domain::kAtom, atom);
  json.update(model::json_of(domain::kAtomSet, set));
  json["metadata"] = {{"params", parse_own_json(set.params)}};
  if (atom.content) {
    json["content"] = *atom.content;
  } else {
    json["uri"] = atom_uri(atom, blobs);
    json["metadata"]["size_bytes"] = atom.size_bytes;
    json["metadata"]["sha256"] = *atom.sha256;
  }
  return json;
}

Json atom_schema() {
  Json out = model::answer_schema(domain::kAtom);
  const Json of_set = model::answer_schema(domain::kAtomSet);
  out["properties"].update(of_set["properties"]);
  out["properties"].update({{"content", schema::text("the text; else there is a uri")},
                            {"uri", schema::text("s3://bucket/key of the text, when it has over 16 KiB")},
                            {"metadata", schema::any_object()}});
  for (const auto& name : {"raw_asset_id", "op_type", "op_version", "metadata", "created_at", "created_by"})
    out["required"].push_back(name);
  return out;
}

Json atom_request_schema() {
  Json params = schema::object({}, {{"max_chars", schema::integer(1, limits::atom_chars_max)}});
  params["description"] = "of text_split alone";
  Json out = schema::object({"raw_asset_id", "op_type"}, {{"raw_asset_id", schema::pattern(schema::kClientId)},
                                                          {"op_type", schema::choice(domain::kOpTypes)},
                                                          {"params", std::move(params)}});
  return schema::named("AtomsCreate", std::move(out));
}

}  // namespace nexus::atoms
