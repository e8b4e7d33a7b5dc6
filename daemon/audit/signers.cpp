#include "daemon/audit/signers.hpp"

#include <algorithm>

namespace nexus::audit {

const PublicKey* Signers::signer_of(std::string_view note) const {
  for (const auto& key : keys_.known)
    if (is_signed_by(note, key)) return &key;
  return keys_.trusted && is_signed_by(note, *keys_.trusted) ? &*keys_.trusted : nullptr;
}

/// The first note may be of any known key, because a chain may be younger than the others. After that the last key must
/// sign, or one that replaces it. `finish` checks that a row records the replacement.
bool Signers::take(std::string_view note, const Checkpoint& checkpoint) {
  if (!judged()) return true;
  if (signers_.empty() || !is_signed_by(note, signers_.back().key)) {
    const PublicKey* key = signer_of(note);
    if (key == nullptr) {
      if (signers_.empty()) unknown_.push_back(checkpoint.size);
      return signers_.empty();
    }
    signers_.push_back({*key, checkpoint.size, checkpoint.size, !signers_.empty() || !unknown_.empty()});
  }
  signers_.back().rows = checkpoint.size;
  if (!checkpoint.successor) return true;
  if (!is_signed_by(note, *checkpoint.successor)) return false;
  signers_.push_back({*checkpoint.successor, checkpoint.size, checkpoint.size, false});
  return true;
}

/// A key that replaces a lost one needs the row that records it. From the trusted key on, each key must be named by the
/// one before it. The trusted key's first note covers all earlier rows and so vouches for them.
void Signers::finish(const std::function<void(std::int64_t)>& bad_signature) const {
  for (const auto& signer : signers_) {
    if (!signer.replaces_lost) continue;
    const auto row = replaced_.find(signer.key.text());
    if (row == replaced_.end() || row->second > signer.since) bad_signature(signer.since);
  }
  if (signers_.empty())
    for (const std::int64_t size : unknown_) bad_signature(size);
  if (!keys_.trusted) return;
  const auto is_trusted = [trusted = keys_.trusted->text()](const PublicKey& key) { return key.text() == trusted; };
  const auto last = std::ranges::find_if(signers_.rbegin(), signers_.rend(), is_trusted, &Signer::key);
  if (last == signers_.rend()) {
    const bool foreign = !keys_.known.empty() && std::ranges::none_of(keys_.known, is_trusted);
    if (!signers_.empty() || foreign) bad_signature(0);
    return;
  }
  for (auto signer = last.base(); signer != signers_.end(); ++signer)
    if (signer->replaces_lost) bad_signature(signer->since);
}

}  // namespace nexus::audit
