#!/usr/bin/env bats
# What an operator asks first, by nexusctl against a real daemon: init, routes, kill actions, top.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

# A machine of its own for each test of init: no contexts, no settings but the daemon's address.
fresh() {
  export NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  unset NEXUS_TOKEN NEXUS_TENANT NEXUS_ENV
}

init() { nexusctl init "$@" --token-file "$NEXUS_ROOT_TOKEN_FILE"; }

@test "init makes all of it, and the context works" {
  fresh
  expect 0 init t_new u_new --env dev --name 'New Ltd' --display-name New -o json
  [ "$(json '["made"]' <<<"$output")" = "['tenant', 'user', 'member', 'context', 'token']" ]
  [ "$(json '["found"]' <<<"$output")" = "[]" ]
  [ "$(json '["context"]' <<<"$output")" = new ]
  [[ $output != *eyJ* ]]
  next=$(json '["next"]' <<<"$output")
  expect 0 bash -c "$next --field who"
  [ "$output" = u_new ]
  expect 0 nexusctl --context new whoami --field memberships.0.role
  [ "$output" = owner ]
  expect 0 nexusctl tenant show t_new --field name --token-file "$NEXUS_ROOT_TOKEN_FILE"
  [ "$output" = 'New Ltd' ]
  [ "$(stat -c %a "$NEXUS_CONFIG_DIR/tokens.toml")" = 600 ]
}

@test "a second init changes nothing, and a run that broke off is finished" {
  fresh
  expect 0 init t_again u_again --env dev
  token=$(nexusctl --context again whoami --field token.token_id)
  expect 0 init t_again u_again --env dev -o json
  [ "$(json '["made"]' <<<"$output")" = "[]" ]
  [ "$(json '["token_id"]' <<<"$output")" = "$token" ]
  # Wherever it broke off: what is missing is made, and nothing else.
  rm "$NEXUS_CONFIG_DIR/tokens.toml"
  expect 0 init t_again u_again --env dev -o json
  [ "$(json '["made"]' <<<"$output")" = "['token']" ]
  rm -r "$NEXUS_CONFIG_DIR"
  expect 0 init t_again u_second --env dev -o json
  [ "$(json '["made"]' <<<"$output")" = "['user', 'member', 'context', 'token']" ]
  expect 0 nexusctl --context again token revoke "$(nexusctl --context again whoami --field token.token_id)"
  expect 0 init t_again u_second --env dev -o json
  [ "$(json '["made"]' <<<"$output")" = "['token']" ]
  expect 0 nexusctl --context again status
}

@test "init says what it wants, before it makes anything" {
  fresh
  expect 2 init t_none u_none
  says "for which env?" "$errors"
  expect 2 init t_none u_none --env live
  expect 4 nexusctl init t_none u_none --env dev
  says "root.token" "$errors"
  expect 2 init t_none u_none --env dev --force
  says "--force has no effect" "$errors"
  printf 'mine\n' >taken
  expect 2 init t_none u_none --env dev --out taken
  expect 6 nexusctl tenant show t_none --token-file "$NEXUS_ROOT_TOKEN_FILE"
  expect 0 init t_wants u_wants --env dev --out own.token
  expect 5 nexusctl init t_none u_none --env dev --token-file own.token --as none
  says "is not the system token" "$errors"
  expect 6 nexusctl tenant show t_none --token-file "$NEXUS_ROOT_TOKEN_FILE"
}

@test "init leaves what is there and differs, and says so" {
  fresh
  expect 0 init t_kept u_kept --env dev
  expect 7 init t_kept u_kept --env dev --role viewer
  says "u_kept is owner of t_kept already" "$errors"
  expect 7 init t_kept u_kept --env prod
  says "there is a context kept" "$errors"
  expect 0 init t_kept u_kept --env prod --as kept-prod
  expect 0 nexusctl context show kept --field env
  [ "$output" = dev ]
  nexusctl tenant suspend t_kept --token-file "$NEXUS_ROOT_TOKEN_FILE"
  expect 7 init t_kept u_kept --env dev
  says "is suspended" "$errors"
  says "try: nexusctl tenant enable t_kept" "$errors"
}

@test "init writes the token where it is asked to, once" {
  fresh
  expect 0 init t_file u_file --env dev --out file.token
  [ "$(stat -c %a file.token)" = 600 ]
  [[ $output != *eyJ* ]]
  expect 0 nexusctl whoami --field user.user_id --token-file file.token
  [ "$output" = u_file ]
  expect 0 init t_file u_file --env dev --out file.token # it holds the token already
  expect 0 init t_file u_file --env dev --out -
  [ "$output" = "$(cat file.token)" ]
  expect 2 init t_file u_file --env dev --out - -o json
  says "--output has no effect" "$errors"
}

