#!/usr/bin/env bash
# Archives and Debian packages of vpsadmin-server, vpsadmin-node and vpsadmin-shell, which bring their .NET along.
#   packaging/linux/package.sh [server] [node] [shell]     all three, if none is named; into out/linux/
# Needs the .NET SDK, and dpkg-deb for the packages. RID=linux-arm64 makes those of other processors.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${RID:=linux-x64}" "${OUT:=out/linux}"
declare -A project=([server]=VpsAdmin.Server [node]=VpsAdmin.NodeHost [shell]=VpsAdmin.Shell) program=([server]=vpsadmin-server [node]=vpsadmin-node [shell]=vpsadmin)
declare -A architecture=([linux-x64]=amd64 [linux-arm64]=arm64)
[ -n "${architecture[$RID]:-}" ] || { echo "RID is linux-x64 or linux-arm64, not $RID." >&2; exit 2; }
[ $# -gt 0 ] || set -- server node shell
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$OUT" "$work/locks"
for lock in src/*/packages.lock.json; do cp "$lock" "$work/locks/$(basename "$(dirname "$lock")").json"; done

publish() { # name: the files of one program, in $work/NAME
  dotnet publish "src/${project[$1]}" -c Release -r "$RID" --self-contained -o "$work/$1" -p:DebugType=none -p:ModuleDirectory= -p:LockFolder="$work/locks" -p:RestoreLockedMode=false -v quiet --nologo
  [ "$1" != shell ] || module "$work/$1"
  cp LICENSE "$work/$1/"
  chmod -R u=rwX,go=rX "$work/$1"
}

module() { # folder: the module, which the shell finds beside itself. Its server is the package of that name.
  dotnet build src/VpsAdmin.PS -c Release -p:ModuleDirectory="$1/lib/" -v quiet --nologo
  cp -r VpsAdmin.psd1 en-US "$1/"
  rm -rf "$1/lib/server"; find "$1/lib" -name '*.pdb' -delete
}

package() { # name: the Debian package of what was published
  local root=$work/deb-$1 name=vpsadmin-$1
  mkdir -p "$root/usr/lib/vpsadmin" "$root/usr/bin" "$root/usr/share/doc/$name" "$root/DEBIAN"
  cp -r "$work/$1" "$root/usr/lib/vpsadmin/$1"
  ln -s "../lib/vpsadmin/$1/${program[$1]}" "$root/usr/bin/${program[$1]}"
  mv "$root/usr/lib/vpsadmin/$1/LICENSE" "$root/usr/share/doc/$name/copyright"
  gzip -9n <CHANGELOG.md >"$root/usr/share/doc/$name/changelog.gz"
  if [ "$1" != shell ]; then
    # Units start what lies beside the folders.
    ln -s "$1/${program[$1]}" "$root/usr/lib/vpsadmin/${program[$1]}"
    install -D -m 644 -t "$root/usr/lib/systemd/system" packaging/systemd/vpsadmin-"$1".service
    [ "$1" != server ] || install -m 644 -t "$root/usr/lib/systemd/system" packaging/systemd/vpsadmin-api.service
    install -m 755 packaging/linux/postinst packaging/linux/prerm packaging/linux/postrm "$root/DEBIAN/"
    sed -i "s/@UNITS@/$(cd "$root/usr/lib/systemd/system"; echo *.service)/" "$root/DEBIAN"/p*
  fi
  sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/${architecture[$RID]}/; s/@SIZE@/$(du -sk "$root" | cut -f1)/" "packaging/linux/control.$1" >"$root/DEBIAN/control"
  chmod -R u=rwX,go=rX "$root"
  dpkg-deb --build --root-owner-group -Zzstd "$root" "$OUT/${name}_${version}_${architecture[$RID]}.deb"
}

# A hyphen stands before a pre-release; Debian sorts a tilde before the release.
full=$(dotnet msbuild src/VpsAdmin.Server -restore -t:MinVer -getProperty:MinVerVersion -v:quiet | tail -n 1)
version=${full%%+*} version=${version//-/\~}
for name; do
  [ -n "${project[$name]:-}" ] || { echo "There is a server, a node and a shell, and no $name." >&2; exit 2; }
  publish "$name"
  # Whoever installs what is there means this one.
  rm -f "$OUT/vpsadmin-$name"-*"-$RID.tar.gz" "$OUT/vpsadmin-${name}"_*"_${architecture[$RID]}.deb"
  tar -C "$work" --owner=0 --group=0 --sort=name --transform "s,^$name,vpsadmin-$name-${full%%+*}," -czf "$OUT/vpsadmin-$name-${full%%+*}-$RID.tar.gz" "$name"
  if command -v dpkg-deb >/dev/null; then package "$name"; else echo "No dpkg-deb here: only the archive of $name was made." >&2; fi
done
ls -l "$OUT"
