#!/usr/bin/env bats
# The main job by nexusctl against a real daemon: presign, upload, register, list, show, download, kill switch, smoke.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

random_file() { head -c "$2" /dev/urandom >"$1"; }

@test "status, wait, whoami, version" {
  expect 0 nexusctl wait --timeout 5s
  expect 0 nexusctl status -o json
  [ "$(json '["ready"]' <<<"$output")" = True ]
  [ "$(json '["who"]' <<<"$output")" = u_dev ]
  expect 0 nexusctl whoami -o json
  expect 0 nexusctl version -o json
  [ "$(json '["server"]' <<<"$output")" != None ]
}

@test "curl saves a download under its name" {
  printf 'hello' >'page one.txt'
  id=$(nexusctl upload 'page one.txt' -o name)
  mkdir -p saved
  (cd saved && curl -sSfLOJ -H "Authorization: Bearer $NEXUS_TOKEN" -H "X-Tenant-Id: $NEXUS_TENANT" \
    -H "X-Env: $NEXUS_ENV" "$NEXUS_ADDR/nexus/raw/$id/download")
  [ "$(ls saved)" = 'page one.txt' ]
  cmp 'page one.txt' saved/*
  printf 'hello' >'Grüße – naïve.txt'
  id=$(nexusctl upload 'Grüße – naïve.txt' -o name)
  (cd saved && rm -- * && curl -sSfLOJ -H "Authorization: Bearer $NEXUS_TOKEN" -H "X-Tenant-Id: $NEXUS_TENANT" \
    -H "X-Env: $NEXUS_ENV" "$NEXUS_ADDR/nexus/raw/$id/download")
  [ "$(ls saved)" = 'Grusse - naive.txt' ]
}

@test "upload prints key, uri, size, digest and receipt; download brings it back" {
  random_file "a file.bin" 300000
  expect 0 nexusctl upload "a file.bin" --metadata source=bats -o table
  says "tenants/t_dev/dev/raw/" "$output"
  says "s3://nexus/" "$output"
  says "300000" "$output"
  says "$(sha256sum "a file.bin" | cut -d' ' -f1)" "$output"
  says "receipt.seq" "$output"
  id=$(sed -n 's/^asset_id  *//p' <<<"$output")
  expect 0 nexusctl asset show "$id" --field metadata.source
  [ "$output" = bats ]
  expect 0 nexusctl asset download "$id" --output-file back.bin
  cmp "a file.bin" back.bin
  expect 2 nexusctl asset download "$id" --output-file back.bin
  expect 0 nexusctl asset download "$id" -O back.bin --force
  nexusctl asset download "$id" -O - | cmp - "a file.bin"
  [ -z "$(find . -name '*.part-*')" ]
}

@test "files with the names of commands, brackets and an empty one" {
  for name in status '[a,b]' '{}' "it's"; do
    random_file "$name" 100
    expect 0 nexusctl upload "./$name" --field filename
    [ "$output" = "$name" ]
  done
  random_file token 10
  expect 0 nexusctl upload token -o name
  : >empty
  expect 0 nexusctl upload empty --field size_bytes
  [ "$output" = 0 ]
}

@test "names and types that need care in a presigned address come back" {
  for name in '100%.txt' 'a%20b&c#d+e=f;g.txt' 'ü 日本 🙂.txt' '..hidden' \
    "quo'te \"x\".bin" $'new\nline.txt' '%2F..%2F'; do
    random_file "$name" 500
    id=$(nexusctl upload "./$name" -o name --content-type 'text/plain; x="a&b"')
    expect 0 nexusctl asset download "$id" -O back --force
    cmp "$name" back
  done
}

@test "the system token acts with a reason only" {
  expect 2 env -u NEXUS_TOKEN NEXUS_TOKEN_FILE="$NEXUS_ROOT_TOKEN_FILE" nexusctl asset list
  says "[request.reason_required]" "$errors"
  expect 0 env -u NEXUS_TOKEN NEXUS_TOKEN_FILE="$NEXUS_ROOT_TOKEN_FILE" nexusctl asset list --reason "bats, ü"
}

@test "standard input needs a name" {
  expect 2 nexusctl upload - </dev/null
  says "--filename" "$errors"
  expect 0 nexusctl upload - --filename in.txt --field sha256 <<<"hello"
  [ "$output" = "$(sha256sum <<<"hello" | cut -d' ' -f1)" ]
}

@test "several files are a record a line" {
  random_file one 10
  random_file two 20
  expect 0 nexusctl upload one two
  [ "$(wc -l <<<"$output")" = 2 ]
  expect 0 nexusctl upload one two -o csv
  [ "$(wc -l <<<"$output")" = 3 ]
  [ "$(grep -c '^asset_id,' <<<"$output")" = 1 ]
  expect 0 nexusctl event tail --no-follow -o csv
  [ "$(grep -c '^event_id,' <<<"$output")" = 1 ]
  [ "$(wc -l <<<"$output")" -gt 4 ]
  expect 0 nexusctl upload one two -o json
  [ "$(json '["items"][1]["size_bytes"]' <<<"$output")" = 20 ]
}

