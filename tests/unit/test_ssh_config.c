/* Which keys an ssh_config has for a host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/ssh_config.h"
#include "base/buf.h"

static const struct ssh_config_query query = { "web.example.org", 2222, "me",
	"/home/me" };

/* want: "line path" of each key in turn, then "line!" of what is left out. */
static void
check(const char *text, const char *want)
{
	struct ferry_error e;
	struct ssh_config c;
	struct buf got;

	assert_int_equal(
	    ssh_config_read(&c, text, strlen(text), &query, &e), 0);
	buf_init(&got, 4096);
	for (size_t i = 0; i < c.key_count; i++)
		buf_printf(&got, "%s%u %s", got.len > 0 ? ", " : "",
		    c.keys[i].line, c.keys[i].path);
	for (size_t i = 0; i < c.odd_count; i++)
		buf_printf(
		    &got, "%s%u!", got.len > 0 ? ", " : "", c.odd[i].line);
	assert_string_equal(buf_text(&got), want);
	buf_free(&got);
	ssh_config_free(&c);
}

static void
finds_the_host(void **state)
{
	(void)state;
	check("", "");
	check("IdentityFile /k\n", ""); /* port 22 */
	check("Port 2222\nIdentityFile /k", "2 /k");
	/* by its own name, in part, or by another one that leads there */
	check("Host web.example.org\nPort 2222\nIdentityFile /k\n", "3 /k");
	check("Host *.example.org\nPort 2222\nIdentityFile /k\n", "3 /k");
	check("Host web.example.???\nPort 2222\nIdentityFile /k\n", "3 /k");
	check("Host w\nHostName WEB.example.org\nPort 2222\nIdentityFile /k\n",
	    "4 /k");
	check("Host web\nHostName %h.example.org\nPort 2222\nIdentityFile /k\n",
	    "4 /k");
	check("Host a web b\nIdentityFile /k\nHost web\nPort 2222\n"
	      "HostName web.example.org\n",
	    "2 /k");
	/* not */
	check("Host *.example.org !web.*\nPort 2222\nIdentityFile /k\n", "");
	check("Host !web.* *.example.org\nPort 2222\nIdentityFile /k\n", "");
	check("Host example.org\nPort 2222\nIdentityFile /k\n", "");
	check(
	    "Host web.example.org\nPort 22\nIdentityFile /k\nPort 2222\n", "");
	check(
	    "Host web.example.org\nPort 2222\nUser you\nIdentityFile /k\n", "");
	check("Host web.example.org\nPort 2222\nUser me\nIdentityFile /k\n",
	    "4 /k");
	check("Host web.example.org\nPort 2222\nHostName other\n"
	      "IdentityFile /k\n",
	    "");
}

static void
reads_lines_as_ssh_does(void **state)
{
	(void)state;
	check("\tpORT = 2222\r\n  identityfile=\"/a b\"\r\n# IdentityFile /c\n"
	      "IdentityFile\t/d # e\nIdentityFile\nIdentityFile none\n",
	    "2 /a b, 4 /d");
	check("Port 2222\nIdentityFile ~/k\nIdentityFile %d/%r@%h%%\n"
	      "IdentityFile /k\nIdentityFile /k\n",
	    "2 /home/me/k, 3 /home/me/me@web.example.org%, 4 /k");
	/* not understood, which is said */
	check("Port 2222\nIdentityFile ~you/k\nIdentityFile k\n"
	      "IdentityFile /%C\nInclude more\nMatch all\nIdentityFile /no\n"
	      "Host *\nIdentityFile /yes\n",
	    "9 /yes, 5!, 6!, 2!, 3!, 4!");
	/* the file's order, by whichever name */
	check("Host b\nHostName web.example.org\nPort 2222\nIdentityFile /1\n"
	      "Host a web.example.org\nIdentityFile /2\nPort 2222\n"
	      "Host *\nIdentityFile /3\n",
	    "4 /1, 6 /2, 9 /3");
}

static void
has_an_end(void **state)
{
	struct ferry_error e;
	struct ssh_config c;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 2000; i++)
		buf_printf(&text, "Host h%d\n", i);
	assert_int_equal(
	    ssh_config_read(&c, buf_text(&text), text.len, &query, &e),
	    -ferry_EUSAGE);
	assert_string_equal(e.id, "ssh_config_hosts");
	ssh_config_free(&c);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_host),
		cmocka_unit_test(reads_lines_as_ssh_does),
		cmocka_unit_test(has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
