#!/usr/bin/env bats
# Kill switches by nexusctl against a real daemon: what is said to have happened has happened, and nothing is guessed.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

switches_of() { nexusctl --env "$1" kill show --field disabled_actions; }

@test "a provider blocked in one spelling is allowed in another" {
  expect 0 nexusctl kill provider block OpenAI
  [ "$(nexusctl kill show --field disable_providers)" = '["openai"]' ]
  expect 0 nexusctl kill provider allow 'OPENAI '
  [[ $errors != *"it is so already"* ]]
  [ "$(nexusctl kill show --field disable_providers)" = "[]" ]
  expect 2 nexusctl kill provider block 'open ai'
  says "plain name" "$errors"
}

@test "a line to try acts where the refused one did" {
  export NEXUS_ENV=prod
  expect 0 nexusctl --env dev kill block raw_presign
  expect 5 nexusctl --env dev presign --filename a.bin
  line=$(sed -n 's/^try: //p' <<<"$errors")
  says "--env dev" "$line"
  expect 0 bash -c "$line"
  expect 0 nexusctl --env dev presign --filename a.bin
  nexusctl gate explain card_create --surface cards --env prod 2>/dev/null >"$BATS_TEST_TMPDIR/rows" || true
  grep -q "nexusctl lock create" "$BATS_TEST_TMPDIR/rows"
  [ "$(grep -c nexusctl "$BATS_TEST_TMPDIR/rows")" = "$(grep -c "nexusctl .*--env prod" "$BATS_TEST_TMPDIR/rows")" ]
}

@test "allowing one action under the star says that it is stopped still, and by what" {
  expect 0 nexusctl kill block '*'
  expect 1 nexusctl kill allow raw_presign
  says "raw_presign is still stopped in t_dev, env dev by the switch on '*'" "$errors"
  says "try: nexusctl kill allow '*'" "$errors"
  expect 5 nexusctl presign --filename a.bin
  expect 0 nexusctl kill allow '*'
  expect 0 nexusctl presign --filename a.bin
}

@test "every answer names tenant and env" {
  expect 0 nexusctl kill block raw_presign -o json
  [ "$(json '["tenant_id"]' <<<"$output") $(json '["env"]' <<<"$output")" = "t_dev dev" ]
  expect 0 nexusctl kill block raw_presign
  says $'t_dev\tdev\traw_presign' "$output"
  says "it is so already in t_dev, env dev" "$errors"
  expect 0 nexusctl kill allow raw_presign
}

@test "an end of its own, and all envs at once" {
  expect 0 nexusctl kill block raw_presign --all-envs --for 1h --reason 'a drill' -o json
  [ "$(json '["items"][2]["entries"][0]["reason"]' <<<"$output")" = "a drill" ]
  [ "$(json '["items"][2]["entries"][0]["expires_at"]' <<<"$output")" != None ]
  for env in dev staging prod; do [ "$(switches_of $env)" = '["raw_presign"]' ]; done
  # Lifting wants a strategy lock in staging and prod: all of it is refused.
  expect 5 nexusctl kill allow raw_presign --all-envs
  [ "$(switches_of dev)" = '["raw_presign"]' ]
  expect 2 nexusctl kill allow raw_presign --all-envs --env dev
  expect 0 nexusctl kill allow raw_presign
  expect 2 nexusctl kill block raw_presign --for soon
}

@test "a user is blocked in all envs unless --env names one" {
  expect 0 nexusctl kill user block u_ghost --reason 'a lost laptop'
  [ "$(wc -l <<<"$output")" -eq 3 ]
  for env in dev staging prod; do says u_ghost "$(nexusctl --env $env kill show --field disabled_users)"; done
  expect 0 nexusctl --env dev kill user allow u_ghost
  [ "$(nexusctl kill show --field disabled_users)" = "[]" ]
  says u_ghost "$(nexusctl --env prod kill show --field disabled_users)"
  expect 2 nexusctl kill user block alice
  expect 7 nexusctl kill user block u_dev
}

