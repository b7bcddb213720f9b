#!/usr/bin/env bash
# Installs the packages of out/linux on this machine, does the main job with what they brought, and removes them again.
#   packaging/linux/package.sh && packaging/linux/check.sh        as root, on Debian or Ubuntu, where none of them is installed
set -euo pipefail
cd "$(dirname "$0")/../.."
names=(vpsadmin-server vpsadmin-node vpsadmin-shell) files=()
for name in "${names[@]}"; do
  ! dpkg -s "$name" >/dev/null 2>&1 || { echo "$name is installed here already, and is left alone." >&2; exit 2; }
  file=$(find out/linux -name "${name}_*_$(dpkg --print-architecture).deb" -printf '%T@ ./%p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
  [ -n "$file" ] || { echo "Make the packages first: packaging/linux/package.sh." >&2; exit 2; }
  files+=("$file")
done
work=$(mktemp -d)
remove() { rm -rf "$work"; DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq "${names[@]}" >/dev/null; }
trap remove EXIT

DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${files[@]}"
getent passwd vpsadmin >/dev/null
# What the units name is there, and they have no directive that systemd does not know.
! command -v systemd-analyze >/dev/null || systemd-analyze verify --man=no /usr/lib/systemd/system/vpsadmin-*.service
vpsadmin-server --version
vpsadmin-node --version

# The script finds its module and its lab beside itself: here those are the package's module, and the lab of the checkout.
mkdir -p "$work/docs" "$work/tests"
cp docs/quickstart.ps1 "$work/docs/"
ln -s "$PWD/tests/Lab" "$work/tests/Lab"
ln -s /usr/lib/vpsadmin/shell/* "$work/"
(cd "$work" && vpsadmin docs/quickstart.ps1)

trap - EXIT
remove
[ ! -e /usr/lib/vpsadmin ] || { echo "What was installed is not all gone:" >&2; find /usr/lib/vpsadmin >&2; exit 1; }
echo "The packages install, work, and leave."
