/* References in pages and style sheets: which are found, and what they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/path.h"
#include "publish/links.h"

struct found {
	char text[8192];
	size_t count;
};

/* "css/a.css >b.html": an asset, and a page that is linked to. */
static void
note(void *ctx, const struct link *l)
{
	struct found *f = ctx;
	size_t n = strlen(f->text);

	assert_true(path_relative_ok(l->path));
	if (l->folder)
		assert_string_equal(path_base(l->path), "index.html");
	f->count++;
	snprintf(f->text + n, sizeof(f->text) - n, "%s%s%s", n > 0 ? " " : "",
	    l->kind == LINK_PAGE ? ">" : "", l->path);
}

static void
read_as(const char *page, const char *site_url, const void *bytes, size_t n,
    struct found *f)
{
	const struct links l = {
		.page = page, .site_url = site_url, .ctx = f, .each = note
	};
	/* memory of exactly its size */
	void *copy = malloc(n + (n == 0));

	assert_non_null(copy);
	memcpy(copy, bytes, n);
	f->count = 0;
	f->text[0] = '\0';
	links_read(&l, copy, n);
	free(copy);
}

static void
finds_at(
    const char *page, const char *site_url, const char *text, const char *want)
{
	struct found f;

	read_as(page, site_url, text, strlen(text), &f);
	if (strcmp(f.text, want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", text, f.text, want);
}

static void
html(const char *text, const char *want)
{
	finds_at("p.html", NULL, text, want);
}

static void
css(const char *text, const char *want)
{
	finds_at("s/p.css", NULL, text, want);
}

static void
svg(const char *text, const char *want)
{
	finds_at("p.svg", NULL, text, want);
}

static void
languages(void **state)
{
	(void)state;
	assert_int_equal(links_language("a/b.html"), LINKS_HTML);
	assert_int_equal(links_language("B.HTM"), LINKS_HTML);
	assert_int_equal(links_language("a.xhtml"), LINKS_XML);
	assert_int_equal(links_language("a.xht"), LINKS_XML);
	assert_int_equal(links_language("a.SVG"), LINKS_XML);
	assert_int_equal(links_language("a.min.css"), LINKS_CSS);
	assert_int_equal(links_language("a.css/b"), LINKS_NONE);
	assert_int_equal(links_language("html"), LINKS_NONE);
	assert_int_equal(links_language("a.php"), LINKS_NONE);
	assert_int_equal(links_language(""), LINKS_NONE);
	finds_at("a.js", NULL, "<img src=a>", "");
}

static void
attributes(void **state)
{
	(void)state;
	html("<img src=\"a.png\">", "a.png");
	html("<img src='a.png'>", "a.png");
	html("<img src=a.png>", "a.png");
	html("<IMG\n\tALT = x SRC\n=\n'a.png' />", "a.png");
	html("<img src=a.png src=b.png>", "a.png");
	html("<img alt='<img src=no>' src=a.png>", "a.png");
	html(
	    "<img alt=\"'\" src=a.png><img alt='\"' src=b.png>", "a.png b.png");
	html("<img src=a.png/>", "a.png/index.html");
	html("<img/src=a.png/ x>", "a.png/index.html");
	html("<img =src=a.png src=b.png>", "b.png");
	html("<img src>", "");
	html("<img src=>", "");
	html("<img src= >", "");
	html("<img src=\"\">", "");
	html("<img\"src=a.png>", "");
	html("<img data-src=a.png xsrc=b srcx=c>", "");
	html("</img src=a.png>", "");
	html("<a href=a.html>x</a><area href='b.html'>", ">a.html >b.html");
	html("<script src=a.js></script><iframe src=b.html></iframe>",
	    "a.js b.html");
	html("<embed src=a><audio src=b><video src=c poster=d><track src=e>"
	     "<source src=f><input type=image src=g><frame src=h>",
	    "a b c d e f g h");
	html("<object data=a.pdf></object><div data=no>", "a.pdf");
	html("<body background=a.png><td background=b.png>", "a.png b.png");
	html("<div href=no><p href=no><option href=no>", "");
	html("<form action=a.php><button formaction=b>", "");
}

static void
srcset(void **state)
{
	(void)state;
	html("<img srcset='a.png'>", "a.png");
	html("<img srcset='a.png 1x, b.png 2x'>", "a.png b.png");
	html("<img srcset=' , a.png 100w,b.png 2x,,c.png'>",
	    "a.png b.png c.png");
	html("<img srcset='a.png, b.png'>", "a.png b.png");
	html("<img srcset='a,b.png 1x'>", "a,b.png");
	html("<img srcset='a.png f(1, 2) 1x, b.png'>", "a.png b.png");
	html("<img srcset='data:image/png;base64,AA 1x, b.png 2x'>", "b.png");
	html("<source srcset='a.png?x=1&amp;y=2 1x'>", "a.png");
	html("<link rel=preload imagesrcset='a 1x, b 2x'>", "a b");
	html("<img srcset=,,,>", "");
	html("<img srcset='a (b'>", "a");
}

static void
link_tags(void **state)
{
	(void)state;
	html("<link rel=stylesheet href=a.css>", "a.css");
	html("<link href=a.css rel='alternate STYLESHEET'>", "a.css");
	html("<link rel='shortcut icon' href=/favicon.ico>", "favicon.ico");
	html("<link rel=manifest href=m.json>", "m.json");
	html("<link rel=modulepreload href=m.js>", "m.js");
	html("<link rel=alternate href=feed.xml>", ">feed.xml");
	html("<link rel='\nnext\t' href=2.html>", ">2.html");
	html("<link rel=canonical href=a><link rel=preconnect href=/>"
	     "<link rel=pingback href=x.php><link href=b><link rel= href=c>",
	    "");
}

static void
references(void **state)
{
	(void)state;
	html("<a href='a&amp;b.html'>", ">a&b.html");
	html("<a href='a&ampb.html'>", ">a&ampb.html");
	html("<a href='a&amp.html'>", ">a&.html");
	html("<a href='a&ampx=b'>", ">a&ampx=b");
	html("<a href='a&#38;b&#x26;c&#X26y'>", ">a&b&c&y");
	html("<a href='a&#38 b'>", ">a& b");
	html("<a href='a&#46;html&#59;'>", ">a.html;");
	html("<a href='&#228;.html'>", ">\xc3\xa4.html");
	html("<a href='&#x1f600;'>", ">\xf0\x9f\x98\x80");
	html("<a href='&#0;&#xd800;&#99999999999999999999;'>",
	    ">\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	html("<a href='&#;&#x;&#xg;&'>", ">&");
	html("<a href='a&sol;b&period;html'>", ">a/b.html");
	html("<a href='a&quot'>", ">a\"");
	html("<a href=java&#115;cript:x>", "");
}

static void
comments(void **state)
{
	(void)state;
	html("<!-- <img src=no> --><img src=a>", "a");
	html("<!--><img src=a>", "a");
	html("<!---><img src=a>", "a");
	html("<!----><img src=a>", "a");
	html("<!-- > -> <img src=no> --!><img src=a>", "a");
	html("<!-- <!-- --><img src=a>", "a");
	html("<!-- <img src=no>", "");
	html("<!doctype html><img src=a>", "a");
	html("<!x '><img src=a>", "a");
	html("<?php x ?><img src=a>", "a");
	html("</><img src=a></ <img src=no><img src=b>", "a b");
	html("1 < 2 <img src=a> <3 <<img src=b>", "a b");
	html("<![CDATA[><img src=a>]]>", "a");
	html("<svg><![CDATA[><img src=no>]]></svg><img src=a>", "a");
	html("<svg/><![CDATA[><img src=a>", "a");
}

static void
raw_text(void **state)
{
	(void)state;
	html("<script>'<img src=no>'</script><img src=a>", "a");
	html("<script></scripty><img src=no></SCRIPT ><img src=a>", "a");
	html("<script><!-- <script> </script> <img src=no> --></script>"
	     "<img src=a>",
	    "a");
	html("<script><!-- <script> --> </script><img src=a>", "a");
	html("<script><!--> <script> </script><img src=a>", "a");
	html("<script><!-- </script><img src=a>", "a");
	html("<script/><img src=no></script><img src=a>", "a");
	html("<title><img src=no></title><textarea><img src=no></textarea>"
	     "<img src=a>",
	    "a");
	html("<iframe><img src=no></iframe><xmp><img src=no></xmp>"
	     "<noembed><img src=no></noembed><img src=a>",
	    "a");
	html("<noscript><img src=a></noscript><template><img src=b>", "a b");
	html("<plaintext><img src=no></plaintext><img src=no>", "");
	html("<svg><title/><image href=a></svg>", "a");
	html("<svg><title><image href=a></svg>", "a");
	html("<title><img src=no>", "");
	html("<style>@import 'a.css'; x{background:url(b.png)}</style>"
	     "<img src=c>",
	    "a.css b.png c");
	html("<style>'</style><img src=a>'", "a");
}

static void
style_attributes(void **state)
{
	(void)state;
	html("<p style='background:url(a.png)'>", "a.png");
	html("<p style='background:url(&quot;a.png&quot;)'>", "a.png");
	html("<p style=\"background:url('a.png'),url( b.png )\">",
	    "a.png b.png");
	html("<p style='color:red'>", "");
	html("<svg><rect fill='url(a.svg#b)' mask=url(#c) filter=url(f.svg)>",
	    "a.svg f.svg");
}

static void
svg_in_html(void **state)
{
	(void)state;
	html("<svg><use href='icons.svg#x'/><use xlink:href=i2.svg#y />"
	     "<use href=#z /><image xlink:href=a.png /><a xlink:href=b.html>"
	     "<feImage href=c.png></svg>",
	    "icons.svg i2.svg a.png >b.html c.png");
	html("<use href=a xlink:href=b>", "a");
}

static void
meta_refresh(void **state)
{
	(void)state;
	html("<meta http-equiv=refresh content='0;url=a.html'>", ">a.html");
	html("<meta http-equiv=Refresh content=' 5.5 ; URL = \"a.html\" x'>",
	    ">a.html");
	html("<meta http-equiv=refresh content='5, a.html'>", ">a.html");
	html("<meta http-equiv=refresh content='5;url.html'>", ">url.html");
	html("<meta http-equiv=refresh content='5'>", "");
	html("<meta http-equiv=refresh content=';url=a'>", "");
	html("<meta http-equiv=refresh content='5;url='>", "");
	html("<meta http-equiv=refresh>", "");
	html("<meta name=x content='5;url=a'>", "");
}

static void
urls(void **state)
{
	(void)state;
	html("<a href='https://e.org/a'><a href=//e.org/a><a href=mailto:x@y>"
	     "<a href=tel:1><a href='javascript:x'><img src='data:,x'>"
	     "<a href=#x><a href='?x'><a href=''><a href=' '><a href='http:a'>"
	     "<a href='\\\\e.org/a'><a href='x-y+z.1:a'>",
	    "");
	html("<a href='a.html?x#y'><a href='b.html#y?x'>", ">a.html >b.html");
	html("<a href=' a.html\n'><a href='a\n.\tht\rml'>", ">a.html >a.html");
	html("<a href='a b.html'><a href=a%20b.html>", ">a b.html >a b.html");
	html("<a href=%41%2e%68><a href=a%><a href=a%4><a href=a%zz>",
	    ">A.h >a% >a%4 >a%zz");
	html("<a href=a%00b><a href=%23><a href=a%3fb>", "># >a?b");
	html("<a href=/><a href=.><a href=./><a href=x/><a href=/x/..>",
	    ">index.html >index.html >index.html >x/index.html >index.html");
	html("<a href=a//b><a href=./a/./b><a href=a/../b><a href=../../b>",
	    ">a/b >a/b >b >b");
	html("<a href=a/%2e%2E/b><a href=a/.%2e/b><a href=...>", ">b >b >...");
	html("<a href='\\a\\b'><a href='a:b'><a href=./a:b><a href=1:b>",
	    ">a/b >a:b >1:b");
	html("<a href='/\xc3\xa4.html'><a href='%ff'>", ">\xc3\xa4.html >\xff");
	finds_at("a/b/c.html", NULL,
	    "<a href=x><a href=../y><a href=/z><a href=..><a href=../../../w>",
	    ">a/b/x >a/y >z >a/index.html >w");
	finds_at("a?b/c%20#.html", NULL, "<a href=x>", ">a?b/x");
}

static void
base(void **state)
{
	(void)state;
	html("<base href=/x/><a href=a>", ">x/a");
	html("<base href=/x/y><a href=a><a href=/b>", ">x/a >b");
	html("<base href=x/><base href=y/><a href=a>", ">x/a");
	html("<base target=_top><base href=x/><a href=a>", ">x/a");
	html("<base href=https://e.org/><a href=a><a href=/a>", ">a");
	html("<base href=#><a href=a>", ">a");
	html("<base href=../..><a href=a>", ">a");
}

static void
site_url(void **state)
{
	static const char root[] = "https://e.org", port[] = "http://e.org:81/";
	static const char sub[] = "https://e.org/~u/my%20site/";

	(void)state;
	finds_at("a/p.html", root,
	    "<a href=https://e.org/x><a href='http://E.ORG'><a "
	    "href=//e.org/y?z>"
	    "<a href='HTTPS:\\\\e.org\\b'><a href=https://e.org#x>",
	    ">x >index.html >y >b >index.html");
	finds_at("p.html", root,
	    "<a href=https://e.org.x/a><a href=https://x.e.org/a>"
	    "<a href=https://e.org:81/a><a href=ftp://e.org/a>"
	    "<a href=https://u@e.org/a>",
	    "");
	finds_at("p.html", port,
	    "<a href=http://e.org:81/a><a href=http://e.org/b>", ">a");
	finds_at("a/p.html", sub,
	    "<a href=x><a href=/x><a href='/~u/my site/y'><a href=../..>"
	    "<a href=/%7eu/my%20site><a href=/~u/my%20sites/x>"
	    "<a href=https://e.org/~u/my%20site/z><a href=https://e.org/x>"
	    "<a href=../../my%20site/>",
	    ">a/x >y >index.html >z >index.html");
	finds_at("p.html", sub, "<base href=/x/><a href=a>", "");
	finds_at(
	    "p.html", "nonsense", "<a href=a><a href=http://nonsense/a>", ">a");
}

static void
style_sheets(void **state)
{
	(void)state;
	css("@import 'a.css'; @import \"../b.css\" screen;", "s/a.css b.css");
	css("@import url(a.css);@IMPORT URL( 'b.css' ) x;", "s/a.css s/b.css");
	css("@charset 'no'; @namespace url(no); @namespace x 'no';"
	    "a{src:url(b)}",
	    "s/b");
	css("a{background:url(a.png) no-repeat,url('b.png')}",
	    "s/a.png s/b.png");
	css("@font-face{src:url(a.woff2)format('woff2'),url(/b.woff?x#y)}",
	    "s/a.woff2 b.woff");
	css("/* url(no) */ a{b:url(/**/c)} /* url(no)", "**/c");
	css("a{content:'url(no)';b:url(c)}", "s/c");
	css("a{content:'x\n;b:url(c)}", "s/c");
	css("a{content:'x\\\n url(no)';b:url(c)}", "s/c");
	css("a{b:url(c\\29 d)} e{f:url('\\67\\'\\\ng')}", "s/c)d s/g'g");
	css("a{b:url(no no)} c{d:url(e)}", "s/e");
	css("a{b:url(no'no)} c{d:url(e)}", "s/e");
	css("a{b:url(no\\)no no)} c{d:url(e)}", "s/e");
	css("a{b:xurl(no);c:url (no);d:-url(no)}", "");
	css("a{b:url(#x);c:url();d:url('');e:url(data:x,y)}", "");
	css("a{b:image-set('a.png' 1x,url(b.png)2x,'c.png' type('no'))}"
	    "d{e:'no'}",
	    "s/a.png s/b.png s/c.png");
	css("a{b:-webkit-image-set(url('a.png')1x)}", "s/a.png");
	css("a{b:f(g('no'),url(c))} @media x{d{e:url(f)}}", "s/c s/f");
	css("@media print{@import 'a.css';}", "s/a.css");
	css("@import", "");
	css("@import;a{content:'no'}", "");
	css("a{b:url(c", "s/c");
	css("a{b:url('c", "s/c");
	css("a{b:url(", "");
	css("a{b:\\", "");
	css("<!-- a{b:url(c)} -->", "s/c");
}

static void
xml(void **state)
{
	(void)state;
	svg("<?xml version='1.0'?><?xml-stylesheet href='a.css'?>"
	    "<svg xmlns='x'><image href='b.png'/><script href='c.js'/>"
	    "<title><use href='d.svg#e'/></title>"
	    "<style><![CDATA[@import 'f.css';x{fill:url(g.svg)}]]></style>"
	    "<![CDATA[<image href='no'/>]]><a href='h.html'/></svg>",
	    "a.css b.png c.js d.svg f.css g.svg >h.html");
	finds_at("p.xhtml", NULL,
	    "<html><title/><script src='a.js'/><img src='b.png'/></html>",
	    "a.js b.png");
}

static void
truncated(void **state)
{
	static const char page[] =
	    "<!doctype html><title>x</title><base href='/b/'><!-- c -->"
	    "<link rel=stylesheet href='a.css'><style>@import url('x.css');"
	    "a{b:url(c\\29 )}</style><img srcset='a 1x, b 2x' src=c>"
	    "<script><!-- <script> --></script><svg><![CDATA[x]]></svg>"
	    "<meta http-equiv=refresh content='1;url=&quot;a&#x26;&quot;'>"
	    "<a href='https://e.org/&amp;%20x'>z</a>";
	struct found f;

	(void)state;
	for (size_t n = 0; n < sizeof(page); n++) {
		read_as("p.html", "https://e.org", page, n, &f);
		read_as("p.svg", "https://e.org", page, n, &f);
		read_as("p.css", "https://e.org", page, n, &f);
	}
	html("<img src=a", "");
	html("<img src='a.png><img src=b>", "");
	html("<", "");
	html("</", "");
	html("<a", "");
	html("<!", "");
	html("", "");
}

static void
too_long(void **state)
{
	static const char *const forms[] = {
		"<a href='%s'><a href=z>",
		"<img srcset='%s 1x'><a href=z>",
		"<p style=b:url(%s)><a href=z>",
	};
	char name[5 * LIMIT_PATH], text[6 * LIMIT_PATH];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), forms[i], name);
		html(text, ">z");
	}
	name[LIMIT_NAME + 1] = '\0';
	snprintf(text, sizeof(text), forms[0], name);
	html(text, ">z");
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 100 == 99 ? '/' : 'a';
	name[2 * LIMIT_PATH + 50] = '\0';
	snprintf(text, sizeof(text), forms[0], name);
	html(text, ">z");
	strcpy(name + LIMIT_PATH - 6, ".html");
	html("<a href=z>", ">z");
	finds_at(name, "https://e.org/x", "<a href=/x/z>", ">z");
}

