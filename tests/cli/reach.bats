#!/usr/bin/env bats
# How nexusctl reaches a daemon: TLS with certificates of one's own, proxies, and answers that are none.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

bats_require_minimum_version 1.5.0
load helpers
load own_daemon

teardown() {
  local one
  for one in $pid ${FRONT_PID:-} ${RUDE_PID:-}; do kill -KILL "$one" 2>/dev/null || true; done
}

# One that ends with the test: front ARGS…; where it listens is left in $front.
front() {
  coproc FRONT { exec python3 "$BATS_TEST_DIRNAME/front.py" "$@" 3>&-; }
  read -r front <&"${FRONT[0]}"
}

rude() {
  coproc RUDE { exec python3 "$BATS_TEST_DIRNAME/rude_server.py" "$1" 3>&-; }
  read -r port <&"${RUDE[0]}"
}

# A daemon behind TLS, with NEXUS_* set for it.
begin_behind_tls() {
  front tls "$BATS_TEST_TMPDIR"
  begin --dev --data-dir "$data" --public-url "$front" --print-env
  echo "$address" >&"${FRONT[1]}"
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  export NEXUS_ADDR=$front NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  ca=$BATS_TEST_TMPDIR/tls.pem
}

@test "a certificate of one's own is trusted by --cacert, NEXUS_CACERT or the context, and by nothing else" {
  begin_behind_tls
  expect 3 nexusctl whoami
  says "the certificate of $front does not verify (" "$errors"
  says "try: nexusctl status --cacert FILE" "$errors"
  expect 3 nexusctl whoami --cacert "$BATS_TEST_TMPDIR/none.pem"
  says "the trusted certificates cannot be read: " "$errors"
  says "$BATS_TEST_TMPDIR/none.pem" "$errors"
  expect 0 nexusctl whoami --cacert "$ca"
  SSL_CERT_FILE=$ca expect 0 nexusctl whoami
  NEXUS_CACERT=$ca expect 0 nexusctl whoami
  expect 0 nexusctl context set here --server "$front" --tenant t_dev --env dev --cacert tls.pem
  cd /
  [ "$(nexusctl context show here --field cacert)" = "$ca" ]
  expect 0 nexusctl status
  expect 0 nexusctl context set here --cacert ''
  expect 3 nexusctl status
  # The certificate is of localhost alone.
  expect 3 nexusctl whoami --cacert "$ca" --server "https://127.0.0.1:${front##*:}"
  says "does not verify" "$errors"
}

@test "the other scheme than the server's: the error names cause and cure, at once" {
  begin_behind_tls
  tried() { # SECONDS CODE COMMAND…: it must end in that time
    local limit=$1
    shift
    SECONDS=0
    expect "$@"
    [ "$SECONDS" -le "$limit" ]
  }
  tried 5 3 nexusctl asset list --server "http://${front#https://}"
  says "the address says http, and ${front#https://} wants TLS" "$errors"
  says "try: nexusctl status --server $front" "$errors"
  tried 5 3 nexusctl asset list --server "https://${address#http://}"
  says "the address says https, and ${address#http://} speaks HTTP without TLS" "$errors"
  says "try: nexusctl status --server $address" "$errors"
  tried 5 3 nexusctl status --server "https://${address#http://}" --field why
  says "speaks HTTP without TLS" "$output"
  tried 5 3 nexusctl chat tail room --server "https://${address#http://}"
  says "speaks HTTP without TLS" "$errors"
  expect 8 nexusctl wait --timeout 300ms --server "https://${address#http://}"
  says "is not ready in time: the address says https" "$errors"
  says "try: nexusctl status --server $address" "$errors"
}

@test "a server that answers plain HTTP on its TLS port is understood" {
  export NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  rude wants_tls
  expect 3 nexusctl asset list --server "http://127.0.0.1:$port"
  says "the address says http, and 127.0.0.1:$port wants TLS" "$errors"
}

@test "a server that does not begin TLS is told so" {
  export NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  rude silent
  expect 3 nexusctl asset list --server "https://127.0.0.1:$port" --timeout 1s
  says "https://127.0.0.1:$port took the connection and did not begin TLS" "$errors"
}

