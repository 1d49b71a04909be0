# Goal: over every key exchange and with every kind of host key that we offer,
# the hub verifies the server's proof and signs a login to that very session;
# what we do not offer ends with the reason.
. tests/scenario/lib.sh
make_server

# All keys, the large ones at the same time.
pids=
for bits in 2048 3072 4096; do
	make_key "$tmp/server/rsa$bits" rsa $bits &
	pids="$pids $!"
done
for bits in 256 384 521; do
	make_key "$tmp/server/nistp$bits" ecdsa $bits
done
make_key "$tmp/server/ed25519" ed25519
for pid in $pids; do
	wait "$pid" || fail 'no RSA key'
done

# What each server has, and what must come of it: the exit status, its key, the
# one key exchange and the one host key algorithm that it allows.
for kex in curve25519-sha256 curve25519-sha256@libssh.org \
    ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521 \
    diffie-hellman-group16-sha512 diffie-hellman-group14-sha256; do
	cat <<-END
	0 ed25519 $kex ssh-ed25519
	0 nistp256 $kex ecdsa-sha2-nistp256
	0 nistp384 $kex ecdsa-sha2-nistp384
	0 nistp521 $kex ecdsa-sha2-nistp521
	0 rsa3072 $kex rsa-sha2-512
	0 rsa3072 $kex rsa-sha2-256
	END
done >"$tmp/cases"
cat >>"$tmp/cases" <<'END'
0 rsa2048 curve25519-sha256 rsa-sha2-512
0 rsa2048 ecdh-sha2-nistp384 rsa-sha2-256
0 rsa4096 curve25519-sha256 rsa-sha2-256
0 rsa4096 ecdh-sha2-nistp521 rsa-sha2-512
20 ed25519 sntrup761x25519-sha512@openssh.com ssh-ed25519
20 ed25519 diffie-hellman-group-exchange-sha256 ssh-ed25519
20 ed25519 diffie-hellman-group-exchange-sha1 ssh-ed25519
20 ed25519 diffie-hellman-group18-sha512 ssh-ed25519
20 ed25519 diffie-hellman-group14-sha1 ssh-ed25519
20 ed25519 diffie-hellman-group1-sha1 ssh-ed25519
20 rsa3072 curve25519-sha256 ssh-rsa
END

cat >"$tmp/server/config" <<END
ListenAddress 127.0.0.1
PidFile none
LogLevel DEBUG1
AuthorizedKeysFile $tmp/server/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM $pam
Subsystem sftp $subsystem
END

# serve KEY KEX ALGORITHM: on the next port; $pid and $log are the server's.
port=$((10000 + $$ % 9000))
serve() {
	port=$((port + 1))
	log=$tmp/server/log.$port
	: >"$log"
	"$SSHD" -D -e -f "$tmp/server/config" -p $port -h "$tmp/server/$1" \
	    -o "KexAlgorithms=$2" -o "HostKeyAlgorithms=$3" 2>"$log" &
	pid=$!
	started="$started $pid"
}

answers() {
	grep -q '^Server listening' "$log" || ! kill -0 "$pid" 2>/dev/null
}

# judge CODE KEY KEX ALGORITHM PORT: what comes of one plan.
judge() {
	cp "$log" "$tmp/server/log" # for who reads of a failure
	ferry plan -vvv --source "$site" --key "$key" --json \
	    --url "sftp://$user@127.0.0.1:$5$htdocs" \
	    --hostkey "$(fingerprint "$keys/$2")"
	expect_exit "$1"
	if [ "$1" -ne 0 ]; then
		expect_outcome no_common_algorithm
		expect_words
		expect_no_match '(<- HOSTKEY|-> LOGIN_KEY)'
		return
	fi
	# the server says what it was; the door, that the hub signed
	expect_match "kex: algorithm: $3( |\$)" "$log"
	expect_match "kex: host key algorithm: $4( |\$)" "$log"
	expect_match '<- HOSTKEY'
	expect_match '-> SIGNATURE'
}

# Start all; one that finds its port taken gets another.
while read -r code file kex algorithm; do
	serve "$file" "$kex" "$algorithm"
	echo "$code $file $kex $algorithm $port $pid" >&3
done <"$tmp/cases" 3>"$tmp/servers"
while read -r code file kex algorithm at pid; do
	port=$at log=$tmp/server/log.$at
	for try in 1 2 3 4 5; do
		wait_for answers || fail "no server with $kex and $algorithm"
		! grep -q '^Server listening' "$log" || break
		[ $try -lt 5 ] || fail "no server with $kex and $algorithm"
		port=$((port + 100))
		serve "$file" "$kex" "$algorithm"
	done
	echo "$code $file $kex $algorithm $port" >&3
done <"$tmp/servers" 3>"$tmp/ready"

# A few at a time, for each mostly waits.
keys=$tmp/server jobs='' count=0
settle() {
	for job in $jobs; do
		wait "${job#*:}" && continue
		cat "$tmp/said.${job%:*}"
		rc=1
		fail "$(sed -n "${job%:*}p" "$tmp/ready")"
	done
	jobs=
}
while read -r code file kex algorithm at; do
	count=$((count + 1))
	(
		log=$tmp/server/log.$at
		tmp=$tmp/case.$count
		mkdir -p "$tmp/server"
		judge "$code" "$file" "$kex" "$algorithm" "$at"
	) >"$tmp/said.$count" 2>&1 &
	jobs="$jobs $count:$!"
	[ $((count % 6)) -ne 0 ] || settle
done <"$tmp/ready"
settle
good=$(grep -c '^0 ' "$tmp/ready")
echo "$good proofs held, $((count - good)) servers had nothing for us"
[ "$good" -eq 46 ] && [ $count -eq 53 ] || fail 'cases are missing'
