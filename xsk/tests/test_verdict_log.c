// SPDX-License-Identifier: GPL-2.0-only
/* Lines of kernels' logs: which of them a case is blamed for, and what is shown of them. */
#include "run/verdict_log.h"

#include "tests/test.h"

static const struct {
	enum log_kind expect;
	const char *line;
} lines[] = {
	{ LOG_SPLAT, "WARNING: CPU: 1 PID: 1234 at net/xdp/xsk.c:512 xsk_destruct_skb+0x71/0x80" },
	{ LOG_SPLAT, "WARNING: net/core/dev.c:12277 at unregister_netdevice_many_notify, CPU#0" },
	{ LOG_SPLAT, "WARNING: possible circular locking dependency detected" },
	{ LOG_SPLAT, "WARNING: suspicious RCU usage" },
	{ LOG_SPLAT, "WARNING: inconsistent lock state" },
	{ LOG_SPLAT, "WARNING: bad unlock balance detected!" },
	{ LOG_SPLAT, "BUG: KASAN: slab-use-after-free in xsk_poll+0x1a/0x90" },
	{ LOG_SPLAT, "BUG: kernel NULL pointer dereference, address: 0000000000000008" },
	{ LOG_SPLAT, "BUG: unable to handle page fault for address: ffffc90000a3d000" },
	{ LOG_SPLAT, "BUG: sleeping function called from invalid context at mm/slab.h:256" },
	{ LOG_SPLAT, "BUG: scheduling while atomic: xskspec/2211/0x00000201" },
	{ LOG_SPLAT, "BUG: Bad page state in process xskspec  pfn:11a4c3" },
	{ LOG_SPLAT, "BUG: Bad rss-counter state mm:00000000f1a3 type:MM_ANONPAGES val:2" },
	{ LOG_SPLAT, "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!" },
	{ LOG_SPLAT, "watchdog: BUG: soft lockup - CPU#1 stuck for 23s! [xskspec:2211]" },
	{ LOG_SPLAT, "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [ksoftirqd/0:15]" },
	{ LOG_PLAIN, "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [lf:2433]" },
	{ LOG_SPLAT, "kernel BUG at net/core/skbuff.c:2238!" },
	{ LOG_SPLAT, "Oops: general protection fault, probably for non-canonical address 0xdead" },
	{ LOG_SPLAT, "Oops: 0000 [#1] PREEMPT SMP NOPTI" },
	{ LOG_SPLAT, "general protection fault, maybe for address 0x0: 0000 [#1] SMP" },
	{ LOG_SPLAT, "Internal error: Oops - CFI: 00000000f2008228 [#1] SMP" },
	{ LOG_SPLAT, "Unable to handle kernel paging request at virtual address ffff8000" },
	{ LOG_SPLAT,
	  "CFI failure at bpf_prog_run+0x20/0x40 (target: x+0x0/0x10; expected type: 0x1)" },
	{ LOG_SPLAT, "Kernel panic - not syncing: Fatal exception in interrupt" },
	{ LOG_SPLAT, "refcount_t: underflow; use-after-free." },
	{ LOG_SPLAT, "refcount_t: addition on 0; use-after-free." },
	{ LOG_SPLAT, "list_del corruption, ffff888104a2->next is LIST_POISON1 (dead000000000100)" },
	{ LOG_SPLAT, "list_add corruption. prev->next should be next (ffff), but was 0000" },
	{ LOG_SPLAT, "UBSAN: shift-out-of-bounds in net/sched/sch_etf.c:77:14" },
	{ LOG_SPLAT, "ODEBUG: free active (active state 0) object: 0 object type: timer_list" },
	{ LOG_SPLAT, "rcu: INFO: rcu_preempt self-detected stall on CPU" },
	{ LOG_SPLAT, "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:" },
	{ LOG_SPLAT, "skbuff: skb_over_panic: text:ffffffff len:9018 put:9000 head:ffff8881" },
	{ LOG_SPLAT, "verifier bug: REG INVARIANTS VIOLATION (true_reg1): range bounds violation" },
	{ LOG_LATE, "page_pool_release_retry() stalled pool shutdown: id 7, 1 inflight 60 sec" },
	{ LOG_LATE, "unregister_netdevice: waiting for a0 to become free. Usage count = 2" },
	{ LOG_LATE, "INFO: task xskspec:2211 blocked for more than 122 seconds." },
	{ LOG_LATE, "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)" },

	{ LOG_PLAIN, "" },
	{ LOG_PLAIN, "IPv6: ADDRCONF(NETDEV_CHANGE): b0: link becomes ready" },
	{ LOG_PLAIN, "a-bridge: port 1(a-relay) entered forwarding state" },
	{ LOG_PLAIN, "device a0 entered promiscuous mode" },
	{ LOG_PLAIN, "veth0: Caught tx_queue_len zero misconfig" },
	{ LOG_PLAIN, "WARNING: Spectre v2 mitigation leaves CPU vulnerable to RETBleed attacks" },
	{ LOG_PLAIN, "Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on" },
	{ LOG_PLAIN, "xskspec: page allocation failure: order:9, mode:0x40dc0, nodemask=(null)" },
	{ LOG_PLAIN, "Out of memory: Killed process 4711 (xskspec) total-vm:17204kB" },
	{ LOG_PLAIN,
	  "xskspec[2211]: segfault at 0 ip 0000 sp 0000 error 4 in xskspec[4000+1f000]" },
	{ LOG_PLAIN, "traps: test[77] general protection fault ip:0 sp:0 error:0 in libc.so.6" },
	{ LOG_PLAIN, "systemd[1]: test.service: WARNING in the name of a unit" },
	{ LOG_PLAIN, "audit: type=1326 audit(1700000000.0:1): BUG of somebody else" },
	{ LOG_PLAIN, "perf: interrupt took too long (2502 > 2500), lowering the rate to 79750" },
	{ LOG_PLAIN, "clocksource: Long readout interval, skipping watchdog check" },
	{ LOG_PLAIN, "hrtimer: interrupt took 11523410 ns" },
	{ LOG_PLAIN, "sched: RT throttling activated" },
	{ LOG_PLAIN, "Call Trace:" },
	{ LOG_PLAIN, "Debugging information: bugs: none" },
	{ LOG_PLAIN, "workqueue: drain_vmap_area_work hogged CPU for >10000us 4 times" },
};

