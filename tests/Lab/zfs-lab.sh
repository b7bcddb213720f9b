#!/bin/bash
# A real ZFS for tests and for trying things out, with pools on sparse files. See README.md.
#
#   zfs-lab.sh start [--owner PID]             make a ZFS available and lease it
#   zfs-lab.sh pool NAME SIZE [--owner PID]    make the pool lab-..., print NAME<TAB>MOUNTPOINT
#   zfs-lab.sh drop NAME [--owner PID]         destroy a pool that this owner made
#   zfs-lab.sh stop [--owner PID]              destroy the owner's pools, give the lease back
#
# The owner (default: the calling process) is whoever must be alive for the lease to count.
# Exit status: 0 done, 1 failed, 2 wrong usage, 3 no ZFS can be had here.
set -euo pipefail

readonly STATE=/run/vpsadmin-zfs-lab
readonly MARK=vpsadmin.lab:token
export LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

fail() { printf 'zfs-lab: %s\n' "$1" >&2; exit "${2:-1}"; }
usage() { sed -n '4,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# A process is a pid and the time it started: pids are used again.
started() { # PID
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # Fields are counted behind the command name, which may contain anything.
  read -ra stat <<<"${stat##*) }"
  [[ ${stat[0]} != Z ]] && printf '%s' "${stat[19]}"
}
alive() { [[ $(started "$1") == "$2" ]]; } # PID STARTED

enter_state() {
  mkdir -m 700 "$STATE" 2>/dev/null || true
  # Someone else's folder or link under our name would let them choose what root destroys.
  [[ -d $STATE && ! -L $STATE && $(stat -c '%u %a' "$STATE") == "0 700" ]] || fail "$STATE is not a root-only folder" 3
  mkdir -p "$STATE/leases" "$STATE/pools"
  exec 9>"$STATE/lock"
  flock -w 600 9 || fail "another lab command does not finish"
}

pool_exists() { zpool list -H -o name 2>/dev/null | grep -Fqx -- "$1"; }
zfs_works() { timeout 20 zfs list -H -o name >/dev/null 2>&1; }

install_zfs_fuse() {
  command -v apt-get >/dev/null || fail "no working ZFS, and no apt-get to install zfs-fuse with" 3
  local -a get=(timeout 300 apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=1 -o Acquire::http::Timeout=20)
  # zfs-fuse conflicts with zfsutils-linux: a lab is no reason to remove a host's own ZFS.
  local -a install=("${get[@]}" install -y --no-install-recommends --no-remove zfs-fuse)
  export DEBIAN_FRONTEND=noninteractive
  "${install[@]}" </dev/null >/dev/null 2>&1 9>&- ||
    { "${get[@]}" update && "${install[@]}"; } </dev/null >"$STATE/apt.log" 2>&1 9>&- ||
    fail "zfs-fuse cannot be installed: $(tail -n 1 "$STATE/apt.log")" 3
}

start_daemon() {
  mkdir -p /run/zfs /var/lib/zfs
  rm -f "$STATE/daemon" "$STATE/daemon.pid"
  # In the foreground (-n) so that the pid is ours, in its own session so that it outlives this script,
  # and in / because zfs-fuse wants its working directory on a real file system.
  (cd / && exec setsid zfs-fuse -n --no-kstat-mount -p "$STATE/daemon.pid" </dev/null >"$STATE/daemon.log" 2>&1 9>&-) &
  local pid=$! i
  for ((i = 0; i < 100; i++)); do
    if zfs_works; then
      printf '%s %s\n' "$pid" "$(started "$pid")" >"$STATE/daemon"
      return
    fi
    started "$pid" >/dev/null || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  fail "zfs-fuse does not start: $(tail -n 1 "$STATE/daemon.log")" 3
}

stop_daemon() { # only the one we started, and only when no stranger's pool lives in it
  local pid since i
  read -r pid since 2>/dev/null <"$STATE/daemon" || return 0
  if alive "$pid" "$since"; then
    if [[ -n $(zpool list -H -o name 2>/dev/null) ]]; then
      echo "zfs-lab: zfs-fuse stays: it serves pools that the lab did not make" >&2
      return 0
    fi
    kill -TERM "$pid"
    for ((i = 0; i < 100; i++)); do alive "$pid" "$since" || break; sleep 0.1; done
    if alive "$pid" "$since"; then kill -KILL "$pid"; fi
  fi
  rm -f "$STATE/daemon" "$STATE/daemon.pid"
}

mounted_below() { awk -v dir="$1/" 'index($2, dir) == 1 { print $2 }' /proc/self/mounts | sort -r; }

# The pool is ours when our record, its name and the mark it got at creation agree.
destroy_pool() { # NAME
  local name=$1 owner since token dir i
  read -r owner since token dir <"$STATE/pools/$name" || return 1
  if pool_exists "$name"; then
    if [[ $(zfs get -H -o value "$MARK" "$name") != "$token" ]]; then
      echo "zfs-lab: pool $name is not the one that the lab made: left alone" >&2
      return 1
    fi
    # zfs-fuse unmounts asynchronously: a pool just used may be busy for a moment.
    for ((i = 0; ; i++)); do
      zpool destroy -f "$name" 2>"$STATE/destroy.log" && break
      ((i < 50)) || { cat "$STATE/destroy.log" >&2; return 1; }
      sleep 0.2
    done
  fi
  for ((i = 0; i < 50; i++)); do
    [[ -n $(mounted_below "$dir") ]] || break
    sleep 0.1
  done
  # What is mounted still belongs to a daemon that died.
  mounted_below "$dir" | while IFS= read -r mount; do umount -l "$mount" || true; done
  rm -rf --one-file-system -- "$dir"
  rm -f "$STATE/pools/$name"
}

destroy_pools_of() { # PID STARTED
  local record owner since rest status=0
  for record in "$STATE"/pools/*; do
    [[ -e $record ]] || continue
    read -r owner since rest <"$record" || continue
    [[ $owner != "$1" || $since != "$2" ]] || destroy_pool "${record##*/}" || status=1
  done
  return "$status"
}

