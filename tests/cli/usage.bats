#!/usr/bin/env bats
# What nexusctl says to a person who types something wrong; needs no daemon.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup() {
  unset NEXUS_ADDR NEXUS_TOKEN NEXUS_TOKEN_FILE NEXUS_TENANT NEXUS_ENV NEXUS_CONTEXT NEXUS_FORMAT
  export NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config NO_COLOR=1
}

@test "no command is a usage error that lists the commands" {
  expect 2 nexusctl
  says "upload" "$errors"
}

@test "an unknown command suggests the nearest" {
  expect 2 nexusctl upoad
  says "try: nexusctl upload" "$errors"
  expect 2 nexusctl tenant creat t_x
  says "try: nexusctl tenant create t_x" "$errors"
  expect 2 nexusctl nosuch --help
  says "there is no command nosuch" "$errors"
  for word in zip make; do # near to nothing that a person may have meant
    expect 2 nexusctl "$word"
    says "try: nexusctl --help" "$errors"
  done
}

@test "an unknown option suggests the nearest" {
  expect 2 nexusctl tenant create t_x --nam X
  says "try: nexusctl tenant create t_x --name X" "$errors"
}

@test "only -h and --help are help; a word that begins with - wants --" {
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev
  for word in -hello -hx -qv -once --hello; do
    expect 2 nexusctl chat send room "$word"
    [ -z "$output" ]
    says "there is no option $word; a word that begins with - wants -- before it" "$errors"
    [ "$word" = --hello ] || says "try: nexusctl chat send room -- $word" "$errors"
    expect 3 nexusctl chat send room -- "$word"
  done
  expect 2 nexusctl upload -hx
  says "try: nexusctl upload -- -hx" "$errors"
  expect 0 nexusctl upload -h
  says "usage: nexusctl upload" "$output"
}

@test "what is no UTF-8 is named, and nothing is sent" {
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev
  expect 2 nexusctl chat send room $'caf\xe9'
  says 'argument 4 is not UTF-8: caf\xe9' "$errors"
  expect 2 nexusctl chat send room - <<<$'caf\xe9'
  says "not UTF-8" "$errors"
  NEXUS_TENANT=$'t_\xff' expect 2 nexusctl asset list
  says "NEXUS_TENANT is not UTF-8" "$errors"
}

@test "closed standard descriptors: using one is an error" {
  expect 1 bash -c 'nexusctl --help >&-'
  says "standard output cannot be written" "$errors"
  expect 1 bash -c 'nexusctl --version >/dev/full'
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev
  expect 1 bash -c 'nexusctl chat send room - <&-'
  says "standard input cannot be read" "$errors"
  expect 1 bash -c 'nexusctl card create - <&-'
  expect 3 bash -c 'nexusctl whoami 2>&-'
}

@test "a missing argument says which, and how it is meant" {
  expect 2 nexusctl tenant create
  says "error: TENANT_ID is missing" "$errors"
  says "(nexusctl tenant create [--name NAME] TENANT_ID)" "$errors"
  says "try: nexusctl tenant create TENANT_ID" "$errors"
}

@test "a usage error in JSON mode is a problem document" {
  expect 2 nexusctl tenant create -o json
  [ "$(json '["code"]' <<<"$errors")" = cli.usage ]
}

@test "there is no --token, and a token on the line is refused without being repeated" {
  expect 2 nexusctl --token abc whoami
  says "there is no --token" "$errors"
  secret=nxr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
  expect 2 nexusctl whoami --server "http://127.0.0.1/$secret"
  says "a token stands on the command line" "$errors"
  case $errors in *"$secret"*) false ;; esac
}

@test "tenant and env have no default" {
  export NEXUS_TOKEN=x
  expect 2 nexusctl asset list
  says "NEXUS_TENANT" "$errors"
  says "nexusctl context set --tenant" "$errors"
  expect 2 nexusctl asset list --tenant t_a
  says "NEXUS_ENV" "$errors"
}

