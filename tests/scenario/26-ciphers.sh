# Goal: every cipher and MAC that we offer carries a site through many rekeys.
# Our libssh2 encrypts whole packets: what is wrong there shows as a wrong byte
# or a refused packet.
. tests/scenario/lib.sh
small_site
big_file "$site/big.bin" 9000
make_server
for cipher in aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com \
    aes256-gcm@openssh.com; do
	for mac in hmac-sha2-256 hmac-sha2-512 hmac-sha2-256-etm@openssh.com \
	    hmac-sha2-512-etm@openssh.com; do
		case $cipher-$mac in
		*gcm*hmac-sha2-256-etm* | aes*-ctr-*) ;;
		*) continue ;; # GCM brings a MAC of its own
		esac
		port=
		start_sshd "Ciphers $cipher" "MACs $mac" 'RekeyLimit 1M'
		rm -rf "$htdocs/.sandferry" "${htdocs:?}"/*
		new_machine
		published --hostkey "$(fingerprint "$host_key")"
		same_tree "$site" "$htdocs"
		stop_sshd
	done
done