reap() { # leases and pools of owners that died without saying goodbye
  local record owner since rest
  for record in "$STATE"/leases/*; do
    [[ -e $record ]] || continue
    owner=${record##*/} since=$(<"$record")
    alive "$owner" "$since" || rm -f "$record"
  done
  for record in "$STATE"/pools/*; do
    [[ -e $record ]] || continue
    read -r owner since rest <"$record" || continue
    alive "$owner" "$since" || destroy_pool "${record##*/}" || true
  done
}

start() {
  zfs_works || {
    command -v zfs-fuse >/dev/null || install_zfs_fuse
    # Where there is an init system, the package has started its daemon already: that one is not ours to stop.
    zfs_works || start_daemon
  }
  reap
  printf '%s\n' "$since" >"$STATE/leases/$owner"
}

pool() { # NAME SIZE
  local name=$1 size=$2 token dir
  [[ $name =~ ^lab-[A-Za-z0-9_.-]{1,100}$ ]] || fail "'$name' is not a lab pool: the name must begin with lab-" 2
  [[ $size =~ ^[0-9]+[KMGT]?$ ]] || fail "'$size' is not a size" 2
  [[ -e $STATE/leases/$owner ]] || fail "process $owner has no lease: start first"
  if pool_exists "$name" || [[ -e $STATE/pools/$name ]]; then fail "pool $name exists"; fi
  # Not /run: vdev files want a disk. TMPDIR may say which.
  dir=$(mktemp -d "${TMPDIR:-/var/tmp}/zfs-lab.XXXXXXXX")
  token=${dir##*.}
  printf '%s %s %s %s\n' "$owner" "$since" "$token" "$dir" >"$STATE/pools/$name"
  truncate -s "$size" "$dir/vdev"
  # No cache file: the pool must not come back by itself after a restart.
  if ! zpool create -o ashift=12 -o cachefile=none -O "$MARK=$token" -m "$dir/mnt" "$name" "$dir/vdev"; then
    rm -rf --one-file-system -- "$dir" "$STATE/pools/$name"
    fail "pool $name cannot be made"
  fi
  printf '%s\t%s\n' "$name" "$dir/mnt"
}

drop() { # NAME
  local maker
  [[ $1 == lab-* && $1 != */* && -e $STATE/pools/$1 ]] || fail "the lab made no pool $1"
  read -r maker _ <"$STATE/pools/$1"
  [[ $maker == "$owner" ]] || fail "pool $1 belongs to process $maker"
  destroy_pool "$1"
}

stop() {
  local status=0
  destroy_pools_of "$owner" "$since" || status=1
  rm -f "$STATE/leases/$owner"
  reap
  [[ -n $(ls -A "$STATE/leases") ]] || stop_daemon
  return "$status"
}

owner=$PPID arguments=()
while (($#)); do
  case $1 in
    --owner) [[ ${2:-} =~ ^[0-9]+$ ]] || usage; owner=$2; shift 2 ;;
    *) arguments+=("$1"); shift ;;
  esac
done
set -- "${arguments[@]}"

case "${1:-} $#" in
  'start 1' | 'stop 1' | 'drop 2' | 'pool 3') ;;
  *) usage ;;
esac
[[ $(uname -s) == Linux ]] || fail "only Linux has a lab" 3
((EUID == 0)) || fail "root is needed to make pools" 3
since=$(started "$owner") || fail "process $owner does not run"
enter_state
"$@"
