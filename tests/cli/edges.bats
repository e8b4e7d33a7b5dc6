#!/usr/bin/env bats
# What people touch on their first day and no other file holds: how a token comes in, names that nobody knows, a
# terminal without UTF-8, several files of which one is not there.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }
setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

@test "a token comes by standard input too, and from a file with a byte order mark and any line end" {
  token=$NEXUS_TOKEN
  unset NEXUS_TOKEN
  expect 4 nexusctl whoami
  expect 0 nexusctl --token-file - whoami --field user.user_id <<<"$token"
  [ "$output" = u_dev ]
  for form in '\xef\xbb\xbf%s\r\n' '\xef\xbb\xbf%s' '%s\n'; do
    # shellcheck disable=SC2059 # the form is a format
    (umask 077 && printf "$form" "$token" >token)
    expect 0 nexusctl --token-file token whoami --field user.user_id
    [ "$output" = u_dev ]
  done
}

@test "a name that is not known is told as such, and not as a daemon that does not answer" {
  expect 3 nexusctl whoami --server http://no-such-host.invalid:7700
  says "the name no-such-host.invalid is not known" "$errors"
  [[ $errors != *'no daemon answers'* ]]
  expect 3 nexusctl whoami --server http://127.0.0.1:1
  says 'no daemon answers at http://127.0.0.1:1' "$errors"
}

@test "where the locale has no check mark, a word stands for it" {
  expect 0 nexusctl smoke
  says '✓ the daemon is ready' "$output"
  LC_ALL=C expect 0 nexusctl smoke
  says 'ok the daemon is ready' "$output"
  [ -z "$(LC_ALL=C tr -d '\n -~' <<<"$output")" ]
}

@test "upload goes on behind a file that is not there, tells in each format what is in, and ends as the first failure" {
  echo one >one
  echo two >two
  for format in table json jsonl yaml name tsv csv; do
    expect 2 nexusctl upload one absent two -o "$format"
    says 'cannot read absent' "$errors"
    printed=$output
    expect 0 nexusctl asset list --limit 2 -o name
    while read -r asset; do says "$asset" "$printed"; done <<<"$output"
  done
}
