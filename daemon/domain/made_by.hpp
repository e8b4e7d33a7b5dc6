// What every new row says of its making.
#pragma once
#include "daemon/guard/caller.hpp"

namespace nexus::domain {

/// `row`, made now by the caller in his tenant and env.
template <class Row>
Row made_by(const Caller& caller, Row row) {
  row.tenant_id = caller.realm().tenant;
  row.env = caller.realm().env;
  row.created_at = now_micros();
  row.created_by = caller.user_id;
  return row;
}

}  // namespace nexus::domain
