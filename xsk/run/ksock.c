// SPDX-License-Identifier: GPL-2.0-only
#include "run/ksock.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errmsg.h"

/* linux/in6.h has it, but cannot be included next to netinet/in.h. */
#ifndef IPV6_AUTOFLOWLABEL
#define IPV6_AUTOFLOWLABEL 70
#endif

/* Index of the innermost IP header; the one of UDP or TCP is behind it. */
static uint32_t ip_layer(const struct stream *s)
{
	uint32_t n = s->n_layers;

	while (n && s->layers[n - 1].kind != HDR_IPV4 && s->layers[n - 1].kind != HDR_IPV6)
		n--;
	assert(n);
	return n - 1;
}

void ksock_name_of(const struct stream *s, bool is_dst, struct ksock_name *name)
{
	uint32_t n = ip_layer(s);
	const uint8_t *ip = s->hdr + s->layers[n].offset;
	const uint8_t *port = s->hdr + s->layers[n + 1].offset + 2 * is_dst;
	char text[INET6_ADDRSTRLEN];

	assert(n + 1 < s->n_layers);
	*name = (struct ksock_name){ 0 };
	if (s->layers[n].kind == HDR_IPV4) {
		name->len = sizeof(name->in);
		name->in.sin_family = AF_INET;
		memcpy(&name->in.sin_addr, ip + 12 + 4 * is_dst, 4);
		memcpy(&name->in.sin_port, port, 2);
		inet_ntop(AF_INET, &name->in.sin_addr, text, sizeof(text));
		snprintf(name->text, sizeof(name->text), "%s:%u", text, ntohs(name->in.sin_port));
		return;
	}
	name->len = sizeof(name->in6);
	name->in6.sin6_family = AF_INET6;
	memcpy(&name->in6.sin6_addr, ip + 8 + 16 * is_dst, 16);
	memcpy(&name->in6.sin6_port, port, 2);
	inet_ntop(AF_INET6, &name->in6.sin6_addr, text, sizeof(text));
	snprintf(name->text, sizeof(name->text), "[%s]:%u", text, ntohs(name->in6.sin6_port));
}

int ksock_open(const struct flow_plan *f, struct errmsg *e)
{
	int family = AF_PACKET, type = SOCK_RAW, fd;

	if (f->sender != SENDER_PACKET) {
		const struct stream *s = &f->stream;

		family = s->layers[ip_layer(s)].kind == HDR_IPV4 ? AF_INET : AF_INET6;
		type = f->sender == SENDER_UDP ? SOCK_DGRAM : SOCK_STREAM;
	}
	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errmsg_set(e, errno, "run: %s socket: make it", sender_names[f->sender]);
	return fd;
}

int ksock_set(int fd, int level, int option, const char *title, int value, struct errmsg *e)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		return errmsg_set(e, errno, "run: kernel socket: set %s %d", title, value);
	return 0;
}

/*
 * Where nobody may fragment, and of a socket that is not connected, the identification is 0
 * (ip_select_ident_segs()).
 */
static int take_ipv4(int fd, const uint8_t *ip, struct errmsg *e)
{
	int discover = ip[6] & 0x40 ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
	int err = KSOCK_SET(fd, IPPROTO_IP, IP_TTL, ip[8], e);

	if (!err)
		err = KSOCK_SET(fd, IPPROTO_IP, IP_TOS, ip[1], e);
	if (!err)
		err = KSOCK_SET(fd, IPPROTO_IP, IP_MTU_DISCOVER, discover, e);
	return err;
}

/* Flow labels the kernel would make up. */
static int take_ipv6(int fd, const uint8_t *ip, struct errmsg *e)
{
	int class = (ip[0] & 0x0f) << 4 | ip[1] >> 4;
	int err = KSOCK_SET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ip[7], e);

	if (!err)
		err = KSOCK_SET(fd, IPPROTO_IPV6, IPV6_TCLASS, class, e);
	if (!err)
		err = KSOCK_SET(fd, IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, 0, e);
	if (!err)
		err = KSOCK_SET(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO, e);
	return err;
}

int ksock_take_header(int fd, const struct stream *s, struct errmsg *e)
{
	const struct stream_layer *l = &s->layers[ip_layer(s)];
	const uint8_t *ip = s->hdr + l->offset;

	return l->kind == HDR_IPV4 ? take_ipv4(fd, ip, e) : take_ipv6(fd, ip, e);
}

int ksock_bind(int fd, const struct ksock_name *name, struct errmsg *e)
{
	/* Streams that are sent at the same time may say the same. */
	int err = KSOCK_SET(fd, SOL_SOCKET, SO_REUSEADDR, 1, e);

	if (!err && bind(fd, &name->sa, name->len))
		err = errmsg_set(e, errno, "run: kernel socket: bind to %s", name->text);
	return err;
}

void ksock_stay(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((unsigned int)(cpu < 0 ? 0 : cpu), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}
