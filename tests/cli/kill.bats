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
  [ -z "$errors" ]
  [ "$(nexusctl kill show --field disable_providers)" = "[]" ]
  expect 0 nexusctl kill provider allow openai
  says "the provider openai was not blocked in t_dev, env dev: nothing to allow" "$errors"
  expect 0 nexusctl kill provider block openai
  expect 2 nexusctl kill provider allow openia # what was meant is still stopped
  says "no provider openia is known here, and nothing was blocked under this name; openai is blocked" "$errors"
  expect 0 nexusctl kill provider allow openai
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
  says "the action raw_presign is blocked already in t_dev, env dev" "$errors"
  expect 0 nexusctl kill allow raw_presign
}

@test "an end of its own, and all envs at once" {
  expect 0 nexusctl kill block raw_presign --all-envs --for 1h --reason 'a drill' -o json
  [ "$(json '["items"][2]["entries"][0]["reason"]' <<<"$output")" = "a drill" ]
  [ "$(json '["items"][2]["entries"][0]["expires_at"]' <<<"$output")" != None ]
  for env in dev staging prod; do [ "$(switches_of $env)" = '["raw_presign"]' ]; done
  # Lifting wants a strategy lock in staging and prod: all of it is refused.
  expect 5 nexusctl kill allow raw_presign --all-envs
  says "env staging refuses, and so nothing is changed in any env" "$errors"
  says "--surface control --allow kill_switch_update --env staging" "$errors"
  grep -qE '^audit row: [0-9]+ [0-9a-f]{64} in the chain of t_dev, env prod$' <<<"$errors"
  [ "$(switches_of dev)" = '["raw_presign"]' ]
  expect 2 nexusctl kill allow raw_presign --all-envs --env dev
  expect 0 nexusctl kill allow raw_presign
  expect 2 nexusctl kill block raw_presign --for soon
}

@test "a user is blocked in all envs unless --env names one" {
  expect 0 nexusctl kill user block u_ghost --outside --reason 'a lost laptop'
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
  says "in t_dev, env dev by the operator, who stops it for every tenant" "$errors"
  expect 1 as_system nexusctl kill everywhere allow raw_presign
  says "in t_system, all envs by the switch on '*'" "$errors"
  says "try: nexusctl kill everywhere allow '*'" "$errors"
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
  says "the action publish_sensitive was not blocked in t_dev, env dev" "$errors"
}

@test "a user whom nobody knows is not blocked in vain; --outside takes the id" {
  expect 2 nexusctl -q kill user block u_dve
  [ -z "$output" ]
  says "u_dve is no member of t_dev, and not invited (did you mean u_dev?); --outside" "$errors"
  says "try: nexusctl member list" "$errors"
  expect 2 as_system nexusctl kill everywhere user block u_dve
  says "the daemon knows no user u_dve (did you mean u_dev?); --outside" "$errors"
  [ "$(nexusctl kill show --field disabled_users)" = "[]" ]
  expect 0 nexusctl member set u_invited member
  expect 0 nexusctl kill user block u_invited
  expect 0 nexusctl kill user block u_later --outside
  says u_later "$(nexusctl kill show --field disabled_users)"
  # To lift what was never blocked under this name is no success either.
  expect 2 nexusctl kill user allow u_latr
  says "u_latr is no member of t_dev, and not invited, and nothing was blocked under this name; u_later is" "$errors"
  for user in u_later u_invited; do # lifting wants a strategy lock in staging and prod
    expect 0 nexusctl --env dev kill user allow $user
  done
  expect 0 nexusctl --env dev kill user allow u_dev
  says "the user u_dev was not blocked in t_dev, env dev" "$errors"
}

@test "a user is blocked although the daemon cannot tell who is a member" {
  coproc FRONT { exec python3 "$BATS_TEST_DIRNAME/front.py" proxy "$NEXUS_ADDR" /members 3>&-; }
  local front
  read -r front <&"${FRONT[0]}"
  expect 0 nexusctl --env dev kill user block u_dve --proxy "$front"
  says "whether the daemon knows the user u_dve was not checked" "$errors"
  expect 0 nexusctl --env dev kill user allow u_dve
}

# front PATH MANNER: a proxy whose requests of that path are spoilt; its address is left in $front.
front() {
  coproc FRONT { exec python3 "$BATS_TEST_DIRNAME/front.py" proxy "$NEXUS_ADDR" "$@" 3>&-; }
  read -r front <&"${FRONT[0]}"
}

# Were all the time spent on the question, none would be left for the switch.
@test "a user is blocked although the question who is a member is never answered" {
  front /members silent
  expect 0 nexusctl --env dev kill user block u_dve --proxy "$front" --timeout 20s
  says "whether the daemon knows the user u_dve was not checked" "$errors"
  says u_dve "$(nexusctl kill show --field disabled_users)"
  expect 0 nexusctl --env dev kill user allow u_dve
}

@test "an action is blocked although the question which are known is never answered" {
  front /openapi.json silent
  expect 0 nexusctl kill block raw_presing --proxy "$front" --timeout 20s
  says "whether the daemon knows the action raw_presing was not checked" "$errors"
  says raw_presing "$(switches_of dev)"
  expect 0 nexusctl kill allow raw_presing
}

@test "an action is blocked although the daemon is too busy to tell what is declared dangerous" {
  front /dangerous-actions busy
  expect 0 nexusctl kill block raw_presing --proxy "$front"
  says "whether the daemon knows the action raw_presing was not checked" "$errors"
  says raw_presing "$(switches_of dev)"
  expect 0 nexusctl kill allow raw_presing
}

@test "a busy daemon is asked once who is a member, and then the user is blocked" {
  front /members busy
  expect 0 nexusctl --env dev kill user block u_dve --proxy "$front"
  says "whether the daemon knows the user u_dve was not checked" "$errors"
  local first second
  read -r first <&"${FRONT[0]}"
  read -r second <&"${FRONT[0]}"
  says /members "$first"
  says /kill-switches "$second"
  expect 0 nexusctl --env dev kill user allow u_dve
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
