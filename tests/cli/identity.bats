#!/usr/bin/env bats
# Tenants, users, members, tokens and logins by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "a tenant is made, shown, switched" {
  expect 0 as_system nexusctl tenant create t_acme --name "Acme Ltd"
  expect 7 as_system nexusctl tenant create t_acme
  expect 0 as_system nexusctl tenant show t_acme --field name
  [ "$output" = "Acme Ltd" ]
  for step in disable:disabled suspend:suspended enable:active; do
    expect 0 as_system nexusctl tenant "${step%:*}" t_acme --field status
    [ "$output" = "${step#*:}" ]
  done
  expect 0 as_system nexusctl tenant list --all -o name
  says t_acme "$output"
  expect 5 nexusctl tenant create t_other
}

@test "a user becomes a member, gets a token, acts, and is put out" {
  as_system nexusctl tenant create t_team >/dev/null
  expect 0 as_system nexusctl user create u_ann --email ann@example.com --display-name Ann
  expect 0 as_system nexusctl user show u_ann --field email
  [ "$output" = ann@example.com ]
  expect 0 as_system nexusctl member set u_ann member --tenant t_team
  expect 0 as_system nexusctl member list --tenant t_team
  says $'u_ann\tmember' "$output"
  secret=$BATS_TEST_TMPDIR/ann.token
  expect 0 as_system nexusctl token create --user u_ann --ttl 1h --out "$secret" -o json
  [ "$(stat -c %a "$secret")" = 600 ]
  case $output in *"$(cat "$secret")"*) false ;; esac
  token_id=$(json '["token_id"]' <<<"$output")
  # What holds a secret is not lost by a repeat.
  local kept
  kept=$(cat "$secret")
  expect 2 as_system nexusctl token create --user u_ann --ttl 1h --out "$secret"
  says "exists already" "$errors"
  [ "$(cat "$secret")" = "$kept" ]
  export NEXUS_TENANT=t_team
  expect 0 env -u NEXUS_TOKEN nexusctl --token-file "$secret" presign --filename a.bin
  expect 0 as_system nexusctl member set u_ann viewer
  expect 5 env -u NEXUS_TOKEN nexusctl --token-file "$secret" presign --filename a.bin
  expect 0 as_system nexusctl member remove u_ann
  expect 5 env -u NEXUS_TOKEN nexusctl --token-file "$secret" asset list
  expect 0 as_system nexusctl token revoke "$token_id"
  expect 4 env -u NEXUS_TOKEN nexusctl --token-file "$secret" whoami
}

@test "an owner invites; who is invited answers for himself" {
  as_system nexusctl user create u_guest >/dev/null
  as_system nexusctl token create --user u_guest --out "$BATS_TEST_TMPDIR/guest.token" >/dev/null
  as_guest() { env -u NEXUS_TOKEN NEXUS_TOKEN_FILE="$BATS_TEST_TMPDIR/guest.token" "$@"; }
  expect 0 nexusctl member set u_guest member --field status
  [ "$output" = invited ]
  says "u_guest is invited to t_dev" "$errors"
  expect 0 nexusctl member set u_nobody_here member --field status
  [ "$output" = invited ]
  expect 0 nexusctl member invitations -o name
  says u_nobody_here "$output"
  expect 0 nexusctl member list -o name
  case $output in *u_guest*) false ;; esac
  expect 5 as_guest nexusctl asset list
  expect 0 as_guest nexusctl whoami -o json
  [ "$(json '["invitations"][0]["role"]' <<<"$output")" = member ]
  expect 7 as_guest nexusctl member accept t_dev --role owner
  says "[invitation.changed]" "$errors"
  expect 0 as_guest nexusctl member accept t_dev -o table
  grep -qE '^status +active$' <<<"$output"
  grep -qE '^receipt.seq +[0-9]+$' <<<"$output"
  expect 0 as_guest nexusctl asset list
  expect 6 as_guest nexusctl member accept t_dev
  says "try: nexusctl whoami" "$errors"
  expect 6 as_guest nexusctl member decline t_dev
  expect 0 as_guest nexusctl asset list
  expect 0 as_guest nexusctl member leave t_dev --field receipt.seq
  [ "$output" -gt 0 ]
  expect 5 as_guest nexusctl asset list
  expect 0 nexusctl member set u_guest viewer
  expect 6 as_guest nexusctl member leave t_dev
  says "you are no member of t_dev" "$errors"
  expect 0 as_guest nexusctl member decline t_dev -o name
  [ "$output" = t_dev ]
  expect 0 nexusctl member remove u_nobody_here
  expect 0 nexusctl member invitations -o name
  [ -z "$output" ]
}

