#!/bin/bash
# Builds the guest of openzfs-guest.sh: Debian 12 with its own OpenZFS 2.1, for QEMU. Needs root, apt-get and 2 GB for the time of it.
#
#   build-image.sh FOLDER    (new or empty) gets vmlinuz, initrd.gz, rootfs.img, id_ed25519 and known_hosts
#
# Every package comes from the Debian archives that this host's apt already uses, with contrib added in an apt root of our own.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

here=$(dirname "$(realpath "$0")")
out=$(realpath -m "${1:?FOLDER}")
work=$out/work
rootfs=$work/rootfs

fail() { printf 'build-image: %s\n' "$1" >&2; exit 1; }
step() { printf '[%4ds] %s\n' "$SECONDS" "$1" >&2; }

# All output into a log; the end of it on failure. A job of its own: bash takes no notice of "set -e" left of "||".
logged() { # LOG COMMAND...
  local log=$work/$1
  shift
  "$@" </dev/null >"$log" 2>&1 &
  wait $! || { tail -n 20 "$log" >&2; fail "failed: $1 (above: the end of its output)"; }
}

install_tools() {
  local -a missing=()
  local tool
  for tool in mmdebstrap:mmdebstrap eatmydata:eatmydata gcc-12:gcc-12 gcc:gcc make:make bc:bc cpio:cpio mkfs.ext4:e2fsprogs \
    depmod:kmod xz:xz-utils ssh:openssh-client qemu-system-x86_64:qemu-system-x86; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
  done
  [[ -e /usr/include/libelf.h ]] || missing+=(libelf-dev)
  ((${#missing[@]} == 0)) && return
  step "installing ${missing[*]}"
  logged tools-update.log apt-get -o DPkg::Lock::Timeout=300 update
  logged tools.log apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --no-remove "${missing[@]}"
}

# The archives of this host, asked of apt itself, with contrib, where the zfs packages are.
write_apt_root() {
  mkdir -p "$work"/apt/{lists/partial,cache/archives/partial} "$work/debs"
  apt-get indextargets --format "deb \$(REPO_URI) \$(RELEASE) main contrib" 'Created-By: Packages' 'Origin: Debian' 'Component: main' |
    grep -E ' bookworm(-updates|-security)? ' | sort -u >"$work/apt/sources.list" || true
  grep -q ' bookworm main' "$work/apt/sources.list" || fail "apt on this host knows no archive of Debian bookworm (after apt-get update)"
  cat >"$work/apt/conf" <<END
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
END
  logged lists.log in_apt_root apt-get update
}
in_apt_root() { APT_CONFIG=$work/apt/conf "$@"; }
download() { (cd "$work/debs" && in_apt_root apt-get download -qq "$@"); }

make_rootfs() {
  local -a sources
  mapfile -t sources <"$work/apt/sources.list"
  eatmydata mmdebstrap --quiet --mode=root --variant=essential --format=dir \
    --aptopt='APT::Install-Recommends "0"' --aptopt='Acquire::Languages "none"' --aptopt='APT::Sandbox::User "root"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt=force-unsafe-io \
    --include=zfsutils-linux,openssh-server,mount,kmod,udev,iproute2,busybox-static bookworm "$rootfs" "${sources[@]}"
}

# Debian has zfs only as source (dkms): its licence does not let the archive carry the module.
make_modules() { # KERNEL
  local headers=$work/headers/usr/src/linux-headers
  mkdir -p "$work/headers" "$work/dkms"
  for deb in "$work"/debs/linux-{headers,kbuild}-*.deb; do dpkg-deb -x "$deb" "$work/headers"; done
  dpkg-deb -x "$work"/debs/zfs-dkms_*.deb "$work/dkms"
  sed -i "s#^include /usr/src#include $work/headers/usr/src#" "$headers-$1/Makefile"
  cd "$work"/dkms/usr/src/zfs-*
  ./configure --quiet --prefix=/usr --with-config=kernel --with-linux="$headers-${1%-cloud-amd64}-common" --with-linux-obj="$headers-$1"
  [[ -e include/zfs_gitrev.h ]] || echo "#define ZFS_META_GITREV \"$(basename "$PWD")\"" >include/zfs_gitrev.h
  make -s -C "$headers-$1" M="$PWD/module" CONFIG_ZFS=m -j"$(nproc)" modules
  find module -name '*.ko' -exec strip --strip-debug {} +
}

install_modules() { # KERNEL
  local modules=$rootfs/lib/modules/$1
  mkdir -p "$modules/extra" "$work/kernel"
  dpkg-deb -x "$work"/debs/linux-image-*.deb "$work/kernel"
  cp "$work/kernel/boot/vmlinuz-$1" "$out/vmlinuz"
  find "$work"/dkms/usr/src/zfs-*/module -name '*.ko' -exec cp -t "$modules/extra" {} +
  (
    cd "$work/kernel/lib/modules/$1"
    find kernel \( -path '*/drivers/virtio/*' -o -name virtio_blk.ko -o -path '*/hw_random/*' -o -name virtio_net.ko -o -path '*failover*' \) \
      -name '*.ko' -print0 | cpio -0pdm --quiet "$modules"
    cp modules.builtin* modules.order "$modules"
  )
  depmod -b "$rootfs" "$1"
}

make_initrd() { # KERNEL
  local initrd=$work/initrd modules=$rootfs/lib/modules/$1/kernel module
  mkdir -p "$initrd"/{bin,dev,modules,root}
  cp "$rootfs/bin/busybox" "$initrd/bin/"
  install -m 755 "$here/files/initrd-init" "$initrd/init"
  for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk; do # in the order of their needs
    find "$modules" -name "$module.ko" -exec cp -t "$initrd/modules" {} +
    echo "$module" >>"$initrd/modules/order"
  done
  (cd "$initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initrd.gz"
}

# Keys are made here and now, and never leave this host.
configure_rootfs() {
  ssh-keygen -q -t ed25519 -N '' -C vpsadmin-lab -f "$out/id_ed25519"
  rm -f "$rootfs"/etc/ssh/ssh_host_*
  ssh-keygen -q -t ed25519 -N '' -C vpsadmin-lab -f "$rootfs/etc/ssh/ssh_host_ed25519_key"
  printf 'vpsadmin-lab %s\n' "$(<"$rootfs/etc/ssh/ssh_host_ed25519_key.pub")" >"$out/known_hosts"
  install -D -m 600 "$out/id_ed25519.pub" "$rootfs/root/.ssh/authorized_keys"
  install -m 644 "$here/files/sshd_config" "$rootfs/etc/ssh/sshd_config"
  install -m 644 "$here/files/inittab" "$rootfs/etc/inittab"
  install -m 755 "$here/files/guest-init" "$here/files/lab-run" "$rootfs/usr/sbin/"
  ln -sf /bin/busybox "$rootfs/usr/sbin/init"
  printf '\1\2\3\4' >"$rootfs/etc/hostid"
  echo vpsadmin-lab >"$rootfs/etc/hostname"
  echo '127.0.0.1 localhost vpsadmin-lab' >"$rootfs/etc/hosts"
  : >"$rootfs/etc/fstab"
  rm -rf "$rootfs"/var/lib/apt/lists/* "$rootfs"/var/cache/*
}

((EUID == 0)) || fail "building needs root"
[[ $(dpkg --print-architecture) == amd64 ]] || fail "the guest is made of amd64 packages"
mkdir -p "$work"
install_tools
write_apt_root
kernel=$(in_apt_root apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ {print $2; exit}')
kernel=${kernel#linux-image-}
[[ -n $kernel ]] || fail "the archive has no kernel package linux-image-cloud-amd64"

trap wait EXIT # nothing goes on behind a failure
step "making the root file system"
logged rootfs.log make_rootfs &
rootfs_job=$!
step "building zfs for $kernel"
logged download.log download zfs-dkms/bookworm "linux-image-$kernel" "linux-headers-$kernel" "linux-headers-${kernel%-cloud-amd64}-common" linux-kbuild-6.1
logged modules.log make_modules "$kernel"
wait "$rootfs_job"
step "putting the image together"
logged install.log install_modules "$kernel"
make_initrd "$kernel"
configure_rootfs
truncate -s 1G "$out/rootfs.img"
logged image.log mkfs.ext4 -q -F -O ^has_journal -m 0 -L root -E lazy_itable_init=1,nodiscard -d "$rootfs" "$out/rootfs.img"
rm -rf "$work"
step "done"
