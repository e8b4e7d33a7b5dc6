#!/usr/bin/env bats
# Streams read by clients that nobody here wrote: the npm packages `eventsource` and `ws`, in the versions that
# tests/clients/package-lock.json names, and a page in headless Chromium. Where they cannot be installed, the tests say
# so and are skipped.

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
setup() {
  [ -z "${NO_CLIENTS:-}" ] || skip "$NO_CLIENTS"
  started=()
}
teardown() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
}

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

@test "a page of another origin, in a browser, follows by EventSource and WebSocket with tickets" {
  command -v chromium >/dev/null || skip 'no chromium here: apt-get install chromium'
  python3 "$repository/tests/clients/page_server.py" report >port 3>&- &
  started+=($!)
  until [ -s port ]; do sleep 0.05; done
  origin=http://127.0.0.1:$(cat port)
  nexusd --dev --ephemeral --port 0 --print-env --cors-origin "$origin" >lines 2>log 3>&- &
  started+=($!)
  until grep -q NEXUS_ROOT_TOKEN_FILE lines; do sleep 0.05; done
  # shellcheck source=/dev/null
  . ./lines
  nexusctl chat thread create page
  nexusctl chat send page one
  nexusctl chat send page two
  given=$(python3 -c 'import json, os, urllib.parse as u
e = os.environ
print(u.quote(json.dumps({"address": e["NEXUS_ADDR"], "token": e["NEXUS_TOKEN"], "tenant": e["NEXUS_TENANT"],
                          "env": e["NEXUS_ENV"], "thread": "page"})))')
  chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --remote-debugging-port=0 \
    "$origin/#$given" >browser.log 2>&1 3>&- &
  started+=($!)
  for _ in $(seq 600); do
    [ ! -s report ] || break
    sleep 0.05
  done
  # EventSource is closed after the first; WebSocket goes on from there, and hears what it said itself.
  [ "$(cat report)" = $'sse one\nws two\nws from a page' ]
}
