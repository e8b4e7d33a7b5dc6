# nexusd doctor: whatever is wrong with an installation is found by its id, and in a sound one nothing is.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

bats_require_minimum_version 1.5.0
load helpers
load own_daemon

# finds ID ARGS…: the doctor tells of that fault, and on the next line what mends it.
finds() {
  local id=$1
  shift
  expect 1 nexusd doctor --data-dir "$data" "$@"
  if ! grep -A 1 -E "^(warning|error) +$id: " <<<"$output" | grep -qE '^ {8}[^ ]'; then
    printf '%s\n' "$output" >&2
    return 1
  fi
}

# sound ARGS…: the doctor finds nothing.
sound() {
  expect 0 nexusd doctor --data-dir "$data" "$@"
  [[ $output != *warning* ]]
  [[ $output != *error* ]]
}

# change SQL: the database as somebody else would change it, while no daemon runs.
change() {
  python3 - "$data/nexus.db" "$1" <<'END'
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute(sys.argv[2])
base.commit()
base.close()
END
}

# leave_log: a daemon that is killed while its log holds the last rows.
leave_log() {
  begin --dev --data-dir "$data" --print-env
  local tries=0
  until [ -s "$data/nexus.db-wal" ] && [ "$tries" -gt 0 ]; do # the log is emptied when nothing is written for a while
    tries=$((tries + 1))
    [ "$tries" -le 50 ]
    kill -CONT "$pid"
    nexusctl --server "$address" --token-file "$data/root.token" tenant create "t_left_$tries" --name Left
    kill -STOP "$pid"
  done
  kill -KILL "$pid"
  wait "$pid" || true
  pid=''
  [ -s "$data/nexus.db-wal" ]
}

# record FIELDS: backup.json, each time so many days ago.
record() {
  python3 - "$data/backup.json" "$@" <<'END'
import datetime, json, os, sys
ago = lambda days: (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=float(days)))
fields = dict(pair.split("=", 1) for pair in sys.argv[2:])
record = {name: ago(value).strftime("%Y-%m-%dT%H:%M:%SZ") if name.endswith("_at") else value
          for name, value in fields.items()}
with open(os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
    json.dump(record, file)
END
}

# the_file: where the one stored file of fill is.
the_file() { find "$data/blobs/nexus/tenants" -type f ! -name '.meta.*'; }

digests() { (cd "$data" && find . -type f -exec sha256sum {} + | sort -k 2); }

@test "doctor finds nothing in a sound installation, and changes nothing" {
  fill
  local before
  before=$(digests)
  sound
  says "note    backup.none: no backup was ever verified here" "$output"
  says "nexusd backup create DIR --verify" "$output"
  sound --deep
  sound -o json
  [ "$(json '["ok"]' <<<"$output")" = True ]
  [ "$(digests)" = "$before" ]
  begin --data-dir "$data"
  sound
  says "in use by a running nexusd (pid $pid)" "$output"
  says "ok      database.replaced" "$output"
  end 0
  expect 2 nexusd doctor --data-dir "$data" -o yaml
  expect 1 nexusd doctor --data-dir "$BATS_TEST_TMPDIR"
  says "error   directory.empty" "$output"
}

@test "doctor: every finding has an id, a severity, what was found and what mends it" {
  fill
  chmod 644 "$data/root.token"
  expect 1 nexusd doctor --data-dir "$data" -o json
  python3 -c '
import json, re, sys
told = json.load(sys.stdin)
assert told["ok"] is False
for finding in told["findings"]:
    assert set(finding) == {"id", "severity", "found", "remedy"}, finding
    assert re.fullmatch("[a-z0-9_]+([.][a-z0-9_]+)+", finding["id"]), finding
    assert finding["severity"] in ("ok", "note", "warning", "error") and finding["found"], finding
    assert finding["remedy"] or finding["severity"] in ("ok", "note"), finding
faults = [finding for finding in told["findings"] if finding["severity"] in ("warning", "error")]
assert [fault["id"] for fault in faults] == ["directory.mode"], faults
assert faults[0]["remedy"].startswith("chmod 600 "), faults' <<<"$output"
}

@test "doctor: modes and owners" {
  fill
  for file in "$data" "$data/keys" "$data/keys/checkpoint.key" "$data/nexus.db"; do
    chmod go+r "$file"
    finds directory.mode
    says "others than its owner may open $file" "$output"
    chmod go-r "$file" "$data"/nexus.db* # SQLite gives an empty log the mode of its database
  done
  sound
  [ "$(id -u)" -eq 0 ] || skip "only root gives files away"
  chown 4711 "$data/keys/checkpoint.key"
  finds directory.owner
  says "checkpoint.key belongs to uid 4711" "$output"
  says "chown 0 $data/keys/checkpoint.key" "$output"
  chown -R 4711 "$data"
  finds directory.user
  says "sudo -u '#4711'" "$output"
}

