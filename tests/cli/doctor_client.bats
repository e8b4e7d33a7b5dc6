# nexusctl doctor: what the daemon finds in itself, and what only a client sees: clocks, and a proxy in front.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
  start_daemon
  nexusctl chat thread create doctor_room
}
teardown_file() { stop_daemon; }

# doctor ARGS…: with the system token.
doctor() { as_system nexusctl doctor "$@"; }

# through HABIT: a proxy with that habit; its address is left in $front.
through() {
  coproc FRONT { exec python3 "$BATS_TEST_DIRNAME/bent_proxy.py" "$NEXUS_ADDR" "$1" 3>&-; }
  read -r front <&"${FRONT[0]}"
}

# finds ID: that fault, and what mends it below.
finds() {
  if ! grep -A 1 -E "^(warning|error) +$1: " <<<"$output" | grep -qE '^ {8}[^ ]'; then
    printf '%s\n' "$output" >&2
    return 1
  fi
}

@test "doctor finds nothing in a sound daemon, and one that wants the system token" {
  expect 0 doctor
  says "ok      clock.client" "$output"
  says "ok      database.replaced" "$output"
  [[ $output != *warning* ]]
  expect 0 doctor -o json
  [ "$(json '["ok"]' <<<"$output")" = True ]
  expect 0 doctor --field ok
  expect 5 nexusctl doctor
}

@test "doctor tells what the daemon finds" {
  local data=${NEXUS_ROOT_TOKEN_FILE%/*}
  chmod 750 "$data/blobs"
  expect 1 doctor
  finds directory.mode
  says "chmod 700 $data/blobs" "$output"
  chmod 700 "$data/blobs"
}

@test "doctor: clocks that differ by ten minutes" {
  through ahead
  expect 1 doctor --server "$front"
  finds clock.client
  says "s behind the daemon's" "$output"
}

@test "doctor: a clock that is ten minutes ahead" {
  through behind
  expect 1 doctor --server "$front"
  finds clock.client
  says "s ahead of the daemon's" "$output"
}

@test "doctor --through: a proxy that does nothing wrong" {
  through plain
  expect 0 doctor --through "$front"
  for id in proxy.instance proxy.host proxy.body proxy.websocket proxy.events; do
    says "ok      $id: " "$output"
  done
  as_system nexusctl token list --all -o json | python3 -c '
import json, sys
made = [token for token in json.load(sys.stdin)["items"] if token["name"] == "doctor"]
assert made and all(token["revoked_at"] and token["role"] == "viewer" for token in made), made'
}

@test "doctor --through: a proxy that limits bodies" {
  through small
  expect 1 doctor --through "$front"
  finds proxy.body
  says "status 413" "$output"
  says "ok      proxy.websocket" "$output"
}

@test "doctor --through: a proxy without upgrade" {
  through no-upgrade
  expect 1 doctor --through "$front"
  finds proxy.websocket
  says "ok      proxy.events" "$output"
}

@test "doctor --through: a proxy that buffers" {
  through buffers
  expect 1 doctor --through "$front"
  finds proxy.events
  says "ok      proxy.body" "$output"
}

@test "doctor --through: a proxy that hides the Host" {
  through host
  expect 1 doctor --through "$front"
  finds proxy.host
}

@test "doctor --through: another daemon behind it gets no token" {
  nexusd --dev --ephemeral --port 0 --print-env >"$BATS_TEST_TMPDIR/env" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
  local other=$!
  until grep -q NEXUS_ROOT_TOKEN_FILE "$BATS_TEST_TMPDIR/env"; do kill -0 "$other" && sleep 0.05; done
  expect 1 doctor --through "$(sed -n "s/^export NEXUS_ADDR='\?\([^']*\)'\?/\1/p" "$BATS_TEST_TMPDIR/env")"
  kill "$other"
  wait "$other"
  finds proxy.instance
  [[ $output != *proxy.body* ]]
  expect 2 doctor --through nowhere
  expect 1 doctor --through http://127.0.0.1:1
  finds proxy.reach
}

@test "doctor --through says what it could not try" {
  through plain
  expect 0 env -u NEXUS_TENANT -u NEXUS_ENV NEXUS_TOKEN= NEXUS_TOKEN_FILE="$NEXUS_ROOT_TOKEN_FILE" \
    nexusctl doctor --through "$front"
  says "note    proxy.websocket: not tried: no tenant and env are given" "$output"
}
