#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str
next_word(struct str *text)
{
	struct str w = {0};

	while (text->n && !w.n)
		w = str_cut(text, ' ');
	return w;
}

static bool
parse_ip(struct str s, struct sockaddr_storage *out, socklen_t *n_out)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	char z[INET6_ADDRSTRLEN];

	if (s.n >= sizeof(z) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, z, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		*n_out = sizeof(*in4);
		return true;
	}
	if (inet_pton(AF_INET6, z, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		*n_out = sizeof(*in6);
		return true;
	}
	return false;
}

static enum status
parse_unix(struct str path, struct listen_address *out)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&out->addr;

	if (!path.n || path.p[0] != '/' || path.n >= sizeof(un->sun_path))
		return ST_INVALID;
	memset(&out->addr, 0, sizeof(out->addr));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path.p, path.n);
	out->n =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n + 1);
	return ST_OK;
}

static enum status
parse_address(struct str word, struct listen_address *out)
{
	struct str host, port;
	uint32_t number;

	if (str_starts(word, S("unix:")))
		return parse_unix(str_from_pos(word, 5), out);
	if (str_starts(word, S("["))) {
		size_t end = str_find(word, ']');

		if (end == SIZE_MAX)
			return ST_INVALID;
		host = str_of(word.p + 1, end - 1);
		port = str_from_pos(word, end + 1);
		if (str_find(host, ':') == SIZE_MAX || !port.n ||
		    port.p[0] != ':')
			return ST_INVALID;
		port = str_from_pos(port, 1);
	} else {
		port = word;
		host = str_cut(&port, ':');
	}
	if (str_eq(host, S("*")))
		host = S("0.0.0.0");
	if (!parse_ip(host, &out->addr, &out->n) ||
	    !str_to_u32(port, &number) || number == 0 || number > 65535)
		return ST_INVALID;
	if (out->addr.ss_family == AF_INET)
		((struct sockaddr_in *)&out->addr)->sin_port =
		    htons((uint16_t)number);
	else
		((struct sockaddr_in6 *)&out->addr)->sin6_port =
		    htons((uint16_t)number);
	return ST_OK;
}

enum status
listen_next(struct str *text, struct listen_address *out)
{
	bool none = str_eq(str_trim(*text), S("none"));
	struct listen_address a = {0};
	struct str word, rest;

	word = next_word(text);
	rest = *text;
	if (!word.n)
		return ST_NOT_FOUND;
	if (parse_address(word, &a) != ST_OK)
		return none ? ST_NOT_FOUND : ST_INVALID;
	if (str_eq(next_word(&rest), S("proxy"))) {
		a.proxy = true;
		*text = rest;
	}
	*out = a;
	return ST_OK;
}

enum status
listen_check(struct str text)
{
	struct listen_address a;

	if (str_eq(str_trim(text), S("none")))
		return ST_OK;
	while (str_trim(text).n)
		if (listen_next(&text, &a) != ST_OK)
			return ST_INVALID;
	return ST_OK;
}

