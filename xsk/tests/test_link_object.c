// SPDX-License-Identifier: GPL-2.0-only
/* The reader of users' BPF objects: what it finds in whole ones, and what it says of all others. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "link/object.h"
#include "tests/test.h"

/* ---- objects, as make has built them for the specifications ---- */

static char programs[4096]; /* the folder */

static bool find_programs(void)
{
	ssize_t n = readlink("/proc/self/exe", programs, sizeof(programs) - 32);
	char *slash;

	programs[n > 0 ? n : 0] = '\0';
	for (int k = 0; k < 2; k++) {
		slash = strrchr(programs, '/');
		if (!slash)
			return false;
		*slash = '\0';
	}
	memcpy(slash, "/programs", sizeof("/programs"));
	return true;
}

static const char *path_of(const char *name)
{
	static char path[sizeof(programs) + 64];

	snprintf(path, sizeof(path), "%s/%s", programs, name);
	return path;
}

static int read_path(struct object *o, const char *path, struct errmsg *e)
{
	struct object_plan plan = { .file = "x.o", .paths = { path } };

	return object_read(o, &plan, e);
}

/* A file in memory that can be opened by a name. */
struct image {
	int fd;
	char path[32];
	unsigned char *bytes;
	size_t size;
};

static void image_open(struct image *im, const char *name)
{
	struct object o;
	struct errmsg e = { "" };

	CHECK(!read_path(&o, path_of(name), &e), "%s", e.text);
	im->size = o.size;
	im->bytes = mem_zalloc(o.size + 1);
	if (o.file)
		memcpy(im->bytes, o.file, o.size);
	object_release(&o);
	im->fd = memfd_create("object", MFD_CLOEXEC);
	snprintf(im->path, sizeof(im->path), "/proc/self/fd/%d", im->fd);
}

static void image_close(struct image *im)
{
	free(im->bytes);
	close(im->fd);
}

/* What the first size bytes of the image are taken for. */
static int read_image(const struct image *im, size_t size, struct object *o, struct errmsg *e)
{
	CHECK(!ftruncate(im->fd, 0) && pwrite(im->fd, im->bytes, size, 0) == (ssize_t)size,
	      "write");
	*e = (struct errmsg){ "" };
	return read_path(o, im->path, e);
}

static Elf64_Ehdr *header(const struct image *im)
{
	return (Elf64_Ehdr *)(void *)im->bytes;
}

static Elf64_Shdr *section(const struct image *im, const char *name)
{
	Elf64_Shdr *s = (Elf64_Shdr *)(void *)(im->bytes + header(im)->e_shoff);
	const char *names = (char *)im->bytes + s[header(im)->e_shstrndx].sh_offset;

	for (int k = 0; k < header(im)->e_shnum; k++)
		if (!strcmp(names + s[k].sh_name, name))
			return &s[k];
	CHECK(false, "no section %s", name);
	return s;
}

/* ---- whole ones ---- */

static void test_whole(void)
{
	struct errmsg e = { "" };
	struct object o;

	CHECK(!read_path(&o, path_of("many.bpf.o"), &e), "%s", e.text);
	CHECK_EQ(4, o.n_progs);
	CHECK_EQ(3, o.n_maps);
	CHECK_STR("GPL", o.license);
	CHECK(o.has_btf, "compiled with -g");
	for (size_t k = 0; k < o.n_maps; k++) {
		bool is_counts = !strcmp(o.maps[k].name, "counts");

		CHECK_EQ(is_counts ? 2 : 17, o.maps[k].type);
		CHECK_EQ(strcmp(o.maps[k].name, "sockets") ? 1 : 64, o.maps[k].max_entries);
	}
	object_release(&o);
	CHECK(!o.progs && !o.file, "released");
	CHECK(!read_path(&o, path_of("all_of_it.bpf.o"), &e), "%s", e.text);
	CHECK_EQ(4, o.n_progs); /* and not its subprograms */
	CHECK_EQ(4, o.n_maps);	/* and not its data */
	object_release(&o);
}

