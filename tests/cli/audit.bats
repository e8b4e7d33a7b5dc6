#!/usr/bin/env bats
# nexusctl audit: the log is listed, exported, signed, erased and verified; what was tampered with is found, exit 11.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

act() { nexusctl kill block "$1" --outside --reason 'a test' >/dev/null; }

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
  # Which chain it was, and that it was that one alone.
  [ "$(json '["tenant_id"]' <<<"$output")" = t_dev ]
  says 'the chain of t_dev dev alone' "$output"
}

@test "an export verifies, with the checkpoint that was kept" {
  act test_export
  NEXUS_FORMAT=json nexusctl audit checkpoint >kept.note
  grep -q '^— ' kept.note
  nexusctl audit checkpoint -o json | json '["note"]' | grep -q '^— '
  expect 0 nexusctl audit export --out audit.ndjson
  expect 0 nexusctl audit verify audit.ndjson --checkpoint kept.note -o json
  says 'what you kept' "$output"
  expect 2 nexusctl audit verify audit.ndjson --no-witness # a file is held against no witness
  says "--no-witness has no effect" "$errors"
  expect 0 nexusctl audit verify audit.ndjson --key "$(nexusctl audit key)"
  expect 2 nexusctl audit verify audit.ndjson --key nonsense
  verifier=$repository/tests/audit/verify.py
  expect 0 python3 "$verifier" audit.ndjson kept.note
  rows=$(tail -n 1 audit.ndjson | json '["rows"]')
  says "signed up to row $rows by key $(nexusctl audit key)" "$output"
  expect 0 python3 "$verifier" --key "$(nexusctl audit key)" audit.ndjson kept.note
  expect 1 python3 "$verifier" --key "nexusd/x+00000000+$(nexusctl audit key | cut -d+ -f3)" audit.ndjson
}

@test "an export is private, whole, and signed to its end" {
  act test_private
  umask 022
  expect 0 nexusctl audit export --out audit.ndjson
  [ "$(stat -c %a audit.ndjson)" = 600 ]
  [ -z "$errors" ]
  tail -n 2 audit.ndjson | head -n 1 | grep -q '^{"checkpoint":'
  expect 0 nexusctl audit verify - -o json <audit.ndjson
  [ "$(json '["rows"]' <<<"$output")" = "$(json '["checkpointed_rows"]' <<<"$output")" ]
  says 'signed up to row' "$output"
}

@test "where no checkpoint can be written, the export goes on and says which rows none signs" {
  nexusctl audit export >before.ndjson
  act test_unsigned
  data=$(dirname "$NEXUS_ROOT_TOKEN_FILE")
  on_database() {
    python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2])' "$data/nexus.db" "$1"
  }
  on_database "CREATE TRIGGER unwritable BEFORE INSERT ON audit_checkpoints BEGIN SELECT RAISE(ABORT, 'no'); END"
  expect 0 nexusctl audit export --out after.ndjson
  on_database 'DROP TRIGGER unwritable'
  rows=$(tail -n 1 after.ndjson | json '["rows"]')
  says "row $rows: no checkpoint signs it" "$errors"
  expect 0 nexusctl audit verify after.ndjson -o json
  says "no checkpoint signs it" "$(json '["not_proved"]' <<<"$output")"
}

@test "what is no export and no database is exit 2, and named for what it is" {
  nexusctl audit export >audit.ndjson
  nexusctl audit checkpoint >kept.note
  gzip -k audit.ndjson
  : >empty
  echo 'some text' >text
  data=$(dirname "$NEXUS_ROOT_TOKEN_FILE")
  python3 -c 'import sqlite3; c = sqlite3.connect("theirs.db"); c.execute("CREATE TABLE t(x)"); c.commit()'
  refused() { # WORDS ARGUMENT…
    local words=$1
    shift
    expect 2 nexusctl audit verify "$@"
    says "$words" "$errors"
  }
  refused 'is empty' empty
  refused 'it is compressed' audit.ndjson.gz
  refused 'gunzip' audit.ndjson.gz
  refused 'text is no export' text
  refused 'it is a database' "$data/nexus.db"
  refused 'it is a checkpoint' kept.note
  refused 'missing.ndjson' missing.ndjson
  refused 'is a directory' .
  refused 'standard input is no export' - <text
  refused 'it is an export' --database audit.ndjson
  refused 'is empty' --database empty
  refused 'text is no database' --database text
  refused 'another program' --database theirs.db
  refused 'missing.db' --database missing.db
  refused 'holds no checkpoint' audit.ndjson --checkpoint text
  refused 'missing.note' audit.ndjson --checkpoint missing.note
  sed 's/"nexus_audit_export":2/"nexus_audit_export":3/' audit.ndjson >newer.ndjson
  refused 'it reads 1 and 2' newer.ndjson
  expect 0 nexusctl audit verify "$repository/tests/fixtures/audit/example-1.ndjson"
}

