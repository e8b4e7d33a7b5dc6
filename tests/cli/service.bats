#!/usr/bin/env bats
# nexusd under a service manager: what it is told, the watchdog, and the sockets that it passes on.

bats_require_minimum_version 1.5.0
load helpers
load own_daemon

# manage NAME: a manager's socket; what it is told is left in the file $BATS_TEST_TMPDIR/NAME.
manage() {
  python3 "$repository/tests/cli/notify_socket.py" "$BATS_TEST_TMPDIR/$1.socket" "$BATS_TEST_TMPDIR/$1" 3>&- &
  managers+=("$!")
  comes [ -S "$BATS_TEST_TMPDIR/$1.socket" ]
}

teardown() {
  # A stopped process takes the KILL alone. bash tells of each that it waits for: that is no output of a test.
  for each in ${pid:-} ${others:-} "${managers[@]}"; do
    { kill -KILL "$each" && wait "$each"; } 2>/dev/null || true
  done
}

# comes COMMAND…: waits until it holds.
comes() {
  local tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo "did not come: $*" >&2 && return 1; }
    sleep 0.05
  done
}

# told NAME COUNT LINE: the manager was told that many lines that begin so.
told() { [ "$(grep -c "^$3" "$BATS_TEST_TMPDIR/$1")" -ge "$2" ]; }

# logged TEXT: the log of the daemon holds it.
logged() { grep -qF -- "$1" "$BATS_TEST_TMPDIR/log"; }

@test "the manager is told of the start, once requests are answered, of a reload and of the end" {
  manage heard
  NOTIFY_SOCKET=$BATS_TEST_TMPDIR/heard.socket begin --data-dir "$data"
  comes told heard 1 "livez 200"
  [ "$(sed -n 1p heard)" = "STATUS=opening the database" ]
  [ "$(sed -n 2p heard)" = "READY=1|STATUS=serving on ${address#http://}" ]
  kill -HUP "$pid"
  comes told heard 2 "livez 200"
  grep -qE '^RELOADING=1\|STATUS=[^|]+\|MONOTONIC_USEC=[0-9]+$' heard
  end 0
  comes told heard 1 "STOPPING=1|STATUS=stopping"
  [ "$(sed -E 's/[|].*//' heard | tr '\n' ' ')" = \
    "STATUS=opening the database READY=1 livez 200 RELOADING=1 READY=1 livez 200 STOPPING=1 " ]
}

@test "without a manager nothing is told; with one that has gone the daemon serves all the same" {
  begin --data-dir "$data"
  end 0
  NOTIFY_SOCKET=$BATS_TEST_TMPDIR/nobody begin --data-dir "$data"
  expect 0 nexusctl --server "$address" status
  end 0
}

# watched NAME ARGS…: a daemon whose manager watches it; its process is left in $pid.
watched() {
  local name=$1
  shift
  # shellcheck disable=SC2317,SC2329 # `begin` calls it
  nexusd() {
    exec env WATCHDOG_PID="$BASHPID" WATCHDOG_USEC=200000 NOTIFY_SOCKET="$socket" "$NEXUS_BIN_DIR/nexusd" "$@"
  }
  socket=$BATS_TEST_TMPDIR/$name.socket begin "$@"
  unset -f nexusd
}

@test "the watchdog hears of a daemon that lives, and nothing of one that was stopped" {
  manage living
  manage stopped
  watched stopped --dev --ephemeral
  others=$pid
  watched living --dev --ephemeral
  comes told stopped 2 WATCHDOG=1
  kill -STOP "$others"
  comes grep -q '^State:.T' "/proc/$others/status"
  before=$(grep -c WATCHDOG=1 stopped)
  more=$(($(grep -c WATCHDOG=1 living) + 8)) # two whole times of the watchdog
  comes told living "$more" WATCHDOG=1
  [ "$(grep -c WATCHDOG=1 stopped)" -le $((before + 1)) ] # one may have been on its way
  kill -CONT "$others"
  comes told stopped $((before + 3)) WATCHDOG=1
  end 0
}

@test "a manager that watches another process hears nothing of a watchdog" {
  manage heard
  NOTIFY_SOCKET=$BATS_TEST_TMPDIR/heard.socket WATCHDOG_PID=1 WATCHDOG_USEC=1000 begin --dev --ephemeral
  end 0
  comes told heard 1 STOPPING=1
  run ! grep WATCHDOG heard
}

# pass SOCKET… -- ARGS…: a daemon that gets these sockets, and no --port; what it listens on is left in $listening.
pass() {
  local sockets=()
  while [ "$1" != -- ]; do sockets+=("$1") && shift; done
  shift
  "$repository/tests/cli/pass_sockets.py" "${sockets[@]}" -- nexusd "$@" 2>log 3>&- &
  pid=$!
  comes logged " nexusd version="
  listening=$(sed -nE 's/.* nexusd version=.* listen="?([^ "]*).*/\1/p' log)
}

@test "passed sockets are served instead of the configured addresses; the one named metrics has the metrics" {
  pass api=tcp:127.0.0.1 other=tcp:127.0.0.3 metrics=tcp:127.0.0.2 -- --data-dir "$data" --listen 127.0.0.1:1
  logged "the addresses of listen are not opened"
  [[ $listening =~ ^127\.0\.0\.1:[0-9]+,127\.0\.0\.3:[0-9]+$ ]]
  for each in ${listening/,/ }; do curl -sf "http://$each/livez"; done
  comes logged " metrics listen="
  metrics=$(sed -n 's/.* metrics listen=\(127.0.0.2:[0-9]*\).*/\1/p' log)
  curl -sf "http://$metrics/metrics" | grep -q '^nexus_'
  end 0
}

@test "a passed socket is judged by its own address and kind, as --listen is" {
  refused() { # WHAT SOCKET ARGS…
    expect 2 "$repository/tests/cli/pass_sockets.py" "$2" -- nexusd --data-dir "$data" "${@:3}"
    says "(inherited socket 3, ${2%%=*}) $1" "$errors"
    [ "$(wc -l <<<"$errors")" -eq 1 ]
    [ ! -e "$data" ]
  }
  refused "is 0.0.0.0:" api=tcp:0.0.0.0
  says "put a TLS proxy before a loopback address, or say --insecure-listen" "$errors"
  refused "is 0.0.0.0:" metrics=tcp:0.0.0.0
  [[ $errors == "nexusd: metrics-listen "* ]]
  refused "is 0.0.0.0:" api=tcp:0.0.0.0 --dev
  says "but --dev stays on loopback" "$errors"
  refused "is a socket of the file system, and nexusd speaks TCP alone" "api=unix:$BATS_TEST_TMPDIR/api"
  refused "is no TCP socket" api=udp:127.0.0.1
  refused "is not listening" api=bound:127.0.0.1
  pass api=tcp:0.0.0.0 -- --data-dir "$data" --insecure-listen
  [[ $listening == 0.0.0.0:* ]]
  end 0
}

@test "systemd-socket-activate starts it at the first request, which is answered" {
  command -v systemd-socket-activate || skip "systemd is not on this machine"
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  systemd-socket-activate -l "127.0.0.1:$port" "$NEXUS_BIN_DIR/nexusd" --data-dir "$data" 2>log 3>&- &
  pid=$!
  comes logged "Listening on 127.0.0.1:$port"
  run ! logged "listen="
  expect 0 curl -sf "http://127.0.0.1:$port/livez"
  says alive "$output"
  logged "listen=127.0.0.1:$port"
  end 0
}
