# nexusd's own command line: what it refuses to start with, what it leaves behind, and its commands beside serve.

bats_require_minimum_version 1.5.0
load helpers

setup() {
  unset "${!NEXUSD_@}"
  export XDG_DATA_HOME=$BATS_TEST_TMPDIR/xdg NO_COLOR=1
  data=$BATS_TEST_TMPDIR/data
  pid=''
}

teardown() {
  [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || true
}

# begin ARGS…: a daemon on a port of the system's choice; its address is left in $address, its process in $pid.
begin() {
  nexusd --port 0 "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
  pid=$!
  local tries=0
  until grep -q 'listen=' "$BATS_TEST_TMPDIR/log"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$pid" 2>/dev/null; then
      cat "$BATS_TEST_TMPDIR/log" >&2
      return 1
    fi
    sleep 0.05
  done
  address=http://$(sed -n 's/.* listen=\([^ ]*\).*/\1/p' "$BATS_TEST_TMPDIR/log")
  nexusctl --server "$address" wait
}

# end WANTED: sends SIGTERM; the daemon's status must be WANTED.
end() {
  local got=0
  kill -TERM "$pid"
  wait "$pid" || got=$?
  pid=''
  [ "$got" -eq "$1" ]
}

@test "the version" {
  expect 0 nexusd --version
  [[ $output =~ ^nexusd\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "every flag and command of --help is in nexusd(8), and every one there in --help" {
  expect 0 nexusd --help
  help=$(grep -oE '^  (-h,)?--[a-z0-9-]+' <<<"$output" | sed 's/.*--//' | sort)
  told=$(sed -nE 's/^\.It (Fl h , )?Fl Fl ([a-z0-9-]+).*/\2/p' "$repository/man/nexusd.8" | sort)
  [ "$help" = "$told" ]
  for command in serve migrate check "token rotate-root" "token rotate-signing"; do
    # shellcheck disable=SC2086
    expect 0 nexusd $command --help
    grep -qE "^\.It Cm ${command// / Cm }\$" "$repository/man/nexusd.8"
  done
}

@test "usage and configuration faults end with 2, name the option and what to do" {
  expect 2 nexusd --lisen 127.0.0.1:0
  says "try: nexusd --help" "$errors"
  expect 2 nexusd --data-dir "$data" --listen 7700
  says "must be an IP address and a port" "$errors"
  expect 2 nexusd --data-dir "$data" --listen 0.0.0.0:0
  says "--insecure-listen" "$errors"
  expect 2 env NEXUSD_LISTN=x nexusd --data-dir "$data"
  says "did you mean NEXUSD_LISTEN?" "$errors"
  expect 2 nexusd --ephemeral
  says "add --dev" "$errors"
  printf 'max_stream = 1\n' >"$BATS_TEST_TMPDIR/bad.toml"
  expect 2 nexusd --data-dir "$data" --config "$BATS_TEST_TMPDIR/bad.toml"
  says "bad.toml:1" "$errors"
  says "did you mean max_streams?" "$errors"
  [ ! -e "$data" ]
}

@test "an ephemeral daemon leaves nothing behind" {
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
  begin --dev --ephemeral --print-env
  [ -n "$(ls "$TMPDIR")" ]
  grep -q "^export NEXUS_ADDR='$address'\$" "$BATS_TEST_TMPDIR/out"
  end 0
  [ -z "$(ls "$TMPDIR")" ]
}

@test "directory 0700, files 0600, and looser modes stop the start" {
  begin --data-dir "$data"
  end 0
  [ "$(stat -c %a "$data")" = 700 ]
  [ -z "$(find "$data" -type f ! -perm 600)" ]
  [ -z "$(find "$data" -type d ! -perm 700)" ]
  chmod 640 "$data/root.token"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "root.token" "$errors"
  chmod 600 "$data/root.token"
  chmod 755 "$data"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "$data" "$errors"
}

@test "a second daemon on one directory stops with a clear line, and the first lives on" {
  begin --data-dir "$data"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "$data" "$errors"
  expect 1 nexusd token rotate-root --data-dir "$data"
  expect 0 nexusctl --server "$address" status
  end 0
}

@test "what was written is there after a restart; rotate-root ends the old system token" {
  begin --data-dir "$data"
  cp "$data/root.token" "$BATS_TEST_TMPDIR/old"
  expect 0 nexusctl --server "$address" --token-file "$data/root.token" tenant create t_kept --name Kept
  end 0
  expect 0 nexusd token rotate-root --data-dir "$data"
  [[ $output != *nxr_* ]]
  begin --data-dir "$data"
  expect 4 nexusctl --server "$address" --token-file "$BATS_TEST_TMPDIR/old" tenant show t_kept
  expect 0 nexusctl --server "$address" --token-file "$data/root.token" tenant show t_kept
  says Kept "$output"
  end 0
}

@test "check finds a sound installation sound, and a damaged one not" {
  begin --data-dir "$data"
  end 0
  before=$(sha256sum <"$data/nexus.db")
  expect 0 nexusd check --data-dir "$data"
  says "audit" "$output"
  [ "$(sha256sum <"$data/nexus.db")" = "$before" ]
  printf 'this is no database, and never was one' >"$data/nexus.db"
  expect 1 nexusd check --data-dir "$data"
  says FAIL "$output"
}

@test "flag over environment over file" {
  printf 'log_format = "json"\n' >"$BATS_TEST_TMPDIR/c.toml"
  export NEXUSD_CONFIG=$BATS_TEST_TMPDIR/c.toml
  nexusd --dev --ephemeral --port 0 2>"$BATS_TEST_TMPDIR/log" 3>&- &
  pid=$!
  for _ in $(seq 200); do [ -s "$BATS_TEST_TMPDIR/log" ] && break || sleep 0.05; done
  end 0
  head -n 1 "$BATS_TEST_TMPDIR/log" | jq -e .version
  export NEXUSD_LOG_FORMAT=text
  begin --dev --ephemeral
  end 0
  expect 2 nexusd --dev --ephemeral --port 0 --log-format xml
  says "--log-format" "$errors"
}

@test "objects on record are looked for nowhere else: another bucket stops the start, and check says it" {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  end 0
  begin --dev --data-dir "$data" --s3-bucket elsewhere # nothing is on record: it may still move
  end 0
  begin --dev --data-dir "$data" --s3-bucket nexus
  NEXUS_ADDR=$address nexusctl upload "$repository/LICENSE"
  end 0
  expect 2 nexusd --dev --data-dir "$data" --port 0 --s3-bucket elsewhere
  says "bucket nexus (blobs=local)" "$errors"
  says "bucket elsewhere (blobs=local)" "$errors"
  expect 1 nexusd check --data-dir "$data" --s3-bucket elsewhere
  says "FAIL objects: the objects on record lie in bucket nexus" "$output"
  expect 0 nexusd check --data-dir "$data"
  begin --dev --data-dir "$data"
  end 0
}
