//! Expected texts are strace's own (version 6.1), taken from runs of small programs on x86-64; those of other ABIs differ
//! from them only in what the ABI's documents say.

use std::collections::BTreeMap;

use emu_cpu::{Access, Endian, Fault, FaultKind, GuestMemory};
use emu_prototypes::linux::{ARM, Abi, CALLS, Errno, MIPS_O32, X64, X86};
use emu_prototypes::{Args, DataModel, MAX_ARGS};

use super::{Asked, Decoder, Line};

/// Pieces of memory by address.
struct Sparse {
    pieces: BTreeMap<u64, Vec<u8>>,
    endian: Endian,
    model: DataModel,
}

impl GuestMemory for Sparse {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        for (index, byte) in buf.iter_mut().enumerate() {
            let at = address.wrapping_add(index as u64);
            let piece = self.pieces.range(..=at).next_back();
            let found = piece.and_then(|(start, bytes)| bytes.get((at - start) as usize));
            *byte = *found.ok_or(Fault {
                address: at,
                access: Access::Read,
                kind: FaultKind::Unmapped,
            })?;
        }
        Ok(())
    }
    fn write(&mut self, address: u64, _: &[u8]) -> Result<(), Fault> {
        Err(Fault {
            address,
            access: Access::Write,
            kind: FaultKind::Denied,
        })
    }
    fn endian(&self) -> Endian {
        self.endian
    }
    fn pointer_width(&self) -> u64 {
        if self.model == DataModel::Ilp32 { 4 } else { 8 }
    }
}

impl crate::view::Guest for Sparse {}

/// A call on an ABI and the memory it looks at.
pub(super) struct Case {
    pub(super) abi: &'static Abi,
    pub(super) name: &'static str,
    pub(super) args: Args,
    memory: Sparse,
    limit: usize,
}

pub(super) fn case(abi: &'static Abi, name: &'static str, args: &[u64]) -> Case {
    let endian = if std::ptr::eq(abi, &MIPS_O32) {
        Endian::Big
    } else {
        Endian::Little
    };
    let mut all = [0; MAX_ARGS];
    all[..args.len()].copy_from_slice(args);
    let memory = Sparse {
        pieces: BTreeMap::new(),
        endian,
        model: abi.model,
    };
    Case {
        abi,
        name,
        args: all,
        memory,
        limit: 32,
    }
}

impl Case {
    /// Memory at an address, on a page of its own, so that reading on to the page's end is possible.
    pub(super) fn bytes(mut self, address: u64, bytes: &[u8]) -> Case {
        let mut piece = bytes.to_vec();
        piece.resize(piece.len().next_multiple_of(4096), 0);
        self.memory.pieces.insert(address, piece);
        self
    }

    /// Numbers of some size each, in the ABI's byte order.
    pub(super) fn numbers(self, address: u64, numbers: &[(u8, u64)]) -> Case {
        let mut bytes = Vec::new();
        for (size, value) in numbers {
            let size = usize::from(*size);
            match self.memory.endian {
                Endian::Little => bytes.extend_from_slice(&value.to_le_bytes()[..size]),
                Endian::Big => bytes.extend_from_slice(&value.to_be_bytes()[8 - size..]),
            }
        }
        self.bytes(address, &bytes)
    }

    pub(super) fn limit(mut self, limit: usize) -> Case {
        self.limit = limit;
        self
    }

    pub(super) fn text(&mut self, result: Result<u64, Errno>) -> String {
        let row = self
            .abi
            .table
            .by_name(self.name)
            .expect("the ABI has the call");
        let asked = Asked {
            info: &CALLS[usize::from(row.call)],
            row,
            args: &self.args,
            abi: self.abi,
            model: self.abi.model,
        };
        let mut decoder = Decoder::new(self.limit);
        let mut line = Line::default();
        decoder.enter(&asked, &mut self.memory, &mut line);
        decoder.exit(&asked, result.ok(), &mut self.memory, &mut line);
        line.text.extend_from_slice(b") = ");
        let mut printer =
            decoder.printer(&mut line.text, &mut self.memory, self.abi, self.abi.model);
        match result {
            Ok(value) => printer.success(&asked, value),
            Err(errno) => printer.error(errno),
        }
        String::from_utf8(line.text).expect("a trace is ASCII")
    }

    #[track_caller]
    fn gives(mut self, result: Result<u64, Errno>, expected: &str) {
        assert_eq!(self.text(result), expected);
    }
}

