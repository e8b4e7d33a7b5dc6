#!/usr/bin/env bats
# SIGHUP: the configuration is read again. What is taken is in force, what waits is named, what is invalid is not taken.

bats_require_minimum_version 1.5.0
load helpers
load own_daemon

# configure TEXT: the configuration file.
configure() { printf '%b' "$1" >"$BATS_TEST_TMPDIR/nexusd.toml"; }

# reload SIGN: SIGHUP; waits until the log holds the sign once more than before.
reload() {
  local before tries=0
  before=$(grep -cF -- "$1" "$BATS_TEST_TMPDIR/log" || true)
  kill -HUP "$pid"
  until [ "$(grep -cF -- "$1" "$BATS_TEST_TMPDIR/log")" -gt "$before" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { cat "$BATS_TEST_TMPDIR/log" >&2 && return 1; }
    sleep 0.05
  done
}
again="SIGHUP: the configuration was read again"

# requests: the lines of the log about answered requests.
requests() { grep -c ' request method=GET route=/livez ' "$BATS_TEST_TMPDIR/log" || true; }

@test "what the log is told changes at SIGHUP, and each key is named" {
  configure 'trusted_proxy = ["10.0.0.1"]\n'
  begin --data-dir "$data" --config "$BATS_TEST_TMPDIR/nexusd.toml"
  curl -sf "$address/livez"
  [ "$(requests)" -eq 0 ]
  configure 'access_log = true\ntrusted_proxy = ["127.0.0.1"]\n'
  reload "$again file=$BATS_TEST_TMPDIR/nexusd.toml taken=2 waiting=0"
  grep -q "a new setting is in force key=access_log value=true from=$BATS_TEST_TMPDIR/nexusd.toml:1$" log
  grep -q 'a new setting is in force key=trusted_proxy value=127.0.0.1 from=' log
  curl -sf -H 'X-Forwarded-For: 203.0.113.9' "$address/livez"
  [ "$(requests)" -eq 1 ]
  grep -q ' request .*client=203.0.113.9$' log
  configure '[log]\naddresses = false\n'
  reload "$again"
  configure 'log_format = "json"\nlog_level = "debug"\n'
  reload "$again"
  curl -sf "$address/livez"
  grep '"message":"request"' log | tail -n 1 | jq -e '.level == "debug" and .client == "127.0.0.1"'
  end 0
}

@test "what waits for a restart is named at each SIGHUP, and stays as it was" {
  configure ''
  begin --data-dir "$data" --config "$BATS_TEST_TMPDIR/nexusd.toml"
  configure 'cors_origin = ["https://page.example"]\n[limits]\nupload_bytes = "1MiB"\n'
  for _ in 1 2; do
    reload "$again file=$BATS_TEST_TMPDIR/nexusd.toml taken=0 waiting=2"
  done
  [ "$(grep -c 'waits for the next start key=limits.upload_bytes value=1MiB from=' log)" -eq 2 ]
  [ "$(grep -c 'waits for the next start key=cors_origin value=https://page.example from=' log)" -eq 2 ]
  run ! curl -sfI -H 'Origin: https://page.example' "$address/livez"
  end 0
}

@test "an invalid file is not taken: the log says why, and all is as before" {
  configure 'access_log = true\n'
  begin --data-dir "$data" --config "$BATS_TEST_TMPDIR/nexusd.toml"
  for text in 'acess_log = false\n' 'access_log = false\nlog_level = "loud"\n' \
    'metrics_listen = "0.0.0.0:1"\n' 'access_log ='; do
    configure "$text"
    reload "the configuration is not valid; all is as before"
  done
  grep -q 'did you mean access_log?' log
  rm nexusd.toml
  reload "the configuration is not valid; all is as before"
  told=$(requests)
  curl -sf "$address/livez"
  [ "$(requests)" -eq $((told + 1)) ]
  configure ''
  reload "$again"
  curl -sf "$address/livez"
  [ "$(requests)" -eq $((told + 1)) ]
  end 0
}

@test "a flag wins over the file that is read again, and nothing changes" {
  configure ''
  begin --data-dir "$data" --config "$BATS_TEST_TMPDIR/nexusd.toml" --log-level info
  configure 'log_level = "error"\n'
  reload "taken=0 waiting=0"
  end 0
}