static const struct {
	const char *file, *section, *map;
	enum object_kind kind;
	uint32_t n_keys;
	int expect_err;
	const char *expect_prog, *expect_map, *expect_text;
} choices[] = {
	{ .file = "port_filter.bpf.o", .expect_prog = "port_filter", .expect_map = "xsks_map" },
	{ "port_filter.bpf.o", "xdp.frags", "xsks_map", 0, 64, 0, "port_filter", "xsks_map", NULL },
	{ "port_filter.bpf.o", "port_filter", NULL, 0, 65, E2BIG, NULL, NULL, "max_entries 65" },
	{ "all_of_it.bpf.o", "dispatch", "sockets", 0, 99, 0, "dispatch", "sockets", NULL },
	{ "many.bpf.o", NULL, NULL, OBJECT_TC, 0, 0, "pass", NULL, NULL },
	{ "many.bpf.o", "to_on", NULL, 0, 0, ENOENT, NULL, NULL, "did you mean 'to_one'?" },
	{ "many.bpf.o", "to_one", NULL, OBJECT_TC, 0, EINVAL, NULL, NULL,
	  "is for XDP, not for tc" },
	{ "no_map.bpf.o", NULL, NULL, OBJECT_TC, 0, ENOENT, NULL, NULL,
	  "it has 'drop' in section" },
	{ "many.bpf.o", "xdp.frags", NULL, 0, 0, ENOTUNIQ, NULL, NULL,
	  "it has 'to_one', 'count': say which function" },
	{ "many.bpf.o", "xdp\n\033[1m", NULL, 0, 0, ENOENT, NULL, NULL, "program 'xdp??[1m'" },
};

static void test_choices(void)
{
	for (size_t k = 0; k < sizeof(choices) / sizeof(choices[0]); k++) {
		struct object_plan plan = {
			.kind = choices[k].kind,
			.file = choices[k].file,
			.paths = { "/no/such/place", path_of(choices[k].file) },
			.section = choices[k].section,
			.map = choices[k].map,
			.n_keys = choices[k].n_keys,
		};
		const struct object_prog *prog;
		const struct object_map *map;
		struct errmsg e = { "" };
		struct object o;

		CHECK(!object_read(&o, &plan, &e), "row %zu: %s", k, e.text);
		CHECK_EQ(-choices[k].expect_err, object_choose(&o, &plan, &prog, &map, &e));
		if (choices[k].expect_prog)
			CHECK_STR(choices[k].expect_prog, prog->name);
		if (choices[k].expect_map)
			CHECK_STR(choices[k].expect_map, map->name);
		if (choices[k].expect_text)
			CHECK(strstr(e.text, choices[k].expect_text), "row %zu: %s", k, e.text);
		object_release(&o);
	}
}

/* ---- others ---- */

static void spoil_magic(struct image *im)
{
	im->bytes[0] = 'E';
}

static void spoil_class(struct image *im)
{
	im->bytes[EI_CLASS] = ELFCLASS32;
}