@test "doctor: a log that was left behind, and one of another database" {
  leave_log
  cp -a "$data" "$data-whole"
  sound
  rm "$data/nexus.db-wal"
  rm -f "$data/nexus.db-shm"
  finds log.lost
  [ ! -e "$data/nexus.db-wal" ]
  rm -rf "$data"
  fill
  cp "$data-whole/nexus.db-wal" "$data/nexus.db-wal"
  finds log.foreign
  rm -f "$data"/nexus.db-*
  sound
  printf 'this is no log' >"$data/nexus.db-wal"
  chmod 600 "$data/nexus.db-wal"
  finds log.foreign
  says "is no log of SQLite" "$output"
}

@test "doctor: a database that was cut, and one that is none" {
  fill
  truncate -s "$(($(stat -c %s "$data/nexus.db") / 2))" "$data/nexus.db"
  finds 'database.(damaged|unreadable)'
  printf 'this is no database, and never was one' >"$data/nexus.db"
  finds database.unreadable
}

@test "doctor: keys that are missing, and one of another installation" {
  fill
  local signing
  signing=$(basename "$data"/keys/jwt-*.key)
  for pair in checkpoint.key=keys.checkpoint_missing "$signing=keys.signing_missing" \
    local-s3.key=keys.local_pair_missing; do
    mv "$data/keys/${pair%=*}" "$BATS_TEST_TMPDIR/kept"
    finds "${pair#*=}"
    says "nexusd key replace-lost --confirm $instance" "$output"
    mv "$BATS_TEST_TMPDIR/kept" "$data/keys/${pair%=*}"
  done
  cp "$data/keys/checkpoint.key" "$BATS_TEST_TMPDIR/first"
  expect 0 nexusd key rotate-checkpoint --data-dir "$data"
  sound
  cp "$BATS_TEST_TMPDIR/first" "$data/keys/checkpoint.key"
  finds keys.checkpoint_foreign
}

@test "doctor: stored files that are missing, changed, or named by no row" {
  fill
  local file
  file=$(the_file)
  cp -p "$file" "${file%/*}/old.txt"
  touch -d '3 hours ago' "${file%/*}/old.txt"
  finds objects.orphan
  touch "${file%/*}/old.txt" # may be an upload under way
  sound
  rm "${file%/*}/old.txt"
  touch -d '3 hours ago' "$file"
  sound
  cp -p "$file" "$BATS_TEST_TMPDIR/file"
  tr a b <"$BATS_TEST_TMPDIR/file" >"$file"
  finds objects.changed
  finds objects.changed --deep
  rm "$file"
  finds objects.missing
}

@test "doctor: a disk that is full, and one below the reserve" {
  fill
  export NEXUSD_AUDIT_RESERVE=1TiB
  finds disk.reserve
  unset NEXUSD_AUDIT_RESERVE
  sound
  unshare -m true 2>/dev/null || skip "a small disk is mounted by root alone"
  # shellcheck disable=SC2016 # the inner shell expands them
  expect 1 unshare -m bash -c 'mkdir "$1-small" && mount -t tmpfs -o size=64M,mode=700 none "$1-small" &&
    cp -a "$1"/. "$1-small" && rm -f "$1-small/reserve" &&
    { cat /dev/zero >"$1-small/blobs/filler" 2>/dev/null; true; } &&
    exec nexusd doctor --data-dir "$1-small"' small "$data"
  says "error   disk.full: the disk is full: 0 bytes are free" "$output"
}

@test "doctor: a log that does not shrink" {
  leave_log
  truncate -s 200M "$data/nexus.db-wal"
  finds log.size
  says "nexus.db-wal has 200 MiB" "$output"
}

@test "doctor: a clock that is behind what is on record" {
  fill
  change "UPDATE audit_heads SET at = at + 600 * 1000000"
  finds clock.database
  says "s in the future: this clock is behind" "$output"
}

@test "doctor: few descriptors, of a start and of a running daemon" {
  fill
  # shellcheck disable=SC2016 # the inner shell expands them
  expect 1 bash -c 'ulimit -n 1024; nexusd doctor --data-dir "$1"' few "$data"
  says "warning descriptors.limit: a nexusd started from here may open 1024 files" "$output"
  says "LimitNOFILE=" "$output"
  (
    ulimit -n 1024
    begin --data-dir "$data"
    printf '%s\n' "$pid" >"$BATS_TEST_TMPDIR/pid"
  )
  pid=$(<"$BATS_TEST_TMPDIR/pid")
  finds descriptors.limit
  says "nexusd (pid $pid) may open 1024 files" "$output"
}

