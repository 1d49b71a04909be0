# Goal: check asks the site's web server whether a visitor can read what is
# ours, and first whether that server shows this folder at all; nothing of it
# stays there.
. tests/scenario/lib.sh
. tests/scenario/web.sh
small_site
start_sshd
trust
deny='location ^~ /.sandferry { return 404; }'

# check WHERE [OPTION...]: the site is said to be shown there
check() {
	printf 'source = %s\nurl = %s\nsite-url = %s\n%s\n' "$site" "$url" \
	    "$1" "${state:-}" >"$tmp/sandferry.ini"
	shift
	names=$(fingerprint_of "$htdocs" | sed 's/ [^ ]* [^ ]*$//')
	ferry check -c "$tmp/sandferry.ini" --key "$key" "$@"
	[ "$names" = "$(fingerprint_of "$htdocs" | sed 's/ [^ ]* [^ ]*$//')" ] ||
	    fail 'something stays there'
	sed -n 's/^  \(ok\|warn\|FAIL\|skip\)  */\1 /p' "$tmp/out" |
	    tr -s ' ' >"$tmp/said"
}

web() {
	web_lines=$1
	[ -z "${web_pid:-}" ] || stop_web
	start_web
	at=http://127.0.0.1:$web_port
}

# nginx as root serves all; before the first publish and behind it
web ''
for when in before behind; do
	check $at/
	expect_exit 15
	expect_match "^ok site-url $at/ shows this folder$" "$tmp/said"
	expect_match '^FAIL visitors can read our folder: /.sandferry is ' \
	    "$tmp/said"
	expect_text 'nginx: location ^~ /.sandferry { return 404; }'
	published
done
check "$at" --json
expect_exit 15
expect_match '"check":"site-url","state":"ok"' "$tmp/out"
expect_match '"check":"visitors","state":"fail".*"id":"side_served","code":15' \
    "$tmp/out"
expect_match "\"port\":$web_port,\"connected\":true" "$tmp/out"

# ours lies elsewhere
state="remote-state = $tmp/beside"
check $at/
expect_exit 0
expect_match '^ok visitors .*/beside is outside of what they see$' "$tmp/said"
state=

# as it is to be; below a folder of the host; asked by a redirect
web "$deny
	location = /old { return 301 /; }
	location /moved/ { rewrite ^/moved/(.*) /\$1 permanent; }
	location /there/ { return 302 http://elsewhere.example/x; }
	location /ring/ { return 302 /ring/; }
	location /port/ { return 302 http://127.0.0.1:9/; }
	location /secret/ { return 401; }
	location /big/ { root $tmp; }
	location /app/ { rewrite ^ /index.html break; }"
check $at
expect_exit 0
expect_match '^ok visitors cannot read .sandferry \(404\)$' "$tmp/said"
check $at/moved
expect_exit 0
expect_match '^ok site-url .*/moved shows this folder$' "$tmp/said"
expect_match '^ok visitors cannot read .sandferry \(404\)$' "$tmp/said"

# unlike, FOUND: nothing can be said of visitors then
unlike() {
	expect_exit 0
	expect_match "^warn site-url .*$1" "$tmp/said"
	expect_match '^skip visitors \(needs a' "$tmp/said"
}
check $at/deep/
unlike 'does not show this folder \(404\)$'
check $at/app/
unlike 'does not show this folder \(200\)$'
check $at/there/
unlike 'leads to another host: http://elsewhere.example/x$'
check $at/ring/
unlike 'does not show this folder \(302\)$'
check $at/port/
unlike 'cannot be looked at: it leads to port 9, which is not gone to$'
check $at/secret/
unlike 'wants a password \(401\)$'
check http://nowhere.invalid/
unlike 'cannot be looked at: .*nowhere.invalid'
stop_web
check $at/
unlike 'cannot be looked at: cannot connect to 127.0.0.1:'
web_pid=
check ftp://x/
expect_exit 2
check 'http://a"b/'
expect_exit 2
expect_match '^FAIL site-url site-url, .* has a host that cannot' "$tmp/said"

# somebody who says nothing in HTTP, and who says too much
start_peer garbage
check "http://127.0.0.1:$peer_port/"
unlike 'cannot be looked at: '
stop_peer

# by TLS: an authority has to vouch for it, and for this name
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost' -keyout "$tmp/tls.key" \
    -out "$tmp/tls.crt" 2>/dev/null || exit 1
web_listen=ssl
web "ssl_certificate $tmp/tls.crt; ssl_certificate_key $tmp/tls.key; $deny"
check "https://localhost:$web_port/" --cacert "$tmp/tls.crt"
expect_exit 0
expect_match '^ok site-url .* shows this folder$' "$tmp/said"
expect_match '^ok visitors cannot read .sandferry \(404\)$' "$tmp/said"
check "https://localhost:$web_port/"
unlike 'cannot be looked at: SSL certificate problem'
check "https://127.0.0.1:$web_port/" --cacert "$tmp/tls.crt"
unlike 'cannot be looked at: SSL'

# what a check that was cut off has left is found by a later one, and what only
# looks like it is not touched
left=$htdocs/sandferry-check-0123456789abcdef.txt
printf '%058d' 7 >"$left"
printf '%058d' 7 >"$htdocs/sandferry-check-0123456789abcdeg.txt"
printf '%059d' 7 >"$htdocs/sandferry-check-1123456789abcdef.txt"
cp "$left" "$htdocs/sandferry-check-2123456789abcdef.txt"
touch -d '2 hours ago' "$htdocs"/sandferry-check-[01]*
ferry check -c "$tmp/sandferry.ini" --key "$key"
[ ! -e "$left" ] || fail 'what was left is still there'
[ "$(ls "$htdocs" | grep -c sandferry-check)" -eq 3 ] ||
    fail 'something else is gone'
