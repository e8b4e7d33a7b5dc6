#!/usr/bin/env bats
# Licences, strategy locks and three-wise questions by nexusctl against a real daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

# new_member USER ROLE: makes the user a member of t_dev and keeps a token for `as_user USER`.
new_member() {
  as_system nexusctl user create "$1" >/dev/null
  as_system nexusctl member set "$1" "$2" >/dev/null
  as_system nexusctl token create --user "$1" --out "$BATS_FILE_TMPDIR/$1.token" >/dev/null
}

as_user() {
  local user=$1
  shift
  NEXUS_TOKEN='' NEXUS_TOKEN_FILE=$BATS_FILE_TMPDIR/$user.token "$@"
}

@test "a licence is issued as the refusal says, opens the action, and is revoked" {
  expect 5 nexusctl gate check publish_sensitive --surface cards
  says "nexusctl firearms issue user u_dev high --scope publish_sensitive" "$errors"
  expect 1 nexusctl firearms check publish_sensitive
  expect 0 nexusctl firearms issue user u_dev high --scope publish_sensitive --expires-at 2099-01-01T00:00:00Z -o json
  licence=$(json '["licence_id"]' <<<"$output")
  expect 0 nexusctl gate check publish_sensitive --surface cards
  expect 0 nexusctl firearms check publish_sensitive --field licence_id
  [ "$output" = "$licence" ]
  expect 0 nexusctl firearms show "$licence" --field status
  [ "$output" = active ]
  expect 0 nexusctl firearms list -o name
  says "$licence" "$output"
  expect 0 nexusctl firearms revoke "$licence" --field status
  [ "$output" = revoked ]
  expect 5 nexusctl gate check publish_sensitive --surface cards
}

@test "dangerous actions are listed and declared, and never lowered" {
  expect 0 nexusctl firearms actions
  says $'publish_sensitive\thigh' "$output"
  expect 0 nexusctl firearms declare send_newsletter medium
  says $'send_newsletter\tmedium' "$output"
  expect 0 nexusctl firearms actions -o json
  [ "$(json '["send_newsletter"]' <<<"$output")" = medium ]
  expect 2 nexusctl firearms declare send_newsletter low
  expect 6 nexusctl firearms check presign_nothing
  expect 6 nexusctl firearms show no-such-licence
  expect 2 nexusctl firearms issue user u_dev highest
}

@test "a lock is made, edited, approved by somebody else, and rejected for good" {
  new_member u_second admin
  export NEXUS_ENV=staging
  expect 5 nexusctl firearms issue tool mailer low
  says "nexusctl lock create TITLE --surface control --allow firearms_issue" "$errors"
  expect 0 nexusctl lock create 'A plan' --surface control --allow firearms_issue -o json
  lock=$(json '["lock_id"]' <<<"$output")
  expect 7 nexusctl lock approve "$lock"
  says "strategy_lock.self_approval" "$errors"
  expect 0 as_user u_second nexusctl lock approve "$lock" --field status
  [ "$output" = approved ]
  expect 0 nexusctl firearms issue tool mailer low
  expect 0 nexusctl lock edit "$lock" --allow card_create --allow card_delete --all-surfaces -o json
  [ "$(json '["status"]' <<<"$output")" = approved ]
  [ "$(json '["draft"]["allowed_actions"][1]' <<<"$output")" = card_delete ]
  expect 0 nexusctl firearms issue tool mailer low # what was approved stays in force
  expect 7 nexusctl lock approve "$lock"
  expect 0 as_user u_second nexusctl lock show "$lock"
  says card_delete "$output"
  expect 0 as_user u_second nexusctl lock approve "$lock" --field allowed_actions
  says card_delete "$output"
  expect 5 nexusctl firearms issue tool mailer low
  expect 0 nexusctl lock create 'Another plan' --allow card_create -o json
  lock=$(json '["lock_id"]' <<<"$output")
  expect 0 nexusctl lock reject "$lock" --field status
  [ "$output" = rejected ]
  expect 7 nexusctl lock edit "$lock" --title "Another plan"
  expect 2 nexusctl lock edit "$lock"
  expect 2 nexusctl lock edit "$lock" --surface mail --all-surfaces
  says "exclude each other" "$errors"
  expect 2 nexusctl lock edit "$lock" --three-wise x --no-three-wise
  expect 0 nexusctl lock create 'A described plan' --allow card_create --description long \
    --valid-until 2040-01-01T00:00:00Z -o json
  lock=$(json '["lock_id"]' <<<"$output")
  expect 0 nexusctl lock edit "$lock" --no-description --no-valid-until -o json
  [ "$(json '["description"]' <<<"$output")" = None ]
  [ "$(json '["valid_until"]' <<<"$output")" = None ]
  expect 0 nexusctl lock create 'A third plan' --allow card_creat --allow send_newsletter --allow '*' -o json
  says "the action card_creat; did you mean card_create?" "$errors"
  case $errors in *send_newsletter*) false ;; esac
  expect 0 nexusctl lock edit "$(json '["lock_id"]' <<<"$output")" --allow card_delet
  says "the action card_delet; did you mean card_delete?" "$errors"
  expect 2 nexusctl lock create 'A plan'
  expect 2 nexusctl lock create 'A plan' --allow x --constraints '{'
  expect 0 nexusctl lock list -o name
  says "$lock" "$output"
  expect 6 nexusctl lock show no-such-lock
}

@test "the three wise are asked and answer" {
  for user in u_wise1 u_wise2 u_wise3; do new_member "$user" member; done
  expect 0 nexusctl three-wise ask 'Is it ready?' --context-text 'It rains.' -o json
  question=$(json '["question_id"]' <<<"$output")
  expect 7 nexusctl three-wise opine "$question" APPROVE 'I asked'
  expect 0 as_user u_wise1 nexusctl three-wise opine "$question" APPROVE 'tested twice'
  expect 0 as_user u_wise2 nexusctl three-wise opine "$question" APPROVE 'fine'
  expect 7 as_user u_wise2 nexusctl three-wise opine "$question" REJECT 'not fine'
  expect 0 nexusctl three-wise show "$question" -o json
  [ "$(json '["verdict"]' <<<"$output")" = None ]
  expect 0 as_user u_wise3 nexusctl three-wise opine "$question" UNSURE 'hm' --field verdict
  [ "$output" = APPROVE ]
  expect 0 nexusctl three-wise list -o name
  says "$question" "$output"
  expect 2 nexusctl three-wise opine "$question" MAYBE 'hm'
}

@test "explain judges an action under its own surface, and says when nobody knows it" {
  expect 0 nexusctl gate explain raw_presign -o json
  [ "$(json '["decision"]["surface"]' <<<"$output")" = raw_storage ]
  expect 2 nexusctl gate explain raw_presign --surface control
  says raw_storage "$errors"
  expect 2 nexusctl gate explain budget_policy_update
  says "surface" "$errors"
  expect 0 nexusctl gate explain budget_policy_update --surface cards
  expect 1 nexusctl gate explain raw_presing
  says "nobody knows the action raw_presing; did you mean raw_presign?" "$errors"
  expect 1 nexusctl --quiet gate explain raw_presing -o json
  [ "$(json '["known"]' <<<"$output")" = False ]
  says "did you mean raw_presign?" "$errors"
  expect 1 nexusctl gate explain no_such_thing_at_all --surface cards
  says "nobody knows the action no_such_thing_at_all" "$errors"
  expect 1 nexusctl --env prod gate explain raw_presign
  says "storage.local_in_prod" "$output"
  says "POST /nexus/raw/presign-upload" "$output"
}
