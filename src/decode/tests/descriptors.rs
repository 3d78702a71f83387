//! What is done with descriptors.

use emu_prototypes::linux::{ARM, Errno, MIPS_O32, X64, X86};

use super::{A, B, C, case};

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
