#include "daemon/audit/succession.hpp"

#include "daemon/base/text.hpp"
#include "store/identity.hpp"

namespace nexus::audit {
namespace {

constexpr std::string_view kKeys = "checkpoint_keys";  // one a line

}  // namespace

std::vector<PublicKey> list_checkpoint_keys(const store::Reader& reader) {
  std::vector<PublicKey> keys;
  const std::string lines = store::find_meta(reader, kKeys).value_or("");
  for (const auto line : split(lines, '\n'))
    if (auto key = PublicKey::parse(line)) keys.push_back(std::move(*key));
  return keys;
}

void remember_checkpoint_key(store::Tx& tx, const PublicKey& key) {
  const auto known = list_checkpoint_keys(tx);
  if (!known.empty() && known.back().text() == key.text()) return;
  store::put_meta(tx, kKeys, store::find_meta(tx, kKeys).value_or("") + key.text() + "\n");
}

}  // namespace nexus::audit
