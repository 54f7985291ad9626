#!/usr/bin/env bash
# A fresh Debian 12 with nothing but Node 20 and its headers: do the README's two commands work?
# Usage: fresh-machine.sh start|test  [root folder]. Needs root, the network and about 6 GB; installs debootstrap if it is missing.
# Prints `seconds N` at the end.
# The commands are copied from README.md by this script, so that the README is what is tried.
set -euo pipefail
what="$1"
here="$(cd "$(dirname "$0")/.." && pwd)"
root="${2:-$(mktemp -d /var/tmp/hall-fresh.XXXXXX)}"
base="${HALL_FRESH_BASE:-/var/tmp/hall-fresh-base}"
command="$(grep -m1 -oE "^npm ${what}\$" "$here/README.md")"

if [ ! -e "$base/etc/debian_version" ]; then
  if ! command -v debootstrap > /dev/null; then
    for step in "apt-get update" "apt-get install -y --no-install-recommends debootstrap"; do
      echo "+ $step"
      $step > "$base.log" 2>&1 || { tail -5 "$base.log"; exit 1; }
    done
  fi
  echo "+ debootstrap --variant=minbase --include=ca-certificates bookworm $base"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$base" http://deb.debian.org/debian > "$base.log" 2>&1 || { tail -5 "$base.log"; exit 1; }
fi
mkdir -p "$root"
cp -a "$base/." "$root/"
prefix="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"
mkdir -p "$root/usr/bin" "$root/usr/lib/node_modules" "$root/usr/include"
cp "$prefix/bin/node" "$root/usr/bin/node"
cp -a "$prefix/lib/node_modules/npm" "$root/usr/lib/node_modules/"
cp -a "$prefix/include/node" "$root/usr/include/"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/bin/npx"
# How this machine reaches the package registries: addresses and certificates, nothing else.
cp -a /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/" 2> /dev/null || true
[ -f /etc/apt/sources.list ] && cp /etc/apt/sources.list "$root/etc/apt/"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
[ -d /usr/local/share/ca-certificates ] && cp -a /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
[ -d /etc/apt/keyrings ] && cp -a /etc/apt/keyrings "$root/etc/apt/"
registry="$(npm config get registry 2> /dev/null)"

git -C "$here" archive --format=tar --prefix=srv/hall/ HEAD | tar -x -C "$root"

cat > "$root/run.sh" <<RUN
set -e
export HOME=/root-empty PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
export npm_config_registry='$registry' npm_config_cafile=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
mkdir -p \$HOME && cd /srv/hall
exec $command
RUN

mounts() {
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
}
export -f mounts
export root
began=$(date +%s)
echo "+ $command   (in $root)"
if [ "$what" = test ]; then
  unshare --mount --pid --fork --kill-child bash -c 'mounts; exec chroot "$root" /bin/bash /run.sh'
else
  unshare --mount --pid --fork --kill-child bash -c 'mounts; exec chroot "$root" /bin/bash /run.sh' > "$root/start.log" 2>&1 &
  pid=$!
  # unshare waits out gentle signals; its child, the first process of the namespace, dies with it.
  trap 'kill -KILL $pid 2> /dev/null || true; wait $pid 2> /dev/null || true' EXIT
  for _ in $(seq 900); do
    kill -0 $pid 2> /dev/null || { cat "$root/start.log"; echo 'npm start ended'; exit 1; }
    url="$(grep -oE ' stage +http://127\.0\.0\.1:[0-9]+/' "$root/start.log" | grep -oE 'http.*' || true)"
    [ -n "$url" ] && break
    sleep 1
  done
  cat "$root/start.log"
  [ -n "$url" ] || { echo 'no stage address within 900 s'; exit 1; }
  node "$here/proof/stage-changes.mjs" "$url"
fi
echo "seconds $(($(date +%s) - began))"
