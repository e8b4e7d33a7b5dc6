// One operation on one asset is done once: asked again, the same atoms are returned. `prepare` reads and cuts the
// source, outside the transaction that makes the atoms visible.
#include <charconv>

#include "daemon/atoms/atom_maker.hpp"
#include "daemon/atoms/limits.hpp"
#include "daemon/atoms/problems.hpp"
#include "daemon/base/problems.hpp"
#include "daemon/domain/made_by.hpp"
#include "daemon/domain/problems.hpp"
#include "daemon/domain/services.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/rows.hpp"
#include "store/audit_log.hpp"
#include "store/objects.hpp"
#include "store/raw_assets.hpp"

namespace nexus::atoms {
namespace {

using domain::AtomSet;
using domain::kOpTypes;
using http::Applied;
using http::Input;
using http::Reply;
namespace schema = http::schema;

constexpr std::size_t kReadBytes = 64 * limits::KiB;

// ---- shapes and pages ---------------------------------------------------------------------------------------------

/// With `content`, or with `uri` where the atom is an object (its size and digest are then in `metadata`).
Json atom_json(const domain::AtomOfSet& found, const blobs::BlobStore& blobs) {
  const auto& [set, atom] = found;
  Json json = model::json_of(domain::kAtom, atom);
  json.update(model::json_of(domain::kAtomSet, set));
  json["metadata"] = {{"params", parse_own_json(set.params)}};
  if (atom.content) {
    json["content"] = *atom.content;
  } else {
    json["uri"] = "s3://" + blobs.bucket() + "/" + atom.key.value_or("");
    json["metadata"]["size_bytes"] = atom.size_bytes;
    json["metadata"]["sha256"] = *atom.sha256;
  }
  return json;
}

/// The list that a cursor of an asset's atoms is bound to.
std::string atoms_list(std::string_view raw_asset_id) { return "atoms\n" + std::string(raw_asset_id); }

/// Where a page ended. A mark from the answer to the making of a set goes on in that set alone.
struct AtomMark {
  std::string set_id;  // "" for the start
  std::int64_t ordinal = -1;
  bool of_one_set = false;

