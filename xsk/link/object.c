// SPDX-License-Identifier: GPL-2.0-only
#include "link/object.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errmsg.h"
#include "base/mem.h"
#include "base/strbuf.h"

/* A BPF object has kilobytes; what is larger is none. */
#define MAX_BYTES (64u << 20)

/* Of elf.h since glibc 2.27. */
#ifndef EM_BPF
#define EM_BPF 247
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_DATA ELFDATA2MSB
#define HOST_TARGET "bpfeb"
#else
#define HOST_DATA ELFDATA2LSB
#define HOST_TARGET "bpfel"
#endif

/* ---- the file ---- */

static int open_object(struct object *o, const struct object_plan *plan, struct errmsg *e)
{
	struct strbuf places = { 0 };
	int fd = -1, err;

	errno = ENOENT;
	for (size_t k = 0; plan->paths[k] && fd < 0; k++) {
		strbuf_add(&places, "%s'%s'", k ? ", " : "", plan->paths[k]);
		/* Without O_NONBLOCK a pipe would wait for its writer. */
		fd = open(plan->paths[k], O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd >= 0)
			o->path = strdup(plan->paths[k]);
		else if (errno != ENOENT && errno != ENOTDIR)
			break;
	}
	err = fd >= 0 ? 0 : errno;
	if (err) {
		errmsg_set(e, err, "object: '%s': open", plan->file);
		errmsg_hint(e, err == ENOENT || err == ENOTDIR ? "looked for %s" : "%s",
			    strbuf_text(&places));
	}
	strbuf_release(&places);
	return err ? -err : fd;
}

static int check_type(const struct object *o, const struct stat *st, struct errmsg *e)
{
	if (S_ISDIR(st->st_mode))
		return errmsg_set(e, EISDIR, "object: '%s': read", o->path);
	if (!S_ISREG(st->st_mode))
		return errmsg_set(e, EINVAL, "object: '%s' is no regular file", o->path);
	if (st->st_size > (off_t)MAX_BYTES)
		return errmsg_set(e, EFBIG, "object: '%s' is larger than 64 MiB", o->path);
	return 0;
}

