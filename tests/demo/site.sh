#!/bin/sh
# site.sh DIR: make a sample web site in DIR: about 300 pages, a style sheet, a
# script, pictures, and names as people give them.  The same bytes every time.
set -eu
LC_ALL=C
export LC_ALL

mkdir -p "$1"
cd "$1"
mkdir -p articles "articles/older ones" css js images feeds 'images/50% smaller'

# page FILE TITLE SEED...: three words each line on stdin, one page for each
pages() {
	awk -F '\t' '
function word() {
	seed = (seed * 16807) % 2147483647
	return words[seed % count + 1]
}
function sentence(    i, s) {
	s = word()
	s = toupper(substr(s, 1, 1)) substr(s, 2)
	for (i = 0; i < 9; i++)
		s = s " " word()
	return s "."
}
BEGIN {
	count = split("the ferry carries every page over the water while " \
	    "nobody sees half of it and whoever waits on the shore finds " \
	    "either yesterday or today but never a torn sail between", words, " ")
}
{
	seed = $3 * 7919 + 1
	file = $1
	print "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">" \
	    > file
	print "<title>" $2 "</title>" > file
	print "<link rel=\"stylesheet\" href=\"/css/site.css\">" > file
	print "<h1>" $2 "</h1>" > file
	paragraphs = 2 + seed % 13
	for (p = 0; p < paragraphs; p++) {
		print "<p>" > file
		for (i = 0; i < 6; i++)
			print sentence() > file
	}
	print "<script src=\"/js/site.js\"></script>" > file
	close(file)
}'
}

# A real PNG for each line "FILE WIDTH HEIGHT SEED" on stdin, as FILE and the
# escapes that printf(1) turns into its bytes: zlib with stored blocks, so that
# nothing but sums have to be computed.
pictures() {
	awk '
function xor(a, b,    i, r, unit) {
	r = 0
	unit = 1
	for (i = 0; i < 8; i++) {
		r += nibble[a % 16, b % 16] * unit
		a = int(a / 16)
		b = int(b / 16)
		unit *= 16
	}
	return r
}
function byte(b) {
	out = out sprintf("\\%03o", b)
	low = crc % 256
	crc = xor(table[nibble[low % 16, b % 16] + \
	    16 * nibble[int(low / 16), int(b / 16)]], int(crc / 256))
}
function number(n) {
	byte(int(n / 16777216) % 256)
	byte(int(n / 65536) % 256)
	byte(int(n / 256) % 256)
	byte(n % 256)
}
function chunk(length_, a, b, c, d) {
	number(length_)
	crc = 4294967295
	byte(a); byte(b); byte(c); byte(d)
}
function end_chunk() {
	number(4294967295 - crc)
}
function raw(b) {
	byte(b)
	s1 = (s1 + b) % 65521
	s2 = (s2 + s1) % 65521
}
BEGIN {
	for (a = 0; a < 16; a++)
		for (b = 0; b < 16; b++) {
			r = 0
			for (bit = 1; bit < 16; bit *= 2)
				if (int(a / bit) % 2 != int(b / bit) % 2)
					r += bit
			nibble[a, b] = r
		}
	for (n = 0; n < 256; n++) {
		c = n
		for (k = 0; k < 8; k++)
			c = c % 2 ? xor(3988292384, int(c / 2)) : int(c / 2)
		table[n] = c
	}
}
{
	width = $2; height = $3; seed = $4
	out = "\\211PNG\\r\\n\\032\\n"
	chunk(13, 73, 72, 68, 82)
	number(width); number(height)
	byte(8); byte(2); byte(0); byte(0); byte(0)
	end_chunk()
	n = height * (1 + 3 * width)
	chunk(n + 11, 73, 68, 65, 84)
	byte(120); byte(1); byte(1)
	byte(n % 256); byte(int(n / 256))
	byte(255 - n % 256); byte(255 - int(n / 256))
	s1 = 1
	s2 = 0
	for (y = 0; y < height; y++) {
		raw(0)
		for (x = 0; x < width; x++) {
			raw((x * 5 + seed * 37) % 256)
			raw((y * 7 + seed * 11) % 256)
			raw((x * y + seed) % 256)
		}
	}
	number(s2 * 65536 + s1)
	end_chunk()
	chunk(0, 73, 69, 78, 68)
	end_chunk()
	print $1 " " out
}' | while read -r file bytes; do
		# shellcheck disable=SC2059
		printf "$bytes" >"$file"
	done
}

{
	printf 'index.html\tThe ferry\t1\n'
	printf 'about.html\tAbout us\t2\n'
	i=3
	while [ $i -le 240 ]; do
		printf 'articles/page-%03d.html\tArticle %d\t%d\n' $i $i $i
		i=$((i + 1))
	done
	while [ $i -le 292 ]; do
		printf 'articles/older ones/page %d.html\tArticle %d\t%d\n' \
		    $i $i $i
		i=$((i + 1))
	done
	# Spaces, accents, and what means something to a URL, a shell, a glob.
	printf '%s\tA name\t%d\n' \
	    'über uns.html' 301 'naïve café.html' 302 '日本語.html' 303 \
	    'C# and F#.html' 304 '100% real.html' 305 'a%20b.html' 306 \
	    'notes [draft].html' 307 "it's \"quoted\".html" 308 \
	    'question?.html' 309 'star*.html' 310 '-dash.html' 311
} >.list
pages <.list

{
	i=1
	while [ $i -le 24 ]; do
		printf 'images/icon-%d.png 16 16 %d\n' $i $i
		i=$((i + 1))
	done
	printf 'images/picture-%d.png 72 54 %d\n' 1 40 2 41 3 42 4 43
} >.list
pictures <.list
rm .list
mv images/icon-24.png 'images/50% smaller/icon #24 [é].png'

cat >css/site.css <<'EOF'
body { margin: 2rem auto; max-width: 40rem; font: 1rem/1.5 serif; }
h1 { font-weight: normal; }
EOF
cat >js/site.js <<'EOF'
document.querySelectorAll("p").forEach((p) => p.normalize());
EOF
printf '<feed xmlns="http://www.w3.org/2005/Atom"><title>%s</title></feed>\n' \
    'The ferry' >feeds/atom.xml
printf 'User-agent: *\nAllow: /\n' >robots.txt
: >.nojekyll
