// SPDX-License-Identifier: GPL-2.0-only
/* What sockets tell without being bound: an option is taken or not. */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "link/probe_lab.h"

/* struct xdp_umem_reg as of Linux 6.8; the header of Debian 12 has padding in the last one's place. */
struct umem_reg {
	uint64_t addr, len;
	uint32_t chunk_size, headroom, flags, tx_metadata_len;
};

#define UMEM_BYTES 4096u /* as little to pin as there can be */
#define METADATA_BYTES 16u

static int open_socket(struct errmsg *e)
{
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		return fd;
	if (errno == EAFNOSUPPORT)
		return errmsg_set(e, EAFNOSUPPORT,
				  "probe: this kernel has no AF_XDP (CONFIG_XDP_SOCKETS)");
	return errmsg_set(e, errno, "probe: open an AF_XDP socket");
}

/* A socket that has a UMEM takes no other: each try has its own. */
static int registers(const struct umem_reg *reg, bool *is_taken, struct errmsg *e)
{
	int fd = open_socket(e);

	if (fd < 0)
		return fd;
	*is_taken = !setsockopt(fd, SOL_XDP, XDP_UMEM_REG, reg, sizeof(*reg));
	close(fd);
	return 0;
}

/* ---- headroom ---- */

static int search_headroom(struct umem_reg *reg, uint32_t *headroom, struct errmsg *e)
{
	uint32_t low = 0, high = reg->chunk_size; /* taken, not taken */
	bool is_taken = false;
	int err = registers(reg, &is_taken, e);

	if (!err && !is_taken)
		err = errmsg_set(e, EIO, "probe: chunks of %u do not register", reg->chunk_size);
	while (!err && high - low > 1) {
		reg->headroom = low + (high - low) / 2;
		err = registers(reg, &is_taken, e);
		if (is_taken)
			low = reg->headroom;
		else
			high = reg->headroom;
	}
	*headroom = low;
	return err;
}

static void *map_umem(struct errmsg *e)
{
	void *mem =
		mmap(NULL, UMEM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem != MAP_FAILED)
		return mem;
	errmsg_set(e, errno, "probe: map a page");
	return NULL;
}

int probe_headroom(uint32_t frame_size, uint32_t *headroom, struct errmsg *e)
{
	void *mem = map_umem(e);
	struct umem_reg reg = { .addr = (uintptr_t)mem,
				.len = UMEM_BYTES,
				.chunk_size = frame_size };
	int err = mem ? search_headroom(&reg, headroom, e) : -ENOMEM;

	if (mem)
		munmap(mem, UMEM_BYTES);
	return err;
}

/* ---- Tx metadata ---- */

static int try_metadata(struct caps *caps, struct errmsg *e)
{
	void *mem = map_umem(e);
	struct umem_reg reg = { .addr = (uintptr_t)mem,
				.len = UMEM_BYTES,
				.chunk_size = UMEM_BYTES,
				.flags = XDP_UMEM_TX_METADATA_LEN,
				.tx_metadata_len = METADATA_BYTES };
	int err = mem ? registers(&reg, &caps->has_tx_metadata, e) : -ENOMEM;

	reg.flags |= XDP_UMEM_TX_SW_CSUM;
	if (!err)
		err = registers(&reg, &caps->has_sw_csum, e);
	if (mem)
		munmap(mem, UMEM_BYTES);
	return err;
}

/* ---- options ---- */

static int try_busy_poll(struct caps *caps, struct errmsg *e)
{
	const int on = 1;
	int fd = open_socket(e);

	if (fd < 0)
		return fd;
	caps->has_busy_poll = !setsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &on, sizeof(on));
	close(fd);
	return 0;
}

int probe_registrations(struct caps *caps, struct errmsg *e)
{
	uint32_t headroom = 0;
	int err = probe_headroom(PROBE_FRAME_SIZE, &headroom, e);

	caps->headroom_reserve = PROBE_FRAME_SIZE - headroom;
	if (!err)
		err = try_metadata(caps, e);
	if (!err)
		err = try_busy_poll(caps, e);
	return err;
}