static int read_fd(struct object *o, int fd, struct errmsg *e)
{
	struct stat st;
	ssize_t n = 1;
	int err;

	if (fstat(fd, &st))
		return errmsg_set(e, errno, "object: '%s': stat", o->path);
	err = check_type(o, &st, e);
	if (err)
		return err;
	o->file = mem_zalloc((size_t)st.st_size + 1);
	while (n > 0 && o->size < (size_t)st.st_size) {
		n = read(fd, o->file + o->size, (size_t)st.st_size - o->size);
		o->size += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? errmsg_set(e, errno, "object: '%s': read", o->path) : 0;
}

/* ---- its header ---- */

static int refuse(const struct object *o, struct errmsg *e, const char *why)
{
	int err = errmsg_set(e, ENOEXEC, "object: '%s': read", o->path);

	errmsg_hint(e, "%s", why);
	return err;
}

static const char *machine_name(unsigned int machine)
{
	switch (machine) {
	case EM_X86_64:
		return "x86-64";
	case EM_AARCH64:
		return "ARM64";
	case EM_386:
		return "x86";
	default:
		return "another machine";
	}
}

/* What libelf would let through, or call an "invalid argument". */
static int check_header(const struct object *o, struct errmsg *e)
{
	const unsigned char *ident = (const unsigned char *)o->file;
	char text[160];
	Elf64_Ehdr h;

	if (!o->size)
		return refuse(o, e, "the file is empty");
	if (o->size < SELFMAG || memcmp(ident, ELFMAG, SELFMAG))
		return refuse(o, e,
			      "this is no ELF file: compile with 'clang -O2 -g -target bpf -c'");
	if (o->size < sizeof(h))
		return refuse(o, e, "the file is truncated: it ends in its ELF header");
	if (ident[EI_CLASS] != ELFCLASS64)
		return refuse(o, e, "a 32-bit ELF file: BPF objects have 64 bits");
	if (ident[EI_DATA] != HOST_DATA)
		return refuse(o, e,
			      "its byte order is not that of this machine: compile with "
			      "'-target " HOST_TARGET "'");
	memcpy(&h, ident, sizeof(h));
	if (h.e_machine != EM_BPF && h.e_machine != EM_NONE) {
		snprintf(text, sizeof(text),
			 "an ELF file for %s (machine %u), not for BPF: compile with "
			 "'clang -O2 -g -target bpf -c'",
			 machine_name(h.e_machine), h.e_machine);
		return refuse(o, e, text);
	}
	if (h.e_type != ET_REL)
		return refuse(
			o, e,
			"an ELF file that is linked: libbpf takes relocatable ones ('clang -c')");
	/* libelf would hand headers out where they are, on any address. */
	if (h.e_shoff > o->size || h.e_shoff < sizeof(h) || h.e_shoff % _Alignof(Elf64_Shdr) ||
	    !h.e_shnum || h.e_shentsize != sizeof(Elf64_Shdr) ||
	    h.e_shnum > (o->size - h.e_shoff) / sizeof(Elf64_Shdr))
		return refuse(o, e,
			      "the file is truncated or corrupt: its section headers are not "
			      "all there");
	return 0;
}

/* ---- its sections ---- */

struct section {
	const char *name;
	Elf64_Shdr *hdr;
	Elf_Data *data; /* NULL: it has none in the file */
};

static const char *name_of(const struct object *o, const Elf64_Shdr *hdr)
{
	size_t index;
	const char *name = NULL;

	if (!elf_getshdrstrndx(o->elf, &index))
		name = elf_strptr(o->elf, index, hdr->sh_name);
	return name;
}

/* Of section 0 there is only a name; false if any other is not what it says. */
static bool read_section(const struct object *o, size_t index, struct section *s)
{
	Elf_Scn *scn = elf_getscn(o->elf, index);

	*s = (struct section){ .name = "", .hdr = scn ? elf64_getshdr(scn) : NULL };
	if (!s->hdr)
		return false;
	if (!index)
		return true;
	s->name = name_of(o, s->hdr);
	if (!s->name) {
		s->name = "";
		return false;
	}
	if (s->hdr->sh_type == SHT_NOBITS || s->hdr->sh_type == SHT_NULL)
		return true;
	if (s->hdr->sh_offset > o->size || s->hdr->sh_size > o->size - s->hdr->sh_offset)
		return false;
	s->data = elf_getdata(scn, NULL);
	return s->data && (s->data->d_buf || !s->data->d_size);
}

static bool is_section(const struct section *s, const char *name)
{
	return !strcmp(s->name, name);
}

static int refuse_section(const struct object *o, size_t index, const struct section *s,
			  struct errmsg *e)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "the file is truncated or corrupt: section %zu '%.32s' is not all there", index,
		 s->name);
	return refuse(o, e, text);
}

static bool holds_programs(const struct section *s)
{
	return s->hdr->sh_flags & SHF_EXECINSTR && s->hdr->sh_type == SHT_PROGBITS &&
	       !is_section(s, ".text");
}

/* Global functions outside of .text: those inside are subprograms of theirs. */
static int read_symbols(struct object *o, const struct section *sections, size_t n,
			const struct section *symtab, struct errmsg *e)
{
	size_t n_syms = symtab->data->d_size / sizeof(Elf64_Sym);
	const char *syms = symtab->data->d_buf;

	if (symtab->data->d_type != ELF_T_SYM || symtab->data->d_size % sizeof(Elf64_Sym))
		return refuse(o, e, "the file is corrupt: its symbol table is none");
	for (size_t k = 0; k < n_syms; k++) {
		const char *name;
		Elf64_Sym sym;

		memcpy(&sym, syms + k * sizeof(sym), sizeof(sym));
		if (sym.st_shndx >= SHN_LORESERVE)
			continue;
		if (sym.st_shndx >= n)
			return refuse(o, e,
				      "the file is corrupt: a symbol is in a section that "
				      "there is not");
		if (ELF64_ST_TYPE(sym.st_info) != STT_FUNC ||
		    ELF64_ST_BIND(sym.st_info) == STB_LOCAL ||
		    !holds_programs(&sections[sym.st_shndx]))
			continue;
		name = elf_strptr(o->elf, symtab->hdr->sh_link, sym.st_name);
		if (!name || !*name)
			return refuse(o, e, "the file is corrupt: a function has no name");
		o->progs = mem_realloc(o->progs, (o->n_progs + 1) * sizeof(*o->progs));
		o->progs[o->n_progs++] = (struct object_prog){ name, sections[sym.st_shndx].name };
	}
	return 0;
}

