#!/usr/bin/env bash
# Installs what `npm run test:real` runs against, on Debian 12 or later and on Ubuntu. Starts nothing, replaces nothing
# that is there already, and may be run again at any time. What no package installs goes to .parts/ in this project.
set -euo pipefail
cd "$(dirname "$0")/../.."

parts="$PWD/.parts"
as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi

# Another package run may hold the lock, and mirrors have bad moments: both pass.
retry() {
  local try
  for try in 1 2 3; do
    if "$@"; then return 0; fi
    echo "attempt $try failed: $*" >&2
    sleep $((try * 5))
  done
  return 1
}

apt_get() {
  retry "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=180 -o Acquire::Retries=3 \
    -o Dpkg::Use-Pty=0 "$@"
}

updated=
install_packages() {
  if [ -z "$updated" ]; then apt_get update && updated=yes; fi
  apt_get install -y --no-install-recommends "$@" >/dev/null
}

install_commands() {
  local packages=() pair
  for pair in dockerd=docker.io docker-registry=docker-registry skopeo=skopeo umoci=umoci aws=awscli gcc=gcc; do
    # dockerd lives in sbin, which is not on everybody's path.
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
  done
  # A static binary needs the C library's archive, which the compiler only recommends.
  [ -e /usr/include/stdlib.h ] || packages+=(libc6-dev)
  if [ "${#packages[@]}" -gt 0 ]; then install_packages "${packages[@]}"; fi
  # Since Debian 13 the engine's package only recommends the command line.
  command -v docker >/dev/null || install_packages docker-cli
}

# Debian has buildx since 13. On 12 that package is unpacked beside the system, so that nothing else of 13 comes along.
install_buildx() {
  if docker buildx version >/dev/null 2>&1 || [ -x "$parts/docker/cli-plugins/docker-buildx" ]; then return; fi
  if apt-cache show docker-buildx >/dev/null 2>&1; then
    install_packages docker-buildx
    return
  fi
  local work mirror
  work="$(mktemp -d)"
  chmod 755 "$work"
  mirror="$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | grep /debian | head -n 1)"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/parts"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/sources.list"
  cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/parts";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
CONF
  (
    cd "$work"
    export APT_CONFIG="$work/apt.conf"
    retry apt-get -qq update
    retry apt-get -qq download docker-buildx
    dpkg-deb -x docker-buildx_*.deb unpacked
  )
  mkdir -p "$parts/docker/cli-plugins"
  find "$work/unpacked" -name docker-buildx -type f -exec install -m 755 {} "$parts/docker/cli-plugins/" \;
  rm -rf "$work"
}

# The runner starts the action with Node 24, whatever Node the project is worked on with.
install_node24() {
  if [[ "$(node --version)" == v24.* ]]; then return; fi
  local package
  package="node-linux-$(node -p process.arch)"
  if [ -x "$parts/node_modules/$package/bin/node" ]; then return; fi
  mkdir -p "$parts"
  retry npm install --no-save --no-audit --no-fund --loglevel=error --prefix "$parts" "$package@24"
}

install_commands
install_buildx
install_node24
