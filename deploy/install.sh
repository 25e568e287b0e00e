#!/bin/sh
# Sets up Leerkring on a Debian machine, or brings it to the version of this folder; run it as root as often as you like.
#
#   deploy/install.sh --host leerkring.example.org [--database sqlite|postgresql] [--for-restore] [--no-services]
#
# --for-restore leaves the database empty and starts nothing, so that a backup can be put back.
# --no-services sets up everything and starts nothing, where there is no systemd.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
home=/srv/leerkring
env=/etc/leerkring.env
host="" database=sqlite restore="" services=yes

fail() { echo "$1" >&2; exit 1; }
say() { echo "== $1"; }

while [ $# -gt 0 ]; do
    case $1 in
        --host) [ $# -gt 1 ] || fail "--host needs a name."; host=$2; shift ;;
        --database) [ $# -gt 1 ] || fail "--database needs sqlite or postgresql."; database=$2; shift ;;
        --for-restore) restore=yes ;;
        --no-services) services="" ;;
        *) fail "Unknown: $1. See the top of $0." ;;
    esac
    shift
done
[ "$(id -u)" = 0 ] || fail "Run this as root."
command -v apt-get >/dev/null || fail "This is for Debian; docs/running.md says what is needed elsewhere."
[ "$database" = sqlite ] || [ "$database" = postgresql ] || fail "--database is sqlite or postgresql."
[ -n "$host" ] || [ -f "$env" ] || fail "Say under which name people come: --host leerkring.example.org"
case $host in *[!a-z0-9.-]*) fail "--host is a name such as leerkring.example.org." ;; esac
[ "$source" != "$home/app" ] || fail "Run this from a folder with the new version, not from $home/app."

as_leerkring() { # with the settings, in the folder of the app
    (
        set -a
        # shellcheck source=/dev/null
        . "$env"
        set +a
        cd "$home/app"
        exec runuser -u leerkring -- "$@"
    )
}

say "Packages"
packages="python3 python3-venv ca-certificates nginx-light logrotate libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b
    libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core"
[ "$database" = sqlite ] || packages="$packages postgresql postgresql-client"
apt-get update -q
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages

say "User and folders"
id leerkring >/dev/null 2>&1 || adduser --system --group --home "$home" --no-create-home --shell /usr/sbin/nologin leerkring
install -d -m 0755 -o root -g root "$home"
install -d -m 0750 -o leerkring -g leerkring "$home/instance"
install -d -m 0700 -o leerkring -g leerkring /var/backups/leerkring
install -d -m 0750 -o leerkring -g leerkring /var/log/leerkring

say "The app"
rm -rf "$home/app.new"
install -d -m 0755 "$home/app.new"
tar -C "$source" -cf - --exclude=.git --exclude=.venv --exclude=./instance --exclude=__pycache__ . | tar -C "$home/app.new" -xf - --no-same-owner
[ ! -d "$home/app/.venv" ] || mv "$home/app/.venv" "$home/app.new/.venv"
rm -rf "$home/app.old"
[ ! -d "$home/app" ] || mv "$home/app" "$home/app.old"
mv "$home/app.new" "$home/app"
[ -x "$home/app/.venv/bin/python" ] || python3 -m venv "$home/app/.venv"
"$home/app/.venv/bin/pip" install --quiet --disable-pip-version-check -r "$home/app/requirements.lock"
(cd "$home/app" && .venv/bin/python -m tools.messages)
chmod -R u=rwX,go=rX "$home/app"
rm -rf "$home/app.old"

if [ "$database" = postgresql ]; then
    say "PostgreSQL"
    pg_isready -q 2>/dev/null || service postgresql start
    for _ in 1 2 3 4 5 6 7 8 9 10; do pg_isready -q && break; sleep 1; done
    ask() { runuser -u postgres -- psql -qtAc "$1"; }
    [ "$(ask "SELECT 1 FROM pg_roles WHERE rolname = 'leerkring'")" = 1 ] || ask "CREATE ROLE leerkring LOGIN"
    [ "$(ask "SELECT 1 FROM pg_database WHERE datname = 'leerkring'")" = 1 ] ||
        ask "CREATE DATABASE leerkring OWNER leerkring ENCODING 'UTF8' TEMPLATE template0"
fi

if [ ! -f "$env" ]; then
    say "Settings in $env"
    secret=$("$home/app/.venv/bin/python" -c 'import secrets; print(secrets.token_urlsafe(48))')
    url="sqlite:///$home/instance/leerkring.db"
    [ "$database" = sqlite ] || url="postgresql+psycopg://leerkring@/leerkring?host=/run/postgresql"
    umask 077
    sed -e "s|leerkring\.example\.org|$host|g" -e "s|^LEERKRING_SECRET_KEY=.*|LEERKRING_SECRET_KEY=\"$secret\"|" \
        -e "s|^LEERKRING_DATABASE_URL=.*|LEERKRING_DATABASE_URL=\"$url\"|" "$home/app/deploy/leerkring.env.example" >"$env.new"
    mv "$env.new" "$env"
    umask 022
fi

say "Commands, services and logs"
cat >/usr/local/bin/leerkring <<'END'
#!/bin/sh
# A command of Leerkring with its settings and as its user: leerkring doctor
set -eu
[ "$(id -u)" = 0 ] || { echo "Run this as root: sudo leerkring $*" >&2; exit 1; }
set -a
. /etc/leerkring.env
set +a
cd /srv/leerkring/app
exec runuser -u leerkring -- .venv/bin/flask --app app "$@"
END
chmod 0755 /usr/local/bin/leerkring
install -m 0644 "$home"/app/deploy/systemd/leerkring* /etc/systemd/system/
install -m 0644 "$home/app/deploy/logrotate" /etc/logrotate.d/leerkring

say "nginx"
site=/etc/nginx/sites-available/leerkring.conf
[ -f "$site" ] || sed "s|leerkring\.example\.org|${host:-leerkring.example.org}|g" "$home/app/deploy/nginx/leerkring.conf" >"$site"
if [ -f /etc/ssl/leerkring/fullchain.pem ] && [ -f /etc/ssl/leerkring/privkey.pem ]; then
    ln -sf "$site" /etc/nginx/sites-enabled/leerkring.conf
    nginx -t -q
    [ -z "$services" ] || systemctl reload-or-restart nginx
else
    echo "There is no certificate in /etc/ssl/leerkring yet (fullchain.pem, privkey.pem): put it there and run this again."
fi

[ -z "$services" ] || systemctl daemon-reload
if [ -n "$restore" ]; then
    echo "Ready for a backup: leerkring restore FOLDER, then take over its secret key in $env, then run this again."
    exit 0
fi

say "The database"
[ -z "$services" ] || systemctl stop leerkring.socket leerkring.service leerkring-worker.service
as_leerkring .venv/bin/flask --app app prepare
if [ -n "$services" ]; then
    systemctl enable -q --now leerkring.socket leerkring.service leerkring-worker.service leerkring-backup.timer
fi
echo "Leerkring is set up. What it says of itself: leerkring doctor"
