//! The classic form: `NUMBER RETTYPE NAME(ARGS);` a line.

use std::path::Path;

use emu_prototypes_gen::{classic, declaration, numbers};
use expect_test::{Expect, expect};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&match classic::parse("own.txt", text) {
        Ok(prototypes) => classic::print(&prototypes),
        Err(error) => format!("{error}\n"),
    });
}

#[test]
fn prototypes_of_any_os_are_read() {
    check(
        "
        # of PANDA's kind
        0 long sys_restart_syscall(void);
        4 long sys_write(unsigned int fd, const char __user *buf, size_t count); // to a file
        /* 5 was
           open */
        0x00c NTSTATUS NtClose(IN HANDLE Handle);
        61458 void ARM_breakpoint(void);
        20 int printf(const char *, ...);
        ; _In_reads_bytes_(n): a buffer of n bytes
        21 ssize_t pread(int fd, _Out_writes_bytes_(nbyte) void *buf, size_t nbyte, int pad, off_t offset);
        22 void *break(_In_ char *nsize);
        23 long sys_getcpu(unsigned __user *cpu, struct robust_list_head __user * __user *head);
        ",
        expect![[r#"
            0 long sys_restart_syscall(void);
            4 long sys_write(unsigned int fd, const char *buf, size_t count);
            12 NTSTATUS NtClose(HANDLE Handle);
            0x00f012 void ARM_breakpoint(void);
            20 int printf(const char *arg1, ...);
            21 ssize_t pread(int fd, void *buf, size_t nbyte, int pad, off_t offset);
            22 void *break(char *nsize);
            23 long sys_getcpu(unsigned int *cpu, struct robust_list_head **head);
        "#]],
    );
}

#[test]
fn a_bad_line_is_an_error_and_never_dropped() {
    check(
        "1 long f(void);\n\nlong g(void);",
        expect![[r#"
        own.txt:3: expected a number, found `long`
    "#]],
    );
    check(
        "1 long f(void);\n1 long g(void);",
        expect![[r#"
        own.txt:2: expected each number once, found 1 again, which is on line 1
    "#]],
    );
    check(
        "252 AUE_POLL OBSOL openbsd_poll",
        expect![[r#"
        own.txt:1: expected `(`, found `openbsd_poll`
    "#]],
    );
    check(
        "325 int munlockall(void); 326 int __getcwd(char *buf, size_t buflen);",
        expect![[r#"
        own.txt:1: expected the end of the line, found `326`
    "#]],
    );
    check(
        "1x long f(void);",
        expect![[r#"
        own.txt:1: expected a number of at most 32 bits, found `1x`
    "#]],
    );
    check(
        "4294967296 long f(void);",
        expect![[r#"
        own.txt:1: expected a number of at most 32 bits, found `4294967296`
    "#]],
    );
    check(
        "1 long f(int a)",
        expect![[r#"
        own.txt:1: expected `;`, found the end of the line
    "#]],
    );
    check(
        "-1 long f(void);",
        expect![[r#"
        own.txt:1: expected a number, found `-`
    "#]],
    );
}

#[test]
fn every_profile_survives_being_printed_and_read() {
    for profile in [
        "linux_x86",
        "linux_x64",
        "linux_arm",
        "linux_arm64",
        "linux_mips",
    ] {
        let prototypes = profile_of(profile);
        let printed = classic::print(&prototypes);
        let mut read = classic::parse(profile, &printed).expect("what we print can be read");
        for (read, original) in read.iter_mut().zip(&prototypes) {
            read.declaration.line = original.declaration.line;
        }
        assert_eq!(read, prototypes, "{profile}");
        assert_eq!(classic::print(&read), printed, "{profile}");
    }
}

/// ABIs differ here, and each has it from its own kernel.   [PITFALLS of clone, pread64, fadvise, pipe, mmap]
#[test]
fn profiles_print_what_their_own_kernel_takes() {
    let line = |profile: &str, name: &str| {
        let prototypes = profile_of(profile);
        let found = prototypes
            .iter()
            .find(|prototype| prototype.declaration.name == name);
        format!(
            "{profile} {}\n",
            found.map_or_else(|| format!("has no {name}"), ToString::to_string)
        )
    };
    let lines = [
        line("linux_x64", "clone"),
        line("linux_arm", "clone"),
        line("linux_mips", "clone"),
        line("linux_x86", "setuid"),
        line("linux_x86", "setuid32"),
        line("linux_arm64", "setuid"),
        line("linux_x86", "mmap"),
        line("linux_x86", "mmap2"),
        line("linux_arm", "mmap"),
        line("linux_mips", "mmap"),
        line("linux_mips", "pipe"),
        line("linux_x86", "pread64"),
        line("linux_arm", "arm_fadvise64_64"),
        line("linux_mips", "sigsuspend"),
        line("linux_arm", "sigsuspend"),
        line("linux_mips", "set_thread_area"),
        line("linux_arm", "nanosleep"),
        line("linux_x64", "membarrier"),
        line("linux_arm", "cacheflush"),
        line("linux_mips", "cacheflush"),
        line("linux_mips", "syscall"),
    ];
    expect![[r#"
        linux_x64 56 long clone(unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, int *child_tidptr, unsigned long tls);
        linux_arm 120 long clone(unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, unsigned long tls, int *child_tidptr);
        linux_mips 4120 long clone(unsigned long clone_flags, unsigned long newsp, int *parent_tidptr, unsigned long tls, int *child_tidptr);
        linux_x86 23 long setuid(old_uid_t uid);
        linux_x86 213 long setuid32(uid_t uid);
        linux_arm64 146 long setuid(uid_t uid);
        linux_x86 90 long mmap(struct mmap_arg_struct *arg);
        linux_x86 192 long mmap2(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, unsigned long pgoff);
        linux_arm has no mmap
        linux_mips 4090 long mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags, unsigned long fd, off_t offset);
        linux_mips 4042 long pipe(void);
        linux_x86 180 long pread64(unsigned int fd, char *buf, size_t count, loff_t pos);
        linux_arm 270 long arm_fadvise64_64(int fd, int advice, loff_t offset, loff_t len);
        linux_mips 4072 long sigsuspend(sigset_t *uset);
        linux_arm 72 long sigsuspend(int unused1, int unused2, old_sigset_t mask);
        linux_mips 4283 long set_thread_area(unsigned long addr);
        linux_arm 162 long nanosleep(struct old_timespec32 *rqtp, struct old_timespec32 *rmtp);
        linux_x64 324 long membarrier(int cmd, unsigned int flags, int cpu_id);
        linux_arm 0x0f0002 long cacheflush(unsigned long start, unsigned long end, unsigned long flags);
        linux_mips 4147 long cacheflush(unsigned long addr, unsigned long bytes, unsigned int cache);
        linux_mips 4000 long syscall(long number, unsigned long arg1, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5, unsigned long arg6);
    "#]].assert_eq(&lines.concat());
}

fn profile_of(profile: &str) -> Vec<classic::Prototype> {
    let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../linux");
    let read = |name: &str| {
        std::fs::read_to_string(texts.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let signatures = declaration::parse("signatures.txt", &read("signatures.txt"))
        .unwrap_or_else(|error| panic!("{error}"));
    let file = format!("{profile}.txt");
    let numbers = numbers::parse(&file, &read(&file)).unwrap_or_else(|error| panic!("{error}"));
    classic::of(&file, &numbers, &signatures).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_text_is_compared_with_another_by_number() {
    let parse = |text| classic::parse("own.txt", text).unwrap_or_else(|error| panic!("{error}"));
    let theirs = parse(
        "3 long sys_read(unsigned int, char __user *, size_t);\n\
         4 long write(int fd, const char *buf, size_t count);\n\
         9 long extra(void);\n",
    );
    let ours = parse(
        "1 long exit(int error_code);\n\
         3 long read(unsigned int fd, char *buf, size_t count);\n\
         4 long write(unsigned int fd, const char *buf, size_t count);\n",
    );
    expect![[r#"
        new      9 long extra(void);
        changed  4 long write(int fd, const char *buf, size_t count);
            ours 4 long write(unsigned int fd, const char *buf, size_t count);
        missing  1 long exit(int error_code);
        1 new, 1 changed, 1 missing, 1 the same
    "#]]
    .assert_eq(&classic::compare(&theirs, &ours).to_string());
}