static void spoil_order(struct image *im)
{
	im->bytes[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB;
}

static void spoil_machine(struct image *im)
{
	header(im)->e_machine = EM_AARCH64;
}

static void spoil_type(struct image *im)
{
	header(im)->e_type = ET_EXEC;
}

static void spoil_headers(struct image *im)
{
	header(im)->e_shnum = 60000;
}

static void spoil_size(struct image *im)
{
	section(im, "xdp")->sh_size = im->size;
}

static void spoil_names(struct image *im)
{
	header(im)->e_shstrndx = 60000;
}

static void spoil_license(struct image *im)
{
	section(im, "license")->sh_size = 3;
}

/* As compiled without -g. */
static void spoil_btf(struct image *im)
{
	section(im, ".BTF")->sh_name = 0;
}

static void spoil_btf_data(struct image *im)
{
	im->bytes[section(im, ".BTF")->sh_offset] ^= 1;
}

/* As it was in front of BTF: the name without its point. */
static void spoil_maps(struct image *im)
{
	section(im, ".maps")->sh_name++;
}

static void spoil_programs(struct image *im)
{
	static const char *const names[] = { "xdp", "xdp.frags", "tc" };

	for (int k = 0; k < 3; k++)
		section(im, names[k])->sh_flags = 0;
}

static void spoil_symbols(struct image *im)
{
	section(im, ".symtab")->sh_size -= 1;
}

static void spoil_symbol(struct image *im)
{
	Elf64_Sym *syms = (Elf64_Sym *)(void *)(im->bytes + section(im, ".symtab")->sh_offset);

	syms[1].st_shndx = 4242;
}

static const struct {
	void (*spoil)(struct image *im);
	int expect_err;
	const char *expect_text;
} others[] = {
	{ spoil_magic, ENOEXEC, "no ELF file" },
	{ spoil_class, ENOEXEC, "32-bit" },
	{ spoil_order, ENOEXEC, "byte order" },
	{ spoil_machine, ENOEXEC, "for ARM64 (machine 183), not for BPF" },
	{ spoil_type, ENOEXEC, "linked" },
	{ spoil_headers, ENOEXEC, "section headers are not all there" },
	{ spoil_size, ENOEXEC, "'xdp' is not all there" },
	{ spoil_names, ENOEXEC, "section 1 '' is not all there" },
	{ spoil_license, ENOEXEC, "license has no end" },
	{ spoil_btf, ENODATA, "compile with '-g'" },
	{ spoil_btf_data, ENOEXEC, "its BTF is corrupt" },
	{ spoil_maps, EOPNOTSUPP, "SEC(\".maps\")" },
	{ spoil_programs, ENOENT, "there is none" },
	{ spoil_symbols, ENOEXEC, "" },
	{ spoil_symbol, ENOEXEC, "a section that there is not" },
};

static void test_others(void)
{
	for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
		struct errmsg e;
		struct image im;
		struct object o;

		image_open(&im, "many.bpf.o");
		others[k].spoil(&im);
		CHECK(read_image(&im, im.size, &o, &e) == -others[k].expect_err,
		      "row %zu: expect %s, actual '%s'", k, errno_name(others[k].expect_err),
		      e.text);
		CHECK(strstr(e.text, others[k].expect_text), "row %zu: %s", k, e.text);
		object_release(&o);
		image_close(&im);
	}
}

static void test_no_files(void)
{
	static const struct {
		const char *path;
		int expect_err;
	} rows[] = {
		{ "/no/such/file", ENOENT }, { "/dev/null/x", ENOTDIR },   { "/", EISDIR },
		{ "/dev/null", EINVAL },     { "/proc/version", ENOEXEC },
	};
	struct errmsg e;
	struct object o;

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		e = (struct errmsg){ "" };
		CHECK_EQ(-rows[k].expect_err, read_path(&o, rows[k].path, &e));
		CHECK(strstr(e.text, rows[k].path), "%s", e.text);
		object_release(&o);
	}
}

/* Cut off anywhere it is no object: section headers are the last thing in it. */
static void test_truncated(void)
{
	struct errmsg e;
	struct image im;
	struct object o;

	image_open(&im, "many.bpf.o");
	for (size_t size = 0; size < im.size; size++) {
		CHECK(read_image(&im, size, &o, &e) == -ENOEXEC, "%zu bytes: %s", size, e.text);
		object_release(&o);
	}
	image_close(&im);
}

static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

/* Whatever is in it, it is read or refused, and never more than read. */
static void test_random_bytes(void)
{
	const struct object_prog *prog;
	const struct object_map *map;
	struct object_plan plan = { .file = "x.o" };
	struct errmsg e;
	struct image im;
	struct object o;
	uint64_t seed = 42;
	size_t n_good = 0;

	image_open(&im, "many.bpf.o");
	for (int k = 0; k < 20000; k++) {
		unsigned char old[4];
		size_t at[4];

		for (int n = 0; n < 4; n++) {
			at[n] = draw(&seed) % im.size;
			old[n] = im.bytes[at[n]];
			im.bytes[at[n]] = (unsigned char)draw(&seed);
		}
		if (!read_image(&im, im.size, &o, &e)) {
			n_good++;
			object_choose(&o, &plan, &prog, &map, &e);
		}
		CHECK(!e.text[0] || strlen(e.text) > 20, "%s", e.text);
		object_release(&o);
		for (int n = 4; n-- > 0;)
			im.bytes[at[n]] = old[n];
	}
	CHECK(n_good > 1000 && n_good < 19000, "%zu", n_good);
	image_close(&im);
}

int main(void)
{
	CHECK(find_programs(), "a folder with programs");
	RUN(test_whole);
	RUN(test_choices);
	RUN(test_others);
	RUN(test_no_files);
	RUN(test_truncated);
	RUN(test_random_bytes);
	return test_end();
}