@test "init renews its own token file: a token that is no good any more, and a mode that is too open" {
  fresh
  expect 0 init t_renew u_renew --env dev --out renew.token
  chmod 644 renew.token
  expect 0 init t_renew u_renew --env dev --out renew.token -o json
  [ "$(json '["made"]' <<<"$output")" = "[]" ]
  [ "$(stat -c %a renew.token)" = 600 ]
  expect 0 nexusctl --context renew token revoke "$(nexusctl --context renew whoami --field token.token_id)"
  chmod 644 renew.token
  expect 0 init t_renew u_renew --env dev --out renew.token -o json
  [ "$(json '["made"]' <<<"$output")" = "['token']" ]
  [ "$(stat -c %a renew.token)" = 600 ]
  expect 0 nexusctl whoami --field token.token_id --token-file renew.token
  [ "$output" = "$(nexusctl --context renew whoami --field token.token_id)" ]
}

@test "init leaves another user's token in a context, makes nothing, and says how to go on" {
  fresh
  expect 0 init t_two u_first --env dev
  expect 7 init t_two u_other --env dev --role member
  says "the context two keeps a token of u_first" "$errors"
  line=$(sed -n 's/^try: //p' <<<"$errors")
  says "--role member --as NAME" "$line"
  [ "$(nexusctl --context two whoami --field user.user_id)" = u_first ]
  expect 6 nexusctl user show u_other --token-file "$NEXUS_ROOT_TOKEN_FILE"
  expect 0 bash -c "${line/NAME/two-other}"
  [ "$(nexusctl --context two whoami --field user.user_id)" = u_first ]
  [ "$(nexusctl --context two-other whoami --field user.user_id)" = u_other ]
  [ "$(nexusctl --context two-other whoami --field memberships.0.role)" = member ]
}

@test "init takes no token for found that is narrower than what is asked for" {
  fresh
  expect 0 init t_wide u_wide --env dev
  expect 0 init t_side u_wide --env dev
  # keep OPTION…: the context keeps a new token, narrowed so.
  keep() {
    nexusctl token create --user u_wide --field token "$@" --token-file "$NEXUS_ROOT_TOKEN_FILE" >narrow.token
    nexusctl --context wide login <narrow.token >login.txt
    token=$(nexusctl --context wide whoami --field token.token_id)
  }
  # narrow WHY OPTION…
  narrow() {
    keep "${@:2}"
    expect 7 init t_wide u_wide --env dev
    says "the token $token that the context wide keeps $1" "$errors"
    says "--role owner --as NAME" "$(sed -n 's/^try: //p' <<<"$errors")"
    [ "$(nexusctl --context wide whoami --field token.token_id)" = "$token" ]
  }
  narrow "does not reach env dev" --only-env staging
  narrow "does not reach the tenant t_wide" --only-tenant t_side
  narrow "has at most the role viewer" --role viewer
  keep --only-env dev --only-tenant t_wide --role owner
  expect 0 init t_wide u_wide --env dev -o json
  [ "$(json '["token_id"]' <<<"$output")" = "$token" ]
}

@test "init says which options changed nothing" {
  fresh
  expect 0 init t_noted u_noted --env dev --name 'Noted Ltd' --ttl 2h
  [[ $errors != *"changes nothing"* ]]
  expect 0 init t_noted u_noted --env dev --name 'Other Ltd' --email n@example.com --display-name Ned --ttl 1h
  says "--name changes nothing: the tenant t_noted is there already" "$errors"
  says "--email changes nothing: the user u_noted is there already" "$errors"
  says "--display-name changes nothing: the user u_noted is there already" "$errors"
  says "--ttl changes nothing: the token that the context noted keeps is good" "$errors"
  expect 0 init t_noted u_noted --env dev --name 'Noted Ltd' # it has that name
  [[ $errors != *"changes nothing"* ]]
}

@test "a reason on every line of a wrapper stops no read" {
  expect 0 nexusctl --reason deploy-42 kill show --field env
  [ "$output" = dev ]
  says "note: --reason is not kept" "$errors"
  expect 0 nexusctl -q --reason deploy-42 asset list
  [ -z "$errors" ]
}

