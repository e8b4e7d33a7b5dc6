# An installation whose files were lost, exchanged or left behind: what start, check and the key commands say of it.

bats_require_minimum_version 1.5.0
load helpers
load own_daemon

# what_is_lost FILE NEEDED_BY: that key gone, neither a start nor a check takes it for well, and nothing is made anew.
what_is_lost() {
  mv "$data/keys/$1" "$BATS_TEST_TMPDIR/kept"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "$2" "$errors"
  says "restore keys/ from the backup" "$errors"
  says "nexusd key replace-lost --confirm $instance" "$errors"
  [ ! -e "$data/keys/$1" ]
  expect 1 nexusd check --data-dir "$data"
  says "FAIL keys: " "$output"
  says "$2" "$output"
  mv "$BATS_TEST_TMPDIR/kept" "$data/keys/$1"
  expect 0 nexusd check --data-dir "$data"
}

@test "a key that what is on record needs is demanded, never made anew in silence" {
  fill
  signing=$(basename "$data"/keys/jwt-*.key)
  what_is_lost checkpoint.key "checkpoint.key is missing, and it signs the audit chains"
  what_is_lost "$signing" "jwt-*.key is there, and tokens on record are signed"
  what_is_lost local-s3.key "local-s3.key is missing, and it signs forms and links"
  begin --dev --data-dir "$data"
  end 0
}

@test "another key than that of the newest checkpoint stops the start and the check" {
  fill
  begin --data-dir "$data-other"
  end 0
  other=$(nexusd token keys --data-dir "$data-other")
  [ -n "$other" ]
  expect 0 nexusd key rotate-checkpoint --data-dir "$data"
  cp "$data/keys/checkpoint.key" "$BATS_TEST_TMPDIR/second"
  expect 0 nexusd key rotate-checkpoint --data-dir "$data"
  cp "$BATS_TEST_TMPDIR/second" "$data/keys/checkpoint.key"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "checkpoint.key is not the key of the newest checkpoint" "$errors"
  [[ $errors != *replace-lost* ]]
  expect 1 nexusd check --data-dir "$data"
  expect 1 nexusd key replace-lost --confirm "$instance" --data-dir "$data"
  says "move this one away" "$errors"
}

@test "key rotate-checkpoint: a note of each chain names the next key, signed by both; the daemon goes on with it" {
  fill
  expect 0 nexusd key rotate-checkpoint --data-dir "$data"
  says "nexusd/$instance+" "$output"
  [ "$(stat -c %a "$data/keys/checkpoint.key")" = 600 ]
  [ ! -e "$data/keys/checkpoint.key.next" ]
  python3 - "$data/nexus.db" <<'END'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
chains = base.execute("SELECT tenant_id, env FROM audit_heads").fetchall() + [("", "")]
for chain in chains:
    note = base.execute("SELECT note FROM audit_checkpoints WHERE tenant_id = ? AND env = ? "
                        "ORDER BY size DESC, at DESC", chain).fetchone()[0]
    assert "\nkey nexusd/" in note, chain
    assert note.count("\n\u2014 nexusd/") == 2, chain
END
  expect 0 nexusd check --data-dir "$data"
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  [ "$(nexusctl audit key | head -n 1)" = "$(meta checkpoint_keys | grep . | tail -n 1)" ]
  end 0
}

@test "a succession that a crash cut short is ended, or undone, by the next start" {
  fill
  cp "$data/keys/checkpoint.key" "$BATS_TEST_TMPDIR/first"
  cp "$data/keys/checkpoint.key" "$data/keys/checkpoint.key.next"
  expect 0 nexusd key rotate-checkpoint --data-dir "$data"
  # As after the notes were written, and before the new key took its place.
  mv "$data/keys/checkpoint.key" "$data/keys/checkpoint.key.next"
  cp "$BATS_TEST_TMPDIR/first" "$data/keys/checkpoint.key"
  begin --dev --data-dir "$data"
  end 0
  [ ! -e "$data/keys/checkpoint.key.next" ]
  expect 0 nexusd check --data-dir "$data"
  # As before any note was written.
  cp "$BATS_TEST_TMPDIR/first" "$data/keys/checkpoint.key.next"
  begin --dev --data-dir "$data"
  end 0
  [ ! -e "$data/keys/checkpoint.key.next" ]
  expect 0 nexusd check --data-dir "$data"
}