@test "a changed, cut or foreign export is broken: exit 11, and the place is named" {
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

@test "a context narrows no database: it is verified whole unless the command line names a tenant" {
  data=$(dirname "$NEXUS_ROOT_TOKEN_FILE")
  act test_whole
  expect 0 nexusctl audit verify --database "$data/nexus.db" -o jsonl
  says t_system "$output"
  expect 0 nexusctl audit verify --database "$data/nexus.db" --tenant t_dev -o jsonl
  case $output in *'"t_system"'*) return 1 ;; esac
  says 'other chains than those named' "$output"
  expect 6 nexusctl audit verify --database "$data/nexus.db" --tenant t_none
}

@test "a database on read-only media is read, its log too, and so is one in another journal mode" {
  act test_read_only
  data=$(dirname "$NEXUS_ROOT_TOKEN_FILE")
  mkdir with_log without_log other_mode
  cp "$data/nexus.db" "$data/nexus.db-wal" with_log
  python3 - "$data/nexus.db" <<'PYTHON'
import sqlite3, sys
for name in ("without_log", "other_mode"):
    copy = sqlite3.connect(name + "/nexus.db")
    sqlite3.connect(sys.argv[1]).backup(copy)
    copy.execute("PRAGMA journal_mode=" + ("WAL" if name == "without_log" else "DELETE"))
    copy.close()
PYTHON
  read_only() { # DIRECTORY COMMAND…: runs it where the directory cannot be written, for root too
    local directory=$1
    shift
    if [ "$(id -u)" -ne 0 ]; then
      chmod 500 "$directory"
      "$@"
    else
      # shellcheck disable=SC2016 # the inner shell expands
      unshare -m sh -c 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"' "$directory" "$@"
    fi
  }
  head=$(nexusctl audit list --limit 1 --field items.0.hash)
  for each in with_log without_log other_mode; do
    expect 0 read_only "$PWD/$each" nexusctl audit verify --database "$PWD/$each/nexus.db" -o jsonl
    says "$head" "$output"
    [ ! -e "$each/nexus.db-shm" ]
  done
}

@test "a kept checkpoint whose chain is gone, or that another installation made, is found" {
  act test_kept
  nexusctl audit checkpoint >kept.note
  data=$(dirname "$NEXUS_ROOT_TOKEN_FILE")
  expect 0 nexusctl audit verify --database "$data/nexus.db" --checkpoint kept.note
  python3 - "$data/nexus.db" gone.db <<'PYTHON'
import sqlite3, sys
source, copy = (sqlite3.connect(name) for name in sys.argv[1:])
source.backup(copy)
for table in ("audit_rows", "audit_heads", "audit_trees", "audit_checkpoints"):
    copy.execute("DELETE FROM " + table + " WHERE tenant_id IN ('t_dev', '')")
copy.commit()
PYTHON
  expect 11 nexusctl audit verify --database gone.db --checkpoint kept.note -o jsonl
  size=$(sed -n 2p kept.note)
  says "truncated at $size" "$output"
  expect 11 nexusctl audit verify --database gone.db --tenant t_system --checkpoint kept.note -o jsonl
  says "truncated at $size" "$output"
  python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readlines()[2])["checkpoint"], end="")' \
    "$repository/tests/fixtures/audit/example-1.ndjson" >foreign.note
  expect 11 nexusctl audit verify --database "$data/nexus.db" --checkpoint foreign.note -o jsonl
  says 'fork at 1' "$output"
  nexusctl audit export >audit.ndjson
  expect 11 nexusctl audit verify audit.ndjson --checkpoint foreign.note -o json
  says 'fork at 1' "$output"
}

