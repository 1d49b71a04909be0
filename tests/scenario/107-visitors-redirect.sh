# Goal: a site-url that leads from http to https on the same host is followed,
# by the sealed command, and a check that is stopped while the web server is
# silent leaves nothing behind.
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || { echo 'only root has ports of its own'; exit 77; }
	unshare -n true 2>/dev/null || { echo 'no network namespace'; exit 77; }
	exec unshare -n sh "$0" inside
fi
python3 - <<'END' || { echo 'no loopback interface'; exit 77; }
import fcntl, socket, struct
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # up
END
. tests/scenario/lib.sh
. tests/scenario/web.sh
small_site
start_sshd
trust

# check WHERE [OPTION...]
check() {
	where=$1
	shift
	ferry check --source "$site" --url "$url" --key "$key" \
	    --site-url "$where" "$@"
}

openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost' -keyout "$tmp/tls.key" \
    -out "$tmp/tls.crt" 2>/dev/null || exit 1
web_lines="listen 127.0.0.1:443 ssl;
	ssl_certificate $tmp/tls.crt; ssl_certificate_key $tmp/tls.key;
	if (\$scheme = http) { return 301 https://\$host\$request_uri; }"
for deny in '' 'location ^~ /.sandferry { return 403; }'; do
	web_lines="$web_lines $deny"
	start_web
	check "http://localhost:$web_port/" --cacert "$tmp/tls.crt" --json
	expect_match '"check":"site-url","state":"ok"' "$tmp/out"
	expect_match '"self":.*"landlock":[1-9]' "$tmp/out"
	expect_match "\"port\":$web_port,\"connected\":true" "$tmp/out"
	expect_match '"port":443,"connected":true' "$tmp/out"
	expect_match '"web_looked_up":"localhost"' "$tmp/out"
	if [ -z "$deny" ]; then
		expect_exit 15
		stop_web
	else
		expect_exit 0
		expect_match '"found":"cannot read .sandferry \(403\)"' "$tmp/out"
	fi
done
check "http://localhost:$web_port/"
expect_exit 0
expect_match '^  warn  site-url .* cannot be looked at: SSL certificate prob'
[ -z "$(ls -A "$htdocs")" ] || fail 'something stays there'

# stopped amid the look
start_peer silence
"$FERRY" check --source "$site" --url "$url" --key "$key" --no-input \
    --fallback-known-hosts none --site-url "http://127.0.0.1:$peer_port/" \
    >"$tmp/all" 2>&1 &
hub=$!
started="$started $hub"
a_page() {
	[ -n "$(ls "$htdocs" | grep '^sandferry-check-.*txt$')" ]
}
wait_for a_page || fail 'it puts no page there'
kill -TERM $hub
wait $hub
rc=$?
expect_exit 143
[ -z "$(ls -A "$htdocs")" ] || fail 'something stays there'