static void test_lines(void)
{
	for (size_t k = 0; k < sizeof(lines) / sizeof(lines[0]); k++)
		CHECK(log_judge(lines[k].line) == lines[k].expect, "%s: expect %d, actual %d",
		      lines[k].line, lines[k].expect, log_judge(lines[k].line));
}

static void test_ages(void)
{
	CHECK_EQ(
		60,
		log_age_s(
			"page_pool_release_retry() stalled pool shutdown: id 7, 1 inflight 60 sec"));
	CHECK_EQ(122, log_age_s("INFO: task xskspec:2211 blocked for more than 122 seconds."));
	CHECK_EQ(0,
		 log_age_s("unregister_netdevice: waiting for a0 to become free. Usage count = 2"));
	CHECK_EQ(0, log_age_s(" sec"));
	CHECK_EQ(0, log_age_s(""));
}

static void test_details(void)
{
	static const char *const shown[] = {
		"CPU: 1 UID: 0 PID: 1234 Comm: xskspec Not tainted 6.18.0 #1",
		"RIP: 0010:xsk_destruct_skb+0x71/0x80",
		"Call Trace:",
		" xsk_generic_xmit+0x4f5/0x9c0",
		"xskspec/2211 is trying to acquire lock:",
	};
	static const char *const hidden[] = {
		"",
		"   ",
		"RAX: 0000000000000000 RBX: ffff888104a2 RCX: 0",
		"Code: 48 8b 07 48 85 c0 74 0f",
		"Modules linked in: veth bridge",
		"x29: ffff80000a3d x28: 0",
		"------------[ cut here ]------------",
		"======================================================",
		"---[ end trace 0000000000000000 ]---",
	};

	for (size_t k = 0; k < sizeof(shown) / sizeof(shown[0]); k++)
		CHECK(log_is_detail(shown[k]) && !log_is_end(shown[k]), "%s", shown[k]);
	for (size_t k = 0; k < sizeof(hidden) / sizeof(hidden[0]); k++)
		CHECK(!log_is_detail(hidden[k]), "%s", hidden[k]);
	CHECK(log_is_end("---[ end trace 0000000000000000 ]---"), "end");
	CHECK(log_is_end("---[ end Kernel panic - not syncing: x ]---"), "end of a panic");
}

/* The message of a record cut to 15 bytes, NULL: it is none. */
static const char *message_of(const char *line)
{
	static char message[16];

	return log_read_record(line, strlen(line), message, sizeof(message)) ? message : NULL;
}

static void test_records(void)
{
	CHECK_STR("message", message_of("6,339,5140900,-;message"));
	CHECK_STR("a;b", message_of("12,1,2,c,caller=T1;a;b"));
	CHECK_STR("", message_of("6,339,5140900,-;"));
	CHECK_STR("a message that ", message_of("4,339,5140900,-;a message that is too long"));
	CHECK_STR(NULL, message_of(" SUBSYSTEM=net;x"));
	CHECK_STR(NULL, message_of("6,339,5140900"));
	CHECK_STR(NULL, message_of(""));
	CHECK_STR(NULL, message_of(";"));
}

int main(void)
{
	RUN(test_lines);
	RUN(test_ages);
	RUN(test_details);
	RUN(test_records);
	return test_end();
}