@test "key replace-lost wants the installation's id, and leaves a row in every chain" {
  fill
  expect 1 nexusd key replace-lost --confirm "$instance" --data-dir "$data"
  says "no key is lost" "$output"
  rm "$data/keys/checkpoint.key"
  expect 2 nexusd key replace-lost --data-dir "$data"
  expect 2 nexusd key replace-lost --confirm other --data-dir "$data"
  says "$instance" "$errors"
  [ ! -e "$data/keys/checkpoint.key" ]
  expect 0 nexusd key replace-lost --confirm "$instance" --data-dir "$data"
  says "checkpoint_key nexusd/$instance+" "$output"
  python3 - "$data/nexus.db" <<'END'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
chains = base.execute("SELECT count(*) FROM audit_heads").fetchone()
assert chains[0] > 1
told = base.execute("SELECT count(*) FROM audit_rows r JOIN audit_heads h USING (tenant_id, env, seq) "
                    "WHERE r.action = 'key_replace' AND r.body LIKE '%\"type\":\"checkpoint_key\"%'").fetchone()
assert told == chains, (told, chains)
END
  expect 0 nexusd check --data-dir "$data"
  begin --dev --data-dir "$data"
  end 0
}

@test "check says of a lone nexus.db from under a running daemon that its log was left behind" {
  begin --dev --data-dir "$data"
  until [ ! -s "$data/nexus.db-wal" ]; do sleep 0.05; done
  expect 0 nexusctl --server "$address" --token-file "$data/root.token" tenant create t_late --name Late
  mkdir -m 700 "$data-copy" "$data-copy/keys" "$data-copy/blobs"
  cp -p "$data/nexus.db" "$data/root.token" "$data-copy"
  cp -p "$data"/keys/* "$data-copy/keys"
  expect 0 nexusd check --data-dir "$data"
  says "in use by a running nexusd" "$output"
  end 0
  for _ in 1 2; do
    expect 1 nexusd check --data-dir "$data-copy"
    says "FAIL log: nexus.db was copied while nexusd had it open" "$output"
  done
  [ ! -e "$data-copy/nexus.db-wal" ]
  expect 0 nexusd check --data-dir "$data"
  says "ok   log" "$output"
  begin --dev --data-dir "$data-copy"
  grep -q "what was acknowledged last may be missing" "$BATS_TEST_TMPDIR/log"
  end 0
}

@test "check after a crash, and after the next start, finds all well" {
  begin --dev --data-dir "$data"
  kill -KILL "$pid"
  wait "$pid" || true
  expect 0 nexusd check --data-dir "$data"
  expect 0 nexusd token rotate-signing --data-dir "$data"
  expect 0 nexusd check --data-dir "$data"
}

@test "check holds files, checkpoints and system token against what is on record, and says what it did not" {
  fill
  expect 0 nexusd check --data-dir "$data"
  says "ok   files: 1 on record" "$output"
  says "note audit: the rows before the heads were not compared" "$output"
  says "note files: their contents were not compared" "$output"
  says "ok   system token" "$output"
  mv "$data/root.token" "$BATS_TEST_TMPDIR/root"
  expect 0 nexusd check --data-dir "$data"
  says "note system token: root.token is not here" "$output"
  printf 'nxr_another\n' >"$data/root.token"
  chmod 600 "$data/root.token"
  expect 1 nexusd check --data-dir "$data"
  says "FAIL system token" "$output"
  mv "$BATS_TEST_TMPDIR/root" "$data/root.token"
  mv "$data/blobs" "$data/aside"
  expect 1 nexusd check --data-dir "$data"
  says "FAIL data directory: $data/blobs is not there" "$output"
  says "FAIL files: 1 of 1 on record" "$output"
  [ ! -e "$data/blobs" ]
  mv "$data/aside" "$data/blobs"
  python3 - "$data/nexus.db" <<'END'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("DELETE FROM audit_rows WHERE tenant_id = 't_dev' AND env = 'dev'")
base.execute("DELETE FROM audit_heads WHERE tenant_id = 't_dev' AND env = 'dev'")
base.commit()
END
  expect 1 nexusd check --data-dir "$data"
  says "t_dev/dev has 0 rows, and its newest checkpoint tells of" "$output"
}
