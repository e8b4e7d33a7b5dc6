#include "daemon/backup/facts.hpp"

#include "store/audit_log.hpp"
#include "store/identity.hpp"
#include "store/rows.hpp"

namespace nexus::backup {

Manifest facts_of(const store::Reader& reader) {
  Manifest facts;
  facts.instance_id = store::find_meta(reader, "instance_id").value_or("");
  facts.epoch = store::find_meta(reader, "epoch").value_or("");
  facts.schema = store::integer_of(reader.query("PRAGMA user_version"));
  for (const auto& head : store::list_audit_heads(reader))
    facts.chains.push_back({head.tenant_id, head.env, head.seq, head.hash});
  const auto note = store::find_last_audit_note(reader, {.tenant = "", .env = ""});
  if (note) facts.checkpoint = note->note;
  return facts;
}

}  // namespace nexus::backup
