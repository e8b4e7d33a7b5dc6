#include "store/admission.hpp"

#include "daemon/base/uuid.hpp"
#include "store/identity.hpp"
#include "store/rows.hpp"

namespace nexus::store {

std::optional<std::int64_t> find_admission_mark(const Reader& reader) {
  return reader.once(
      [&reader] { return first(reader.query("SELECT mark FROM admission_mark WHERE one = 1"), only_integer); });
}

void mark_rights(Tx& tx) { put_meta(tx, kRightsMark, uuid_v4()); }

}  // namespace nexus::store
