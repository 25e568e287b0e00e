#!/bin/sh
# Tries deploy/install.sh in a bare Debian tree: twice with each database, a backup, and a restore. Run it as root.
#
#   deploy/try.sh FOLDER        a new folder with 3 GB of room; it stays, look around in it and take it away yourself
#
# There is no systemd in it: units, timer and socket are not tried here, only that they are in place.
set -eu

[ $# = 1 ] || { echo "deploy/try.sh FOLDER" >&2; exit 1; }
[ ! -e "$1" ] || { echo "$1 is there already." >&2; exit 1; }
mkdir -p "$1"
tree=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/.." && pwd)
inside() { chroot "$tree" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels "$@"; }
say() { echo "#### $1"; }
leave() {
    inside service postgresql stop >/dev/null 2>&1 || true
    umount "$tree/dev/shm" "$tree/proc" 2>/dev/null || true
}
trap leave EXIT

say "A bare Debian"
debootstrap --variant=minbase bookworm "$tree" >"$tree.log" 2>&1 || { tail -n 20 "$tree.log"; exit 1; }
mount -t proc proc "$tree/proc"
mkdir -p "$tree/dev/shm"
mount -t tmpfs tmpfs "$tree/dev/shm"
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"  # packages start nothing
chmod 0755 "$tree/usr/sbin/policy-rc.d"

say "The packages of Python, fetched outside"
"$source/.venv/bin/pip" download --quiet --only-binary :all: -r "$source/requirements.lock" -d "$tree/wheels"

say "The source"
mkdir "$tree/source"
tar -C "$source" -cf - --exclude=.git --exclude=.venv --exclude=./instance . | tar -C "$tree/source" -xf -

for database in sqlite postgresql; do
    say "$database: set up"
    rm -rf "$tree/etc/leerkring.env" "$tree/srv/leerkring/instance"
    inside /source/deploy/install.sh --host town.example --database "$database" --no-services
    say "$database: once more, nothing changes"
    before=$(sha256sum "$tree/etc/leerkring.env")
    inside /source/deploy/install.sh --database "$database" --no-services
    [ "$before" = "$(sha256sum "$tree/etc/leerkring.env")" ] || { echo "The settings were changed." >&2; exit 1; }
    say "$database: the app answers"
    # shellcheck disable=SC2016
    inside sh -c '
        set -a; . /etc/leerkring.env; set +a; cd /srv/leerkring/app
        runuser -u leerkring -- .venv/bin/gunicorn app:app --config deploy/gunicorn.conf.py --bind 127.0.0.1:8471 &
        for _ in $(seq 60); do
            .venv/bin/python -c "import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8471/readyz\").read())" 2>/dev/null && break
            sleep 1
        done
        kill $!; wait'
    say "$database: the doctor (no worker and no mail server here, so it ends with 1)"
    inside leerkring doctor || true
    say "$database: backup and restore"
    inside leerkring backup "/var/backups/leerkring/$database"
    mv "$tree/srv/leerkring/instance" "$tree/srv/leerkring/lost-$database"
    if [ "$database" = postgresql ]; then
        inside runuser -u postgres -- psql -q -c "DROP DATABASE leerkring"
    fi
    inside /source/deploy/install.sh --database "$database" --for-restore --no-services
    inside leerkring restore "/var/backups/leerkring/$database"
    inside leerkring prepare
done
say "In place"
ls -l "$tree/etc/systemd/system/" "$tree/etc/logrotate.d/leerkring" "$tree/etc/nginx/sites-available/"
inside logrotate -d /etc/logrotate.d/leerkring 2>&1 | tail -n 5
say "nginx with a certificate of its own making"
inside sh -c 'mkdir -p /etc/ssl/leerkring; apt-get install -y -q --no-install-recommends openssl >/dev/null 2>&1
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=town.example -keyout /etc/ssl/leerkring/privkey.pem \
        -out /etc/ssl/leerkring/fullchain.pem 2>/dev/null'
inside /source/deploy/install.sh --no-services --database postgresql | tail -n 3
echo "Everything that can be tried here went well."
