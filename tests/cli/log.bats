#!/usr/bin/env bats
# nexusctl log: what is on record about a request, by its id.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

# search_as ID, card_as ID: a read and a change under a request id of one's own.
search_as() {
  curl -sS -o /dev/null -H "Authorization: Bearer $NEXUS_TOKEN" -H "X-Tenant-Id: $NEXUS_TENANT" -H "X-Env: $NEXUS_ENV" \
    -H "X-Request-Id: $1" -H 'Content-Type: application/json' -d '{"query_text":"tea"}' "$NEXUS_ADDR/nexus/search"
}

card_as() {
  printf 'card_type: note\n---\ntea\n' |
    curl -sS -o /dev/null -H "Authorization: Bearer $NEXUS_TOKEN" -H "X-Tenant-Id: $NEXUS_TENANT" \
      -H "X-Env: $NEXUS_ENV" -H "X-Request-Id: $1" -H 'Content-Type: text/plain' --data-binary @- \
      "$NEXUS_ADDR/nexus/cards"
}

@test "a request is explained by its id: its audit row and its events" {
  card_as card-once
  expect 0 nexusctl log explain card-once -o json
  [ "$(json '["request_id"]' <<<"$output")" = card-once ]
  [ "$(json '["requests"]' <<<"$output")" = 1 ]
  [ "$(json '["audit_rows"][0]["body"]["action"]' <<<"$output")" = card_create ]
  [ "$(json '["audit_rows"][0]["body"]["request_id"]' <<<"$output")" = card-once ]
  [ "$(json '["events"][0]["event_type"]' <<<"$output")" = card_created ]
  [ "$(json '["events"][0]["request_id"]' <<<"$output")" = card-once ]
  [ -z "$errors" ]
  expect 0 nexusctl log explain card-once -o table
  says card_create "$output"
  says card_created "$output"
}

@test "an id that several requests carry is told" {
  card_as card-twice
  card_as card-other
  card_as card-twice
  expect 0 nexusctl log explain card-twice -o json
  [ "$(json '["requests"]' <<<"$output")" = 2 ]
  [ "$(python3 -c 'import json, sys; print(len(json.load(sys.stdin)["audit_rows"]))' <<<"$output")" = 2 ]
  says '2 requests carry this id' "$errors"
  expect 0 nexusctl -q log explain card-twice -o json
  says '2 requests carry this id' "$errors"
}

@test "a read that left an event and no row is found by it" {
  search_as search-once
  for _ in $(seq 100); do
    nexusctl log explain search-once -o json >found.json 2>/dev/null && break
    sleep 0.05
  done
  [ "$(json '["audit_rows"]' <found.json)" = '[]' ]
  [ "$(json '["requests"]' <found.json)" = 1 ]
  [ "$(json '["events"][0]["request_id"]' <found.json)" = search-once ]
}

@test "an id that nothing carries is exit 6" {
  expect 6 nexusctl log explain nothing-carries-it
  says 't_dev dev' "$errors"
  says 'last 24 hours' "$errors"
  card_as card-now
  expect 6 nexusctl log explain card-now --until 5h
  expect 0 nexusctl log explain card-now --since 5h
  expect 2 nexusctl log explain
}

@test "events are listed by request id" {
  card_as card-listed
  expect 0 nexusctl event list --request-id card-listed --field items.0.event_type
  [ "$output" = card_created ]
  expect 0 nexusctl event list --request-id nothing-carries-it -o name
  [ -z "$output" ]
}

@test "an error names the id that the log of nexusd has" {
  expect 6 nexusctl asset show 019f0000-0000-7000-8000-000000000000 -o json
  id=$(json '["request_id"]' <<<"$errors")
  grep -q "status=404 code=raw.not_found .*request_id=$id " "$BATS_FILE_TMPDIR/nexusd.log"
}

# With a pipe of 64 KiB, as Linux makes it, the first few hundred lines fill it.
@test "a log that nobody reads holds nobody up, and tells afterwards how much was lost" {
  mkfifo pipe
  exec 7<>pipe
  nexusd --dev --ephemeral --port 0 --print-env --log-level debug >env.sh 2>&7 7>&- 3>&- &
  deaf=$!
  for _ in $(seq 200); do grep -q NEXUS_ROOT_TOKEN_FILE env.sh && break || sleep 0.05; done
  # shellcheck disable=SC1091 # the daemon writes it
  address=$(. ./env.sh && echo "$NEXUS_ADDR")
  curl -sf --max-time 60 -o /dev/null "$address/livez?n=[1-1500]"
  cat <&7 >told 7>&- 3>&- &
  reader=$!
  for _ in $(seq 200); do
    curl -sf --max-time 10 -o /dev/null "$address/livez"
    grep -q 'lines of the log were lost' told && break || sleep 0.05
  done
  kill "$reader" "$deaf"
  wait "$deaf"
  exec 7>&-
  lost=$(sed -n 's/.*lines of the log were lost.* count=//p' told)
  [ "$lost" -gt 100 ]
  [ "$(grep -c ' route=/livez ' told)" -gt 100 ]
}
