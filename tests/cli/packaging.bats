#!/usr/bin/env bats
# What is installed beside the programs: the rules of `cmake --install`, the settings, the bill of materials. The
# packages themselves are tried by `./dev package --try`.

# shellcheck disable=SC2030,SC2031,SC2154 # bats runs tests in subshells; helpers.bash sets the variables

load helpers

install_to() { # DIRECTORY
  local component
  for component in nexusd nexusctl; do
    cmake --install "$NEXUS_BIN_DIR/.." --prefix "$1" --component $component >/dev/null
  done
}

@test "cmake --install puts everything in place, with the real paths, and keeps the operator's settings" {
  [ -f "$NEXUS_BIN_DIR/../cmake_install.cmake" ] || skip "no build directory"
  there=$PWD/there
  install_to "$there"
  for file in bin/nexusd bin/nexusctl bin/nexus-audit-verify lib/systemd/system/nexusd.service \
    lib/sysusers.d/nexusd.conf share/man/man8/nexusd.8.gz share/man/man5/nexusd.conf.5.gz \
    share/man/man8/nexusd-backup.8.gz share/man/man8/nexusd-restore.8.gz \
    share/man/man7/nexus.7.gz share/man/man7/nexus-limits.7.gz share/man/man7/nexusd-service.7.gz \
    share/man/man1/nexusctl.1.gz \
    share/man/man1/nexusctl-upload.1.gz \
    share/man/man1/nexus-audit-verify.1.gz share/bash-completion/completions/nexusctl \
    share/zsh/vendor-completions/_nexusctl share/fish/vendor_completions.d/nexusctl.fish share/doc/nexusd/copyright \
    share/doc/nexusctl/copyright share/doc/nexusd/changelog.gz share/nexusd/nexusd.rules.yml \
    share/nexusd/nexusd.json share/doc/nexusd/examples/nexusd.socket etc/nexus/nexusd.toml; do
    [ -s "$there/$file" ]
  done
  grep -q "^ExecStart=$there/bin/nexusd serve" "$there/lib/systemd/system/nexusd.service"
  gzip -dc "$there/share/man/man8/nexusd.8.gz" | cmp - "$repository/man/nexusd.8"
  [ "$("$there/bin/nexusd" --version)" = "$(nexusd --version)" ]
  "$there/bin/nexus-audit-verify" --help
  nexusctl completion bash | cmp - "$there/share/bash-completion/completions/nexusctl"
  echo '# ours' >>"$there/etc/nexus/nexusd.toml"
  install_to "$there"
  grep -qx '# ours' "$there/etc/nexus/nexusd.toml"
}

# 1 is the answer of `check` where no installation is; 2 would mean that the settings are not understood.
@test "the settings that are installed are understood, as they are and with each line in force" {
  expect 1 nexusd check --data-dir "$PWD/data" --config "$repository/packaging/nexusd.toml"
  sed 's/^# \([a-z0-9_]* = .*\|\[[a-z]*\]\)$/\1/' "$repository/packaging/nexusd.toml" >all.toml
  [ "$(grep -c '^[a-z0-9_]* = ' all.toml)" -ge 8 ]
  expect 1 nexusd check --data-dir "$PWD/data" --config all.toml
  sed -i 's/^events_days/evnts_days/' all.toml
  expect 2 nexusd check --data-dir "$PWD/data" --config all.toml
}

@test "the build is told as JSON" {
  for program in nexusd nexusctl; do
    expect 0 $program --version -o json
    [ "$program $(json '["version"]' <<<"$output")" = "$($program --version)" ]
    [ "$(json '["name"]' <<<"$output")" = $program ]
    [ "$(json '.keys() == set("name version commit compiler build_type system".split())' <<<"$output")" = True ]
  done
}

@test "the bill of materials names the packages and what they depend on" {
  command -v dpkg-deb >/dev/null || skip "no dpkg-deb"
  mkdir -p package/DEBIAN
  printf '%s\n' 'Package: nexusd' 'Version: 1-1' 'Architecture: all' 'Maintainer: A <a@b.example>' 'Description: d' \
    'Depends: libc6 (>= 2.36), dpkg | other' >package/DEBIAN/control
  dpkg-deb --root-owner-group -b package one.deb >/dev/null
  "$repository/packaging/sbom.py" one.deb >bill.json
  [ "$(json '["packages"][0]["checksums"][0]["checksumValue"]' <bill.json)" = "$(sha256sum <one.deb | cut -d' ' -f1)" ]
  version=$(dpkg-query -W -f '${Version}' libc6:"$(dpkg --print-architecture)")
  [ "$(json '["packages"][1]["name"]' <bill.json)" = libc6 ]
  [ "$(json '["packages"][1]["versionInfo"]' <bill.json)" = "$version" ]
  related=$(json '["relationships"]' <bill.json)
  says "'SPDXRef-nexusd', 'relationshipType': 'DEPENDS_ON', 'relatedSpdxElement': 'SPDXRef-dpkg'" "$related"
}