# hold FILE…: a process for each, which holds its lock until the end of the test.
hold() {
  coproc HOLDERS {
    exec python3 -c '
import fcntl, os, sys
for file in sys.argv[1:]:
    ready, go = os.pipe()
    if os.fork() == 0:
        fcntl.flock(os.open(file, os.O_RDONLY), fcntl.LOCK_EX)
        os.write(go, b"x")
        sys.stdin.buffer.read()
        os._exit(0)
    os.read(ready, 1)
print("held", flush=True)
sys.stdin.buffer.read()' "$@" 3>&-
  }
  local word
  read -r word <&"${HOLDERS[0]}"
  [ "$word" = held ]
}

@test "doctor: a lock that two hold, or one that is no nexusd" {
  fill
  hold "$data"
  finds lock.holder
  says "python3 (pid" "$output"
  says "which does not have the database open" "$output"
}

@test "doctor: a second holder of the lock" {
  fill
  hold "$data" "$data/lock"
  finds lock.holder
  says "two may write one database" "$output"
}

@test "doctor: a database that was replaced under the daemon" {
  begin --data-dir "$data"
  kill -STOP "$pid" # it would see that itself, and end
  cp -p "$data/nexus.db" "$data/other"
  mv "$data/other" "$data/nexus.db"
  finds database.replaced
  kill -CONT "$pid"
  local got=0
  wait "$pid" || got=$?
  pid=''
  [ "$got" -eq 1 ]
}

@test "doctor: a backup that is old, and one that could not be verified" {
  fill
  record backup_id=b_new made_at=1 verified_at=1
  sound
  says "ok      backup.verified: backup b_new" "$output"
  record backup_id=b_old made_at=9 verified_at=8
  finds backup.stale
  record backup_id=b_bad made_at=1 verified_at=3 failed_at=1 failure="a blob is missing"
  finds backup.unverifiable
  says "a blob is missing" "$output"
  record backup_id=b_mended made_at=1 verified_at=1 failed_at=3 failure="a blob is missing"
  sound
  printf 'no record' >"$data/backup.json"
  finds backup.unreadable
}

@test "doctor: nobody took a checkpoint outside for 30 days" {
  fill
  sound
  change "UPDATE audit_rows SET at = at - 31 * 86400 * 1000000"
  finds audit.anchor
  says "nexusctl audit checkpoint" "$output"
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  nexusctl audit checkpoint >"$BATS_TEST_TMPDIR/checkpoint"
  end 0
  sound
}

@test "doctor: the score of the unit, as systemd-analyze tells it" {
  fill
  mkdir "$BATS_TEST_TMPDIR/bin"
  score() {
    local program=$BATS_TEST_TMPDIR/bin/systemd-analyze
    printf '#!/bin/sh\necho "→ Overall exposure level for nexusd.service: %s"\n' "$1" >"$program"
    chmod 755 "$program"
  }
  export PATH=$BATS_TEST_TMPDIR/bin:$PATH
  score "1.1 OK"
  sound
  says "ok      unit.score: nexusd.service scores 1.1" "$output"
  score "5.4 MEDIUM"
  finds unit.score
  printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/systemd-analyze"
  sound
  says "note    unit.score" "$output"
}

@test "doctor: an S3 server that does not answer" {
  fill
  printf 'id\n' >"$BATS_TEST_TMPDIR/id"
  printf 'secret\n' >"$BATS_TEST_TMPDIR/secret"
  chmod 600 "$BATS_TEST_TMPDIR/id" "$BATS_TEST_TMPDIR/secret"
  finds s3.upload --blobs s3 --s3-endpoint http://127.0.0.1:1 --s3-bucket nexus \
    --s3-access-key-file "$BATS_TEST_TMPDIR/id" --s3-secret-key-file "$BATS_TEST_TMPDIR/secret"
  finds objects.home --blobs s3 --s3-endpoint http://127.0.0.1:1 --s3-bucket nexus \
    --s3-access-key-file "$BATS_TEST_TMPDIR/id" --s3-secret-key-file "$BATS_TEST_TMPDIR/secret"
  chmod 644 "$BATS_TEST_TMPDIR/id"
  finds s3.configuration --blobs s3 --s3-endpoint http://127.0.0.1:1 --s3-bucket nexus \
    --s3-access-key-file "$BATS_TEST_TMPDIR/id" --s3-secret-key-file "$BATS_TEST_TMPDIR/secret"
}