unwarned() {
  case $errors in *warning:*) return 1 ;; esac
}
witnessed() { cat "$NEXUS_CONFIG_DIR/witness.json"; }
forge() { sed -i -E "s/(\"hash\": \")[0-9a-f]{64}/\1$(printf '0%.0s' {1..64})/" "$NEXUS_CONFIG_DIR/witness.json"; }

@test "the witness says when an answer contradicts what it saw" {
  rm -f "$NEXUS_CONFIG_DIR/witness.json"
  act test_witness
  expect 0 nexusctl audit list --limit 1 --field items.0.seq
  forge
  expect 11 nexusctl audit verify -o json
  says "fork at $(nexusctl audit list --limit 1 --field items.0.seq)" "$output"
  expect 0 nexusctl audit verify --no-witness
  expect 0 nexusctl audit show "$(nexusctl audit list --limit 1 --field items.0.seq)"
  says contradicts "$errors"
  says "$(printf '0%.0s' {1..64})" "$(witnessed)" # set aside, as evidence
}

@test "before a jump takes the place of what was seen, the daemon is asked for that row" {
  rm -f "$NEXUS_CONFIG_DIR/witness.json"
  act test_jump
  for i in 1 2 3; do NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/elsewhere act "test_jump_$i"; done
  expect 0 nexusctl kill block test_jump_4 --outside --reason 'a test'
  unwarned
  forge
  for i in 5 6; do NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/elsewhere act "test_jump_$i"; done
  expect 0 nexusctl kill block test_jump_7 --outside --reason 'a test'
  says contradicts "$errors"
}

@test "the witness says that the head went back, and nothing of another installation at the same address" {
  rm -f "$NEXUS_CONFIG_DIR/witness.json"
  act test_head
  instance=$(nexusctl audit checkpoint | head -n 1 | cut -d/ -f2)
  says "$instance t_dev dev" "$(witnessed)"
  sed -i -E 's/"seq": [0-9]+/"seq": 999999/' "$NEXUS_CONFIG_DIR/witness.json"
  expect 0 nexusctl kill block test_head_2 --outside --reason 'a test'
  says 'went back' "$errors"
  sed -i "s/$instance/another-installation/" "$NEXUS_CONFIG_DIR/witness.json"
  expect 0 nexusctl kill block test_head_3 --outside --reason 'a test'
  unwarned
}

@test "rows are listed by token, request and run" {
  act test_filter
  row=$(nexusctl audit list --limit 1 -o json)
  request=$(json '["items"][0]["body"]["request_id"]' <<<"$row")
  token=$(json '["items"][0]["body"]["actor"]["token"]' <<<"$row")
  expect 0 nexusctl audit list --request-id "$request" --token-id "$token" -o json
  [ "$(json '["items"].__len__()' <<<"$output")" = 1 ]
  expect 0 nexusctl audit list --run-id none -o json
  [ "$(json '["items"]' <<<"$output")" = '[]' ]
}

@test "an option for a file names the one that the command has" {
  expect 2 nexusctl audit export --output-file log.jsonl
  says "try: nexusctl audit export --out log.jsonl" "$errors"
}

@test "a checkpoint of another chain is no sign of tampering: it is told apart" {
  nexusctl audit checkpoint >"$BATS_TEST_TMPDIR/kept.note"
  expect 2 nexusctl --env prod audit verify --checkpoint "$BATS_TEST_TMPDIR/kept.note"
  says "is a checkpoint of t_dev dev, and this is the chain of t_dev prod" "$errors"
  nexusctl --env prod audit export --out "$BATS_TEST_TMPDIR/prod.ndjson"
  expect 2 nexusctl audit verify "$BATS_TEST_TMPDIR/prod.ndjson" --checkpoint "$BATS_TEST_TMPDIR/kept.note"
  expect 0 nexusctl audit verify --checkpoint "$BATS_TEST_TMPDIR/kept.note"
}
