//! The importer on a tree of a few lines, and on a real one when there is one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use emu_prototypes_gen::declaration::Error;
use emu_prototypes_gen::import::{self, Facts, Identities, PROFILES, Profile, Source};
use expect_test::{Expect, expect};

/// A tree with one call of each kind of trouble.
const TREE: &[(&str, &str)] = &[
    (
        "Makefile",
        "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 2\nEXTRAVERSION =\n",
    ),
    (
        "arch/x86/entry/syscalls/syscall_64.tbl",
        "# number abi name entry\n\
         0\tcommon\tread\tsys_read\n\
         3\t64\tclone\t\tsys_clone\n\
         5\tcommon\tbreak\n\
         6\tcommon\tafs\tsys_ni_syscall\n\
         7\tcommon\tstamp\tsys_stamp\n\
         520\tx32\tread\tcompat_sys_read\n",
    ),
    (
        "arch/x86/entry/syscalls/syscall_32.tbl",
        "0\ti386\tread\tsys_read\t\tcompat_sys_read\n\
         3\ti386\tclone\tsys_clone\n\
         4\ti386\tseek\tsys_ia32_seek\n\
         7\ti386\tstamp\tsys_stamp32\n\
         8\ti386\tstamp64\tsys_stamp\n",
    ),
    (
        "arch/arm/tools/syscall.tbl",
        "0\tcommon\tread\tsys_read\n\
         4\tcommon\tseek\tsys_seek_wrapper\n\
         9\toabi\told\tsys_old\n",
    ),
    (
        "arch/arm/include/uapi/asm/unistd.h",
        "#define __ARM_NR_BASE\t\t\t(__NR_SYSCALL_BASE+0x0f0000)\n\
         #define __ARM_NR_cacheflush\t\t(__ARM_NR_BASE+2)\n",
    ),
    (
        "arch/mips/kernel/syscalls/syscall_o32.tbl",
        "0\to32\tread\tsys_read\n",
    ),
    (
        "include/uapi/asm-generic/unistd.h",
        "#define __NR_read 63\n\
         __SC_COMP(__NR_read, sys_read, compat_sys_read)\n\
         #ifdef __ARCH_WANT_TWO\n\
         #define __NR_two 64\n\
         __SYSCALL(__NR_two, sys_two)\n\
         #endif\n\
         #define __NR3264_seek 65\n\
         __SC_3264(__NR3264_seek, sys_seek32, \\\n\
             sys_seek)\n\
         #define __NR_gone 66\n\
         __SYSCALL(__NR_gone, sys_ni_syscall)\n\
         #if __BITS_PER_LONG == 64 && !defined(__SYSCALL_COMPAT)\n\
         #define __NR_seek __NR3264_seek\n\
         #else\n\
         #define __NR_seek32 __NR3264_seek\n\
         #endif\n",
    ),
    (
        "fs/read_write.c",
        "/* SYSCALL_DEFINE1(read, int, comment) */\n\
         SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf,\n\
         \t\tsize_t, count) // \"\n\
         {\n\
         }\n\
         COMPAT_SYSCALL_DEFINE3(read, unsigned int, fd, compat_uptr_t, buf, compat_size_t, count)\n\
         #if BITS_PER_LONG == 32 || defined(CONFIG_ALWAYS)\n\
         SYSCALL_DEFINE2(seek, unsigned int, fd, loff_t, offset)\n\
         #else\n\
         SYSCALL_DEFINE2(seek, unsigned int, fd, off_t, offset)\n\
         #endif\n",
    ),
    (
        "kernel/fork.c",
        "#ifdef CONFIG_CLONE_BACKWARDS\n\
         SYSCALL_DEFINE3(clone, unsigned long, flags,\n\
         \t unsigned long, tls,\n\
         \t int __user *, child)\n\
         #elif defined(CONFIG_CLONE_BACKWARDS2)\n\
         SYSCALL_DEFINE3(clone, int __user *, child, unsigned long, flags, unsigned long, tls)\n\
         #else\n\
         SYSCALL_DEFINE3(clone, unsigned long, flags, int __user *, child, unsigned long, tls)\n\
         #endif\n\
         SYSCALL_DEFINE1(stamp, struct wide __user *, when)\n\
         SYSCALL_DEFINE1(stamp32, struct narrow __user *, when)\n",
    ),
    ("mm/nommu.c", "SYSCALL_DEFINE1(read, int, other)\n"),
    (
        "arch/x86/kernel/sys_ia32.c",
        "SYSCALL_DEFINE3(ia32_seek, unsigned int, fd, u32, low, u32, high)\n",
    ),
    (
        "arch/arm/kernel/sys_arm.c",
        "#define IS_ODD(x) \\\n\t((x) & 1)\n\
         asmlinkage long sys_read(struct pt_regs *regs, unsigned int fd, char __user *buf,\n\
         \tsize_t count)\n{\n}\n\
         asmlinkage long sys_seek(unsigned int fd, loff_t offset);\n",
    ),
    ("drivers/other.c", "int read(void) { return 0; }\n"),
];

