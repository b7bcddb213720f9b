#!/bin/bash
# A virtual machine with OpenZFS for tests that need more than zfs-fuse has. See ../README.md.
#
#   openzfs-guest.sh build                               make the image (about 5 minutes; root)
#   openzfs-guest.sh start  [--state DIR] [--owner PID]  boot it, print SHIMS<TAB>tank<TAB>back
#   openzfs-guest.sh shims  [--state DIR]                print the same line for a guest that runs
#   openzfs-guest.sh status [--state DIR]                say whether the image is built and the guest runs
#   openzfs-guest.sh stop   [--state DIR]                end the guest and remove its state
#
# SHIMS is a folder with zfs and zpool, which run in the guest, and in-guest, which runs any program there.
# A guest lives until stop or until its owner has ended (default: no owner). Its disks are new at each start.
# Exit status: 0 done, 1 failed, 2 wrong usage, 3 there is no image (start) or no guest (status, shims).
set -euo pipefail
umask 077
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

here=$(dirname "$(realpath "$0")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vpsadmin-lab/openzfs
readonly BOOT_SECONDS=180 MEMORY=1536M DISK=4G

fail() { printf 'openzfs-guest: %s\n' "$1" >&2; exit "${2:-1}"; }
usage() { sed -n '4,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# An image of other scripts than these is none.
image() { printf '%s/image-%s' "$cache" "$(cat "$here/build-image.sh" "$here"/files/* | sha256sum | cut -c1-16)"; }
has_image() { [[ -e $(image)/rootfs.img ]]; }

build() {
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock 9
  if has_image; then return; fi
  rm -rf "$cache"/image-* "$cache/new"
  nice -n 15 "$here/build-image.sh" "$cache/new" 9>&-
  mv "$cache/new" "$(image)"
}

# A process is a pid and the time it started: pids are used again.
started() { # PID
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  read -ra stat <<<"${stat##*) }"
  [[ ${stat[0]} != Z ]] && printf '%s' "${stat[19]}"
}
runs() {
  local pid since
  read -r pid since 2>/dev/null <"$state/machine" && [[ $(started "$pid") == "$since" ]]
}

enter_state() {
  mkdir -p "$state"
  [[ -d $state && ! -L $state && -O $state ]] || fail "$state is not a folder of this user"
}

write_ssh_options() { # PORT
  printf '%s\n' -F none -S "$state/ssh" -p "$1" -i "$(image)/id_ed25519" -o "UserKnownHostsFile=$(image)/known_hosts" -o HostKeyAlias=vpsadmin-lab \
    -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=30 -o LogLevel=ERROR >"$state/ssh-options"
}

# The same for whoever starts ssh himself: as the host "openzfs", through the connection that is there.
write_ssh_config() { # PORT
  printf '%s\n' 'Host openzfs' ' HostName 127.0.0.1' ' User root' ' HostKeyAlias vpsadmin-lab' ' IdentitiesOnly yes' ' LogLevel ERROR' \
    " Port $1" " IdentityFile $(image)/id_ed25519" " UserKnownHostsFile $(image)/known_hosts" " ControlPath $state/ssh" >"$state/ssh-config"
}

boot() {
  local folder pid
  folder=$(image)
  truncate -s "$DISK" "$state/tank.img" "$state/back.img"
  # TCG: also works where there is no KVM, or none that boots this kernel. The EPYC model is twice as fast there as "max".
  # The root disk is a throw-away layer over the image. The guest reaches nothing; the host reaches its sshd on the loopback.
  TMPDIR=$state nice -n 5 setsid qemu-system-x86_64 -name vpsadmin-lab -accel tcg -cpu EPYC,-svm -smp 1 -m "$MEMORY" \
    -nodefaults -no-user-config -no-reboot -display none -serial "file:$state/console" \
    -kernel "$folder/vmlinuz" -initrd "$folder/initrd.gz" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable random.trust_cpu=on nokaslr net.ifnames=0" \
    -drive "file=$folder/rootfs.img,if=virtio,format=raw,snapshot=on,cache=unsafe" \
    -drive "file=$state/tank.img,if=virtio,format=raw,cache=unsafe" \
    -drive "file=$state/back.img,if=virtio,format=raw,cache=unsafe" \
    -netdev user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22 -device virtio-net-pci,netdev=net -device virtio-rng-pci \
    </dev/null >"$state/qemu.log" 2>&1 &
  disown
  pid=$!
  printf '%s %s\n' "$pid" "$(started "$pid")" >"$state/machine"
}

# The port that the system gave to qemu: its one listening TCP socket.
port() {
  local pid
  read -r pid _ <"$state/machine"
  find "/proc/$pid/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -dc '0-9\n' |
    awk 'NR == FNR { mine[$1]; next } $4 == "0A" && $10 in mine { sub(".*:", "", $2); print $2; exit }' - /proc/net/tcp |
    while read -r hex; do echo $((16#$hex)); done
}

connect() {
  local -a options
  # Not before sshd listens: what is sent too early is tried again only after seconds.
  until grep -q 'Server listening on 0.0.0.0' "$state/console" 2>/dev/null; do
    runs || fail "the guest ended while booting: $(tail -qn 3 "$state/console" "$state/qemu.log")"
    ((SECONDS < BOOT_SECONDS)) || fail "the guest does not boot in $BOOT_SECONDS seconds: $(tail -n 3 "$state/console")"
    sleep 0.2
  done
  write_ssh_options "$(port)"
  write_ssh_config "$(port)"
  mapfile -t options <"$state/ssh-options"
  ssh "${options[@]}" -M -o ControlPersist=yes -fN root@127.0.0.1 </dev/null >/dev/null 2>"$state/ssh.log" || fail "no ssh into the guest: $(<"$state/ssh.log")"
  mkdir "$state/shims" "$state/calls"
  for name in zfs zpool in-guest; do ln -s "$here/shim" "$state/shims/$name"; done
}

# What an owner leaves behind without having said stop is ended for it.
watch_owner() { # PID
  # shellcheck disable=SC2016 # expanded by the inner shell
  setsid bash -c 'tail --pid="$1" -f /dev/null; exec "$2" stop --state "$3"' watch "$1" "$here/openzfs-guest.sh" "$state" </dev/null >/dev/null 2>&1 &
  printf '%s %s\n' "$!" "$(started $!)" >"$state/watch"
}

start() {
  has_image || fail "no OpenZFS guest image: run tests/Lab/guest/openzfs-guest.sh build (about 5 minutes)" 3
  enter_state
  if runs; then fail "a guest runs already with $state"; fi
  rm -rf "${state:?}"/*
  trap stop EXIT
  boot
  connect
  for pool in tank:/dev/vdb back:/dev/vdc; do
    "$state/shims/zpool" create -f -O compression=off -O atime=off "${pool%%:*}" "${pool##*:}"
  done
  [[ -z $owner ]] || watch_owner "$owner"
  trap - EXIT
  shims
}

shims() {
  runs || fail "no guest runs with $state" 3
  printf '%s\ttank\tback\n' "$state/shims"
}

stop() {
  local file pid since
  [[ -d $state && -O $state ]] || return 0
  if [[ -S $state/ssh ]]; then ssh -F none -S "$state/ssh" -O exit root@127.0.0.1 2>/dev/null || true; fi
  # There is nothing to save: pools and root disk are gone with the guest. The watcher last, as it may be who calls.
  for file in machine watch; do
    if read -r pid since 2>/dev/null <"$state/$file" && [[ $pid != "$$" && $(started "$pid") == "$since" ]]; then
      kill -KILL -- "-$pid"
      while [[ $(started "$pid") == "$since" ]]; do sleep 0.05; done
    fi
  done
  rm -rf "${state:?}"
}

status() {
  if has_image; then echo "image: $(image)"; else echo "image: none"; fi
  runs || { echo "guest: none"; exit 3; }
  echo "guest: process $(cut -d' ' -f1 "$state/machine"), ssh on 127.0.0.1:$(port), console in $state/console"
}

command=${1:-}
state=${TMPDIR:-/var/tmp}/vpsadmin-openzfs-$UID
owner=
(($# > 0)) && shift
while (($# > 0)); do
  case $1 in
    --state) state=$(realpath -m "${2:?}") ;;
    --owner) owner=${2:?} ;;
    *) usage ;;
  esac
  shift 2
done
case $command in
  build | start | stop | status | shims) "$command" ;;
  *) usage ;;
esac
