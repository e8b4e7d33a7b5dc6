#!/usr/bin/env bats
# Streams read by clients that nobody here wrote: the npm packages `eventsource` and `ws`, in the versions that
# tests/clients/package-lock.json names. Where they cannot be installed, the tests say so and are skipped.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() {
  start_daemon
  export NEXUS_CLIENTS=$BATS_FILE_TMPDIR/clients
  mkdir "$NEXUS_CLIENTS"
  cp "$repository"/tests/clients/package*.json "$NEXUS_CLIENTS"
  if ! command -v npm >/dev/null; then
    export NO_CLIENTS='no npm here: install node.js 18 or newer with npm'
  elif ! (cd "$NEXUS_CLIENTS" && timeout 120 npm ci --no-audit --no-fund >"$BATS_FILE_TMPDIR/npm.log" 2>&1); then
    export NO_CLIENTS='npm ci could not install them: is the registry reached?'
  fi
}
teardown_file() { stop_daemon; }
setup() { [ -z "${NO_CLIENTS:-}" ] || skip "$NO_CLIENTS"; }

follow() { timeout 20 node "$repository/tests/clients/follow.cjs" "$@"; }

# What each client is to bring back as it was sent.
hostile=(
  'plain'
  $'two\nlines\n\n\ndata: {"text":"forged"}\n\nevent: close\n'
  $'carriage\rreturns\r\n\r\nid: 7\r\n'
  $'\u2028 \u2029 \ufeff : colon'
  '{"type":"user_message","data":{"text":"nested"}}'
)

@test "eventsource and ws bring back every message, byte for byte, whatever stands in it" {
  nexusctl chat thread create foreign
  for text in "${hostile[@]}"; do
    python3 -c 'import sys; sys.stdout.write(sys.argv[1])' "$text" | nexusctl chat send foreign -
  done
  python3 -c 'import json, sys; print(*(json.dumps(t.removesuffix("\n")) for t in sys.argv[1:]), sep="\n")' \
    "${hostile[@]}" >"$BATS_TEST_TMPDIR/sent"
  for client in eventsource ws; do
    expect 0 follow "$client" foreign "${#hostile[@]}"
    python3 -c 'import json, sys; print(*(json.dumps(json.loads(l)["text"]) for l in sys.stdin), sep="\n")' \
      <<<"$output" | diff "$BATS_TEST_TMPDIR/sent" -
  done
}

@test "a cursor of one transport goes on in the other" {
  nexusctl chat thread create both
  for text in one two three; do nexusctl chat send both "$text"; done
  expect 0 follow eventsource both 1
  expect 0 follow ws both 1 "$(json '["cursor"]' <<<"$output")"
  [ "$(json '["text"]' <<<"$output")" = two ]
  expect 0 follow eventsource both 1 "$(json '["cursor"]' <<<"$output")"
  [ "$(json '["text"]' <<<"$output")" = three ]
}

@test "what ws says is a message like any other, and who may not is refused before the first byte" {
  nexusctl chat thread create said
  SAY='from ws' expect 0 follow ws said 1
  [ "$(json '["text"]' <<<"$output")" = 'from ws' ]
  expect 0 nexusctl chat tail said --from earliest --count 1 -o jsonl
  says '"text":"from ws"' "$output"
  for client in eventsource ws; do
    NEXUS_TOKEN=garbage expect 1 follow "$client" said 1
    [ "$output" = '{"refused":401}' ]
    NEXUS_TENANT=t_unknown expect 1 follow "$client" said 1
    [ "$output" = '{"refused":400}' ]
    expect 1 follow "$client" nowhere 1
    [ "$output" = '{"refused":404}' ]
  done
}
