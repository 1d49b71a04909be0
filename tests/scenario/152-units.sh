# Goal: the units that are installed please systemd, expose little, and publish
# a site under a real systemd: by a passing account, with its credentials, its
# state folder, the journal's levels and a status.
. tests/scenario/lib.sh
command -v systemd-analyze >/dev/null || skip 'no systemd-analyze (systemd)'
units=$tmp/pid1/units
for unit in share/systemd/*/*; do
	mkdir -p "$units/$(basename "$(dirname "$unit")")"
	sed "s,@BINDIR@,/usr/local/bin," "$unit" \
	    >"$units/${unit#share/systemd/}"
done

# ---- As they are read

mkdir -m 700 "$tmp/run"
for where in system user; do
	mkdir -p "$tmp/verify/$where"
	for kind in service timer; do
		sed "s,/usr/local/bin,$BIN," \
		    "$units/$where/sandferry-publish@.$kind" \
		    >"$tmp/verify/$where/sandferry-publish@srv-site.$kind"
	done
	for kind in service timer; do
		XDG_RUNTIME_DIR=$tmp/run systemd-analyze verify --man=no \
		    "--$where" \
		    "$tmp/verify/$where/sandferry-publish@srv-site.$kind" \
		    >"$tmp/all" 2>&1 || fail "verify: $where $kind"
		! grep -F sandferry "$tmp/all" || fail "verify: $where $kind"
	done
done
systemd-analyze security --offline=yes \
    "$tmp/verify/system/sandferry-publish@srv-site.service" >"$tmp/all" 2>&1 ||
    skip 'this systemd-analyze knows no security --offline'
exposure=$(sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p' "$tmp/all")
awk -v x="$exposure" 'BEGIN { exit !(x > 0 && x < 2) }' ||
    fail "the unit is exposed: $exposure"

# ---- As they run

[ "$(id -u)" -eq 0 ] || skip 'not root: cannot start a systemd'
cgroups=/sys/fs/cgroup
[ ! -d $cgroups/unified ] || cgroups=$cgroups/unified
[ -e $cgroups/cgroup.procs ] && mkdir $cgroups/sandferry-$$ 2>/dev/null ||
    skip 'no cgroups of version 2'
dir=$tmp/pid1
mkdir "$dir/over" "$dir/root" "$dir/shared"
cat >"$dir/shared/go" <<'END'
carrier=$(id -un)
mkdir -p /srv/a-site/public /srv/www /etc/credstore /run/sshd
chmod 755 /srv/a-site /srv/a-site/public
echo '<h1>Home' >/srv/a-site/public/index.html
echo "source = public
url = sftp://$carrier@127.0.0.1:2222/srv/www" >/srv/a-site/sandferry.ini
site=$(systemd-escape --path /srv/a-site)
unit=sandferry-publish@$site.service
secret=/etc/credstore/sandferry.$site
ssh-keygen -q -t ed25519 -N '' -f /run/hostkey
ssh-keygen -q -t ed25519 -N '' -f "$secret.key"
mv "$secret.key.pub" /run/authorized
echo "[127.0.0.1]:2222 $(cut -d ' ' -f 1,2 /run/hostkey.pub)" \
    >"$secret.known_hosts"
usermod -p '*' "$carrier"
serve() {
	/usr/sbin/sshd -f /dev/null -h /run/hostkey -p 2222 -o UsePAM=no \
	    -o PidFile=/run/sshd.pid -o StrictModes=no \
	    -o AuthorizedKeysFile=/run/authorized \
	    -o 'Subsystem sftp /usr/lib/openssh/sftp-server'
}
serve
systemctl start "$unit"
echo "first $?"
journalctl --sync
journalctl -u "$unit" -o cat # for who wants to know why
cat /srv/www/index.html
ls -d /var/lib/private/sandferry/*/*/ledger
systemctl start "$unit"
echo "second $?"
# out of reach: it waits, says so, and is stopped
kill "$(cat /run/sshd.pid)"
systemctl start --no-block "$unit"
tries=0
until systemctl show -p StatusText "$unit" | grep Attempt; do
	tries=$((tries + 1))
	[ $tries -lt 200 ] || break
	sleep 0.05
done
systemctl stop "$unit"
systemctl show -p ExecMainStatus "$unit"
journalctl --sync
journalctl -u "$unit" -o json | python3 -c '
import json, sys
for line in sys.stdin:
    entry = json.loads(line)
    if entry.get("SYSLOG_IDENTIFIER") == "sandferry":
        print("journal <%s>%s" % (entry["PRIORITY"], entry["MESSAGE"]))'
END
BIN=$BIN sh -c 'echo $$ >"$1/cgroup.procs" &&
    exec timeout -s KILL 300 unshare -m -p -f -C -u -i -n --kill-child \
    sh tests/scenario/pid1.sh "$2"' sh $cgroups/sandferry-$$ "$dir" \
    >"$dir/console" 2>&1
rmdir $cgroups/sandferry-$$/*/*/ $cgroups/sandferry-$$/*/ \
    $cgroups/sandferry-$$ 2>/dev/null
[ -s "$dir/shared/out" ] ||
    skip "systemd does not start here: $(tail -n 1 "$dir/console")"
cat "$dir/shared/out" "$dir/shared/err" >"$tmp/all"
: >"$tmp/out"
cp "$dir/shared/err" "$tmp/err"
expect_match '^first 0$'
expect_match '^<h1>Home$'
expect_match '^/var/lib/private/sandferry/srv-a.x2dsite/127.0.0.1-.*/ledger$'
expect_match '^second 0$'
expect_match '^journal <6>Sending 1 file'
expect_match '^journal <5>Published '
expect_match '^journal <5>Nothing to do'
expect_match '^StatusText=Attempt 2 of 6 in [0-9]* s$'
expect_match '^journal <4>sandferry: cannot connect to .*; attempt 2 of 6 in'
expect_match '^ExecMainStatus=143$'
expect_no_match '^journal <3>'