@test "routes are the daemon's own" {
  expect 0 nexusctl routes -o json
  [ "$(json '["items"].__len__() > 100' <<<"$output")" = True ]
  expect 0 nexusctl routes --path /nexus/raw/register
  says $'POST\t/nexus/raw/register\tmember\traw_register\tkill_switch,firearms,strategy_lock,budget,kpi,' "$output"
  says $',temperature\t1048576\t6000\t60' "$output"
  expect 0 nexusctl routes --role member -o csv
  says "method,path,role,action,gates,limits.body_bytes," "$(head -n 1 <<<"$output")"
  [ "$(sed 1d <<<"$output" | cut -d, -f3 | sort -u)" = $'member\nopen\npresigned\ntoken\nviewer' ]
  expect 0 nexusctl routes --role open -o csv
  [ "$(sed 1d <<<"$output" | cut -d, -f3 | sort -u)" = open ]
  all=$(nexusctl routes -o name)
  expect 0 nexusctl routes --role system -o name
  [ "$output" = "$all" ]
  expect 0 nexusctl routes --role viewer --path /kill-switches
  [ -z "$output" ]
  expect 0 nexusctl routes --path /nowhere
  [ -z "$output" ]
  says "no route is like that" "$errors"
  expect 2 nexusctl routes --role boss
  says "--role wants" "$errors"
}

# state ACTION FIELD: of `kill actions`.
state() {
  nexusctl kill actions -o json 2>/dev/null |
    python3 -c 'import json, sys
print(next(i for i in json.load(sys.stdin)["items"] if i["action"] == sys.argv[1])[sys.argv[2]])' "$@"
}

@test "kill actions says what is blocked now, by whom, and until when" {
  expect 0 nexusctl kill actions -o json
  says '"level":"high"' "${output// /}"
  [ "$(state raw_register blocked)" = False ]
  expect 0 nexusctl kill block raw_register --for 1h
  [ "$(state raw_register blocked) $(state raw_register blocked_by)" = "True tenant" ]
  [ "$(state raw_register switch)" = raw_register ]
  [ "$(state raw_register expires_at)" != None ]
  [ "$(state card_create blocked)" = False ]
  expect 0 nexusctl kill block '*'
  [ "$(state card_create switch)" = '*' ]
  [ "$(state publish_sensitive switch)" = '*' ]
  [ "$(state card_read blocked)" = False ] # `*` stops no read
  expect 0 nexusctl kill allow '*'
  expect 0 nexusctl kill allow raw_register
  expect 0 as_system nexusctl kill everywhere block card_create
  [ "$(state card_create blocked_by)" = operator ]
  expect 5 bash -c 'printf "card_type: note\n---\nx\n" | nexusctl card create -'
  expect 0 as_system nexusctl kill everywhere allow card_create
  expect 0 nexusctl kill block tweet --outside
  [ "$(state tweet blocked)" = True ]
  expect 0 nexusctl kill allow tweet
  expect 0 nexusctl kill block gates_check # stops all acts outside
  [ "$(state publish_sensitive switch) $(state card_create blocked)" = "gates_check False" ]
  expect 5 nexusctl gate check publish_sensitive --surface mail
  expect 0 nexusctl kill allow gates_check
}

@test "kill actions lists what it can where the switches are not shown" {
  all=$(nexusctl kill actions -o name)
  expect 0 env -u NEXUS_TENANT nexusctl kill actions -o name
  says raw_register "$output"
  says gates_check "$output"
  [ -z "$(comm -13 <(sort <<<"$all") <(sort <<<"$output"))" ]
  expect 0 env -u NEXUS_TENANT nexusctl kill actions --field items.0.blocked
  [ "$output" = null ]
  says "no tenant and env are given" "$errors"
  expect 0 env -u NEXUS_TOKEN nexusctl kill actions -o name
  says raw_register "$output"
  says "there is no token" "$errors"
}

@test "top prints one sample, with the rights that /metrics asks for" {
  expect 0 nexusctl top --once --interval 200ms -o json
  [ "$(json '["address"]' <<<"$output")" = "$NEXUS_ADDR" ]
  [ "$(json '["memory"]["resident_bytes"] > 1000000' <<<"$output")" = True ]
  [ "$(json '["routes"][0]["route"]' <<<"$output")" = "GET /metrics" ]
  [ "$(json '["writer"]["queue"]' <<<"$output")" = 0 ]
  expect 0 nexusctl top --interval 100ms --field requests.5xx
  [ "$output" = 0.0 ]
  expect 2 nexusctl top --interval 1ms
  expect 2 nexusctl top --interval soon
  expect 3 nexusctl top --once --server http://127.0.0.1:1
}

@test "top on a terminal renews itself, and leaves the terminal as it was" {
  expect 130 python3 "$BATS_TEST_DIRNAME/top_screen.py" --interval 100ms
  case $output in
    $'\e[?1049h\e[?25l'*$'\e[?25h\e[?1049l') ;;
    *) false ;;
  esac
  expect 0 python3 "$BATS_TEST_DIRNAME/on_terminal.py" nexusctl top --once --interval 100ms
  [[ $output != *'[?1049'* ]]
  says units_per_second "$output"
}