/* Whatever is repeated, it ends and stays within its bytes. */
static void
repeated(void **state)
{
	static const char *const pieces[] = { "<", "<a ", "<!--", "<!-- -- ",
		"<script>", "<script><!--", "<style>", "</", "<a href='",
		"<a href=x>", "<p style='x(&amp;", "&", "<svg>", "<![CDATA[",
		"<base href=a/><a href=b>", "<a b=c d=e/", "<title>", ">",
		"<img srcset='", "a,", "((", "<?", "\"'", "url(", "@import ",
		"image-set('", "\\", "/*", "'a\n", "url(\\", "a/../",
		"<a href='../../../../../../../../x'>" };
	enum { SIZE = 128 << 10 };
	char *text = malloc(SIZE);
	struct found f;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t n = strlen(pieces[i]), len = 0;

		while (len + n <= SIZE) {
			memcpy(text + len, pieces[i], n);
			len += n;
		}
		read_as("p.html", NULL, text, len, &f);
		read_as("p.svg", NULL, text, len, &f);
		read_as("p.css", NULL, text, len, &f);
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(languages),
		cmocka_unit_test(attributes),
		cmocka_unit_test(srcset),
		cmocka_unit_test(link_tags),
		cmocka_unit_test(references),
		cmocka_unit_test(comments),
		cmocka_unit_test(raw_text),
		cmocka_unit_test(style_attributes),
		cmocka_unit_test(svg_in_html),
		cmocka_unit_test(meta_refresh),
		cmocka_unit_test(urls),
		cmocka_unit_test(base),
		cmocka_unit_test(site_url),
		cmocka_unit_test(style_sheets),
		cmocka_unit_test(xml),
		cmocka_unit_test(truncated),
		cmocka_unit_test(too_long),
		cmocka_unit_test(repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
