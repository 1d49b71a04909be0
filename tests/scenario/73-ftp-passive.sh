# Goal: passive FTP only, and to the server's address only: PORT and EPRT never
# go over the wire, an address in a PASV reply is nobody's business, an EPSV
# that leads nowhere is followed by PASV.
. tests/scenario/lib.sh
. tests/scenario/ftp_client.sh
small_site
start_ftp_peer

# once WANTED [RULE...]: publish afresh; the wire has seen this command
once() {
	wanted=$1
	shift
	ftp_rules "$@"
	rm -rf "$live" "$HOME/.local"
	: >"$ftp_log"
	published --connect-timeout 1 --connections 2
	same_tree "$site" "$live"
	grep -q "^$wanted" "$ftp_log" || fail "no $wanted"
	! grep -Eq '^(PORT|EPRT|LPRT)' "$ftp_log" || fail 'active FTP'
	! grep -q '^ELSEWHERE' "$ftp_log" || fail 'it went elsewhere'
}

once EPSV
! grep -q '^PASV' "$ftp_log" || fail 'PASV without need'
once PASV 'EPSV * say 500 What?'
once PASV 'EPSV * say 500 What?' 'PASV * elsewhere'
once PASV 'EPSV * dead'
once PASV 'EPSV * hole'

# neither of them: there is no third way
ftp_rules 'EPSV * say 500 What?' 'PASV * say 500 What?'
rm -rf "$live" "$HOME/.local"
publish
[ "$rc" -ne 0 ] || fail 'it was published'
expect_words
! grep -Eq '^(PORT|EPRT|LPRT)' "$ftp_log" || fail 'active FTP'