const A: u64 = 0x1_0000;
const B: u64 = 0x2_0000;
const C: u64 = 0x3_0000;
const D: u64 = 0x4_0000;
/// -100, sign-extended.
const AT_FDCWD: u64 = -100i64 as u64;

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
fn bytes_are_shown_up_to_the_limit() {
    let text = b"hello \"w\"\\ \x01\x019\x1b\t\n\r\x0b\x0c\xff abcdefghijklmnopqrstuvwxyz";
    case(&X64, "write", &[3, A, 50]).bytes(A, text).gives(
        Ok(50),
        r#"3, "hello \"w\"\\ \1\19\33\t\n\r\v\f\377 abcdefghij"..., 50) = 50"#,
    );
    case(&X64, "read", &[3, A, 1024])
        .bytes(A, b"")
        .gives(Ok(0), r#"3, "", 1024) = 0"#);
    case(&X64, "read", &[8, 0x7ffc_1765_d290, 10]).gives(
        Err(Errno::EAGAIN),
        "8, 0x7ffc1765d290, 10) = -1 EAGAIN (Resource temporarily unavailable)",
    );
    case(&X64, "write", &[1, A, 5])
        .bytes(A, b"hello")
        .limit(2)
        .gives(Ok(5), r#"1, "he"..., 5) = 5"#);
    case(&X64, "write", &[3, 1, 10])
        .gives(Err(Errno::EFAULT), "3, 0x1, 10) = -1 EFAULT (Bad address)");
    // A result beyond the buffer is not believed.
    case(&X64, "read", &[3, A, 4])
        .bytes(A, b"abcdef")
        .gives(Ok(6), r#"3, "abcd", 4) = 6"#);
    case(&MIPS_O32, "pread64", &[3, A, 5, 1 << 32])
        .bytes(A, b"abcde")
        .gives(Ok(5), r#"3, "abcde", 5, 4294967296) = 5"#);
    case(&X64, "getrandom", &[A, 8, 1])
        .bytes(A, b"\xa9\x9f\x5a\x0f\xe5\x8a\xc3\x3b")
        .gives(
            Ok(8),
            r#""\xa9\x9f\x5a\x0f\xe5\x8a\xc3\x3b", 8, GRND_NONBLOCK) = 8"#,
        );
}

#[test]
fn strings_end_where_they_end() {
    case(&X64, "readlink", &[A, B, 64])
        .bytes(A, b"s.tmp\0")
        .bytes(B, b"/a/bXXXX")
        .gives(Ok(4), r#""s.tmp", "/a/b", 64) = 4"#);
    case(&X64, "getcwd", &[A, 64])
        .bytes(A, b"/tmp/x\0")
        .gives(Ok(7), r#""/tmp/x", 64) = 7"#);
    case(&X64, "getcwd", &[A, 1]).gives(
        Err(Errno::ERANGE),
        "0x10000, 1) = -1 ERANGE (Numerical result out of range)",
    );
    let long = [b'x'; 5000];
    let shown = "x".repeat(4095);
    case(&X64, "rmdir", &[A]).bytes(A, &long).gives(
        Err(Errno::ENAMETOOLONG),
        &format!("\"{shown}\"...) = -1 ENAMETOOLONG (File name too long)"),
    );
    // The last byte of a page, nothing behind it.
    case(&X64, "rmdir", &[A + 4095])
        .bytes(A, &[b'a'; 4096])
        .gives(Err(Errno::EFAULT), "0x10fff) = -1 EFAULT (Bad address)");
    case(&X64, "memfd_create", &[A, 1])
        .bytes(A, b"0123456789012345678901234567890123456789\0")
        .gives(
            Ok(3),
            r#""01234567890123456789012345678901"..., MFD_CLOEXEC) = 3"#,
        );
    case(&X64, "memfd_create", &[A, 0])
        .bytes(A, b"01234567890123456789012345678901\0")
        .gives(Ok(3), r#""01234567890123456789012345678901", 0) = 3"#);
}

#[test]
fn memory_is_mapped() {
    case(&X64, "mmap", &[0, 8192, 3, 0x4022, -1i64 as u64, 0]).gives(
        Ok(0x7f73_bdd4_1000),
        "NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f73bdd41000",
    );
    case(&X64, "mmap", &[0x2000_0000, 4096, 1, 0x2_8011, 3, 4096]).gives(
        Ok(0x2000_0000),
        "0x20000000, 4096, PROT_READ, MAP_SHARED|MAP_FIXED|MAP_POPULATE|MAP_STACK, 3, 0x1000) = 0x20000000",
    );
    case(&X64, "mmap", &[0, 0, 1, 0, -1i64 as u64, 4096]).gives(
        Err(Errno::EBADF),
        "NULL, 0, PROT_READ, MAP_FILE, -1, 0x1000) = -1 EBADF (Bad file descriptor)",
    );
    // MAP_ANONYMOUS is 0x800 on MIPS; mmap2 counts pages.   [Linux asm/mman.h, mmap2(2)]
    case(&MIPS_O32, "mmap2", &[0, 8192, 3, 0x802, 0xffff_ffff, 0]).gives(
        Ok(0x77ff_6000),
        "NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x77ff6000",
    );
    case(&ARM, "mmap2", &[0, 8192, 5, 2, 3, 2]).gives(
        Ok(0x1000),
        "NULL, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE, 3, 0x2000) = 0x1000",
    );
    case(&X64, "mprotect", &[0x1000, 4096, 0]).gives(Ok(0), "0x1000, 4096, PROT_NONE) = 0");
    case(&X64, "mprotect", &[0x1000, 4096, 0x105]).gives(
        Err(Errno::EINVAL),
        "0x1000, 4096, PROT_READ|PROT_EXEC|0x100) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "mprotect", &[0x1000, 4096, 0x100]).gives(
        Err(Errno::EINVAL),
        "0x1000, 4096, 0x100 /* PROT_??? */) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "madvise", &[0x1000, 4096, 77]).gives(
        Err(Errno::EINVAL),
        "0x1000, 4096, 0x4d /* MADV_??? */) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "mremap", &[0x1000, 8192, 16384, 1, 77])
        .gives(Ok(0x5000), "0x1000, 8192, 16384, MREMAP_MAYMOVE) = 0x5000");
    case(&X64, "mremap", &[0x1000, 8192, 16384, 3, 0x9000]).gives(
        Ok(0x9000),
        "0x1000, 8192, 16384, MREMAP_MAYMOVE|MREMAP_FIXED, 0x9000) = 0x9000",
    );
    case(&X64, "brk", &[0]).gives(Ok(0x55_5555), "NULL) = 0x555555");
    case(&MIPS_O32, "brk", &[0x9000_0000])
        .gives(Ok(0xffff_ffff_9000_0000), "0x90000000) = 0x90000000");
}

#[test]
fn descriptors_are_controlled() {
    case(&X64, "fcntl", &[3, 3, 99]).gives(
        Ok(0x8002),
        "3, F_GETFL) = 0x8002 (flags O_RDWR|O_LARGEFILE)",
    );
    case(&X64, "fcntl", &[3, 4, 0xc00])
        .gives(Ok(0), "3, F_SETFL, O_RDONLY|O_APPEND|O_NONBLOCK) = 0");
    case(&X64, "fcntl", &[3, 1]).gives(Ok(1), "3, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
    case(&X64, "fcntl", &[3, 1]).gives(Ok(0), "3, F_GETFD) = 0");
    case(&X64, "fcntl", &[3, 2, 1]).gives(Ok(0), "3, F_SETFD, FD_CLOEXEC) = 0");
    case(&X64, "fcntl", &[3, 2, 0]).gives(Ok(0), "3, F_SETFD, 0) = 0");
    case(&X64, "fcntl", &[3, 1030, 10]).gives(Ok(11), "3, F_DUPFD_CLOEXEC, 10) = 11");
    case(&X64, "fcntl", &[3, 1234, 5]).gives(
        Err(Errno::EINVAL),
        "3, 0x4d2 /* F_??? */, 0x5) = -1 EINVAL (Invalid argument)",
    );
    let lock = [(2, 1), (2, 0), (4, 0), (8, 0), (8, 5), (4, 7), (4, 0)];
    case(&X64, "fcntl", &[3, 6, A]).numbers(A, &lock).gives(
        Ok(0),
        "3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=5}) = 0",
    );
    case(&X64, "fcntl", &[3, 5, A]).numbers(A, &lock).gives(
        Ok(0),
        "3, F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=5, l_pid=7}) = 0",
    );
    // F_SETLK is 6 everywhere but on MIPS, where F_GETLK64 is 33.   [Linux arch/mips asm/fcntl.h]
    case(&MIPS_O32, "fcntl64", &[3, 33, A])
        .numbers(A, &[(2, 0), (2, 0), (4, 0), (8, 0), (8, 5), (4, 7)])
        .gives(
            Ok(0),
            "3, F_GETLK64, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=5, l_pid=7}) = 0",
        );
    case(&X64, "lseek", &[3, -5i64 as u64, 2]).gives(Ok(103), "3, -5, SEEK_END) = 103");
    case(&X64, "lseek", &[99, 0, 77]).gives(
        Err(Errno::EBADF),
        "99, 0, 0x4d /* SEEK_??? */) = -1 EBADF (Bad file descriptor)",
    );
    case(&ARM, "_llseek", &[3, 0, 7, A, 0])
        .numbers(A, &[(8, 7)])
        .gives(Ok(0), "3, 7, [7], SEEK_SET) = 0");
    case(&X86, "_llseek", &[3, 0xffff_ffff, 0xffff_fffb, A, 2])
        .numbers(A, &[(8, 103)])
        .gives(Ok(0), "3, -5, [103], SEEK_END) = 0");
    case(&X64, "preadv", &[3, 0, 0, 5, 7]).gives(Ok(0), "3, NULL, 0, 5) = 0");
    case(&ARM, "preadv", &[3, 0, 0, 5, 1]).gives(Ok(0), "3, NULL, 0, 4294967301) = 0");
    case(&X64, "pipe2", &[A, 0o2_004_000])
        .numbers(A, &[(4, 8), (4, 9)])
        .gives(Ok(0), "[8, 9], O_NONBLOCK|O_CLOEXEC) = 0");
    case(&X64, "sendfile", &[9, 3, A, 5])
        .numbers(A, &[(8, 3)])
        .gives(Ok(5), "9, 3, [3] => [3], 5) = 5");
    case(&X64, "dup2", &[1, -1i64 as u64 as u32 as u64])
        .gives(Err(Errno::EBADF), "1, -1) = -1 EBADF (Bad file descriptor)");
    case(&X64, "ioctl", &[1, 0x5401, 0x7ffc_0000]).gives(
        Err(Errno::ENOTTY),
        "1, TCGETS, 0x7ffc0000) = -1 ENOTTY (Inappropriate ioctl for device)",
    );
    case(&X64, "ioctl", &[1, 0x5413, A])
        .numbers(A, &[(2, 24), (2, 80), (2, 1), (2, 2)])
        .gives(
            Ok(0),
            "1, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=1, ws_ypixel=2}) = 0",
        );
    case(&X64, "ioctl", &[3, 0x1234_5678, 5]).gives(
        Err(Errno::ENOTTY),
        "3, _IOC(_IOC_NONE, 0x56, 0x78, 0x1234), 0x5) = -1 ENOTTY (Inappropriate ioctl for device)",
    );
    // _IOC_READ is 2 << 29 on MIPS.   [Linux arch/mips asm/ioctl.h]
    case(&MIPS_O32, "ioctl", &[3, 0x4004_ff30, 5]).gives(
        Err(Errno::ENOTTY),
        "3, _IOC(_IOC_READ, 0xff, 0x30, 0x4), 0x5) = -1 ENOTTY (Inappropriate ioctl for device)",
    );
    case(&X64, "ioctl", &[3, 0x541b, A])
        .numbers(A, &[(4, 1000)])
        .gives(Ok(0), "3, FIONREAD, [1000]) = 0");
    case(&X64, "ioctl", &[3, 0x5451, 9]).gives(Ok(0), "3, FIOCLEX) = 0");
    case(&X64, "flock", &[3, 6]).gives(Ok(0), "3, LOCK_EX|LOCK_NB) = 0");
}

#[test]
fn terminals_have_settings() {
    let settings = [(4, 0x500), (4, 5), (4, 0xbf), (4, 0x8a3b)];
    case(&X64, "ioctl", &[0, 0x5401, A]).numbers(A, &settings).gives(
        Ok(0),
        "0, TCGETS, {c_iflag=ICRNL|IXON, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|OPOST|ONLCR, \
         c_cflag=B38400|CS8|CREAD, c_lflag=ISIG|ICANON|ECHO|ECHOE|ECHOK|IEXTEN|ECHOCTL|ECHOKE, ...}) = 0",
    );
    case(&X64, "ioctl", &[0, 0x5402, A]).numbers(A, &[(4, 0), (4, 0), (4, 0), (4, 0)]).gives(
        Ok(0),
        "0, TCSETS, {c_iflag=, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|, c_cflag=B0|CS5|, c_lflag=, ...}) = 0",
    );
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

#[test]
fn times_are_told() {
    let now = 0x3fff_ffff;
    case(&X64, "utimensat", &[AT_FDCWD, A, B, 0])
        .bytes(A, b"f\0")
        .numbers(B, &[(8, 0), (8, now), (8, 0), (8, now - 1)])
        .gives(Ok(0), r#"AT_FDCWD, "f", [UTIME_NOW, UTIME_OMIT], 0) = 0"#);
    case(&X64, "utimensat", &[AT_FDCWD, A, B, 0x100])
        .bytes(A, b"f\0")
        .numbers(B, &[(8, 1_000_000_000), (8, 5), (8, 0), (8, now - 1)])
        .gives(
            Ok(0),
            "AT_FDCWD, \"f\", [{tv_sec=1000000000, tv_nsec=5} /* 2001-09-09T01:46:40.000000005+0000 */, UTIME_OMIT], \
             AT_SYMLINK_NOFOLLOW) = 0",
        );
    case(&X64, "utimensat", &[3, 0, 0, 0]).gives(Ok(0), "3, NULL, NULL, 0) = 0");
    case(&X64, "utime", &[A, B]).bytes(A, b"f\0").numbers(B, &[(8, 1), (8, 2)]).gives(
        Ok(0),
        "\"f\", {actime=1 /* 1970-01-01T00:00:01+0000 */, modtime=2 /* 1970-01-01T00:00:02+0000 */}) = 0",
    );
    case(&X64, "clock_gettime", &[1, A])
        .numbers(A, &[(8, 2144), (8, 543_491_834)])
        .gives(
            Ok(0),
            "CLOCK_MONOTONIC, {tv_sec=2144, tv_nsec=543491834}) = 0",
        );
    case(&X64, "clock_gettime", &[99, A]).gives(
        Err(Errno::EINVAL),
        "0x63 /* CLOCK_??? */, 0x10000) = -1 EINVAL (Invalid argument)",
    );
    case(&MIPS_O32, "clock_gettime64", &[0, A])
        .numbers(A, &[(8, 1), (8, 2)])
        .gives(Ok(0), "CLOCK_REALTIME, {tv_sec=1, tv_nsec=2}) = 0");
    case(&MIPS_O32, "gettimeofday", &[A, 0])
        .numbers(A, &[(4, 1), (4, 2)])
        .gives(Ok(0), "{tv_sec=1, tv_usec=2}, NULL) = 0");
    case(&X64, "time", &[0]).gives(
        Ok(1_795_246_177),
        "NULL) = 1795246177 (2026-11-21T07:29:37+0000)",
    );
    case(&X64, "nanosleep", &[A, B])
        .numbers(A, &[(8, 0), (8, 1000)])
        .gives(Ok(0), "{tv_sec=0, tv_nsec=1000}, 0x20000) = 0");
    case(&X64, "clock_nanosleep", &[1, 1, A, 0])
        .numbers(A, &[(8, 0), (8, 1000)])
        .gives(
            Ok(0),
            "CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=0, tv_nsec=1000}, NULL) = 0",
        );
    case(&X64, "setitimer", &[0, A, B])
        .numbers(A, &[(8, 0), (8, 0), (8, 5), (8, 0)])
        .numbers(B, &[(8, 0), (8, 0), (8, 0), (8, 0)])
        .gives(
            Ok(0),
            "ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=5, tv_usec=0}}, \
             {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}) = 0",
        );
}

#[test]
fn signals_have_names() {
    let action =
        |handler, flags, restorer, mask| [(8, handler), (8, flags), (8, restorer), (8, mask)];
    case(&X64, "rt_sigaction", &[10, A, 0, 8])
        .numbers(A, &action(0x40_1635, 0x1400_0004, 0x40_aa30, 1 << 1 | 1 << 14))
        .gives(
            Ok(0),
            "SIGUSR1, {sa_handler=0x401635, sa_mask=[INT TERM], sa_flags=SA_RESTORER|SA_RESTART|SA_SIGINFO, \
             sa_restorer=0x40aa30}, NULL, 8) = 0",
        );
    case(&X64, "rt_sigaction", &[36, A, 0, 8])
        .numbers(A, &action(0, 0x400_0000, 0x40_aa30, !(3 << 31)))
        .gives(
            Ok(0),
            "SIGRT_4, {sa_handler=SIG_DFL, sa_mask=~[RTMIN RT_1], sa_flags=SA_RESTORER, sa_restorer=0x40aa30}, NULL, 8) = 0",
        );
    case(&X64, "rt_sigaction", &[17, 0, A, 8])
        .numbers(A, &action(0, 0, 0, 0))
        .gives(
            Ok(0),
            "SIGCHLD, NULL, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0",
        );
    // The flags come first, there is no restorer, a set has 128 signals and SIGUSR1 is 16.
    // [Linux arch/mips asm/signal.h]
    case(&MIPS_O32, "rt_sigaction", &[16, A, 0, 16])
        .numbers(A, &[(4, 0x1000_0008), (4, 0x40_1000), (4, 2), (4, 0), (4, 0), (4, 0)])
        .gives(
            Ok(0),
            "SIGUSR1, {sa_handler=0x401000, sa_mask=[INT], sa_flags=SA_RESTART|SA_SIGINFO}, NULL, 16) = 0",
        );
    case(&X64, "rt_sigprocmask", &[2, A, B, 8])
        .numbers(A, &[(8, !(3 << 31 | 1 << 8))])
        .numbers(B, &[(8, 1 << 11)])
        .gives(Ok(0), "SIG_SETMASK, ~[KILL RTMIN RT_1], [USR2], 8) = 0");
    case(&X64, "rt_sigprocmask", &[0, A, 0, 8])
        .numbers(A, &[(8, 1 << 36 | 1 << 39)])
        .gives(Ok(0), "SIG_BLOCK, [RT_5 RT_8], NULL, 8) = 0");
    case(&X64, "rt_sigprocmask", &[77, 0, A, 8])
        .numbers(A, &[(8, 0)])
        .gives(Ok(0), "0x4d /* SIG_??? */, NULL, [], 8) = 0");
    // SIG_SETMASK is 3, signal 33 stands in the second word.
    case(&MIPS_O32, "rt_sigprocmask", &[3, A, 0, 16])
        .numbers(A, &[(4, 1 << 1), (4, 1 << 2), (4, 0), (4, 0)])
        .gives(Ok(0), "SIG_SETMASK, [INT RT_3], NULL, 16) = 0");
    case(&X64, "kill", &[21409, 10]).gives(Ok(0), "21409, SIGUSR1) = 0");
    case(&X64, "kill", &[0, 0]).gives(Ok(0), "0, 0) = 0");
    case(&X64, "kill", &[21409, 99]).gives(
        Err(Errno::EINVAL),
        "21409, 99) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "sigaltstack", &[A, 0])
        .numbers(A, &[(8, 0xef8_a6d0), (4, 0), (4, 0), (8, 8192)])
        .gives(
            Ok(0),
            "{ss_sp=0xef8a6d0, ss_flags=0, ss_size=8192}, NULL) = 0",
        );
}

#[test]
fn processes_are_made_and_awaited() {
    case(&X64, "execve", &[A, B, C])
        .bytes(A, b"/usr/bin/ls\0")
        .numbers(B, &[(8, D), (8, D + 4), (8, 0)])
        .bytes(D, b"ls\0\0b\n\0")
        .numbers(C, &[(8, D), (8, D), (8, 0)])
        .gives(Err(Errno::ENOENT), r#""/usr/bin/ls", ["ls", "b\n"], 0x30000 /* 2 vars */) = -1 ENOENT (No such file or directory)"#);
    case(&X64, "execve", &[A, 0, 0]).bytes(A, b"x\0").gives(
        Err(Errno::ENOENT),
        r#""x", NULL, NULL) = -1 ENOENT (No such file or directory)"#,
    );
    case(&X64, "clone", &[0x120_0011, 0, 0, 0xef8_9650, 0]).gives(
        Ok(21410),
        "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0) = 21410"
            .replace("child_tidptr=0", "child_tidptr=NULL")
            .as_str(),
    );
    let status = |value| move |case: Case| case.numbers(A, &[(4, value)]);
    let wait =
        |status: &dyn Fn(Case) -> Case| status(case(&X64, "wait4", &[-1i64 as u64, A, 0, 0]));
    wait(&status(0x300)).gives(
        Ok(7),
        "-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 7",
    );
    wait(&status(9)).gives(
        Ok(7),
        "-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 7",
    );
    wait(&status(0x8b)).gives(
        Ok(7),
        "-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL) = 7",
    );
    case(&X64, "wait4", &[-1i64 as u64, A, 1, 0]).gives(
        Err(Errno::ECHILD),
        "-1, 0x10000, WNOHANG, NULL) = -1 ECHILD (No child processes)",
    );
    case(&X64, "futex", &[A, 0x189, 1, B, 0, 0xffff_ffff])
        .numbers(B, &[(8, 0), (8, 1000)])
        .gives(
            Err(Errno::EAGAIN),
            "0x10000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 1, {tv_sec=0, tv_nsec=1000}, \
             FUTEX_BITSET_MATCH_ANY) = -1 EAGAIN (Resource temporarily unavailable)",
        );
    case(&X64, "futex", &[A, 0x81, 0x7fff_ffff, 1, 2, 3])
        .gives(Ok(0), "0x10000, FUTEX_WAKE_PRIVATE, 2147483647) = 0");
    case(&X64, "futex", &[A, 0x84, 1, 2, B, 0]).gives(
        Ok(0),
        "0x10000, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, 0x20000, 0) = 0",
    );
    case(&X64, "prctl", &[15, A])
        .bytes(A, b"thename\0")
        .gives(Ok(0), r#"PR_SET_NAME, "thename") = 0"#);
    case(&X64, "prctl", &[38, 1, 0, 0, 0]).gives(Ok(0), "PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0");
    case(&X64, "prctl", &[9999, 1, 2, 3, 4]).gives(
        Err(Errno::EINVAL),
        "0x270f /* PR_??? */, 0x1, 0x2, 0x3, 0x4) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "prctl", &[23, 5]).gives(Ok(1), "PR_CAPBSET_READ, CAP_KILL) = 1");
    case(&X64, "arch_prctl", &[0x1002, 0x7f2c_6598_a800])
        .gives(Ok(0), "ARCH_SET_FS, 0x7f2c6598a800) = 0");
    case(&X64, "arch_prctl", &[0x1003, A])
        .numbers(A, &[(8, 0xef8_9380)])
        .gives(Ok(0), "ARCH_GET_FS, [0xef89380]) = 0");
    case(&X64, "sched_getaffinity", &[0, 128, A])
        .numbers(A, &[(8, 3), (8, 0)])
        .gives(Ok(16), "0, 128, [0 1]) = 16");
    case(&X64, "sched_getscheduler", &[0]).gives(Ok(0), "0) = 0 (SCHED_OTHER)");
    case(&X64, "prctl", &[3]).gives(Ok(1), "PR_GET_DUMPABLE) = 1 (SUID_DUMP_USER)");
    case(&X64, "personality", &[0xffff_ffff]).gives(Ok(0), "0xffffffff) = 0 (PER_LINUX)");
    case(&X64, "personality", &[0x40000])
        .gives(Ok(0), "PER_LINUX|ADDR_NO_RANDOMIZE) = 0 (PER_LINUX)");
    case(&X64, "membarrier", &[0, 0, 9]).gives(
        Ok(3),
        "MEMBARRIER_CMD_QUERY, 0) = 0x3 (MEMBARRIER_CMD_GLOBAL|MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
    );
    case(&X64, "capget", &[A, B])
        .numbers(A, &[(4, 0x2008_0522), (4, 0)])
        .numbers(B, &[(4, 0x21), (4, 1), (4, 0), (4, 1 << 8), (4, 0), (4, 0)])
        .gives(
            Ok(0),
            "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_KILL|1<<CAP_CHECKPOINT_RESTORE, \
             permitted=1<<CAP_CHOWN, inheritable=0}) = 0",
        );
    case(&X64, "syslog", &[10, 0, 0]).gives(Ok(5), "10 /* SYSLOG_ACTION_SIZE_BUFFER */) = 5");
    case(&X64, "rseq", &[8, 32, 0, 0x5305_3053]).gives(Ok(0), "0x8, 0x20, 0, 0x53053053) = 0");
    case(&X64, "set_robust_list", &[A, 24]).gives(Ok(0), "0x10000, 24) = 0");
    case(&X64, "getgroups", &[64, A])
        .numbers(A, &[(4, 0), (4, 10)])
        .gives(Ok(2), "64, [0, 10]) = 2");
    case(&X64, "getgroups", &[0, 0]).gives(Ok(0), "0, NULL) = 0");
    case(&X64, "getresuid", &[A, A, A])
        .numbers(A, &[(4, 7)])
        .gives(Ok(0), "[7], [7], [7]) = 0");
}

#[test]
fn the_system_is_described() {
    let mut uname = vec![0; 390];
    uname[..5].copy_from_slice(b"Linux");
    uname[65..67].copy_from_slice(b"vm");
    case(&X64, "uname", &[A])
        .bytes(A, &uname)
        .gives(Ok(0), r#"{sysname="Linux", nodename="vm", ...}) = 0"#);
    case(&X64, "prlimit64", &[0, 3, 0, A])
        .numbers(A, &[(8, 8192 * 1024), (8, u64::MAX)])
        .gives(
            Ok(0),
            "0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
        );
    // RLIM_INFINITY is 0x7fffffff, RLIMIT_NOFILE 5 on MIPS.   [Linux arch/mips asm/resource.h]
    case(&MIPS_O32, "getrlimit", &[5, A])
        .numbers(A, &[(4, 20000), (4, 0x7fff_ffff)])
        .gives(
            Ok(0),
            "RLIMIT_NOFILE, {rlim_cur=20000, rlim_max=RLIM_INFINITY}) = 0",
        );
    case(&X64, "getrusage", &[0, A])
        .numbers(A, &[(8, 0), (8, 0), (8, 0), (8, 6433)])
        .gives(Ok(0), "RUSAGE_SELF, {ru_utime={tv_sec=0, tv_usec=0}, ru_stime={tv_sec=0, tv_usec=6433}, ...}) = 0");
    case(&X64, "times", &[A])
        .numbers(A, &[(8, 1), (8, 2), (8, 3), (8, 4)])
        .gives(
            Ok(1_718_171_347),
            "{tms_utime=1 /* 0.01 s */, tms_stime=2 /* 0.02 s */, tms_cutime=3 /* 0.03 s */, tms_cstime=4 /* 0.04 s */}) = 1718171347",
        );
}

#[test]
fn descriptors_are_polled() {
    case(&X64, "poll", &[A, 2, 0])
        .numbers(A, &[(4, 0), (2, 3), (2, 1), (4, 1), (2, 4), (2, 0)])
        .gives(
            Ok(1),
            "[{fd=0, events=POLLIN|POLLPRI}, {fd=1, events=POLLOUT}], 2, 0) = 1 ([{fd=0, revents=POLLIN}])",
        );
    case(&X64, "poll", &[0, 0, 1]).gives(Ok(0), "NULL, 0, 1) = 0 (Timeout)");
    case(&X64, "ppoll", &[A, 1, B, 0, 8])
        .numbers(A, &[(4, 1), (2, 4), (2, 4)])
        .numbers(B, &[(8, 1), (8, 0)])
        .gives(
            Ok(1),
            "[{fd=1, events=POLLOUT}], 1, {tv_sec=1, tv_nsec=0}, NULL, 8) = 1 ([{fd=1, revents=POLLOUT}], \
             left {tv_sec=1, tv_nsec=0})",
        );
    case(&X64, "select", &[6, A, B, 0, C])
        .numbers(A, &[(8, 0x21)])
        .numbers(B, &[(8, 2)])
        .numbers(C, &[(8, 1), (8, 5)])
        .gives(
            Ok(3),
            "6, [0 5], [1], NULL, {tv_sec=1, tv_usec=5}) = 3 (in [0 5], out [1], left {tv_sec=1, tv_usec=5})",
        );
    // Descriptor 33 is bit 1 of the second word.
    case(&MIPS_O32, "_newselect", &[34, A, 0, 0, 0])
        .numbers(A, &[(4, 1), (4, 2)])
        .gives(Ok(2), "34, [0 33], NULL, NULL, NULL) = 2 (in [0 33])");
    case(&X64, "epoll_ctl", &[18, 1, 8, A])
        .numbers(A, &[(4, 0x8000_0001), (8, 5)])
        .gives(
            Ok(0),
            "18, EPOLL_CTL_ADD, 8, {events=EPOLLIN|EPOLLET, data={u32=5, u64=5}}) = 0",
        );
    case(&X64, "epoll_wait", &[18, A, 1, 0])
        .numbers(A, &[])
        .gives(Ok(0), "18, [], 1, 0) = 0");
}

#[test]
fn vectors_are_taken_apart() {
    case(&X64, "writev", &[3, A, 2])
        .numbers(A, &[(8, B), (8, 3), (8, B + 3), (8, 5)])
        .bytes(B, b"abcdefgh")
        .gives(
            Ok(8),
            r#"3, [{iov_base="abc", iov_len=3}, {iov_base="defgh", iov_len=5}], 2) = 8"#,
        );
    case(&X64, "readv", &[3, A, 2])
        .numbers(A, &[(8, B), (8, 3), (8, B + 3), (8, 5)])
        .bytes(B, b"abcdefgh")
        .gives(
            Ok(4),
            r#"3, [{iov_base="abc", iov_len=3}, {iov_base="d", iov_len=5}], 2) = 4"#,
        );
    case(&MIPS_O32, "writev", &[1, A, 1])
        .numbers(A, &[(4, B), (4, 3)])
        .bytes(B, b"abc")
        .gives(Ok(3), r#"1, [{iov_base="abc", iov_len=3}], 1) = 3"#);
    case(&X64, "writev", &[1, A, 2])
        .numbers(A, &[(8, B), (8, 3), (8, B), (8, 3)])
        .bytes(B, b"abc")
        .limit(1)
        .gives(Ok(6), r#"1, [{iov_base="a"..., iov_len=3}, ...], 2) = 6"#);
}

#[test]
fn sockets_have_addresses() {
    case(&X64, "socket", &[2, 0x8_0001, 0]).gives(
        Ok(13),
        "AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 13",
    );
    // SOCK_STREAM is 2 on MIPS.   [Linux arch/mips asm/socket.h]
    case(&MIPS_O32, "socket", &[1, 2, 0]).gives(Ok(13), "AF_UNIX, SOCK_STREAM, 0) = 13");
    case(&X64, "connect", &[13, A, 16])
        .bytes(A, &[2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        .gives(
            Err(Errno::ECONNREFUSED),
            "13, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = -1 ECONNREFUSED \
             (Connection refused)",
        );
    case(&MIPS_O32, "connect", &[13, A, 16])
        .bytes(A, &[0, 2, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        .gives(Ok(0), "13, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0");
    case(&X64, "connect", &[14, A, 110])
        .bytes(A, b"\x01\x00/nope\0")
        .gives(Err(Errno::ENOENT), "14, {sa_family=AF_UNIX, sun_path=\"/nope\"}, 110) = -1 ENOENT (No such file or directory)");
    case(&X64, "connect", &[14, A, 8])
        .bytes(A, b"\x01\x00\0nope\0")
        .gives(Err(Errno::ECONNREFUSED), "14, {sa_family=AF_UNIX, sun_path=@\"nope\\0\"}, 8) = -1 ECONNREFUSED (Connection refused)");
    case(&X64, "bind", &[17, A, 28])
        .bytes(A, &[&[10, 0, 0x1f, 0x90][..], &[0; 24]].concat())
        .gives(
            Ok(0),
            "17, {sa_family=AF_INET6, sin6_port=htons(8080), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::\", \
             &sin6_addr), sin6_scope_id=0}, 28) = 0",
        );
    case(&X64, "setsockopt", &[13, 1, 2, A, 4])
        .numbers(A, &[(4, 1)])
        .gives(Ok(0), "13, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0");
    case(&X64, "setsockopt", &[13, 6, 1, A, 4])
        .numbers(A, &[(4, 1)])
        .gives(Ok(0), "13, SOL_TCP, TCP_NODELAY, [1], 4) = 0");
    case(&X64, "sendto", &[15, A, 2, 0x4000, 0, 0])
        .bytes(A, b"hi")
        .gives(Ok(2), r#"15, "hi", 2, MSG_NOSIGNAL, NULL, 0) = 2"#);
}

/// What the call reads is shown as it was when it began, also when it stands behind what the call fills.
#[test]
fn arguments_are_read_before_the_call_changes_them() {
    let mut case = case(&X64, "newfstatat", &[AT_FDCWD, A, B, 0]).bytes(A, b"before\0");
    let row = case
        .abi
        .table
        .by_name(case.name)
        .expect("the ABI has the call");
    let info = &CALLS[usize::from(row.call)];
    let (abi, args) = (case.abi, case.args);
    let asked = Asked {
        info,
        row,
        args: &args,
        abi,
        model: abi.model,
    };
    let mut decoder = Decoder::new(32);
    let mut line = Line::default();
    decoder.enter(&asked, &mut case.memory, &mut line);
    case = case.bytes(A, b"after\0");
    decoder.exit(&asked, None, &mut case.memory, &mut line);
    assert_eq!(
        String::from_utf8_lossy(&line.text),
        "AT_FDCWD, \"before\", 0x20000, 0"
    );
}
