/*
 * tcp_peer HOW: listen on a free port of 127.0.0.1, print its number, and play
 * a server that is no good SSH server to everybody who comes.  It ends after a
 * minute, or when it is killed.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BANNER "SSH-2.0-OpenSSH_9.2p1\r\n"

/* Until the client has gone. */
static void
listen_only(int fd)
{
	char p[4096];

	while (read(fd, p, sizeof(p)) > 0)
		;
}

static void
say(int fd, const void *p, size_t n)
{
	(void)!write(fd, p, n);
}

static void
play_silence(int fd)
{
	listen_only(fd);
}

static void
play_close(int fd)
{
	(void)fd;
}

static void
play_http(int fd)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\n"
				   "Connection: close\r\n\r\n";

	say(fd, text, strlen(text));
}

static void
play_ftp(int fd)
{
	static const char text[] = "220 Welcome\r\n";

	say(fd, text, strlen(text));
	listen_only(fd);
}

static void
play_garbage(int fd)
{
	unsigned char p[4096];
	size_t i;

	for (i = 0; i < sizeof(p); i++)
		p[i] = (unsigned char)(i * 167 + 13);
	say(fd, p, sizeof(p));
	listen_only(fd);
}

/* Not one line ends. */
static void
play_endless_line(int fd)
{
	char p[4096];

	memset(p, 'x', sizeof(p));
	while (write(fd, p, sizeof(p)) > 0)
		;
}

/* RFC 4253, 4.2 lets a server send lines before its banner. */
static void
play_endless_lines(int fd)
{
	static const char line[] = "\033[31mwait\033[0m\r\n";

	while (write(fd, line, strlen(line)) > 0)
		;
}

static void
play_ssh1(int fd)
{
	static const char banner[] = "SSH-1.5-old\r\n";

	say(fd, banner, strlen(banner));
	listen_only(fd);
}

static void
play_banner_close(int fd)
{
	say(fd, BANNER, strlen(BANNER));
}

static void
play_banner_silence(int fd)
{
	say(fd, BANNER, strlen(BANNER));
	listen_only(fd);
}

/* It reads our key exchange message and hangs up. */
static void
play_kex_close(int fd)
{
	char p[4096];

	say(fd, BANNER, strlen(BANNER));
	(void)!read(fd, p, sizeof(p));
	usleep(100 * 1000);
	(void)!read(fd, p, sizeof(p));
}

static void
play_huge_packet(int fd)
{
	static const unsigned char p[] = { 0x7f, 0xff, 0xff, 0xff, 4, 20 };

	say(fd, BANNER, strlen(BANNER));
	say(fd, p, sizeof(p));
	listen_only(fd);
}

/* RFC 4253, 7.1: ten lists of names that nobody knows. */
static void
play_no_common(int fd)
{
	unsigned char p[512] = { 0 };
	size_t n = 4 + 1, pad, i;

	p[n] = 20; /* SSH_MSG_KEXINIT */
	n += 1 + 16;
	for (i = 0; i < 10; i++) {
		static const char name[] = "rot13@example.org";

		p[n + 3] = (unsigned char)strlen(name);
		memcpy(p + n + 4, name, strlen(name));
		n += 4 + strlen(name);
	}
	n += 1 + 4; /* no guess, nothing reserved */
	pad = 8 - (n + 4) % 8 + 4;
	p[4] = (unsigned char)pad;
	n += pad;
	p[2] = (unsigned char)((n - 4) >> 8);
	p[3] = (unsigned char)(n - 4);
	say(fd, BANNER, strlen(BANNER));
	say(fd, p, n);
	listen_only(fd);
}

/* ---- All of them ------------------------------------------------------- */

static const struct {
	const char *name;
	void (*play)(int fd);
} peers[] = {
	{ "silence", play_silence },
	{ "close", play_close },
	{ "http", play_http },
	{ "ftp", play_ftp },
	{ "garbage", play_garbage },
	{ "endless-line", play_endless_line },
	{ "endless-lines", play_endless_lines },
	{ "ssh1", play_ssh1 },
	{ "banner-close", play_banner_close },
	{ "banner-silence", play_banner_silence },
	{ "kex-close", play_kex_close },
	{ "huge-packet", play_huge_packet },
	{ "no-common", play_no_common },
	{ "blackhole", NULL },
};

/* Take connections until the system answers no more of them. */
static void
fill_backlog(const struct sockaddr_in *to)
{
	int i;

	for (i = 0; i < 16; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		if (fd < 0)
			err(1, "socket");
		(void)connect(fd, (const struct sockaddr *)to, sizeof(*to));
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t n = sizeof(name);
	size_t i = 0, count = sizeof(peers) / sizeof(peers[0]);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	while (argc > 1 && i < count && strcmp(peers[i].name, argv[1]) != 0)
		i++;
	if (argc < 2 || i == count)
		errx(1, "usage: tcp_peer HOW");
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &n) != 0 ||
	    listen(fd, peers[i].play != NULL ? 8 : 0) != 0)
		err(1, "socket");
	alarm(60);
	if (peers[i].play == NULL)
		fill_backlog(&name);
	printf("%d\n", ntohs(name.sin_port));
	fclose(stdout);
	if (peers[i].play == NULL)
		for (;;)
			pause();
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			err(1, "accept");
		if (fork() == 0) {
			alarm(60);
			close(fd);
			peers[i].play(client);
			_exit(0);
		}
		close(client);
	}
}
