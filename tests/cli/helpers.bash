# For every file of tests/cli: a daemon of its own, in memory of the test run only, and short words for what is checked.
# NEXUS_BIN_DIR names the directory with nexusd and nexusctl (build/release/bin unless set).

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
NEXUS_BIN_DIR=${NEXUS_BIN_DIR:-$repository/build/release/bin}
PATH=$NEXUS_BIN_DIR:$PATH

# What a test writes without a path goes with the test: nothing is left where somebody began the tests. bats reads the
# file, and so this, again for each test.
[ -z "${BATS_TEST_TMPDIR:-}" ] || cd "$BATS_TEST_TMPDIR" || exit 1

# Starts nexusd and takes over the lines `export NEXUS_…` that it prints once it listens.
start_daemon() {
  # No setting of the person who runs the tests may reach them.
  unset NEXUS_ADDR NEXUS_TOKEN NEXUS_TOKEN_FILE NEXUS_TENANT NEXUS_ENV NEXUS_CONTEXT NEXUS_FORMAT NEXUS_RUN_ID \
    NEXUS_CACERT
  export NEXUS_CONFIG_DIR=$BATS_FILE_TMPDIR/config NO_COLOR=1 LC_ALL=C.UTF-8
  local lines=$BATS_FILE_TMPDIR/env
  # 3>&-: bats waits for whoever holds its descriptor 3.
  "$NEXUS_BIN_DIR/nexusd" --dev --ephemeral --port 0 --print-env >"$lines" 2>"$BATS_FILE_TMPDIR/nexusd.log" 3>&- &
  echo $! >"$BATS_FILE_TMPDIR/pid"
  local tries=0
  until grep -q NEXUS_TOKEN= "$lines"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ]; then
      cat "$BATS_FILE_TMPDIR/nexusd.log" >&2
      return 1
    fi
    sleep 0.05
  done
  # shellcheck disable=SC1090
  . "$lines"
}

stop_daemon() {
  [ -s "$BATS_FILE_TMPDIR/pid" ] || return 0
  local pid
  pid=$(cat "$BATS_FILE_TMPDIR/pid")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
}

# expect CODE COMMAND…: runs it; status must be CODE; stdout and stderr are left in $output and $errors.
expect() {
  local want=$1
  shift
  local got=0
  output=$("$@" 2>"$BATS_TEST_TMPDIR/errors") || got=$?
  errors=$(cat "$BATS_TEST_TMPDIR/errors")
  if [ "$got" -ne "$want" ]; then
    printf 'exit %s, wanted %s: %s\nstdout: %s\nstderr: %s\n' "$got" "$want" "$*" "$output" "$errors" >&2
    return 1
  fi
}

# says TEXT IN: IN holds TEXT.
says() {
  case $2 in
    *"$1"*) ;;
    *)
      printf 'missing: %s\nin: %s\n' "$1" "$2" >&2
      return 1
      ;;
  esac
}

# The system's own identity, for the commands that only it may use.
as_system() { NEXUS_TOKEN='' NEXUS_TOKEN_FILE=$NEXUS_ROOT_TOKEN_FILE "$@"; }

json() { python3 -c 'import json, sys; print(eval("json.load(sys.stdin)" + sys.argv[1]))' "$1"; }