@test "a name that is changed is told, and two that become one" {
  echo 1 >'a:b.txt'
  echo 2 >'a?b.txt'
  expect 0 nexusctl upload 'a:b.txt'
  says "note: a:b.txt: stored as a_b.txt" "$errors"
  expect 0 nexusctl upload 'a:b.txt' 'a?b.txt' -o name
  says "warning: a:b.txt and a?b.txt are both stored as a_b.txt" "$errors"
  expect 0 nexusctl media upload 'a?b.txt'
  says "note: a?b.txt: stored as a_b.txt" "$errors"
  cp 'a:b.txt' plain.txt
  expect 0 nexusctl upload plain.txt
  [[ $errors != *"stored as"* ]]
}

@test "upload -r takes the regular files below a directory, in order, and keeps their paths" {
  mkdir -p "tree/b/c d" tree/empty
  echo 1 >tree/z
  echo 2 >"tree/b/c d/x"
  echo 3 >tree/b/y
  ln -s z tree/link
  ln -s . tree/round
  mkfifo tree/pipe
  expect 0 nexusctl upload -r tree -o json --metadata source=bats
  [ "$(json '["items"][0]["metadata"]["path"]' <<<"$output")" = "b/c d/x" ]
  [ "$(json '["items"][1]["metadata"]["path"]' <<<"$output")" = "b/y" ]
  [ "$(json '["items"][2]["metadata"]["path"]' <<<"$output")" = z ]
  [ "$(json '["items"][2]["metadata"]["source"]' <<<"$output")" = bats ]
  [ "$(json '["items"].__len__()' <<<"$output")" = 3 ]
  says "left out 3" "$errors"
  expect 2 nexusctl upload tree
  # What cannot be sent is told by its path, and the rest goes on.
  head -c 3000 /dev/urandom >"tree/b/$(printf '\377')"
  expect 2 nexusctl upload --recursive tree -o name
  [ "$(wc -l <<<"$output")" = 3 ]
  says 'tree/b/\xff' "$errors"
  # One file below it is a list too; none is an empty one.
  mkdir one && echo 1 >one/f
  expect 0 nexusctl upload -r one tree/z -o json
  [ "$(json '["items"].__len__()' <<<"$output")" = 2 ]
  expect 0 nexusctl upload -r tree/empty -o json
  [ "$(json '["items"]' <<<"$output")" = "[]" ]
  expect 2 nexusctl upload -r one --metadata path=x
  expect 2 nexusctl upload -r one --filename f
  expect 2 nexusctl --idempotency-key k upload -r one
}

@test "assets are found by name and metadata, which can be set later" {
  random_file found-1.bin 10
  id=$(nexusctl upload found-1.bin --metadata kind=x -o name)
  other=$(nexusctl upload found-1.bin --filename found-2.bin -o name)
  expect 0 nexusctl asset list --filename found- --all -o name
  [ "$output" = "$other"$'\n'"$id" ]
  expect 0 nexusctl asset list --filename found- --metadata kind=x --all -o name
  [ "$output" = "$id" ]
  expect 0 nexusctl asset edit "$other" --metadata kind=x --metadata 'a b=c=d'
  expect 0 nexusctl asset edit "$id" --no-metadata kind
  expect 0 nexusctl asset list --metadata kind=x --metadata 'a b=c=d' --all -o name
  [ "$output" = "$other" ]
  expect 2 nexusctl asset edit "$id"
  expect 2 nexusctl asset edit "$id" --metadata a=1 --no-metadata a
}

@test "asset delete removes the asset and its content" {
  random_file gone.bin 10
  id=$(nexusctl upload gone.bin -o name)
  expect 0 nexusctl asset delete "$id"
  says "$id" "$output"
  expect 6 nexusctl asset show "$id"
  expect 6 nexusctl asset delete "$id"
}

@test "presign, the curl line it prints, register" {
  command -v curl >/dev/null || skip "no curl"
  random_file "a \"b\".bin" 5000
  expect 0 nexusctl --print curl presign "a \"b\".bin"
  line=$output
  id=$(sed -n 's/.*nexusctl register \([^ ]*\) .*/\1/p' <<<"$errors")
  eval "$line"
  expect 0 nexusctl register "$id" --filename "a \"b\".bin" --size-bytes 5000
  says "$id" "$output"
}

@test "refusals and their exit codes" {
  expect 6 nexusctl asset show 01933f9e-7c1b-7000-8000-0123456789ab
  says "[raw.not_found]" "$errors"
  says "request id: " "$errors"
  expect 2 nexusctl asset list --tenant t_unknown
  says "[context.invalid_tenant]" "$errors"
  NEXUS_TOKEN=nonsense expect 4 nexusctl whoami
  expect 5 nexusctl asset list --tenant t_nobody
  id=$(nexusctl presign --filename never.bin --field asset_id)
  expect 7 nexusctl register "$id" --filename never.bin
  says "[raw.not_uploaded]" "$errors"
  expect 7 nexusctl register "$id" --filename other.bin
  expect 6 nexusctl asset show 01933f9e-7c1b-7000-8000-0123456789ab -o json
  [ "$(json '["code"]' <<<"$errors")" = raw.not_found ]
}

