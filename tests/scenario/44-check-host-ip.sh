# Goal: the server's address is looked up only when asked for, and then accuses:
# another key on record for it refuses a server whose name has the right one.
. tests/scenario/lib.sh
small_site
start_sshd
own=$HOME/.local/share/sandferry/known_hosts
access=$HOME/.config/sandferry/access.ini
make_key "$tmp/other" ed25519
mkdir -p "${own%/*}"
mkdir -m 700 -p "${access%/*}"
named=sftp://$(id -un)@localhost:$port$htdocs

# known NAME KEY
known() {
	printf '[%s]:%s %s\n' "$1" "$port" "$(cut -d ' ' -f 1,2 "$2.pub")"
}

by_name() {
	ferry publish --source "$site" --url "$named" --key "$key" --json "$@"
}

{
	known localhost "$host_key"
	known 127.0.0.1 "$tmp/other"
	known ::1 "$tmp/other"
} >"$own"
by_name
expect_exit 0
by_name --check-host-ip
expect_exit 12
expect_outcome host_key_changed
printf 'check-host-ip = yes\n' >"$access"
chmod 600 "$access"
by_name
expect_exit 12

# the right key for the address is no harm, and no excuse
{
	known localhost "$host_key"
	known 127.0.0.1 "$host_key"
} >"$own"
by_name
expect_exit 0
known 127.0.0.1 "$host_key" >"$own"
by_name
expect_exit 11
