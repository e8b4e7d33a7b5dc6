#include "daemon/raw/asset_list.hpp"

#include "daemon/base/text.hpp"
#include "daemon/domain/stored_objects.hpp"
#include "daemon/http/schema.hpp"
#include "daemon/raw/limits.hpp"

namespace nexus::raw {
namespace {

constexpr std::string_view kMetadataPrefix = "metadata.";
constexpr int kRowsAtOnce = 64;  // of up to 16 KiB of metadata

bool begins_with(const store::RawAsset& asset, const std::string& start) {
  return domain::stored_filename(asset.key).starts_with(to_nfc(start)) || asset.filename.starts_with(start);
}

bool is_spelled(const Json& value, const std::string& text) {
  if (value.is_string()) return value.get_ref<const std::string&>() == text;
  return value.is_primitive() && !value.is_null() && to_text(value) == text;
}

bool matches(const store::RawAsset& asset, const AssetFilter& filter) {
  if (filter.filename && !begins_with(asset, *filter.filename)) return false;
  if (filter.metadata.empty()) return true;
  const Json metadata = parse_own_json(asset.metadata);
  return std::ranges::all_of(filter.metadata, [&](const auto& wanted) {
    const auto value = metadata.find(wanted.first);
    return value != metadata.end() && is_spelled(*value, wanted.second);
  });
}

std::map<std::string, std::string> take_metadata(model::Fields& query) {
  std::map<std::string, std::string> wanted;
  for (const std::string& name : query.names()) {
    if (!name.starts_with(kMetadataPrefix)) continue;
    const auto value = query.optional_text(name, {.min = 0, .max = limits::raw_filter_bytes_max});
    std::string key = name.substr(kMetadataPrefix.size());
    if (key.empty()) query.fault(name, "must name a member of the metadata behind the dot");
    wanted[std::move(key)] = value.value_or("");
  }
  return wanted;
}

/// What cursors are bound to: without a filter the name alone, as cursors of older versions were.
std::string name_of_list(const AssetFilter& filter) {
  if (filter.empty()) return "raw";
  return "raw\n" + to_text({{"filename", filter.filename.value_or("")}, {"metadata", Json(filter.metadata)}});
}

}  // namespace

AssetList take_asset_list(http::Input& input) {
  AssetFilter filter;
  filter.filename = input.query.optional_text("filename", {.max = limits::filename_bytes_max});
  filter.metadata = take_metadata(input.query);
  return {http::take_page(input, name_of_list(filter)), std::move(filter)};
}

http::Reply list_assets(const store::Reader& reader, const Caller& caller, const AssetList& list,
                        Json (*to_json)(const store::RawAsset&)) {
  http::PageItems items(list.page.limit);
  std::string mark = list.page.mark;
  const auto page = [&](Json next) -> http::Reply {
    return {.json = {{"items", items.take()}, {"next_cursor", std::move(next)}}};
  };
  const int at_once = list.filter.empty() ? list.page.limit + 1 : kRowsAtOnce;
  for (int seen = 0;;) {
    const auto rows = store::list_raw_assets(reader, caller.realm(), mark, at_once);
    for (const auto& row : rows) {
      const bool scanned = seen++ == limits::raw_rows_scanned_max;
      if (scanned || (matches(row, list.filter) && (items.full() || !items.add(to_json(row)))))
        return page(http::make_cursor(list.page, mark));
      mark = row.asset_id;
    }
    if (rows.size() < static_cast<std::size_t>(at_once)) return page(nullptr);
  }
}

std::vector<http::QueryParameter> filter_parameters() {
  return {{"filename", "Only files whose name begins so, as it is stored or as it was sent",
           http::schema::text_between(1, limits::filename_bytes_max)},
          {"metadata.KEY",
           "Only files whose metadata has this text, number, true or false under KEY, which is any name; several "
           "must all hold. A page may have few items or none and still a next_cursor",
           http::schema::text_between(0, limits::raw_filter_bytes_max)}};
}

}  // namespace nexus::raw