@test "lists page, and --all follows" {
  for i in 1 2 3; do
    random_file "page-$i" 10
    nexusctl upload "page-$i" >/dev/null
  done
  expect 0 nexusctl asset list --limit 1 -o json
  [ "$(json '["next_cursor"]' <<<"$output")" != None ]
  count=$(nexusctl asset list --all --limit 2 -o name | sort -u | wc -l)
  [ "$count" -ge 3 ]
  [ "$count" = "$(nexusctl asset list --all -o name | wc -l)" ]
  expect 2 nexusctl asset list --cursor nonsense
}

@test "kill switches: block, refused, calm repetition, allow" {
  expect 0 nexusctl kill block raw_presign --reason "bats"
  expect 0 nexusctl kill block raw_presign
  says "the action raw_presign is blocked already" "$errors"
  expect 5 nexusctl presign --filename a.bin
  says "[kill_switch_blocked]" "$errors"
  expect 0 nexusctl kill show --field disabled_actions
  says raw_presign "$output"
  expect 0 nexusctl kill allow raw_presign
  expect 0 nexusctl presign --filename a.bin
  expect 0 nexusctl kill provider block openai
  expect 0 nexusctl kill provider allow openai
  expect 0 nexusctl kill autonomy off
  expect 0 nexusctl kill show --field disable_autonomy
  [ "$output" = true ]
  expect 0 nexusctl kill autonomy on
}

@test "--idempotency-key: the same presign twice is one" {
  first=$(nexusctl --idempotency-key bats-1 presign --filename k.bin --field asset_id)
  second=$(nexusctl --idempotency-key bats-1 presign --filename k.bin --field asset_id)
  [ "$first" = "$second" ]
  expect 2 nexusctl --idempotency-key bats-1 presign --filename other.bin
}

@test "an upload with a key ends as its first run did, whatever step that was killed at" {
  random_file kept.bin 1000
  random_file other.bin 1000
  # Killed after the presign, which is what presign does.
  first=$(nexusctl --idempotency-key step-1 presign kept.bin --field asset_id)
  expect 0 nexusctl --idempotency-key step-1 upload kept.bin -o json
  [ "$(json '["asset_id"]' <<<"$output")" = "$first" ]
  # Not killed at all.
  done=$output
  expect 0 nexusctl --idempotency-key step-1 upload kept.bin -o json
  [ "$output" = "$done" ]
  # Killed after the file came.
  line=$(nexusctl -q --idempotency-key step-2 --print curl presign kept.bin)
  eval "$line"
  expect 0 nexusctl --idempotency-key step-2 upload kept.bin --metadata a=b --field asset_id
  second=$output
  [ "$second" != "$first" ]
  expect 0 nexusctl --idempotency-key step-2 upload kept.bin --metadata a=b --field asset_id
  [ "$output" = "$second" ]
  # The key stands for this file and what is kept with it.
  expect 2 nexusctl --idempotency-key step-1 upload other.bin
  says "[idempotency.key_reused]" "$errors"
  says "was used at 20" "$errors"
  says "or this one with a new key" "$errors"
  expect 2 nexusctl --idempotency-key step-2 upload kept.bin --metadata a=c
  nexusctl asset delete "$second" >/dev/null
  expect 6 nexusctl --idempotency-key step-2 upload kept.bin --metadata a=b
}

@test "an upload with a key whose form has expired gets a new one, and keeps to it" {
  random_file kept.bin 1000
  asset=$(nexusctl --idempotency-key late presign kept.bin --field asset_id)
  coproc FRONT { exec python3 "$BATS_TEST_DIRNAME/front.py" proxy "$NEXUS_ADDR" "$asset" 3>&-; }
  read -r proxy <&"${FRONT[0]}"
  expect 0 nexusctl --idempotency-key late --proxy "$proxy" upload kept.bin --field asset_id
  stored=$output
  [ "$stored" != "$asset" ]
  expect 0 nexusctl asset show "$stored" --field status
  [ "$output" = registered ]
  expect 0 nexusctl --idempotency-key late --proxy "$proxy" upload kept.bin --field asset_id
  [ "$output" = "$stored" ]
  kill "$FRONT_PID"
  wait "$FRONT_PID" || true
}

@test "smoke passes, also as TAP" {
  expect 0 nexusctl smoke
  expect 0 nexusctl smoke --tap
  says "TAP version 13" "$output"
  if grep '^not ok' <<<"$output"; then false; fi
}

@test "a reader that goes away is no error message" {
  nexusctl asset list --all 2>"$BATS_TEST_TMPDIR/e" | true
  [ ! -s "$BATS_TEST_TMPDIR/e" ]
}
