# nexusd's own command line: what it refuses to start with, what it leaves behind, and its commands beside serve.

bats_require_minimum_version 1.5.0
load helpers
load own_daemon

@test "the version" {
  expect 0 nexusd --version
  [[ $output =~ ^nexusd\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "what cannot be written is no success" {
  for word in --version --help; do
    expect 1 bash -c "nexusd $word >/dev/full"
    says "standard output cannot be written" "$errors"
    expect 1 bash -c "nexusctl $word >/dev/full"
    says "standard output cannot be written" "$errors"
  done
}

@test "every flag and command of --help is in nexusd(8), and every one there in --help" {
  expect 0 nexusd --help
  help=$(grep -oE '^  (-h,)?--[a-z0-9-]+' <<<"$output" | sed 's/.*--//' | sort)
  told=$(sed -nE 's/^\.It (Fl h , )?Fl Fl ([a-z0-9-]+).*/\2/p' "$repository/man/nexusd.8" | sort)
  [ "$help" = "$told" ]
  for command in serve migrate check doctor "token rotate-root" "token rotate-signing" "token keys" \
    "key rotate-checkpoint" "key replace-lost" "config explain" "config env"; do
    # shellcheck disable=SC2086
    expect 0 nexusd $command --help
    grep -qE "^\.It Cm ${command// / Cm }\$" "$repository/man/nexusd.8"
  done
  expect 0 nexusd routes --help
  grep -q '^\.It Cm routes Op Fl o ' "$repository/man/nexusd.8"
}

@test "routes says without a daemon what nexusctl routes asks of one, and leaves nothing" {
  expect 0 nexusd routes -o json --data-dir "$data" --max-streams 7
  offline=$output
  [ -z "$errors" ]
  [ ! -e "$data" ]
  begin --data-dir "$data"
  expect 0 nexusctl --server "$address" routes -o json
  diff <(jq -S . <<<"$offline") <(jq -S . <<<"$output")
  [ "$(jq '.items | length' <<<"$offline")" -gt 100 ]
  expect 0 nexusd routes --data-dir "$data" # beside a running daemon
  [ "$(tail -n +2 <<<"$output" | wc -l)" -eq "$(jq '.items | length' <<<"$offline")" ]
  grep -qE '^POST +/nexus/raw/presign-upload +member +raw_presign +kill_switch,' <<<"$output"
  end 0
  expect 2 nexusd routes -o xml
  says "text" "$errors"
}

@test "usage and configuration faults end with 2, name the option and what to do" {
  expect 2 nexusd --lisen 127.0.0.1:0
  says "there is no option --lisen; did you mean --listen?" "$errors"
  says "try: nexusd --help" "$errors"
  expect 2 nexusd --prot=0
  says "there is no option --prot; did you mean --port?" "$errors"
  expect 2 nexusd chek
  says "there is no command chek; did you mean check?" "$errors"
  expect 2 nexusd wobble
  [ "${errors%%$'\n'*}" = "nexusd: there is no command wobble" ]
  expect 2 nexusd token rotate
  says "there is no command rotate; did you mean rotate-root or rotate-signing?" "$errors"
  says "try: nexusd token --help" "$errors"
  expect 2 nexusd key rotate
  says "did you mean rotate-checkpoint?" "$errors"
  expect 2 nexusd rotate-root
  says "there is no command rotate-root; did you mean token rotate-root?" "$errors"
  expect 2 nexusd token
  says "token wants a command: rotate-root, rotate-signing or keys" "$errors"
  expect 2 nexusd token --data-dirr x
  says "there is no option --data-dirr; did you mean --data-dir?" "$errors"
  expect 2 nexusd --data-dir "$data" --listen 7700
  says "must be an IP address and a port" "$errors"
  expect 2 nexusd --data-dir "$data" --listen 0.0.0.0:0
  says "--insecure-listen" "$errors"
  expect 2 env NEXUSD_LISTN=x nexusd --data-dir "$data"
  says "did you mean NEXUSD_LISTEN?" "$errors"
  expect 2 env NEXUSD_PROT=x nexusd --data-dir "$data"
  says "NEXUSD_PROT is no variable of nexusd; nexusd.conf(5) lists all names" "$errors"
  expect 2 nexusd --ephemeral
  says "add --dev" "$errors"
  printf 'max_stream = 1\n' >"$BATS_TEST_TMPDIR/bad.toml"
  expect 2 nexusd --data-dir "$data" --config "$BATS_TEST_TMPDIR/bad.toml"
  says "bad.toml:1" "$errors"
  says "did you mean max_streams?" "$errors"
  [ ! -e "$data" ]
}

@test "config explain tells who won and whom it beat, and makes nothing" {
  printf 'log_level = "error"\n' >"$BATS_TEST_TMPDIR/nexusd.toml"
  expect 0 env NEXUSD_LOG_LEVEL=trace nexusd config explain log_level --config "$BATS_TEST_TMPDIR/nexusd.toml" \
    --log-level debug
  [ "$(sed -n 's/  */ /gp' <<<"$output" | head -n 4)" = "log_level debug
from --log-level
not from NEXUSD_LOG_LEVEL (trace)
not from $BATS_TEST_TMPDIR/nexusd.toml:1 (error)" ]
  expect 0 nexusd config explain --data-dir "$data"
  says "$data" "$output"
  expect 0 env NEXUSD_LOG_LEVEL=trace nexusd config env --log-level debug
  says "trace, beaten by --log-level" "$output"
  says "NEXUSD_BLOBS " "$output"
  expect 2 nexusd config explain log_levle
  says "did you mean log_level?" "$errors"
  expect 2 env NEXUSD_LOG_LEVEL=loud nexusd config explain
  says "loud" "$output"
  says "with this it does not start: log-level (NEXUSD_LOG_LEVEL)" "$errors"
  expect 2 nexusd config
  says "config wants a command: explain or env" "$errors"
  [ ! -e "$data" ]
  [ ! -e "$XDG_DATA_HOME" ]
}

@test "an ephemeral daemon leaves nothing behind" {
  export TMPDIR=$BATS_TEST_TMPDIR/tmp
  mkdir "$TMPDIR"
  begin --dev --ephemeral --print-env
  [ -n "$(ls "$TMPDIR")" ]
  grep -q "^export NEXUS_ADDR='$address'\$" "$BATS_TEST_TMPDIR/out"
  end 0
  [ -z "$(ls "$TMPDIR")" ]
}

@test "directory 0700, files 0600, and looser modes stop the start" {
  begin --data-dir "$data"
  end 0
  [ "$(stat -c %a "$data")" = 700 ]
  [ -z "$(find "$data" -type f ! -perm 600)" ]
  [ -z "$(find "$data" -type d ! -perm 700)" ]
  chmod 640 "$data/root.token"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "root.token" "$errors"
  chmod 600 "$data/root.token"
  chmod 755 "$data"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "$data" "$errors"
}

@test "a second daemon on one directory stops with a clear line, and the first lives on" {
  begin --data-dir "$data"
  expect 1 nexusd --port 0 --data-dir "$data"
  says "$data" "$errors"
  expect 1 nexusd key rotate-checkpoint --data-dir "$data"
  says "$pid" "$errors"
  expect 0 nexusctl --server "$address" status
  end 0
}

@test "no command beside serve and migrate makes an installation where none is" {
  for command in "token rotate-root" "token rotate-signing" "token keys" "key rotate-checkpoint" \
    "key replace-lost --confirm x" check; do
    # shellcheck disable=SC2086
    nexusd $command --data-dir "$data/typo" >"$BATS_TEST_TMPDIR/said" 2>&1 && return 1
    says "no installation" "$(cat "$BATS_TEST_TMPDIR/said")"
    [ ! -e "$data" ]
  done
  expect 2 nexusd token rotate-root --data-dir "$data/typo"
  says "$data/typo" "$errors"
}

@test "--dev refuses a store that it did not make, and leaves it as it is" {
  begin --data-dir "$data"
  end 0
  before=$(sha256sum "$data/nexus.db" "$data/root.token" "$data/keys"/*)
  expect 2 nexusd --dev --port 0 --data-dir "$data"
  says "which --dev did not make" "$errors"
  [ "$(sha256sum "$data/nexus.db" "$data/root.token" "$data/keys"/*)" = "$before" ]
  begin --dev --data-dir "$data-dev"
  end 0
  begin --dev --data-dir "$data-dev"
  end 0
}

@test "one line end behind the shared key is no part of it; other white space at an end stops the start" {
  secret=$BATS_TEST_TMPDIR/secret
  key=0123456789abcdef0123456789abcdef
  for text in "$key" "$key\n" "$key\r\n" "\001$key\000"; do
    # shellcheck disable=SC2059
    printf "$text" >"$secret"
    chmod 600 "$secret"
    begin --dev --ephemeral --jwt-secret-file "$secret"
    end 0
  done
  for text in " $key" "$key " "$key\n\n" "$key \n" "\n$key" "\t$key\n" "$key\r"; do
    # shellcheck disable=SC2059
    printf "$text" >"$secret"
    expect 2 nexusd --dev --ephemeral --port 0 --jwt-secret-file "$secret"
    says "begins or ends with white space" "$errors"
    [ "$(wc -l <<<"$errors")" -eq 1 ]
  done
}

@test "SIGHUP never ends the daemon, and token keys lists what signs" {
  begin --dev --data-dir "$data"
  kill -HUP "$pid"
  expect 0 nexusctl --server "$address" status
  expect 0 nexusd token keys --data-dir "$data"
  [ "$(wc -l <<<"$output")" -eq 1 ]
  says "signs new tokens" "$output"
  expect 0 nexusd token rotate-signing --data-dir "$data"
  says "kill -HUP $pid" "$output"
  expect 0 nexusd token keys --data-dir "$data"
  [ "$(wc -l <<<"$output")" -eq 2 ]
  [[ $(tail -n 1 <<<"$output") == *"signs new tokens" ]]
  end 0
}

@test "what was written is there after a restart; rotate-root ends the old system token" {
  begin --data-dir "$data"
  cp "$data/root.token" "$BATS_TEST_TMPDIR/old"
  expect 0 nexusctl --server "$address" --token-file "$data/root.token" tenant create t_kept --name Kept
  end 0
  expect 0 nexusd token rotate-root --data-dir "$data"
  [[ $output != *nxr_* ]]
  begin --data-dir "$data"
  expect 4 nexusctl --server "$address" --token-file "$BATS_TEST_TMPDIR/old" tenant show t_kept
  expect 0 nexusctl --server "$address" --token-file "$data/root.token" tenant show t_kept
  says Kept "$output"
  end 0
}

@test "check finds a sound installation sound, and a damaged one not" {
  begin --data-dir "$data"
  end 0
  before=$(sha256sum <"$data/nexus.db")
  expect 0 nexusd check --data-dir "$data"
  says "audit" "$output"
  [ "$(sha256sum <"$data/nexus.db")" = "$before" ]
  printf 'this is no database, and never was one' >"$data/nexus.db"
  expect 1 nexusd check --data-dir "$data"
  says FAIL "$output"
}

@test "flag over environment over file" {
  printf 'log_format = "json"\n' >"$BATS_TEST_TMPDIR/c.toml"
  export NEXUSD_CONFIG=$BATS_TEST_TMPDIR/c.toml
  nexusd --dev --ephemeral --port 0 2>"$BATS_TEST_TMPDIR/log" 3>&- &
  pid=$!
  for _ in $(seq 200); do [ -s "$BATS_TEST_TMPDIR/log" ] && break || sleep 0.05; done
  end 0
  head -n 1 "$BATS_TEST_TMPDIR/log" | jq -e .version
  export NEXUSD_LOG_FORMAT=text
  begin --dev --ephemeral
  end 0
  expect 2 nexusd --dev --ephemeral --port 0 --log-format xml
  says "--log-format" "$errors"
}

@test "objects on record are looked for nowhere else: another bucket stops the start, and check says it" {
  begin --dev --data-dir "$data" --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  end 0
  begin --dev --data-dir "$data" --s3-bucket elsewhere # nothing is on record: it may still move
  end 0
  begin --dev --data-dir "$data" --s3-bucket nexus
  NEXUS_ADDR=$address nexusctl upload "$repository/LICENSE"
  end 0
  expect 2 nexusd --dev --data-dir "$data" --port 0 --s3-bucket elsewhere
  says "bucket nexus (blobs=local)" "$errors"
  says "bucket elsewhere (blobs=local)" "$errors"
  expect 1 nexusd check --data-dir "$data" --s3-bucket elsewhere
  says "FAIL objects: the objects on record lie in bucket nexus" "$output"
  expect 0 nexusd check --data-dir "$data"
  begin --dev --data-dir "$data"
  end 0
}

@test "standard descriptors that came closed are given to no file" {
  nexusd --port 0 --data-dir "$data" 2>"$BATS_TEST_TMPDIR/log" 3>&- <&- >&- &
  pid=$!
  for _ in $(seq 200); do grep -q 'listen=' "$BATS_TEST_TMPDIR/log" && break || sleep 0.05; done
  [ "$(readlink "/proc/$pid/fd/0")" = /dev/null ]
  [ "$(readlink "/proc/$pid/fd/1")" = /dev/null ]
  end 0
}