const FACTS: &str = "
    BITS_PER_LONG: x86=32 x64=64 arm=32 arm64=64 mips=32   # word size
    __BITS_PER_LONG: arm64=64                              # word size
    __SYSCALL_COMPAT: -                                    # native
    __ARCH_WANT_TWO: -                                     # no two
    CONFIG_ALWAYS: -                                       # never
    CONFIG_CLONE_BACKWARDS: x86                            # Kconfig
    CONFIG_CLONE_BACKWARDS2: -                             # Kconfig
    skip mm/nommu.c                                        # MMU
";

const IDENTITIES: &str = "
    alias x86 sys_ia32_seek sys_seek          # joins halves
    alias arm sys_seek_wrapper sys_seek       # assembly
    entry arm long __ARM_NR_cacheflush(unsigned long start, unsigned long end);   # traps.c
    same struct narrow / struct wide          # time
    call x86 stamp64 wide_stamp               # not what x64 calls stamp
    from clone x86                            # tls first
    differs clone x64                         # tls last
    from seek arm                             # 64 bits
    differs seek arm64                        # off_t
";

/// The profiles that the small tree has, with their real descriptions.
fn profiles() -> Vec<Profile> {
    let small = ["x64", "arm64", "x86", "arm", "mips"];
    let small = |profile: &&Profile| small.contains(&profile.name);
    let mut profiles: Vec<Profile> = PROFILES.iter().filter(small).copied().collect();
    for profile in &mut profiles {
        if let Source::Generic { tbl, .. } = &mut profile.source {
            *tbl = "scripts/syscall.tbl";
        }
    }
    profiles
}

/// Imports the tree above with changes: files to add or replace, lines to add to the facts and to the identities.
fn import(
    files: &[(&str, &str)],
    facts: &str,
    identities: &str,
) -> Result<BTreeMap<String, String>, String> {
    let tree = tempfile::tempdir().expect("the temporary directory is writable");
    for (path, text) in TREE.iter().chain(files) {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().expect("each path has a directory")).expect("it is ours");
        fs::write(path, text).expect("it is ours");
    }
    let facts = Facts::parse("facts.txt", facts).map_err(|error| error.to_string())?;
    let identities =
        Identities::parse("identities.txt", identities).map_err(|error| error.to_string())?;
    import::import(tree.path(), &profiles(), &facts, &identities).map_err(|error| {
        error
            .to_string()
            .replace(&tree.path().display().to_string(), "TREE")
    })
}

fn all(texts: BTreeMap<String, String>) -> String {
    texts
        .iter()
        .map(|(name, text)| format!("== {name}\n{text}"))
        .collect()
}

/// Checks the messages of an import that fails.
fn check_error(files: &[(&str, &str)], facts: &str, identities: &str, expected: Expect) {
    let facts = format!("{FACTS}{facts}\n");
    let identities = format!("{IDENTITIES}{identities}\n");
    let errors = import(files, &facts, &identities)
        .map(all)
        .expect_err("this import fails");
    expected.assert_eq(&format!("{errors}\n"));
}

