#!/usr/bin/env bats
# Keys that give way to others, as nexusd changes them and as everybody verifies what they signed.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; the helpers set the variables

load helpers
load own_daemon

# serve: the daemon on $data, with its settings in the environment.
serve() {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
}

# signed_under FILE: an act of the log, the key that signs it in FILE, a checkpoint in kept.note, an export.
signed_under() {
  export NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  serve
  nexusctl kill block "test_$RANDOM" --outside --reason 'a test' >/dev/null
  nexusctl audit key >"$1"
  [ -e kept.note ] || nexusctl audit checkpoint >kept.note
  nexusctl audit export --force --out audit.ndjson
}

verifier() { python3 "$repository/tests/audit/verify.py" "$@"; }

@test "whoever trusts one key of a succession trusts the log, and is told who signed up to where" {
  signed_under older.key
  end 0
  expect 0 nexusd key rotate-checkpoint --data-dir "$data"
  signed_under newer.key
  [ "$(cat older.key)" != "$(cat newer.key)" ]
  for key in older newer; do
    expect 0 nexusctl audit verify audit.ndjson --key "$(cat $key.key)" --checkpoint kept.note -o json
    says 'which the key before it names' "$(json '["proved"]' <<<"$output")"
    says "by key $(cut -d+ -f2 older.key)" "$output"
    expect 0 verifier --key "$(cat $key.key)" audit.ndjson kept.note
    says "by key $(cat newer.key)" "$output"
    expect 0 nexusctl audit verify --database "$data/nexus.db" --key "$(cat $key.key)" --checkpoint kept.note
    expect 0 nexusctl audit verify --key "$(cat $key.key)"
  done
  end 0
}

@test "verify says which key took the place of a lost one, and whoever insists on the lost one is refused" {
  signed_under lost.key
  end 0
  rm "$data/keys/checkpoint.key"
  expect 0 nexusd key replace-lost --confirm "$(head -n 1 kept.note | cut -d/ -f2)" --data-dir "$data"
  signed_under newer.key
  expect 0 nexusctl audit verify audit.ndjson --checkpoint kept.note -o json
  says 'took the place of a lost one at row' "$(json '["proved"]' <<<"$output")"
  says 'nobody vouches for key' "$(json '["not_proved"]' <<<"$output")"
  expect 0 nexusctl audit verify audit.ndjson --key "$(cat newer.key)" --checkpoint kept.note
  expect 11 nexusctl audit verify audit.ndjson --key "$(cat lost.key)" -o json
  says bad_signature "$output"
  expect 0 verifier audit.ndjson kept.note
  says "nobody vouches for $(cat newer.key)" "$output"
  expect 1 verifier --key "$(cat lost.key)" audit.ndjson
  expect 0 nexusctl audit verify --database "$data/nexus.db" -o jsonl
  expect 0 nexusctl audit verify
  end 0
}
