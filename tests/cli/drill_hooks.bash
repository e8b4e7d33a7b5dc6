# shellcheck shell=bash disable=SC2154 # drill.bash sets $here
# What happens on the machine of a drill beside what its reader types: the page names these functions where they happen.

# The package of a proxy was installed, and has started its service. This machine has no user but root.
drill_nginx() {
  mkdir -p /var/log/nginx /var/lib/nginx && sed -i 's/^user .*/user root;/' /etc/nginx/nginx.conf &&
    systemctl start nginx
}
drill_caddy() { systemctl start caddy; }

# An agent works for u_bot in t_acme, and its token can write.
drill_agent() {
  nexusctl --token-file /var/lib/nexusd/root.token user create u_bot &&
    nexusctl --token-file /var/lib/nexusd/root.token --tenant t_acme member set u_bot member --reason drill &&
    nexusctl --token-file /var/lib/nexusd/root.token token create --user u_bot --actor-type agent --out bot.token &&
    bot_writes
}

bot_writes() {
  printf 'card_type: note\n---\nmine\n' |
    nexusctl --token-file bot.token --tenant t_acme --env dev card create -
}

# ends STATUS COMMAND…
ends() {
  local wanted=$1 got=0
  shift
  "$@" || got=$?
  [ "$got" -eq "$wanted" ] || { echo "exit $got, wanted $wanted: $*" >&2 && return 1; }
}

drill_agent_is_stopped() { ends 5 bot_writes; }
drill_agent_acts() { bot_writes; }
drill_agent_is_out() { ends 4 bot_writes; }

# Somebody else has a copy of the system token.
drill_copied_root() { cp /var/lib/nexusd/root.token copied; }
drill_copy_is_refused() { ends 4 nexusctl --token-file copied tenant list; }

# A file of somebody else takes the rest of the disk.
drill_full_disk() {
  { nexusctl upload /etc/hosts && dd if=/dev/zero of=/var/lib/nexusd/somebody.else bs=1M status=none; } || true
  [ "$(df --output=avail /var/lib/nexusd | tail -n 1)" -lt 16384 ]
}

# The data directory of version 0.1.0, which ran here until now.
drill_old_installation() {
  systemctl stop nexusd
  rm -r /var/lib/nexusd/*
  tar -xzf "$here/../fixtures/installation-0.1.0.tar.gz" -C /var/lib/nexusd --strip-components=1
}

# From here on the reader sits at another machine, with nothing on it but the package.
drill_other_machine() { rm -r /var/lib/nexusd/* && [ -z "$(ls /var/lib/nexusd)" ]; }

# From here on the data directory is gone, as after a fire.
drill_empty_machine() { systemctl stop nexusd && rm -r /var/lib/nexusd/*; }
