//! What do the tables say of FreeBSD? Expected values are from its manual pages and from sys/sys/syscall.h.

use emu_prototypes::freebsd::{self, AnyCall, CALLS, Errno, X64};
use emu_prototypes::{Args, Call, Ends, Meaning, Ptr, Width};

#[test]
fn numbers_are_those_of_syscall_h() {
    for (number, name) in [
        (1, "exit"),
        (3, "read"),
        (4, "write"),
        (5, "open"),
        (6, "close"),
        (20, "getpid"),
        (59, "execve"),
        (73, "munmap"),
        (202, "__sysctl"),
        (232, "clock_gettime"),
        (416, "sigaction"),
        (417, "sigreturn"),
        (454, "_umtx_op"),
        (477, "mmap"),
        (478, "lseek"),
        (499, "openat"),
        (542, "pipe2"),
        (551, "fstat"),
        (563, "getrandom"),
    ] {
        let row = X64.table.row(number).expect("it is there");
        assert_eq!(row.name, name);
        assert_eq!(CALLS[usize::from(row.call)].name, name);
    }
}

#[test]
fn calls_that_never_return_or_return_twice() {
    let names = |ends| -> Vec<_> {
        let calls = CALLS.iter().filter(|call| call.ends == ends);
        calls.map(|call| call.name).collect()
    };
    assert_eq!(
        names(Ends::Never),
        [
            "__mac_execve",
            "abort2",
            "execve",
            "exit",
            "fexecve",
            "setcontext",
            "sigreturn",
            "thr_exit"
        ]
    );
    assert_eq!(names(Ends::Twice), ["fork", "pdfork", "rfork", "vfork"]);
}

/// [open(2), mmap(2)]
#[test]
fn arguments_have_their_widths_and_meanings() {
    let open = freebsd::Openat::INFO;
    let widths: Vec<_> = open.params.iter().map(|param| param.width).collect();
    assert_eq!(widths, [Width::I32, Width::Ptr, Width::I32, Width::U16]);
    assert_eq!(open.params[1].meaning, Meaning::Path);
    assert_eq!(open.ret_meaning, Meaning::Fd);
    assert_eq!(freebsd::Mmap::INFO.params[5].width, Width::Long);

    let mut args: Args = Default::default();
    args[..3].copy_from_slice(&[1, 0x1000, 5]);
    let write = freebsd::Write::from_args(&args);
    assert_eq!(
        write,
        freebsd::Write {
            fd: 1,
            buf: Ptr::new(0x1000),
            nbyte: 5
        }
    );
    let id = freebsd::Write::INFO.id;
    assert_eq!(AnyCall::decode(id, &args), Some(AnyCall::Write(write)));
}

/// [intro(2), fcntl(2), mmap(2)]
#[test]
fn constants_and_errors_are_not_those_of_linux() {
    assert_eq!(Errno::EAGAIN.number(&X64), 35);
    assert_eq!(Errno::ENOSYS.number(&X64), 78);
    assert_eq!(Errno::from_number(&X64, 2), Some(Errno::ENOENT));
    assert_eq!((X64.k.O_CREAT, X64.k.MAP_ANON), (0x200, 0x1000));
    assert_eq!(X64.signal_name(10), Some("SIGBUS"));
    assert_eq!(X64.structure("stat").expect("it is there").size, 224);
}