@test "the operator stops everything: t_system in one env, everywhere in all" {
  expect 5 nexusctl kill everywhere block '*'
  expect 0 as_system nexusctl kill everywhere block '*' --reason 'incident 42'
  says $'t_system\tprod\t*' "$output"
  expect 5 nexusctl presign --filename a.bin
  says "only the operator lifts it" "$errors"
  expect 0 nexusctl kill show
  says "by the operator: action *" "$errors"
  expect 1 nexusctl kill allow raw_presign
  says "by the operator" "$errors"
  expect 0 as_system nexusctl kill everywhere allow '*'
  expect 0 nexusctl presign --filename a.bin
  expect 0 as_system nexusctl --tenant t_system kill block raw_presign
  says "t_system hold for env dev of every tenant" "$errors"
  expect 5 nexusctl presign --filename a.bin
  expect 0 as_system nexusctl --tenant t_system kill allow raw_presign
}

@test "the actions are the daemon's, and only those that a switch stops" {
  expect 0 nexusctl kill actions -o name
  says raw_presign "$output"
  says gates_check "$output"
  [[ $output != *token_create* ]]
  expect 2 nexusctl kill block token_create
  says "no kill switch stops it" "$errors"
  expect 0 nexusctl kill actions --field items.0.routes
}

@test "a switch is set although the daemon cannot tell which actions it knows" {
  coproc FRONT { exec python3 "$BATS_TEST_DIRNAME/front.py" proxy "$NEXUS_ADDR" /openapi.json 3>&-; }
  local front
  read -r front <&"${FRONT[0]}"
  expect 0 nexusctl kill block raw_presing --proxy "$front"
  says "was not checked" "$errors"
  says raw_presing "$(switches_of dev)"
  expect 0 nexusctl kill allow raw_presing --proxy "$front"
  expect 0 nexusctl kill allow raw_presing --proxy "$front"
  [ "$(switches_of dev)" = "[]" ]
}

@test "a name that nothing asks by is refused, --quiet or not; --outside takes it" {
  expect 2 nexusctl -q kill block raw_presing
  [ -z "$output" ]
  says "the daemon does not know the action raw_presing (did you mean raw_presign?); --outside" "$errors"
  expect 2 nexusctl kill block no_such_thing_at_all --all-envs
  says "the daemon does not know the action no_such_thing_at_all; --outside" "$errors"
  expect 2 as_system nexusctl kill everywhere block raw_presing
  [ "$(switches_of dev)" = "[]" ]
  expect 0 nexusctl kill block ' raw_presign' # what is compared is the name
  expect 0 nexusctl kill allow raw_presign
  # Acts outside ask by names of their own. Those that are declared dangerous are known.
  expect 0 nexusctl kill block publish_sensitive
  expect 0 nexusctl kill block send_newsletter --outside
  says publish_sensitive "$(switches_of dev)"
  says send_newsletter "$(switches_of dev)"
  # To lift what was never blocked under this name is no success either.
  expect 2 nexusctl kill allow send_newsleter
  says "the daemon does not know the action send_newsleter, and nothing was blocked under this name" "$errors"
  expect 0 nexusctl kill allow send_newsletter
  expect 0 nexusctl kill allow publish_sensitive
  expect 0 nexusctl kill allow publish_sensitive
  says "it is so already" "$errors"
}

@test "a length of time stands beside no key: the repeat would say another end" {
  expect 2 nexusctl --idempotency-key k kill block raw_presign --all-envs --for 1h
  says "--for counts from now, and with --idempotency-key the same line sent again must say the same" "$errors"
}

@test "--print curl prints the whole of it, and does nothing" {
  expect 0 nexusctl --print curl kill block raw_presign --all-envs
  [ "$(wc -l <<<"$output")" -eq 1 ]
  [ "$(switches_of dev)" = "[]" ]
  bash -c "${output/curl/curl -sS -o /dev/null}"
  [ "$(switches_of dev)" = '["raw_presign"]' ]
  expect 0 nexusctl kill allow raw_presign
}
