#!/usr/bin/env bats
# Completion as a person meets it: a real bash (and zsh or fish, where they are there) with the script that nexusctl
# prints, a real daemon behind it, and none.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

setup_file() { start_daemon; }
teardown_file() { stop_daemon; }

# complete_line LINE: what bash offers with the cursor at the end of LINE, one a line. Words break as in readline.
complete_line() {
  bash --norc --noprofile -c '
    source <(nexusctl completion bash)
    COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
    while [[ $1 =~ ^[[:space:]]*([=:]+|[^[:space:]=:]+)(.*)$ ]]; do
      COMP_WORDS+=("${BASH_REMATCH[1]}")
      set -- "${BASH_REMATCH[2]}"
    done
    [[ $COMP_LINE != *[[:space:]] ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    compopt() { echo "compopt $*"; }
    _nexusctl
    ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' bash "$1"
}

@test "bash: commands, options and fixed values, without a daemon" {
  export NEXUS_ADDR=http://127.0.0.1:1
  [ "$(complete_line 'nexusctl upl')" = upload ]
  [ "$(complete_line 'nexusctl kill provider ')" = $'block\nallow' ]
  [ "$(complete_line 'nexusctl asset list --metad')" = --metadata ]
  [ "$(complete_line 'nexusctl asset list --env st')" = staging ]
  [ "$(complete_line 'nexusctl asset list --output=')" = "$(printf '%s\n' table json jsonl yaml name tsv csv)" ]
  [ "$(complete_line 'nexusctl asset list --output=js')" = $'json\njsonl' ]
  [ "$(complete_line 'nexusctl --server http://127.0.0.1:1 asset dow')" = download ]
  [ "$(complete_line 'nexusctl upload rep')" = 'compopt -o default' ]
}

@test "bash: ids, actions, surfaces and contexts of the place that the line names" {
  echo content >report.txt
  asset=$(nexusctl upload report.txt --field asset_id)
  nexusctl chat thread create standup --title Standup
  nexusctl context set completed --server http://127.0.0.1:1
  [ "$(complete_line 'nexusctl asset show ')" = "$asset" ]
  [ "$(complete_line "nexusctl --server $NEXUS_ADDR chat send st")" = standup ]
  [ "$(complete_line 'nexusctl kill block raw_pre')" = raw_presign ]
  [ "$(complete_line 'nexusctl event list --surface raw_s')" = raw_storage ]
  [ "$(complete_line 'nexusctl member remove u_')" = u_dev ]
  [ "$(complete_line 'nexusctl context use comp')" = completed ]
  [ "$(complete_line 'nexusctl --context comp')" = completed ]
  [ -z "$(NEXUS_TENANT=t_other complete_line 'nexusctl asset show ')" ]
}

@test "bash: atoms, sessions of memory, documents of settings and their versions" {
  printf 'one\ntwo\n' >cut.txt
  asset=$(nexusctl upload cut.txt --field asset_id)
  nexusctl upload cut.txt --filename whole.txt
  atoms=$(nexusctl atom create "$asset" --op lines -o name)
  nexusctl memory add tea-talk --role user 'What is tea?'
  nexusctl memory add tea-talk --role agent 'Leaves.'
  for version in 1 2; do
    printf 'card_type: app_definition\nname: helpdesk\n---\n%s\n' $version | nexusctl settings put app/helpdesk -
  done
  [ "$(complete_line 'nexusctl atom show ' | sort)" = "$(sort <<<"$atoms")" ]
  [ "$(complete_line 'nexusctl memory show tea')" = tea-talk ]
  [ "$(complete_line 'nexusctl settings history ')" = $'surface\napp/helpdesk' ]
  [ "$(complete_line 'nexusctl settings diff app/helpdesk ')" = $'2\n1' ]
  [ "$(complete_line 'nexusctl settings diff app/helpdesk 1 ')" = $'2\n1' ]
  [ -z "$(complete_line 'nexusctl settings diff app/nobody ')" ]
  [ -z "$(complete_line 'nexusctl settings diff nonsense ')" ]
  nexusctl memory delete tea-talk
  [ -z "$(complete_line 'nexusctl memory show tea')" ]
}

# shellcheck disable=SC2088 # the shell that completes has not expanded it
@test "bash: a program that is typed with a tilde answers too" {
  mkdir -p 'a home/bin'
  ln -s "$NEXUS_BIN_DIR/nexusctl" 'a home/bin/nexusctl'
  export HOME="$PWD/a home" NEXUS_ADDR=http://127.0.0.1:1
  [ "$(complete_line '~/bin/nexusctl upl')" = upload ]
  [ "$(complete_line '~/bin/nexusctl kill provider ')" = $'block\nallow' ]
}

@test "where nothing answers, nothing is offered or said, and nobody waits" {
  python3 -c 'import signal, socket
server = socket.create_server(("127.0.0.1", 0)); print(server.getsockname()[1], flush=True); signal.pause()' \
    >port 3>&- &
  server=$!
  until [ -s port ]; do sleep 0.05; done
  for address in http://127.0.0.1:1 "http://127.0.0.1:$(cat port)" not-a-url; do
    # 20 s would be no timing of a person; a hang without an end is what this looks for.
    NEXUS_ADDR=$address expect 0 timeout 20 nexusctl __complete asset show ''
    [ -z "$output$errors" ]
    for line in 'atom show' 'memory show' 'settings diff surface'; do
      # shellcheck disable=SC2086
      NEXUS_ADDR=$address expect 0 timeout 20 nexusctl __complete $line ''
      [ -z "$output$errors" ]
    done
  done
  kill "$server"
  mkfifo token
  NEXUS_TOKEN='' NEXUS_TOKEN_FILE=$PWD/token expect 0 timeout 20 nexusctl __complete asset show ''
  [ -z "$output$errors" ]
  echo 'unknown = 1' >config.toml
  NEXUS_CONFIG_DIR=$PWD expect 0 nexusctl __complete asset show ''
  [ -z "$output$errors" ]
}

@test "to complete leaves no row of the audit log, whoever's the token" {
  before=$(nexusctl audit list --limit 1 --field items.0.seq)
  complete_line 'nexusctl asset show '
  as_system complete_line 'nexusctl --reason x asset show '
  as_system complete_line 'nexusctl --reason x atom show '
  as_system complete_line 'nexusctl --reason x memory show '
  [ "$(nexusctl audit list --limit 1 --field items.0.seq)" = "$before" ]
}

@test "zsh takes its script" {
  command -v zsh >/dev/null || skip "no zsh"
  nexusctl completion zsh >_nexusctl
  zsh -n _nexusctl
  run zsh -fc 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -d dump; print -- $_comps[nexusctl]'
  [ "$output" = _nexusctl ]
  mkdir bin
  ln -s "$NEXUS_BIN_DIR/nexusctl" bin/nexusctl
  # shellcheck disable=SC2016
  HOME=$PWD run zsh -fc 'compdef() { :; }; _describe() { print -rl -- ${(P)3}; }
    source ./_nexusctl; words=("~/bin/nexusctl" upl) CURRENT=2; _nexusctl'
  says upload "$output"
}

@test "fish takes its script, and offers with it" {
  command -v fish >/dev/null || skip "no fish"
  nexusctl completion fish >nexusctl.fish
  run env HOME="$PWD" fish --no-config -c 'source nexusctl.fish; complete -C "nexusctl asset list --env st"'
  [ "$output" = staging ]
  run env HOME="$PWD" fish --no-config -c 'source nexusctl.fish; complete -C "nexusctl upl"'
  says upload "$output"
  mkdir bin
  ln -s "$NEXUS_BIN_DIR/nexusctl" bin/nexusctl
  run env HOME="$PWD" fish --no-config -c 'source nexusctl.fish; complete -C "~/bin/nexusctl upl"'
  says upload "$output"
}
