# For files whose tests start daemons of their own, on data directories of their own.

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
  : >"$BATS_TEST_TMPDIR/log" # an earlier daemon's lines tell nothing of this one
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

# fill: a daemon of --dev with a token, a checkpoint and a stored file, ended again; its id is left in $instance.
fill() {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  printf 'a file\n' >"$BATS_TEST_TMPDIR/a.txt"
  expect 0 nexusctl upload "$BATS_TEST_TMPDIR/a.txt"
  end 0
  # shellcheck disable=SC2034  # for the tests that source this
  instance=$(meta instance_id)
}

# meta KEY: what the database says of itself, read without writing.
meta() {
  python3 - "$data/nexus.db" "$1" <<'END'
import sqlite3, sys
base = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
print(base.execute("SELECT value FROM meta WHERE key = ?", (sys.argv[2],)).fetchone()[0])
END
}
