#!/usr/bin/env bats
# nexusctl audit: the log is listed, exported, signed, erased and verified; what was tampered with is found, exit 11.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

act() { nexusctl kill block "$1" --reason 'a test' >/dev/null; }

@test "an act is listed and shown with the hash of its receipt" {
  act test_list
  expect 0 nexusctl audit list --action kill_switch_update --limit 1 --field items.0.seq
  seq=$output
  expect 0 nexusctl audit show "$seq" --field hash
  [ "${#output}" -eq 64 ]
  says "$output" "$(cat "$NEXUS_CONFIG_DIR/witness.json")"
  expect 6 nexusctl audit show 999999
  expect 2 nexusctl audit list --result MAYBE
}

@test "a log verifies online, and says what is not proved" {
  act test_verify
  expect 0 nexusctl audit verify -o json
  [ "$(json '["ok"]' <<<"$output")" = True ]
  [ "$(json '["server_ok"]' <<<"$output")" = True ]
  says 'one unbroken chain' "$output"
  says not_proved "$output"
}

@test "an export verifies, with the checkpoint that was kept" {
  cd "$BATS_TEST_TMPDIR"
  act test_export
  nexusctl audit checkpoint >kept.note
  expect 0 nexusctl audit export --out audit.ndjson
  expect 0 nexusctl audit verify audit.ndjson --checkpoint kept.note -o json
  says 'what you kept' "$output"
  expect 0 nexusctl audit verify audit.ndjson --key "$(nexusctl audit key)"
  expect 2 nexusctl audit verify audit.ndjson --key nonsense
  expect 0 python3 "$repository/tests/audit/verify.py" audit.ndjson kept.note
}

@test "a changed, cut or foreign export is broken: exit 11, and the place is named" {
  cd "$BATS_TEST_TMPDIR"
  act test_broken
  nexusctl audit export >audit.ndjson
  sed '2s/u_dev/u_eve/' audit.ndjson >changed.ndjson
  expect 11 nexusctl audit verify changed.ndjson -o json
  says 'bad_hash at 1' "$output"
  sed 3d audit.ndjson >missing.ndjson
  expect 11 nexusctl audit verify missing.ndjson -o json
  says 'gap at 2' "$output"
  head -n 2 audit.ndjson >cut.ndjson
  expect 11 nexusctl audit verify cut.ndjson -o json
  says 'truncated at 2' "$output"
}

@test "an erasure needs a reason, and the log stays whole" {
  act test_erase
  seq=$(nexusctl audit list --limit 1 --field items.0.seq)
  expect 2 nexusctl audit erase "$seq"
  expect 0 nexusctl audit erase "$seq" --reason 'privacy request 12'
  expect 0 nexusctl audit show "$seq" -o json
  [ "$(json '["details"]' <<<"$output")" = None ]
  expect 0 nexusctl audit verify
}

@test "a database file is verified beside its daemon, and a changed copy is found" {
  cd "$BATS_TEST_TMPDIR"
  act test_database
  data=$(dirname "$NEXUS_ROOT_TOKEN_FILE")
  unset NEXUS_TENANT NEXUS_ENV
  expect 0 nexusctl audit verify --database "$data/nexus.db" -o jsonl
  says t_dev "$output"
  says t_system "$output"
  expect 2 nexusctl audit verify --database /dev/null
  python3 - "$data/nexus.db" copy.db <<'PYTHON'
import sqlite3, sys
source, copy = (sqlite3.connect(name) for name in sys.argv[1:])
source.backup(copy)
copy.execute("UPDATE audit_rows SET actor = 'u_eve' WHERE tenant_id = 't_dev' AND env = 'dev' AND seq = 1")
copy.commit()
PYTHON
  expect 11 nexusctl audit verify --database copy.db -o jsonl
  says 'not_canonical at 1' "$output"
}

@test "the witness says when an answer contradicts what it saw" {
  act test_witness
  expect 0 nexusctl audit list --limit 1 --field items.0.seq
  sed -i -E "s/(\"hash\": \")[0-9a-f]{64}/\1$(printf '0%.0s' {1..64})/" "$NEXUS_CONFIG_DIR/witness.json"
  expect 11 nexusctl audit verify -o json
  says "fork at $(nexusctl audit list --limit 1 --field items.0.seq)" "$output"
  expect 0 nexusctl audit verify --no-witness
  expect 0 nexusctl audit show "$(nexusctl audit list --limit 1 --field items.0.seq)"
  says contradicts "$errors"
}
