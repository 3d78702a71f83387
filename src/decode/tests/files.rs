//! Files: how they are opened and what is told of them.

use emu_prototypes::linux::{ARM, Errno, MIPS_O32, X64, X86};

use super::{A, AT_FDCWD, B, case};

#[test]
fn files_are_opened() {
    case(&X64, "openat", &[AT_FDCWD, A, 0o2_000_000, 0])
        .bytes(A, b"/etc/ld.so.cache\0")
        .gives(
            Ok(3),
            r#"AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3"#,
        );
    case(&X64, "openat", &[AT_FDCWD, A, 0o2_001_102, 0o644])
        .bytes(A, b"f.tmp\0")
        .gives(
            Ok(3),
            r#"AT_FDCWD, "f.tmp", O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0644) = 3"#,
        );
    case(&X64, "openat", &[AT_FDCWD, A, 0x9_0800, 0])
        .bytes(A, b"/etc\0")
        .gives(
            Ok(5),
            r#"AT_FDCWD, "/etc", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 5"#,
        );
    // O_CREAT is 0x100 on MIPS, O_DIRECTORY 0x4000 on ARM.   [Linux asm/fcntl.h]
    case(&MIPS_O32, "open", &[A, 0x301, 0o600])
        .bytes(A, b"x\0")
        .gives(Ok(3), r#""x", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3"#);
    case(&ARM, "open", &[A, 0x4000, 0])
        .bytes(A, b"x\0")
        .gives(Ok(3), r#""x", O_RDONLY|O_DIRECTORY) = 3"#);
    case(&X64, "openat", &[AT_FDCWD, 8, 0, 0]).gives(
        Err(Errno::EFAULT),
        "AT_FDCWD, 0x8, O_RDONLY) = -1 EFAULT (Bad address)",
    );
    case(&X64, "access", &[A, 6]).bytes(A, b"x\0").gives(
        Err(Errno::ENOENT),
        r#""x", R_OK|W_OK) = -1 ENOENT (No such file or directory)"#,
    );
    case(&X64, "access", &[A, 0])
        .bytes(A, b"/\0")
        .gives(Ok(0), r#""/", F_OK) = 0"#);
}

#[test]
fn files_have_metadata() {
    let x64 = |mode: u64, rdev: u64, size: u64| {
        [
            (8, 1),
            (8, 2),
            (8, 1),
            (4, mode),
            (4, 0),
            (4, 0),
            (4, 0),
            (8, rdev),
            (8, size),
        ]
    };
    case(&X64, "fstat", &[3, A])
        .numbers(A, &x64(0o100_644, 0, 1221))
        .gives(Ok(0), "3, {st_mode=S_IFREG|0644, st_size=1221, ...}) = 0");
    case(&X64, "newfstatat", &[AT_FDCWD, A, B, 0])
        .bytes(A, b"/dev/null\0")
        .numbers(B, &x64(0o020_666, 0x103, 0))
        .gives(Ok(0), r#"AT_FDCWD, "/dev/null", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...}, 0) = 0"#);
    case(&X64, "newfstatat", &[AT_FDCWD, A, 0x7ffc, 0x100])
        .bytes(A, b"/nonexistent\0")
        .gives(
            Err(Errno::ENOENT),
            r#"AT_FDCWD, "/nonexistent", 0x7ffc, AT_SYMLINK_NOFOLLOW) = -1 ENOENT (No such file or directory)"#,
        );
    // struct stat64 of O32: st_mode at 24, st_size at 56.   [Linux arch/mips asm/stat.h]
    let mut o32 = vec![0; 104];
    o32[24..28].copy_from_slice(&0o40_755u32.to_be_bytes());
    o32[56..64].copy_from_slice(&(5u64 << 32).to_be_bytes());
    case(&MIPS_O32, "fstat64", &[3, A]).bytes(A, &o32).gives(
        Ok(0),
        "3, {st_mode=S_IFDIR|0755, st_size=21474836480, ...}) = 0",
    );
    let mut statx = vec![0; 256];
    statx[0..4].copy_from_slice(&0x1fffu32.to_le_bytes());
    statx[28..30].copy_from_slice(&0o100_644u16.to_le_bytes());
    statx[40..48].copy_from_slice(&108u64.to_le_bytes());
    case(&X64, "statx", &[AT_FDCWD, A, 0x2100, 0xfff, B])
        .bytes(A, b"f.tmp\0")
        .bytes(B, &statx)
        .gives(
            Ok(0),
            "AT_FDCWD, \"f.tmp\", AT_STATX_FORCE_SYNC|AT_SYMLINK_NOFOLLOW, STATX_ALL, {stx_mask=STATX_ALL|STATX_MNT_ID, \
             stx_attributes=0, stx_mode=S_IFREG|0644, stx_size=108, ...}) = 0",
        );
    case(&X64, "chmod", &[A, 0o4600])
        .bytes(A, b"f\0")
        .gives(Ok(0), r#""f", 04600) = 0"#);
    case(&X64, "chown", &[A, 0xffff_ffff, 0])
        .bytes(A, b"f\0")
        .gives(Ok(0), r#""f", -1, 0) = 0"#);
    case(&X86, "chown", &[A, 0xffff, 5])
        .bytes(A, b"f\0")
        .gives(Ok(0), r#""f", -1, 5) = 0"#);
    case(&X64, "umask", &[0o22]).gives(Ok(0o77), "022) = 077");
    case(&X64, "umask", &[0]).gives(Ok(0), "000) = 000");
    case(&X64, "mknodat", &[AT_FDCWD, A, 0o010_600, 9])
        .bytes(A, b"p\0")
        .gives(Ok(0), r#"AT_FDCWD, "p", S_IFIFO|0600) = 0"#);
    case(&X64, "mknodat", &[AT_FDCWD, A, 0o020_600, 0x103])
        .bytes(A, b"p\0")
        .gives(
            Ok(0),
            r#"AT_FDCWD, "p", S_IFCHR|0600, makedev(0x1, 0x3)) = 0"#,
        );
    case(&X64, "getdents64", &[5, A, 2048])
        .bytes(
            A,
            &[
                &[0u8; 16][..],
                &[24, 0, 0, 0, 0, 0, 0, 0],
                &[0; 16],
                &[32, 0],
                &[0; 14],
            ]
            .concat(),
        )
        .gives(Ok(56), "5, 0x10000 /* 2 entries */, 2048) = 56");
}
