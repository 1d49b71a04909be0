# web.sh: a real web server in front of what is published; behind lib.sh.
# shellcheck shell=sh disable=SC2154

NGINX=${NGINX:-${OUT:-out}/web-server/usr/sbin/nginx}
[ -x "$NGINX" ] || NGINX=$(PATH=$PATH:/usr/sbin command -v nginx)
[ -n "$NGINX" ] || skip 'no nginx: sh tests/tools/web-server'

web_answers() {
	! kill -0 "$web_pid" 2>/dev/null ||
	    python3 -c "import socket
socket.create_connection(('127.0.0.1', $web_port), 1)" 2>/dev/null
}

# start_web: visitors ask 127.0.0.1:$web_port; in $web_lines what else nginx is
# to do, in $web_listen how it listens there.
start_web() {
	web_port=$((30000 + $$ % 20000))
	mkdir -p "$tmp/web"
	for try in 1 2 3 4 5 6 7 8; do
		cat >"$tmp/web/config" <<-END
		daemon off;
		master_process off;
		pid $tmp/web/pid;
		error_log $tmp/web/log;
		events { }
		http {
			access_log off;
			client_body_temp_path $tmp/web/1;
			proxy_temp_path $tmp/web/2;
			fastcgi_temp_path $tmp/web/3;
			uwsgi_temp_path $tmp/web/4;
			scgi_temp_path $tmp/web/5;
			gzip_static on;
			server {
				listen 127.0.0.1:$web_port ${web_listen:-};
				root $htdocs;
				${web_lines:-}
			}
		}
		END
		"$NGINX" -p "$tmp/web" -c "$tmp/web/config" 2>"$tmp/web/err" &
		web_pid=$!
		if wait_for web_answers && kill -0 "$web_pid" 2>/dev/null; then
			started="$started $web_pid"
			return
		fi
		web_port=$((web_port + 37))
	done
	skip "nginx does not start: $try: $(tail -n 1 "$tmp/web/err")"
}

stop_web() {
	kill "$web_pid"
	wait "$web_pid" 2>/dev/null
	started=$(echo "$started " | sed "s/ $web_pid / /")
}
