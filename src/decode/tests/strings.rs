//! Strings and what is read and written.

use emu_prototypes::linux::{Errno, MIPS_O32, X64};

use super::{A, B, case};

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
