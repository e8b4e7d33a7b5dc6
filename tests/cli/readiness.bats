#!/usr/bin/env bats
# nexusctl readiness against a real daemon: what it prints, what it leaves, how it ends when it is broken off, and that
# each protection that a proxy takes away (weak_front.py) makes its item fail, and no other.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

setup() { front=''; }
teardown() { [ -z "$front" ] || kill "$front" 2>/dev/null || true; }

readiness() { nexusctl readiness --token-file "$NEXUS_ROOT_TOKEN_FILE" "$@"; }

# behind MODE ARGS…: from now on the address is that of a proxy which weakens the daemon so.
behind() {
  rm -f "$BATS_TEST_TMPDIR/front"
  python3 "$BATS_TEST_DIRNAME/weak_front.py" "$NEXUS_ADDR" "$@" >"$BATS_TEST_TMPDIR/front" \
    2>"$BATS_TEST_TMPDIR/front.log" 3>&- &
  front=$!
  until [ -s "$BATS_TEST_TMPDIR/front" ]; do
    kill -0 "$front" || return
    sleep 0.02
  done
  plain=$NEXUS_ADDR
  NEXUS_ADDR=$(cat "$BATS_TEST_TMPDIR/front")
}

# fails MODE ITEM…: with the daemon weakened so, exactly these items fail.
fails() {
  local mode=$1 plain failed
  shift
  behind "$mode"
  expect 1 readiness -o json -q
  kill "$front"
  NEXUS_ADDR=$plain
  failed=$(jq -r '[.items[] | select(.result == "FAIL") | .id] | join(" ")' <<<"$output")
  if [ "$failed" != "$*" ]; then
    printf '%s: failed: %s, wanted: %s\n%s\n' "$mode" "$failed" "$*" "$output" >&2
    return 1
  fi
}

# Nothing that gives power, or stops anything, is left.
struck() {
  expect 0 as_system nexusctl tenant show t_readiness --field status
  [ "$output" = disabled ]
  local user
  for user in u_readiness u_readiness_stranger; do
    expect 0 as_system nexusctl token list --user "$user" --all -o json
    jq -e '(.items | length) > 0 and all(.items[]; .revoked_at != null)' <<<"$output"
  done
  expect 0 as_system nexusctl kill show --tenant t_readiness --env dev --reason look -o json
  jq -e '.disabled_actions == []' <<<"$output"
}

@test "every item passes on a sound daemon, with the requests that it made" {
  expect 0 readiness
  [ "$(grep -c '^PASS ' <<<"$output")" = 14 ]
  [ "$(wc -l <<<"$output")" = 14 ]
  says "403 kill_switch_blocked in row" "$output"
  says "what stays: tenant t_readiness, disabled" "$errors"
  struck
  expect 0 readiness -o json
  jq -e '.items | length == 14 and all(.[]; .result == "PASS" and .requests > 0 and .evidence != "")' <<<"$output"
}

@test "it answers in TAP 14" {
  expect 0 readiness --tap
  [ "$(sed -n 1,2p <<<"$output")" = $'TAP version 14\n1..14' ]
  [ "$(grep -c '^ok [0-9]* - ' <<<"$output")" = 14 ]
  [ "$(grep -c '^  requests: [1-9]' <<<"$output")" = 14 ]
  behind temperature_is_open
  expect 1 readiness --tap
  says "not ok 12 - temperature: " "$output"
  says "  message: \"GET /temperature/config without token answered 200, not 401 auth.missing_token" "$output"
  says "1 of 14 items failed: temperature" "$errors"
}

@test "no token is printed, with --verbose either" {
  expect 0 readiness --verbose
  says "POST" "$errors"
  [[ $output$errors != *eyJ* ]]
  [[ $output$errors != *nxr_* ]]
}

@test "it wants the system token, and leaves alone what is not its own" {
  expect 5 nexusctl readiness
  says "is not the system token" "$errors"
  NEXUS_TOKEN='' expect 4 nexusctl readiness
  readiness -q >/dev/null
  as_system nexusctl tenant enable t_readiness --reason test
  curl -sSf -X PATCH -H "Authorization: Bearer $(cat "$NEXUS_ROOT_TOKEN_FILE")" -H 'X-Reason: test' \
    -H 'Content-Type: application/json' -d '{"name":"A customer"}' "$NEXUS_ADDR/tenants/t_readiness"
  expect 7 readiness
  expect 0 as_system nexusctl tenant show t_readiness --field status
  [ "$output" = active ]
  curl -sSf -X PATCH -H "Authorization: Bearer $(cat "$NEXUS_ROOT_TOKEN_FILE")" -H 'X-Reason: test' \
    -H 'Content-Type: application/json' -d '{"name":"nexusctl readiness"}' "$NEXUS_ADDR/tenants/t_readiness"
  expect 0 readiness -q
}