static const struct section *find(const struct section *sections, size_t n, const char *name)
{
	for (size_t k = 1; k < n; k++)
		if (is_section(&sections[k], name))
			return &sections[k];
	return NULL;
}

static int read_license(struct object *o, const struct section *s, struct errmsg *e)
{
	if (!s || !s->data || !s->data->d_size)
		return 0;
	if (strnlen(s->data->d_buf, s->data->d_size) == s->data->d_size)
		return refuse(o, e, "the file is corrupt: the text of its license has no end");
	o->license = s->data->d_buf;
	return 0;
}

static int read_btf(struct object *o, const struct section *sections, size_t n, struct errmsg *e)
{
	const struct section *btf = find(sections, n, ".BTF");
	int err;

	if (btf && btf->data) {
		o->has_btf = true;
		if (object_read_maps(o, btf->data->d_buf, btf->data->d_size))
			return 0;
		return refuse(o, e, "its BTF is corrupt, or newer than this version of xskspec");
	}
	if (!find(sections, n, ".maps"))
		return 0;
	err = errmsg_set(e, ENODATA, "object: '%s': read", o->path);
	errmsg_hint(e, "it has maps and no BTF, which describes them: compile with '-g'");
	return err;
}

/* Maps as they were before BTF, which libbpf 1.0 has given up. */
static int check_maps(const struct object *o, const struct section *sections, size_t n,
		      struct errmsg *e)
{
	int err;

	if (!find(sections, n, "maps"))
		return 0;
	err = errmsg_set(e, EOPNOTSUPP, "object: '%s': read", o->path);
	errmsg_hint(e,
		    "its maps are in section 'maps', which libbpf knows no more: SEC(\".maps\"), "
		    "with __uint(type, ...)");
	return err;
}

static int read_all(struct object *o, struct section *sections, size_t n, struct errmsg *e)
{
	const struct section *symtab = NULL;
	int err = 0;

	for (size_t k = 0; k < n; k++) {
		if (!read_section(o, k, &sections[k]))
			return refuse_section(o, k, &sections[k], e);
		if (k && sections[k].hdr->sh_type == SHT_SYMTAB)
			symtab = &sections[k];
	}
	if (symtab)
		err = read_symbols(o, sections, n, symtab, e);
	if (!err)
		err = read_license(o, find(sections, n, "license"), e);
	if (!err)
		err = check_maps(o, sections, n, e);
	if (!err)
		err = read_btf(o, sections, n, e);
	if (!err && !o->n_progs) {
		err = errmsg_set(e, ENOENT, "object: '%s': find a program", o->path);
		errmsg_hint(
			e,
			"there is none: a global function with SEC(\"xdp.frags\") or SEC(\"tc\")");
	}
	return err;
}

static int read_elf(struct object *o, struct errmsg *e)
{
	struct section *sections;
	size_t n;
	int err;

	elf_version(EV_CURRENT);
	o->elf = elf_memory(o->file, o->size);
	if (!o->elf || elf_getshdrnum(o->elf, &n))
		return refuse(o, e, elf_errmsg(-1));
	sections = mem_zalloc((n + 1) * sizeof(*sections));
	err = read_all(o, sections, n, e);
	free(sections);
	return err;
}

int object_read(struct object *o, const struct object_plan *plan, struct errmsg *e)
{
	int fd, err;

	*o = (struct object){ 0 };
	fd = open_object(o, plan, e);
	if (fd < 0)
		return fd;
	err = read_fd(o, fd, e);
	close(fd);
	if (!err)
		err = check_header(o, e);
	if (!err)
		err = read_elf(o, e);
	if (err)
		object_release(o);
	return err;
}

void object_release(struct object *o)
{
	if (o->elf)
		elf_end(o->elf);
	free(o->progs);
	free(o->maps);
	free(o->file);
	free(o->path);
	*o = (struct object){ 0 };
}
