#!/usr/bin/env bats
# Where a command goes and where its answer lands: contexts before variables, files that are none, several files.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

@test "--context beats NEXUS_*, single flags beat both" {
  expect 0 nexusctl context set here --server "$NEXUS_ADDR" --tenant t_dev --env dev
  expect 0 nexusctl login --context here <<<"$NEXUS_TOKEN"
  echo hello >file
  # Another server, another tenant, a token that is none: nothing of it is looked at.
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TENANT=t_other NEXUS_ENV=prod NEXUS_TOKEN=nonsense
  expect 0 nexusctl --context here upload file --field key
  says "tenants/t_dev/dev/raw/" "$output"
  expect 5 nexusctl --context here --env staging upload file
  says "[strategy_lock_required]" "$errors"
  expect 3 nexusctl upload file
  NEXUS_CONTEXT=here expect 3 nexusctl upload file
  expect 0 nexusctl context remove here
}

@test "what a named context lacks is missing, and no variable's" {
  expect 0 nexusctl context set bare --server "$NEXUS_ADDR"
  expect 4 nexusctl --context bare asset list
  says "beside --context NEXUS_TOKEN is not looked at" "$errors"
  expect 0 nexusctl login --context bare <<<"$NEXUS_TOKEN"
  expect 2 nexusctl --context bare asset list
  says "context bare names no tenant, and beside --context NEXUS_TENANT is not looked at" "$errors"
  says "try: nexusctl context set bare --tenant TENANT_ID" "$errors"
  expect 0 nexusctl --context bare asset list --tenant t_dev --env dev
  expect 0 nexusctl context remove bare
}

@test "status tells what says so, and why it is not ready" {
  expect 0 nexusctl status -o json
  for name in address:NEXUS_ADDR token:NEXUS_TOKEN tenant:NEXUS_TENANT env:NEXUS_ENV; do
    [ "$(json "[\"from\"][\"${name%%:*}\"]" <<<"$output")" = "${name##*:}" ]
  done
  [ "$(json '["token"]' <<<"$output")" = accepted ]
  expect 0 nexusctl context set there --server "$NEXUS_ADDR" --tenant t_dev --env prod
  expect 0 nexusctl status --context there --env dev -o table
  grep -qE '^from.address +context there$' <<<"$output"
  grep -qE '^from.env +--env$' <<<"$output"
  grep -qE '^from.context +--context$' <<<"$output"
  expect 0 nexusctl context remove there
  NEXUS_TOKEN=nonsense expect 4 nexusctl status --field token
  says "refused: " "$output"
  expect 3 nexusctl status --server http://127.0.0.1:1 -o json
  [ "$(json '["from"]["address"]' <<<"$output")" = --server ]
  says "no daemon answers" "$(json '["why"]' <<<"$output")"
  coproc SERVER { exec python3 "$BATS_TEST_DIRNAME/rude_server.py" unready; }
  read -r port <&"${SERVER[0]}"
  NEXUS_TOKEN='' expect 1 nexusctl status --server "http://127.0.0.1:$port" -o json
  [ "$(json '["live"]' <<<"$output")" = True ]
  [ "$(json '["ready"]' <<<"$output")" = False ]
  [ "$(json '["why"]' <<<"$output")" = "not ready: the disk is full" ]
  kill "$SERVER_PID"
}

@test "--output-file: devices, pipes and links stay what they are" {
  head -c 300000 /dev/urandom >content
  id=$(nexusctl upload content -o name)
  mkfifo pipe
  cat pipe >from-pipe &
  reader=$!
  expect 0 nexusctl asset download "$id" --output-file pipe
  wait "$reader"
  [ -p pipe ]
  cmp content from-pipe
  expect 0 nexusctl asset download "$id" --output-file /dev/null
  expect 0 nexusctl asset download "$id" --output-file /dev/null --force
  [ -c /dev/null ]
  expect 1 nexusctl asset download "$id" --output-file /dev/full
  says "No space left" "$errors"
  nexusctl asset download "$id" --output-file /dev/stdout >from-stdout
  cmp content from-stdout

  mkdir elsewhere
  ln -s elsewhere/target link
  expect 0 nexusctl asset download "$id" --output-file link
  [ -L link ]
  cmp content elsewhere/target
  expect 2 nexusctl asset download "$id" --output-file link
  says "elsewhere/target exists already" "$errors"
  echo old >elsewhere/target
  expect 0 nexusctl asset download "$id" --output-file link --force
  [ -L link ]
  cmp content elsewhere/target
  ln -s round round
  expect 2 nexusctl asset download "$id" --output-file round
  expect 2 nexusctl asset download "$id" --output-file elsewhere --force
  says "is a directory" "$errors"
  [ -z "$(find . -name '*.part-*')" ]

  # A token's file is written in the same way, for its owner alone.
  mkfifo token-pipe
  cat token-pipe >from-pipe &
  reader=$!
  expect 0 nexusctl token create --out token-pipe
  wait "$reader"
  [ -p token-pipe ]
  NEXUS_TOKEN=$(cat from-pipe) expect 0 nexusctl whoami
  expect 0 nexusctl token create --out token
  [ "$(stat -c %a token)" = 600 ]
  expect 0 nexusctl token create --out /dev/null
  [ -c /dev/null ]
}

@test "a download without standard descriptors writes the content and nothing else" {
  head -c 5000 /dev/urandom >content
  id=$(nexusctl upload content -o name)
  expect 1 bash -c "exec nexusctl asset download $id --output-file back <&- >&-"
  says "standard output cannot be written" "$errors"
  cmp content back
  run bash -c "exec nexusctl asset download $id --output-file again <&- >&- 2>&-"
  [ "$status" -eq 1 ]
  cmp content again
  expect 1 bash -c "exec nexusctl asset download $id --output-file - >&-"
}

@test "of several files, each is told, and one that fails does not stop the rest" {
  echo 1 >one
  echo 2 >two
  for command in "upload" "media upload" "canvas upload board"; do
    [ "$command" = "canvas upload board" ] && expect 0 nexusctl canvas create board
    for format in json yaml jsonl tsv table name; do
      # shellcheck disable=SC2086
      expect 2 nexusctl $command one missing two -o "$format"
      says "missing" "$errors"
      # shellcheck disable=SC2086
      [ "$(nexusctl $command one missing two missing-too -o name 2>/dev/null | wc -l)" = 2 ]
      [ -n "$output" ]
    done
    # shellcheck disable=SC2086
    expect 2 nexusctl $command one missing two -o json
    [ "$(json '["items"].__len__()' <<<"$output")" = 2 ]
    says "missing" "$(json '["detail"]' <<<"$errors")"
  done
  # The first failure decides: a refusal before a file that is not there.
  expect 0 nexusctl kill block raw_presign
  expect 5 nexusctl upload one missing
  expect 2 nexusctl upload missing one
  expect 0 nexusctl kill allow raw_presign
}

@test "--quiet never hides that a list was cut" {
  for name in a b; do
    echo $name >$name
    nexusctl upload $name >/dev/null
  done
  for options in "" "-o jsonl" "-o tsv" "-o name" "--field asset_id"; do
    # shellcheck disable=SC2086
    expect 0 nexusctl asset list --limit 1 -q $options
    says "there is more: --cursor" "$errors"
  done
  expect 0 nexusctl asset list --limit 1 -q -o json
  [ -z "$errors" ]
  expect 0 nexusctl asset list --all -q
  [ -z "$errors" ]
}