# broken_off SIGNAL STATUS: the walk gets that signal while a switch and a floor of its own are set.
broken_off() {
  behind "$1" "$BATS_TEST_TMPDIR/pid"
  local got=0
  # A background job of a shell without job control ignores SIGINT; env gives it back.
  env --default-signal=INT nexusctl readiness --token-file "$NEXUS_ROOT_TOKEN_FILE" \
    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  echo $! >"$BATS_TEST_TMPDIR/pid"
  wait $! || got=$?
  [ "$got" = "$2" ]
  NEXUS_ADDR=$plain
}

@test "broken off by ctrl-C it clears up, and so does a reader that has enough" {
  broken_off SIGINT 130
  [ "$(grep -c '^PASS ' "$BATS_TEST_TMPDIR/out")" = 10 ]
  says "broken off" "$(cat "$BATS_TEST_TMPDIR/err")"
  struck
  readiness -q 2>/dev/null | head -n 1 | grep -q '^PASS rails'
  struck
}

@test "what a killed run left is cleared up by the next one" {
  broken_off SIGKILL 137
  expect 0 as_system nexusctl kill show --tenant t_readiness --env dev --reason look -o json
  jq -e '.disabled_actions == ["maybes_create"]' <<<"$output"
  expect 0 readiness
  says "an earlier run was killed" "$errors"
  struck
}

@test "a daemon that is gone ends it with 3" {
  expect 3 readiness --server http://127.0.0.1:1 --timeout 1s
}

@test "through a proxy that changes nothing every item passes" {
  behind none
  expect 0 readiness
  [ "$(grep -c '^PASS ' <<<"$output")" = 14 ]
}

@test "rails that let strangers in fail" {
  fails sse_takes_no_token rails
  fails sse_takes_strangers rails
  fails ws_takes_no_token rails
  fails forged_ticket rails
}

@test "routes that let in without token, of another tenant or in another env fail" {
  fails route_takes_no_token no_token
  fails mutation_takes_no_token no_token
  fails route_takes_strangers wrong_tenant
  fails env_is_taken_for_dev wrong_env
  fails env_has_a_default wrong_env
}

@test "keys that stand elsewhere fail, and so do those that a client names" {
  fails presign_key_lacks_prefix raw_keys
  fails register_key_moves raw_keys
  fails named_key_is_passed_over raw_keys
  fails form_takes_any_key raw_keys
  fails media_key_lacks_prefix media_keys
  fails canvas_key_lacks_prefix media_keys
  fails artifact_of_others media_keys
}

@test "a production env that stores on the machine itself fails" {
  fails prod_presigns_locally prod_storage
  fails prod_keeps_media_locally prod_storage
  fails prod_keeps_canvases_locally prod_storage
}

@test "an audit log that loses or changes anything fails" {
  fails no_receipt audit_wired
  fails another_actor audit_wired
  fails no_trace audit_traced
  fails no_request_id audit_traced
  fails changed_row audit_verifies
  fails cut_export audit_verifies
  fails lost_row audit_verifies
}

@test "gates that do not stop, or in another order, fail" {
  fails switch_does_nothing gates
  fails floor_does_nothing gates
  fails gates_in_disorder gates
  fails refusal_without_row gates
}

@test "temperature and chat that are open fail" {
  fails temperature_is_open temperature
  fails viewer_sets_temperature temperature
  fails chat_is_open chat
  fails chat_takes_strangers chat
}

@test "t_unknown that is a tenant somewhere fails" {
  fails t_unknown_is_a_tenant t_unknown
  fails t_unknown_in_paths t_unknown
}

@test "a route table that names nothing proves nothing, and one that calls all open is not believed" {
  fails table_names_nothing rails no_token wrong_tenant wrong_env temperature chat t_unknown
  behind table_calls_all_open
  expect 0 readiness -o json -q
  jq -e '.items[] | select(.id == "no_token") | .requests > 90' <<<"$output"
}