  std::string text() const { return set_id + (of_one_set ? "=" : ":") + std::to_string(ordinal); }
};

AtomMark parse_mark(std::string_view text) {
  AtomMark mark;
  const std::size_t end = text.find_first_of(":=");
  if (end == std::string_view::npos) return mark;
  mark.set_id = text.substr(0, end);
  mark.of_one_set = text[end] == '=';
  std::from_chars(text.data() + end + 1, text.data() + text.size(), mark.ordinal);
  return mark;
}

/// Oldest set first, each set in its order.
std::vector<domain::AtomOfSet> page_of_atoms(const store::Reader& reader, const store::RawAsset& asset,
                                             const std::optional<std::string>& op_type, const AtomMark& from,
                                             int limit) {
  constexpr int sets_at_once = 32;
  std::vector<domain::AtomOfSet> out;
  std::string first = from.set_id, last;
  while (true) {
    const auto sets = store::list_atom_sets(reader, asset.realm(), asset.asset_id, op_type, first, sets_at_once);
    for (const auto& set : sets) {
      if (set.set_id == last) continue;
      if (from.of_one_set && set.set_id != from.set_id) return out;
      const std::int64_t after = set.set_id == from.set_id ? from.ordinal : -1;
      for (auto& atom : store::list_atoms(reader, set, after, limit - static_cast<int>(out.size())))
        out.push_back({set, std::move(atom)});
      if (out.size() == static_cast<std::size_t>(limit)) return out;
    }
    if (sets.size() < sets_at_once) return out;
    first = last = sets.back().set_id;
  }
}

// ---- create -------------------------------------------------------------------------------------------------------

struct Make {
  std::string raw_asset_id, op_type;
  Json params = Json::object();  // with the defaults
  Cut cut;
};

Make parse_make(Input& input) {
  Make value;
  value.raw_asset_id = input.body.text("raw_asset_id", {.min = 1, .max = limits::client_id_chars_max});
  value.op_type = input.body.optional_choice("op_type", kOpTypes).value_or("");
  input.body.require("op_type");
  auto params = input.body.optional_fields("params");
  if (value.op_type == "text_identity") value.cut = IdentityCut{};
  if (value.op_type == "lines") value.cut = LineCut{};
  if (value.op_type == "text_split") {
    const auto sent = params ? params->optional_integer("max_chars", 1, limits::atom_chars_max) : std::nullopt;
    const auto most = static_cast<std::size_t>(sent.value_or(limits::atom_chars_default));
    value.params = {{"max_chars", most}};
    value.cut = ParagraphCut{most};
  }
  if (params) params->finish();
  return value;
}

/// The tenant's and env's set of the same operation on the same asset.
AtomSet set_like(const Caller& caller, std::string raw_asset_id, std::string op_type, std::string params) {
  AtomSet like;
  like.tenant_id = caller.tenant().str();
  like.env = to_string(caller.env());
  like.raw_asset_id = std::move(raw_asset_id);
  like.op_type = std::move(op_type);
  like.params = std::move(params);
  return like;
}

/// Reveals nothing about others: an asset outside this tenant and env is absent.
store::RawAsset source_of(const store::Reader& reader, const Caller& caller, const std::string& asset_id) {
  auto asset = found(store::find_row<store::kRawAsset>(reader, caller.realm(), asset_id), problems::raw_not_found,
                     "raw_asset_id names no asset of this tenant and env");
  if (asset.status != "registered") throw Problem(problems::raw_not_uploaded, "register the asset first");
  return asset;
}

AtomSet set_of(const Caller& caller, const Make& value) {
  AtomSet set = domain::made_by(caller, AtomSet());
  set.set_id = new_id(caller.tenant());
  set.raw_asset_id = value.raw_asset_id;
  set.op_type = value.op_type;
  set.params = canonical(value.params);
  return set;
}

/// The atoms, which `discard` removes; nothing when they exist already.
struct Prepared {
  std::shared_ptr<const MadeAtoms> made;
  std::function<void()> discard;
  std::size_t unit_bytes() const { return made ? made->rest_bytes : 0; }
};

MadeAtoms cut_all(blobs::ObjectReader& source, const Cut& cut, AtomMaker& maker) {
  TextCutter cutter(cut, maker);
  for (auto chunk = source.read(kReadBytes); !chunk.empty(); chunk = source.read(kReadBytes)) cutter.take(chunk);
  cutter.finish();
  return maker.finish();
}

Prepared make(blobs::BlobStore& blobs, store::Database& database, const Caller& caller, const Make& value) {
  AtomSet set = set_of(caller, value);
  std::optional<store::RawAsset> asset;
  {
    auto lease = database.read();
    asset = source_of(lease.reader(), caller, value.raw_asset_id);
    if (store::find_atom_set(lease.reader(), set)) return {};
  }
  if (asset->size_bytes.value_or(0) > static_cast<std::int64_t>(limits::atom_source_bytes_max))
    throw Problem(problems::atom_too_large, "atoms are made of assets of at most 64 MiB");
  const auto source = blobs.read(domain::own_key(caller, asset->key), asset->object_version.value_or(""));
  domain::require_registered(*asset, source ? std::optional(source->info()) : std::nullopt);
  AtomMaker maker(database, blobs, caller.tenant(), caller.env(), std::move(set));
  try {
    const auto made = std::make_shared<const MadeAtoms>(cut_all(*source, value.cut, maker));
    return {made, [&database, &blobs, made] { discard(database, blobs, *made); }};
  } catch (...) {
    discard(database, blobs, maker.give_up());
    throw;
  }
}

/// The first atoms of a set, and the cursor of the next page.
Json first_page(const store::Reader& reader, const Caller& caller, const AtomSet& set, const blobs::BlobStore& blobs) {
  http::Page page;
  page.limit = kFirstPage;
  page.context = http::page_context(caller, atoms_list(set.raw_asset_id));
  return http::page_json<domain::Atom>(
      page, store::list_atoms(reader, set, -1, kFirstPage + 1),
      [&](const domain::Atom& atom) {
        return atom_json({set, atom}, blobs);
      },
      [&](const domain::Atom& atom) {
        return AtomMark{set.set_id, atom.ordinal, true}.text();
      });
}

/// The answer to the making of a set, which stays as it is.
Json render(const blobs::BlobStore& blobs, const store::Reader& reader, const Caller& caller,
            const std::string& reference) {
  const Json of = parse_own_json(reference);
  const AtomSet like = set_like(caller, of.at("raw_asset_id"), of.at("op_type"), of.at("params"));
  return first_page(reader, caller, found(store::find_atom_set(reader, like), problems::raw_not_found), blobs);
}

std::string reference_of(const AtomSet& set) {
  return to_text(make_object({{"raw_asset_id", set.raw_asset_id}, {"op_type", set.op_type}, {"params", set.params}}));
}

std::string location_of(const AtomSet& set) { return "/nexus/atoms?raw_asset_id=" + set.raw_asset_id; }

std::optional<http::Repeat> made_before(const store::Reader& reader, const Caller& caller, const Make& value) {
  const AtomSet like = set_like(caller, value.raw_asset_id, value.op_type, canonical(value.params));
  const auto set = store::find_atom_set(reader, like);
  if (!set || !set->created_seq) return std::nullopt;
  return http::Repeat{.audit_seq = *set->created_seq,
                      .subject_type = "raw_asset",
                      .subject_id = set->raw_asset_id,
                      .reference = reference_of(*set),
                      .fields = {{"Location", location_of(*set)}}};
}

Applied create(store::Tx& tx, const Caller& caller, const Make& value, const Prepared& prepared) {
  const auto& made = prepared.made;
  const store::RawAsset asset = source_of(tx, caller, value.raw_asset_id);
  if (!made || store::count_staged_atoms(tx, made->set) != made->staged)
    throw Problem(problems::store_busy, "the atoms were swept while they were made: try again");
  AtomSet set = made->set;
  set.created_at = now_micros();
  set.created_seq = store::next_audit_seq(tx, set.realm());
  set.state = "ready";
  store::put_atom_set(tx, set, made->rest);
  for (const std::string& key : made->noted) store::drop_pending_object(tx, key);
  const auto count = made->staged + static_cast<std::int64_t>(made->rest.size());
  return {.json = nullptr,
          .subject_type = "raw_asset",
          .subject_id = set.raw_asset_id,
          .details = make_object({{"op_type", set.op_type},
                                  {"op_version", set.op_version},
                                  {"params", value.params},
                                  {"atoms_count", count},
                                  {"source_sha256", or_null(asset.sha256)}}),
          .events = {{.event_type = "atom_created",
                      .asset_type = "raw_asset",
                      .asset_id = set.raw_asset_id,
                      .input = make_object({{"op_type", set.op_type}, {"params", value.params}}),
                      .output = make_object({{"atoms_count", count}}),
                      .made = count}},
          .fields = {{"Location", location_of(set)}},
          .reference = reference_of(set),
          .text_bytes = made->first_page_bytes};
}

// ---- read ---------------------------------------------------------------------------------------------------------

struct List {
  std::string raw_asset_id;
  std::optional<std::string> op_type;
  http::Page page;
};

List parse_list(Input& input) {
  List request;
  request.raw_asset_id = input.query.text("raw_asset_id", {.min = 1, .max = limits::client_id_chars_max});
  request.op_type = input.query.optional_choice("op_type", kOpTypes);
  request.page = http::take_page(input, atoms_list(request.raw_asset_id));
  return request;
}

Reply list(const blobs::BlobStore& blobs, const store::Reader& reader, const Caller& caller, const List& request) {
  const auto asset =
      found(store::find_row<store::kRawAsset>(reader, caller.realm(), request.raw_asset_id), problems::raw_not_found);
  const AtomMark from = parse_mark(request.page.mark);
  const auto atoms = page_of_atoms(reader, asset, request.op_type, from, request.page.limit + 1);
  return {.json = http::page_json<domain::AtomOfSet>(
              request.page, atoms, [&](const domain::AtomOfSet& row) { return atom_json(row, blobs); },
              [&](const domain::AtomOfSet& row) {
                return AtomMark{row.set.set_id, row.atom.ordinal, from.of_one_set}.text();
              })};
}

domain::AtomOfSet find(const store::Reader& reader, const Caller& caller, const std::string& atom_id) {
  return found(store::find_atom(reader, caller.realm(), atom_id), problems::atom_not_found);
}

Json show(const blobs::BlobStore& blobs, const store::Reader& reader, const Caller& caller,
          const std::string& atom_id) {
  return atom_json(find(reader, caller, atom_id), blobs);
}

struct Download {
  std::string atom_id, base_url;
};

Download parse_download(Input& input) { return {input.param("atom_id"), input.base_url}; }

/// Returns the text itself; where it is an object, a presigned link to it.
Reply download(blobs::BlobStore& blobs, const store::Reader& reader, const Caller& caller, const Download& request) {
  domain::AtomOfSet of_set = find(reader, caller, request.atom_id);
  const std::string filename = request.atom_id + ".txt", type = "text/plain; charset=utf-8";
  if (of_set.atom.content)
    return {.json = Json::object(),
            .fields = {{"Content-Disposition", "attachment; filename=\"" + filename + "\""},
                       {"Content-Security-Policy", "sandbox; default-src 'none'"}},
            .text = std::move(*of_set.atom.content),
            .content_type = type};
  const std::string link =
      blobs.presign_download({domain::atom_key(of_set), filename, type}, now_micros(), request.base_url);
  return {.json = nullptr, .status = 302, .fields = {{"Location", link}}};
}

// ---- schemas and routes -------------------------------------------------------------------------------------------

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

}  // namespace

void add_routes(http::RouteTable& routes, const domain::Services& services) {
  routes.describe("atoms", "Pieces of registered texts");
  blobs::BlobStore& blobs = services.blobs;
  const auto with_blobs = [&blobs](auto handler) { return std::bind_front(handler, std::ref(blobs)); };
  const http::Surface surface{.name = "atoms", .read_action = "atom_read"};
  routes.add(http::into_storage(surface.create(
      "/nexus/atoms/create-from-raw", "atom_create",
      http::repeatable(parse_make, made_before, with_blobs(render),
                       [make = with_blobs(make)](auto parse) { return http::writes(parse, make, create); }),
      {.summary = "Make atoms of a registered text; the same again answers the same",
       .request = atom_request_schema(),
       .response = schema::page(atom_schema()),
       .refusals = {200, 404, 409, 503, 507}})));
  routes.add(
      surface.list("/nexus/atoms", http::reads(parse_list, with_blobs(list)),
                   {.summary = "List the atoms of an asset, oldest set first, in order",
                    .response = atom_schema(),
                    .query = {{"raw_asset_id", "The asset they were made of", schema::pattern(schema::kClientId), true},
                              {"op_type", "Only what this operation made", schema::choice(kOpTypes)}},
                    .refusals = {404}}));
  routes.add(surface.show("/nexus/atoms/{atom_id}", http::one("atom_id", with_blobs(show)),
                          {.summary = "Show an atom", .response = atom_schema()}));
  routes.add(surface.show("/nexus/atoms/{atom_id}/download", http::reads(parse_download, with_blobs(download)),
                          {.summary = "The text of an atom, or a redirect to a presigned download",
                           .refusals = {302},
                           .content_type = "text/plain"}));
}

}  // namespace nexus::atoms