@test "login keeps the token for the context and for its server alone" {
  token=$NEXUS_TOKEN
  address=$NEXUS_ADDR
  unset NEXUS_TOKEN NEXUS_ADDR NEXUS_TENANT NEXUS_ENV
  expect 0 nexusctl context set here --server "$address" --tenant t_dev --env dev
  expect 4 nexusctl login --context here <<<"nonsense"
  expect 2 nexusctl login --context here </dev/null
  expect 0 nexusctl login --context here <<<"$token"
  [ "$(stat -c %a "$NEXUS_CONFIG_DIR/tokens.toml")" = 600 ]
  expect 0 nexusctl asset list
  expect 4 nexusctl asset list --server http://127.0.0.2:9
  says "belongs to another server" "$errors"
  chmod 644 "$NEXUS_CONFIG_DIR/tokens.toml"
  expect 2 nexusctl whoami
  says "chmod 600" "$errors"
}

@test "the token of a new user is printed once, raw, with --field" {
  as_system nexusctl user create u_bob >/dev/null
  token=$(as_system nexusctl token create --user u_bob --field token)
  NEXUS_TOKEN=$token expect 0 nexusctl whoami -o json
  expect 0 as_system nexusctl token list --all -o json
  case $output in *"$token"*) false ;; esac
}

@test "an owner lists and revokes the tokens that are for his tenant alone" {
  as_system nexusctl tenant create t_own >/dev/null
  for user in u_olga u_olaf; do as_system nexusctl user create "$user" >/dev/null; done
  as_system nexusctl member set u_olga owner --tenant t_own
  as_system nexusctl member set u_olaf member --tenant t_own
  owner=$(as_system nexusctl token create --user u_olga --field token)
  alone=$(as_system nexusctl token create --user u_olaf --only-tenant t_own --field token_id)
  wide=$(as_system nexusctl token create --user u_olaf --field token_id)
  export NEXUS_TOKEN=$owner NEXUS_TENANT=t_own
  expect 0 nexusctl token list --of-tenant --all -o name
  [ "$output" = "$alone" ]
  expect 6 nexusctl token revoke --of-tenant "$wide"
  expect 0 nexusctl token revoke --of-tenant "$alone"
  expect 6 nexusctl token revoke "$wide"
  expect 2 nexusctl token list --of-tenant --user u_olaf
}

@test "the system role lists the tokens of a user and revokes them all" {
  as_system nexusctl user create u_lost >/dev/null
  first=$(as_system nexusctl token create --user u_lost --field token)
  as_system nexusctl token create --user u_lost >/dev/null
  expect 0 as_system nexusctl token list --user u_lost --all -o name
  [ "$(wc -l <<<"$output")" -eq 2 ]
  expect 5 nexusctl token list --user u_lost
  expect 2 as_system nexusctl token revoke
  expect 0 as_system nexusctl token revoke --user u_lost --field revoked
  [ "$output" = 2 ]
  NEXUS_TOKEN=$first expect 4 nexusctl whoami
  expect 6 as_system nexusctl token list --user u_nobody
}

@test "a token for dev alone does not reach the members of its tenant" {
  as_system nexusctl tenant create t_narrow >/dev/null
  as_system nexusctl user create u_nina >/dev/null
  as_system nexusctl member set u_nina owner --tenant t_narrow
  expect 2 as_system nexusctl token create --user u_nina --only-tenant t_dev
  narrow=$(as_system nexusctl token create --user u_nina --only-env dev --field token)
  export NEXUS_TOKEN=$narrow NEXUS_TENANT=t_narrow
  expect 0 nexusctl asset list --env dev
  expect 5 nexusctl member set u_dev owner
  says "narrowed" "$errors"
}

@test "the owner of a suspended tenant removes a member, and adds none" {
  as_system nexusctl tenant create t_still >/dev/null
  for user in u_sam u_sue; do as_system nexusctl user create "$user" >/dev/null; done
  as_system nexusctl member set u_sam owner --tenant t_still
  as_system nexusctl member set u_sue member --tenant t_still
  token=$(as_system nexusctl token create --user u_sam --field token)
  as_system nexusctl tenant suspend t_still >/dev/null
  export NEXUS_TOKEN=$token NEXUS_TENANT=t_still NEXUS_ENV=dev
  expect 5 nexusctl member set u_sue admin
  expect 0 nexusctl member set u_sue viewer
  expect 0 nexusctl member remove u_sue
  expect 0 nexusctl kill block raw_presign
  expect 5 nexusctl kill allow raw_presign
}

@test "status is not green where the tenant would refuse every command" {
  expect 0 nexusctl status
  expect 5 nexusctl --tenant t_nobody status
  says "the tenant refuses" "$output"
  expect 2 nexusctl --env prd status
  says "the tenant refuses" "$output"
}

@test "what narrows a token is offered for what is nearly written so, and never a setting of the context" {
  expect 2 nexusctl token create --envs dev
  says "nexusctl token create --only-env dev" "$errors"
}
