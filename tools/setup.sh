#!/bin/sh
# Installs the system packages that are missing; `tools/setup.sh test` those of the tests as well.
set -eu
packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core"
if [ "${1:-}" = test ]; then packages="$packages libatomic1 poppler-utils shellcheck"; fi
there() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q "install ok installed"; }
missing=""
for package in $packages; do there "$package" || missing="$missing $package"; done
browser="" # without windows it starts and draws in half the time; older systems have the whole one alone
if [ "${1:-}" = test ] && ! there chromium-headless-shell && ! there chromium; then browser=chromium-headless-shell; fi
missing="$missing${browser:+ $browser}"
if [ -z "$missing" ]; then exit 0; fi
echo "Installing system packages, which can take some minutes:$missing"
if [ "$(id -u)" = 0 ]; then as=""; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as="sudo -n"; else as=no; fi
if [ "$as" = no ] || ! command -v apt-get >/dev/null; then
    echo "Please install these system packages and start again:$missing" >&2
    exit 1
fi
log=$(mktemp)
update() {
    $as apt-get update || return 1
    if [ -n "$browser" ] && ! apt-cache show "$browser" >/dev/null 2>&1; then
        missing=$(echo "$missing" | sed "s/ $browser/ chromium/")
    fi
}
# shellcheck disable=SC2086
if ! { update && $as env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "These system packages could not be installed; please install them and start again:$missing" >&2
    exit 1
fi
rm -f "$log"