@test "a header cannot be smuggled in" {
  export NEXUS_TOKEN=x
  expect 2 nexusctl asset list --tenant $'t_a\r\nX-Env: prod' --env dev
}

@test "without a token it is 4, without a daemon 3, not ready in time 8" {
  expect 4 nexusctl whoami
  says "nexusctl login" "$errors"
  NEXUS_TOKEN=x expect 3 nexusctl whoami --server http://127.0.0.1:1
  expect 8 nexusctl wait --server http://127.0.0.1:1 --timeout 200ms
}

@test "every command has help with an example" {
  for words in "" "status" "upload" "tenant create" "kill provider block" "asset download"; do
    # shellcheck disable=SC2086
    expect 0 nexusctl $words --help
    says "usage: nexusctl${words:+ $words}" "$output"
    says "example:" "$output"
  done
  expect 0 nexusctl help tenant create
  says "usage: nexusctl tenant create" "$output"
}

@test "--print curl does nothing and holds no secret" {
  export NEXUS_TOKEN=very-secret-token
  expect 0 nexusctl --server http://127.0.0.1:1 --print curl tenant create t_x --name "it's"
  says "\"Authorization: Bearer \$NEXUS_TOKEN\"" "$output"
  says "--data-raw '{\"name\":\"it'\\''s\",\"tenant_id\":\"t_x\"}'" "$output"
  case $output in *very-secret*) false ;; esac
}

@test "contexts: set, list, use, show, remove" {
  expect 0 nexusctl context set one --server http://127.0.0.1:7701 --tenant t_one --env dev
  expect 0 nexusctl context set two --server http://127.0.0.1:7702
  expect 0 nexusctl context show --field name
  [ "$output" = one ]
  expect 0 nexusctl context use two
  expect 0 nexusctl context list -o name
  [ "$output" = $'one\ntwo' ]
  expect 2 nexusctl context use three
  expect 0 nexusctl context set two --tenant t_two --env prod
  expect 0 nexusctl context show two -o json
  [ "$(json '["env"]' <<<"$output")" = prod ]
  expect 0 nexusctl context remove two
  expect 0 nexusctl context remove two
  expect 2 nexusctl --context two status
  [ "$(stat -c %a "$NEXUS_CONFIG_DIR/config.toml")" = 600 ]
}

@test "a broken config names file and line" {
  mkdir -p "$NEXUS_CONFIG_DIR"
  printf 'current = "a"\n[contexts\n' >"$NEXUS_CONFIG_DIR/config.toml"
  expect 2 nexusctl context list
  says "config.toml line 2" "$errors"
}

@test "a misspelt key in config.toml sends no command elsewhere" {
  export NEXUS_TOKEN=x
  mkdir -p "$NEXUS_CONFIG_DIR"
  config=$NEXUS_CONFIG_DIR/config.toml
  printf 'current = "a"\n[contexts.a]\nadress = "http://127.0.0.1:1"\n' >"$config"
  expect 2 nexusctl whoami
  says "config.toml line 3: there is no key adress; did you mean address?" "$errors"
  printf 'curent = "a"\n[contexts.a]\naddress = "http://127.0.0.1:1"\n' >"$config"
  expect 2 nexusctl whoami
  says "there is no key curent; did you mean current?" "$errors"
  printf 'current = "a"\n[contexts.a]\naddress = 7700\n' >"$config"
  expect 2 nexusctl whoami
  says "address must be a text" "$errors"
  printf '[context.a]\naddress = "http://127.0.0.1:1"\n' >"$config"
  expect 2 nexusctl whoami
  says "did you mean contexts?" "$errors"
  printf 'current = "b"\n[contexts.a]\naddress = "http://127.0.0.1:1"\n' >"$config"
  expect 2 nexusctl whoami
  says 'there is no context "b" (from config.toml)' "$errors"
  expect 0 nexusctl context use a --context a
  expect 3 nexusctl whoami
  printf '[tokens]\na = 1\n[token]\nb = "x"\n' >"$NEXUS_CONFIG_DIR/tokens.toml"
  chmod 600 "$NEXUS_CONFIG_DIR/tokens.toml"
  NEXUS_TOKEN='' expect 2 nexusctl whoami
  says "tokens.toml" "$errors"
}