/* A socket that a dead server has left behind is removed, a live one is not. */
static bool
unix_is_dead(const struct listen_address *a)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->addr;
	struct stat sb;
	bool dead;
	int fd;

	if (lstat(un->sun_path, &sb) < 0 || !S_ISSOCK(sb.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	dead = connect(fd, (const struct sockaddr *)un, a->n) < 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	return dead && unlink(un->sun_path) == 0;
}

static bool
bind_and_listen(int fd, const struct listen_address *a)
{
	const struct sockaddr *sa = (const struct sockaddr *)&a->addr;

	if (bind(fd, sa, a->n) < 0 &&
	    (a->addr.ss_family != AF_UNIX || errno != EADDRINUSE ||
		!unix_is_dead(a) || bind(fd, sa, a->n) < 0)) {
		if (errno == ECONNREFUSED || errno == ENOENT)
			errno = EADDRINUSE;
		return false;
	}
	return listen(fd, LISTEN_BACKLOG) == 0;
}

int
listen_open(const struct listen_address *a)
{
	int family = a->addr.ss_family, on = 1, e;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (family != AF_UNIX)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (!bind_and_listen(fd, a)) {
		e = errno;
		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

/* An IPv4 address in IPv6 clothes (::ffff:192.0.2.1) is an IPv4 address. */
static size_t
ip_bytes(const struct sockaddr_storage *a, unsigned char out[16])
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;

	if (a->ss_family == AF_INET) {
		memcpy(out, &((const struct sockaddr_in *)a)->sin_addr, 4);
		return 4;
	}
	if (a->ss_family != AF_INET6)
		return 0;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(out, in6->sin6_addr.s6_addr + 12, 4);
		return 4;
	}
	memcpy(out, in6->sin6_addr.s6_addr, 16);
	return 16;
}

void
address_text(const struct sockaddr_storage *a, struct buf *out)
{
	unsigned char ip[16];
	char z[INET6_ADDRSTRLEN];
	size_t n = ip_bytes(a, ip);

	if (!n)
		buf_addz(out, "unix");
	else if (inet_ntop(n == 4 ? AF_INET : AF_INET6, ip, z, sizeof(z)))
		buf_addz(out, z);
}

void
address_of(struct str text, struct sockaddr_storage *out)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	char z[INET6_ADDRSTRLEN] = "";

	memset(out, 0, sizeof(*out));
	memcpy(z, text.p, min_size(text.n, sizeof(z) - 1));
	if (inet_pton(AF_INET, z, &in->sin_addr) == 1)
		out->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, z, &in6->sin6_addr) == 1)
		out->ss_family = AF_INET6;
	else
		out->ss_family = AF_UNIX;
}

uint16_t
address_port(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)a)->sin_port);
	if (a->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)a)->sin6_port);
	return 0;
}

bool
address_is_loopback(const struct sockaddr_storage *a)
{
	unsigned char ip[16];
	size_t n = ip_bytes(a, ip);

	if (n == 4)
		return ip[0] == 127;
	return n == 0 || memcmp(ip, &in6addr_loopback, 16) == 0;
}

uint64_t
address_group(const struct sockaddr_storage *a)
{
	unsigned char ip[16];
	size_t n = ip_bytes(a, ip);
	uint64_t group = 0;

	for (size_t i = 0; i < min_size(n, 8); i++)
		group = group << 8 | ip[i];
	/* No IPv6 prefix in use is below 2^32, so the two do not meet. */
	return group;
}

static bool
parse_network(struct str word, unsigned char ip[16], size_t *n, uint32_t *bits)
{
	struct sockaddr_storage net;
	socklen_t len;
	struct str rest = word;
	struct str host = str_cut(&rest, '/');

	if (!parse_ip(host, &net, &len))
		return false;
	*n = net.ss_family == AF_INET ? 4 : 16;
	memcpy(ip,
	    *n == 4 ? (const void *)&((struct sockaddr_in *)&net)->sin_addr
		    : (const void *)&((struct sockaddr_in6 *)&net)->sin6_addr,
	    *n);
	*bits = (uint32_t)*n * 8;
	if (host.n == word.n)
		return true;
	return str_to_u32(rest, bits) && *bits <= *n * 8;
}

static bool
same_prefix(const unsigned char *a, const unsigned char *b, uint32_t bits)
{
	uint32_t whole = bits / 8;
	unsigned char mask = (unsigned char)(0xff00u >> bits % 8);

	return memcmp(a, b, whole) == 0 &&
	    (bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

bool
address_in(const struct sockaddr_storage *a, struct str networks)
{
	unsigned char ip[16], net[16];
	size_t n = ip_bytes(a, ip), n_net;
	struct str word;
	uint32_t bits;

	if (!n)
		return true;
	while ((word = next_word(&networks)).n)
		if (parse_network(word, net, &n_net, &bits) && n_net == n &&
		    same_prefix(ip, net, bits))
			return true;
	return false;
}

enum status
networks_check(struct str networks)
{
	unsigned char net[16];
	struct str word;
	uint32_t bits;
	size_t n;

	while ((word = next_word(&networks)).n)
		if (!parse_network(word, net, &n, &bits))
			return ST_INVALID;
	return ST_OK;
}