@test "under TLS too: uploads, downloads, streams, and an answer that comes before the upload's end" {
  begin_behind_tls
  export NEXUS_CACERT=$ca
  head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/file"
  expect 0 nexusctl upload "$BATS_TEST_TMPDIR/file" --field asset_id
  expect 0 nexusctl asset download "$output" -O "$BATS_TEST_TMPDIR/back"
  cmp "$BATS_TEST_TMPDIR/file" "$BATS_TEST_TMPDIR/back"
  expect 0 nexusctl chat thread create room
  expect 0 nexusctl chat send room hello
  expect 0 nexusctl chat join room --timeout 10s <<<"from a WebSocket"
  expect 0 nexusctl chat tail room --from earliest --count 2 -o jsonl
  says hello "$output"
  says "from a WebSocket" "$output"
  head -c 50000000 /dev/zero >"$BATS_TEST_TMPDIR/large.mp4"
  NEXUS_TOKEN=nonsense expect 4 nexusctl media upload "$BATS_TEST_TMPDIR/large.mp4"
  says "[auth." "$errors"
  expect 3 nexusctl chat tail room --cacert "$BATS_TEST_TMPDIR/file"
  NEXUS_CACERT='' expect 3 nexusctl chat join room </dev/null
  says "does not verify" "$errors"
  says "try: nexusctl status --cacert FILE" "$errors"
}

@test "a proxy is used where the environment or --proxy names one, and never for this machine unasked" {
  begin --dev --data-dir "$data" --allowed-host nexus.test --print-env
  # shellcheck disable=SC1091
  . "$BATS_TEST_TMPDIR/out"
  export NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  front proxy "$address"
  far=http://nexus.test:7700
  told() { read -r -t 5 line <&"${FRONT[0]}" && says "$1" "$line"; }
  HTTP_PROXY=$front expect 0 nexusctl whoami --server $far
  told "GET $far/auth/me HTTP/1.1"
  ALL_PROXY=$front expect 0 nexusctl whoami --server $far
  told "GET $far/auth/me HTTP/1.1"
  HTTPS_PROXY=$front expect 3 nexusctl whoami --server https://nexus.test
  told "CONNECT nexus.test:443 HTTP/1.1"
  expect 0 nexusctl chat thread create room
  expect 0 nexusctl chat send room hello
  http_proxy=$front expect 0 nexusctl chat tail room --server $far --from earliest --count 1
  told "CONNECT nexus.test:7700 HTTP/1.1"
  http_proxy=$front expect 0 nexusctl chat join room --server $far <<<"hello again"
  told "CONNECT nexus.test:7700 HTTP/1.1"
  HTTP_PROXY=$front NO_PROXY=nexus.test expect 3 nexusctl whoami --server $far --timeout 5s
  HTTP_PROXY=$front expect 3 nexusctl whoami --server $far --proxy '' --timeout 5s
  http_proxy=http://127.0.0.1:1 expect 0 nexusctl whoami
  expect 0 nexusctl whoami --proxy "$front"
  told "GET $address/auth/me HTTP/1.1"
  expect 0 nexusctl whoami --proxy "$front" --print curl
  says "--noproxy '' -x $front" "$output"
}

@test "a head of 400 MiB is read to 64 KiB, by requests and by streams" {
  export NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  rude flood
  for words in "asset list" "chat tail room" "chat join room"; do
    # shellcheck disable=SC2086
    run -0 python3 - $words --server "http://127.0.0.1:$port" --timeout 10s <<'END'
import resource, subprocess, sys, time
begin = time.monotonic()
done = subprocess.run(["nexusctl", *sys.argv[1:]], capture_output=True, text=True, stdin=subprocess.DEVNULL)
print(done.returncode, done.stderr)
assert time.monotonic() - begin < 8
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert peak < 64 * 1024, f"{peak} KiB"
END
    read -r -t 10 taken <&"${RUDE[0]}"
    # 64 KiB, and what the sockets of both sides hold.
    [ "$taken" -lt 4000000 ]
    [ "$words" != "asset list" ] || says "10 error: the answer has a head of more than 64 KiB" "$output"
  done
}

@test "what a server says while it refuses an upload is told" {
  export NEXUS_TOKEN=x NEXUS_TENANT=t_a NEXUS_ENV=dev NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  rude refusing
  head -c 50000000 /dev/zero >"$BATS_TEST_TMPDIR/large.mp4"
  expect 2 nexusctl media upload "$BATS_TEST_TMPDIR/large.mp4" --server "http://127.0.0.1:$port"
  says "so much is not taken [blob.too_large]" "$errors"
}

@test "a misspelt variable is named, with the one that was meant" {
  export NEXUS_CONFIG_DIR=$BATS_TEST_TMPDIR/config
  NEXUS_TOKN=x NEXUS_ADDRESS=http://127.0.0.1:1 NEXUS_USER=others expect 0 nexusctl context list -q
  says "warning: NEXUS_TOKN is no variable of nexusctl, and not used; did you mean NEXUS_TOKEN?" "$errors"
  says "did you mean NEXUS_ADDR?" "$errors"
  [[ $errors != *NEXUS_USER* ]]
}
