// SPDX-License-Identifier: GPL-2.0-only
#include "link/nlconn.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/errmsg.h"

/* The attributes of an error message stand behind the echo of the refused request. */
static const struct nlattr *find_text(struct nlmsgerr *refusal)
{
	struct nlmsghdr *hdr = (void *)((char *)refusal - NLMSG_HDRLEN);
	size_t skip = sizeof(*refusal);

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		skip += refusal->msg.nlmsg_len - NLMSG_HDRLEN;
	return nlmsg_find_attr(hdr, (int)NLMSG_ALIGN(skip), NLMSGERR_ATTR_MSG);
}

static int keep_refusal(struct sockaddr_nl *from, struct nlmsgerr *refusal, void *arg)
{
	const struct nlattr *text = find_text(refusal);
	struct nlconn *nl = arg;

	(void)from;
	nl->err = -refusal->error;
	if (text)
		snprintf(nl->why, sizeof(nl->why), "%.*s", nla_len(text), (char *)nla_data(text));
	return NL_STOP;
}

static int open_protocol(struct nlconn *nl, int protocol, struct errmsg *e)
{
	const int on = 1;
	int err;

	*nl = (struct nlconn){ .sk = nl_socket_alloc() };
	if (!nl->sk)
		return errmsg_set(e, ENOMEM, "link: netlink: allocate a socket");
	/* nl_connect() may fail with libnl's codes only, but errno is still the kernel's. */
	err = nl_connect(nl->sk, protocol);
	if (err) {
		err = errmsg_set(e, errno ? errno : EIO, "link: netlink: connect");
		nlconn_close(nl);
		return err;
	}
	/* Kernels without extended acks refuse this: then there are no words to keep. */
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	nl_socket_modify_err_cb(nl->sk, NL_CB_CUSTOM, keep_refusal, nl);
	return 0;
}

int nlconn_open(struct nlconn *nl, struct errmsg *e)
{
	return open_protocol(nl, NETLINK_ROUTE, e);
}

int nlconn_open_generic(struct nlconn *nl, struct errmsg *e)
{
	return open_protocol(nl, NETLINK_GENERIC, e);
}

int nlconn_open_diag(struct nlconn *nl, struct errmsg *e)
{
	return open_protocol(nl, NETLINK_SOCK_DIAG, e);
}

void nlconn_close(struct nlconn *nl)
{
	if (nl->sk)
		nl_socket_free(nl->sk);
	*nl = (struct nlconn){ 0 };
}

void nlconn_begin(struct nlconn *nl)
{
	nl->err = 0;
	nl->why[0] = '\0';
}

/*
 * Without an acknowledgement of its own: the answer is one, and libnl would leave the second
 * message in the socket for the next question to stumble over.
 */
int nlconn_ask(struct nlconn *nl, struct nl_msg *msg, int (*take)(struct nl_msg *msg, void *arg),
	       void *arg)
{
	struct nl_cb *own = nl_socket_get_cb(nl->sk), *cb = nl_cb_clone(own);
	int err;

	nl_cb_put(own); /* it took a reference */
	if (!cb)
		return -ENOMEM;
	nlconn_begin(nl);
	nl_socket_disable_auto_ack(nl->sk);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take, arg);
	err = nl_send_auto(nl->sk, msg);
	if (err >= 0)
		err = nl_recvmsgs(nl->sk, cb);
	nl_socket_enable_auto_ack(nl->sk);
	nl_cb_put(cb);
	return err < 0 || nl->err ? -nlconn_errno(nl, err) : 0;
}

int nlconn_tell(struct nlconn *nl, struct nl_msg *msg)
{
	int err;

	nlconn_begin(nl);
	err = nl_send_auto(nl->sk, msg);
	if (err >= 0)
		err = nl_wait_for_ack(nl->sk);
	return err < 0 || nl->err ? -nlconn_errno(nl, err) : 0;
}

int nlconn_errno(const struct nlconn *nl, int nlerr)
{
	if (nl->err)
		return nl->err;
	return nlerr == -NLE_NOMEM ? ENOMEM : EIO;
}

void nlconn_hint(const struct nlconn *nl, struct errmsg *e)
{
	if (nl->why[0])
		errmsg_hint(e, "%s", nl->why);
}