#[test]
fn a_small_tree_becomes_texts() {
    let texts = import(&[], FACTS, IDENTITIES)
        .map(all)
        .unwrap_or_else(|error| panic!("{error}"));
    expect![[r#"
        == linux_arm.txt
        # Numbers of linux_arm in Linux 6.1.2. Made by `emu-prototypes-gen import` from the kernel's table.
        # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.
        0	read	sys_read
        4	seek	sys_seek_wrapper
        0x0f0002	cacheflush	__ARM_NR_cacheflush
        == linux_arm64.txt
        # Numbers of linux_arm64 in Linux 6.1.2. Made by `emu-prototypes-gen import` from the kernel's table.
        # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.
        63	read	sys_read
        65	seek	sys_seek	(unsigned int fd, off_t offset)
        == linux_mips.txt
        # Numbers of linux_mips in Linux 6.1.2. Made by `emu-prototypes-gen import` from the kernel's table.
        # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.
        4000	read	sys_read
        == linux_x64.txt
        # Numbers of linux_x64 in Linux 6.1.2. Made by `emu-prototypes-gen import` from the kernel's table.
        # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.
        0	read	sys_read
        3	clone	sys_clone	(unsigned long flags, int *child, unsigned long tls)
        7	stamp	sys_stamp
        == linux_x86.txt
        # Numbers of linux_x86 in Linux 6.1.2. Made by `emu-prototypes-gen import` from the kernel's table.
        # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.
        0	read	sys_read
        3	clone	sys_clone
        4	seek	sys_ia32_seek
        7	stamp	sys_stamp32	(struct narrow *when)
        8	stamp64	sys_stamp	=wide_stamp
        == signatures.txt
        # Every system call of Linux 6.1.2, once. Made by `emu-prototypes-gen import` from SYSCALL_DEFINEn;
        # names and differences of ABIs: identities.txt.
        long cacheflush(unsigned long start, unsigned long end);
        long clone(unsigned long flags, unsigned long tls, int *child);
        long read(unsigned int fd, char *buf, size_t count);
        long seek(unsigned int fd, loff_t offset);
        long stamp(struct wide *when);
        long wide_stamp(struct wide *when);
    "#]].assert_eq(&texts);
}

#[test]
fn importing_twice_gives_the_same_bytes() {
    assert_eq!(
        import(&[], FACTS, IDENTITIES),
        import(&[], FACTS, IDENTITIES)
    );
}

/// Since 6.11 the table of newer architectures is a file like the others.
#[test]
fn a_generic_table_has_the_abis_that_the_architecture_wants() {
    let files = [
        (
            "scripts/syscall.tbl",
            "63\tcommon\tread\tsys_read\n64\ttwo\ttwo\tsys_two\n65\t32\tseek32\tsys_seek32\n65\t64\tseek\tsys_seek\n",
        ),
        (
            "arch/arm64/kernel/Makefile.syscalls",
            "syscall_abis_32 +=\nsyscall_abis_64 += two three\n",
        ),
        ("kernel/two.c", "SYSCALL_DEFINE0(two)\n"),
    ];
    let texts = import(&files, FACTS, IDENTITIES).unwrap_or_else(|error| panic!("{error}"));
    expect![[r#"
        # Numbers of linux_arm64 in Linux 6.1.2. Made by `emu-prototypes-gen import` from the kernel's table.
        # NUMBER NAME ENTRY, then =CALL when signatures.txt has it by another name, (PARAMS) when it takes others.
        63	read	sys_read
        64	two	sys_two
        65	seek	sys_seek	(unsigned int fd, off_t offset)
    "#]].assert_eq(&texts["linux_arm64.txt"]);
}

#[test]
fn a_live_number_without_a_definition_is_named() {
    check_error(
        &[(
            "arch/mips/kernel/syscalls/syscall_o32.tbl",
            "0\to32\tread\tsys_red\n",
        )],
        "",
        "",
        expect![[r#"
            arch/mips/kernel/syscalls/syscall_o32.tbl:1: expected a definition of `sys_red` for number 4000 (`read`) of linux_mips, found none (did you mean `sys_read`?)
        "#]],
    );
}

#[test]
fn a_dead_number_needs_to_be_called_dead() {
    let files = [(
        "arch/mips/kernel/syscalls/syscall_o32.tbl",
        "0\to32\tread\tsys_read\n1\to32\tx\tsys_x\n",
    )];
    let identities = format!("{IDENTITIES}dead mips sys_x # no such function\n");
    let texts = import(&files, FACTS, &identities).unwrap_or_else(|error| panic!("{error}"));
    assert!(!texts["linux_mips.txt"].contains("sys_x"));
}

#[test]
fn a_choice_that_hangs_on_an_unknown_macro_is_an_error() {
    check_error(
        &[(
            "fs/read_write.c",
            "#ifdef CONFIG_WHAT\nSYSCALL_DEFINE2(seek, unsigned int, fd, loff_t, offset)\n#else\n\
             SYSCALL_DEFINE1(seek, int, fd)\n#endif\n\
             SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)\n",
        )],
        "",
        "",
        expect![[r#"
            include/uapi/asm-generic/unistd.h:8: expected one definition of `sys_seek` for linux_arm64, found (unsigned int fd, loff_t offset) at fs/read_write.c:2 and (int fd) at fs/read_write.c:4; nothing is known of CONFIG_WHAT
            arch/x86/entry/syscalls/syscall_32.tbl:3: expected one definition of `sys_seek` for linux_x86, found (unsigned int fd, loff_t offset) at fs/read_write.c:2 and (int fd) at fs/read_write.c:4; nothing is known of CONFIG_WHAT
            arch/arm/tools/syscall.tbl:2: expected one definition of `sys_seek` for linux_arm, found (unsigned int fd, loff_t offset) at fs/read_write.c:2 and (int fd) at fs/read_write.c:4; nothing is known of CONFIG_WHAT
        "#]],
    );
}

#[test]
fn an_unknown_macro_that_decides_nothing_does_not_matter() {
    let files = [(
        "fs/read_write.c",
        "#if defined(CONFIG_WHAT) && !IS_ENABLED(CONFIG_ELSE) || BITS(3) > 2\n\
         SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)\n\
         #endif\n\
         #if BITS_PER_LONG == 64 && defined(CONFIG_WHAT)\n\
         SYSCALL_DEFINE2(seek, unsigned int, fd, off_t, offset)\n\
         #elif BITS_PER_LONG == 64 && !defined(CONFIG_WHAT)\n\
         SYSCALL_DEFINE2(seek, unsigned int, fd, off_t, offset)\n\
         #elif BITS_PER_LONG == 32\n\
         SYSCALL_DEFINE2(seek, unsigned int, fd, loff_t, offset)\n\
         #endif\n",
    )];
    assert_eq!(
        import(&files, FACTS, IDENTITIES),
        import(&[], FACTS, IDENTITIES)
    );
}

#[test]
fn a_difference_that_nobody_listed_is_an_error() {
    check_error(
        &[
            (
                "arch/mips/kernel/sys.c",
                "SYSCALL_DEFINE2(read, int, fd, int, pages)\n",
            ),
            (
                "arch/arm/kernel/sys_arm.c",
                "asmlinkage long sys_read(int fd, char *buf, size_t n)\n{\n",
            ),
        ],
        "",
        "",
        expect![[r#"
            arch/arm/kernel/sys_arm.c:1: expected `read` of linux_arm to take (unsigned int fd, char *buf, size_t count), found (int fd, char *buf, size_t n); identities.txt says nothing about it
            arch/mips/kernel/sys.c:1: expected `read` of linux_mips to take (unsigned int fd, char *buf, size_t count), found (int fd, int pages); identities.txt says nothing about it
        "#]],
    );
    check_error(
        &[(
            "arch/mips/kernel/sys.c",
            "SYSCALL_DEFINE2(read, int, count, int, pages)\n",
        )],
        "",
        "differs read mips # listed, but nobody can tell which is which",
        expect![[r#"
            arch/mips/kernel/sys.c:1: expected the parameters `unsigned int fd, char *buf, size_t count`, some of them, or as many, found `int count, int pages`
        "#]],
    );
}

#[test]
fn a_wrapper_passes_on_as_many_words_as_it_takes() {
    check_error(
        &[(
            "arch/x86/kernel/sys_ia32.c",
            "SYSCALL_DEFINE2(ia32_seek, unsigned int, fd, u32, low)\n",
        )],
        "",
        "",
        expect![[r#"
            arch/x86/entry/syscalls/syscall_32.tbl:3: expected `sys_ia32_seek` and `sys_seek` to take as many words, found (unsigned int fd, u32 low) and (unsigned int fd, loff_t offset)
        "#]],
    );
}

#[test]
fn hand_kept_lines_are_checked() {
    check_error(
        &[],
        "CONFIG_X: x68 # ?",
        "",
        expect![[r#"
        facts.txt:10: expected a profile, found `x68` (did you mean `x64`?)
    "#]],
    );
    check_error(
        &[],
        "CONFIG_X: x86",
        "",
        expect![[r#"
        facts.txt:10: expected `# REASON` at the end of the line, found `CONFIG_X: x86` alone
    "#]],
    );
    check_error(
        &[],
        "BITS_PER_LONG: x86=32 # again",
        "",
        expect![[r#"
        facts.txt:10: expected each macro once, found `BITS_PER_LONG` again
    "#]],
    );
    check_error(
        &[],
        "what is this # ?",
        "",
        expect![[r#"
        facts.txt:10: expected `MACRO: PROFILE…` or `skip FILE`, found `what is this`
    "#]],
    );
    check_error(
        &[],
        "",
        "differs read mips",
        expect![[r#"
        identities.txt:11: expected `# REASON` at the end of the line, found `differs read mips` alone
    "#]],
    );
    check_error(
        &[],
        "",
        "differs read # where?",
        expect![[r#"
        identities.txt:11: expected `differs CALL PROFILE,…`, found `differs read`
    "#]],
    );
    check_error(
        &[],
        "",
        "difers read mips # why not",
        expect![[r#"
        identities.txt:11: expected one of call, from, same, differs, alias, entry, dead, found `difers` (did you mean `differs`?)
    "#]],
    );
    check_error(
        &[],
        "",
        "differs read mpis # why not",
        expect![[r#"
        identities.txt:11: expected a profile, found `mpis` (did you mean `mips`?)
    "#]],
    );
    check_error(
        &[],
        "",
        "differs read mips # it does not",
        expect![[r#"
        identities.txt:11: expected a line that is needed, found one that is not
    "#]],
    );
    check_error(
        &[],
        "",
        "from read mips64 # has none here",
        expect![[r#"
            identities.txt:11: expected `read` in mips64, whose signature it has, found none
        "#]],
    );
    check_error(
        &[],
        "",
        "entry arm long sys_x(int # broken",
        expect![[r#"
            identities.txt:11: expected `,` or `)`, found the end of the line
        "#]],
    );
}

#[test]
fn sources_that_are_no_kernel_are_refused() {
    check_error(
        &[("Makefile", "all:\n")],
        "",
        "",
        expect![[r#"
        TREE is not a Linux source tree: it has no VERSION in its Makefile
    "#]],
    );
    check_error(
        &[("arch/arm/tools/syscall.tbl", "0 common\n")],
        "",
        "",
        expect![[r#"
            arch/arm/tools/syscall.tbl:1: expected `NUMBER ABI NAME [ENTRY]`, found `0 common`
        "#]],
    );
    check_error(
        &[(
            "arch/arm/tools/syscall.tbl",
            "0 common read sys_read\n0 eabi write sys_read\n",
        )],
        "",
        "",
        expect![[r#"
            arch/arm/tools/syscall.tbl:2: expected each number once, found 0 for `read` and for `write`
        "#]],
    );
    check_error(
        &[(
            "fs/read_write.c",
            "#if 1\nSYSCALL_DEFINE2(seek, int, fd)\n#endif",
        )],
        "",
        "",
        expect![[r#"
            fs/read_write.c:2: expected 2 types and names for `seek`, found 2 words
        "#]],
    );
    check_error(
        &[("fs/x.c", "SYSCALL_DEFINE0(x)\n#else\n")],
        "",
        "",
        expect![[r#"
            fs/x.c:2: expected `#else` after `#if`, found it alone
        "#]],
    );
    check_error(
        &[("fs/x.c", "#if 1\n\nSYSCALL_DEFINE0(x)\n")],
        "",
        "",
        expect![[r#"
            fs/x.c:3: expected `#endif`, found the end of the file
        "#]],
    );
}

#[test]
fn the_hand_kept_texts_parse() {
    let (facts, identities) = hand_kept();
    facts.unwrap_or_else(|error| panic!("{error}"));
    identities.unwrap_or_else(|error| panic!("{error}"));
}

fn hand_kept() -> (Result<Facts, Error>, Result<Identities, Error>) {
    let facts = Facts::parse("facts.txt", include_str!("../../linux/facts.txt"));
    let identities =
        Identities::parse("identities.txt", include_str!("../../linux/identities.txt"));
    (facts, identities)
}

/// `EMU_LINUX_TREE` names a tree of the version in the header of the committed texts.
#[test]
fn the_committed_texts_are_what_the_tree_says() {
    let Some(tree) = std::env::var_os("EMU_LINUX_TREE").map(PathBuf::from) else {
        eprintln!("skipped: EMU_LINUX_TREE names no Linux source tree");
        return;
    };
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../linux");
    let read = |name: &str| {
        fs::read_to_string(committed.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let (Ok(facts), Ok(identities)) = hand_kept() else {
        panic!("a hand-kept text is wrong")
    };
    let texts = import::import(&tree, PROFILES, &facts, &identities)
        .unwrap_or_else(|error| panic!("{error}"));
    let tables = PROFILES.iter().filter(|profile| profile.committed);
    let names = tables.map(|profile| format!("{}.txt", profile.full_name()));
    for name in names.chain(["signatures.txt".to_owned()]) {
        assert!(
            texts[&name] == read(&name),
            "{name} is not what the importer makes of {tree:?}"
        );
    }
}