@test "--quiet hides no token file that others can read" {
  echo secret >"$BATS_TEST_TMPDIR/token"
  chmod 644 "$BATS_TEST_TMPDIR/token"
  expect 3 nexusctl whoami -q --server http://127.0.0.1:1 --token-file "$BATS_TEST_TMPDIR/token"
  says "is open to others" "$errors"
}

@test "smoke without a daemon is 3, and stops at the first step" {
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev
  expect 3 nexusctl smoke
  says "✗ the daemon is ready" "$output"
  [ "$(wc -l <<<"$output")" = 1 ]
  expect 3 nexusctl smoke --tap
  says "Bail out!" "$output"
}

@test "an option that has no effect is refused, and nothing is asked" {
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev
  none() {
    local option=$1
    shift
    expect 2 nexusctl "$@"
    [ -z "$output" ]
    says "$option has no effect" "$errors"
  }
  none --all temperature history cards --plot --all
  none --force audit export --force
  none --output audit export -o json
  none --field audit export --out f --field seq
  none --text settings get apps --text
  none --limit settings get surface --limit 3
  none --output asset list --field asset_id -o json
  none --output asset download x -O - -o json
  none --force asset download x -O - --force
  none --output smoke -o yaml
  none --field smoke --tap --field ok
  none --idempotency-key smoke --idempotency-key k
  none --output readiness -o yaml
  none --idempotency-key readiness --idempotency-key k
  for words in "asset list" "card delete x" "kill allow x" "temperature set cards --weight a=1" "chat tail room" \
    "whoami" "status" "version" "wait" "asset edit x --metadata a=b"; do
    # shellcheck disable=SC2086
    none --idempotency-key $words --idempotency-key k
  done
  none --output atom download x -O - -o json
  none --force atom download x -O - --force
  # What has an effect is sent.
  expect 3 nexusctl asset list --all --limit 3 --cursor x -o json
  expect 3 nexusctl card create - --idempotency-key k <<<x
  expect 3 nexusctl lock approve x --idempotency-key k
  expect 3 nexusctl kill allow x --reason why
  for words in "asset delete x" "asset list" "whoami" "kill show" "audit list" "asset download x"; do
    # shellcheck disable=SC2086
    expect 3 nexusctl $words --reason why
    says "--reason is not kept" "$errors"
  done
  (umask 077 && printf 'nxr_%043d' 0 >root.token)
  NEXUS_TOKEN='' expect 3 nexusctl asset list --reason why --token-file root.token
  [[ $errors != *"--reason"* ]]
}

@test "a control character in a header is named" {
  export NEXUS_ADDR=http://127.0.0.1:1 NEXUS_TOKEN=x NEXUS_ENV=dev
  expect 2 nexusctl asset list --tenant $'t_\x01'
  says '--tenant holds a control character: \x01' "$errors"
  expect 2 nexusctl asset list --tenant t_a --reason $'a\x1bb'
  says '--reason holds a control character: \x1b' "$errors"
  expect 2 nexusctl asset list --tenant ''
  says '--tenant is empty' "$errors"
  expect 2 nexusctl login <<<$'a\x02b'
  says 'the token on standard input holds a control character: \x02' "$errors"
}

# A server that is up and answers nothing, or one byte after the other for ever.
@test "--timeout bounds the whole command, tries and endless heads too" {
  export NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev
  for manner in silent endless; do
    coproc SERVER { exec python3 "$BATS_TEST_DIRNAME/rude_server.py" "$manner"; }
    read -r port <&"${SERVER[0]}"
    begin=$(date +%s%N)
    expect 3 nexusctl asset list --server "http://127.0.0.1:$port" --timeout 1s
    [ $((($(date +%s%N) - begin) / 1000000)) -lt 3000 ]
    kill "$SERVER_PID"
    wait "$SERVER_PID" || true
  done
}
