//! Are constants, errors and signals those of the ABI documents?

use emu_cpu::{Access, Fault, FaultKind};
use emu_prototypes::Stop;
use emu_prototypes::linux::{self, ABSENT, Abi, Errno};

fn abi(name: &str) -> &'static Abi {
    linux::ABIS
        .iter()
        .find(|abi| abi.name == name)
        .expect("it is there")
}

/// [errno(3); arch/mips/include/uapi/asm/errno.h]
#[test]
fn errors_have_the_numbers_of_the_abi() {
    for (name, errno, number) in [
        ("x86", Errno::ENOENT, 2),
        ("x64", Errno::ENOSYS, 38),
        ("arm", Errno::EDEADLK, 35),
        ("mips", Errno::ENOSYS, 89),
        ("mips", Errno::EDEADLK, 45),
        ("mips", Errno::EDQUOT, 1133),
        ("mipsel", Errno::ELOOP, 90),
        ("arm64", Errno::EDQUOT, 122),
        ("x64", Errno::ERESTARTSYS, 512),
        ("mips", Errno::ERESTART_RESTARTBLOCK, 516),
    ] {
        assert_eq!(errno.number(abi(name)), number, "{name} {errno}");
        assert_eq!(
            Errno::from_number(abi(name), number),
            Some(errno),
            "{name} {number}"
        );
    }
    assert_eq!(Errno::from_number(abi("x64"), 0), None);
    assert_eq!(Errno::from_number(abi("x64"), 4095), None);
    assert_eq!(Errno::from_number(abi("x64"), u16::MAX), None);
}

#[test]
fn every_error_has_a_number_and_comes_back_from_it() {
    for abi in linux::ABIS {
        for &errno in Errno::ALL {
            let number = errno.number(abi);
            assert_ne!(number, 0);
            let back = Errno::from_number(abi, number).expect("the number is known");
            assert_eq!(back.number(abi), number, "{} {errno}", abi.name);
        }
    }
}

#[test]
fn errors_have_names_and_other_names() {
    assert_eq!(
        Errno::ENOENT.to_string(),
        "ENOENT (No such file or directory)"
    );
    assert_eq!(Errno::EWOULDBLOCK, Errno::EAGAIN);
    assert_eq!(Errno::ENOTSUP, Errno::EOPNOTSUPP);
    // The same on all but MIPS.
    assert_ne!(Errno::EDEADLOCK, Errno::EDEADLK);
    assert_eq!(
        Errno::EDEADLOCK.number(abi("x64")),
        Errno::EDEADLK.number(abi("x64"))
    );
    let fault = Fault {
        address: 4096,
        access: Access::Write,
        kind: FaultKind::Unmapped,
    };
    assert_eq!(Errno::from(fault), Errno::EFAULT);
    assert_eq!(Stop::from(Errno::EIO), Stop::Fail(Errno::EIO));
}

/// [open(2), mmap(2), socket(2) and the headers of the architecture]
#[test]
fn constants_have_the_values_of_the_abi() {
    let (x64, arm, mips) = (linux::X64.k, linux::ARM.k, linux::MIPS_O32.k);
    assert_eq!(
        (x64.O_CREAT, arm.O_CREAT, mips.O_CREAT),
        (0o100, 0o100, 0x100)
    );
    assert_eq!((x64.O_DIRECTORY, arm.O_DIRECTORY), (0o200000, 0o40000));
    assert_eq!((x64.O_NOFOLLOW, arm.O_NOFOLLOW), (0o400000, 0o100000));
    assert_eq!((x64.MAP_ANONYMOUS, mips.MAP_ANONYMOUS), (0x20, 0x800));
    assert_eq!((x64.SOCK_STREAM, mips.SOCK_STREAM), (1, 2));
    assert_eq!((x64.SOCK_DGRAM, mips.SOCK_DGRAM), (2, 1));
    assert_eq!((x64.SOL_SOCKET, mips.SOL_SOCKET), (1, 0xffff));
    assert_eq!((x64.SIG_BLOCK, mips.SIG_BLOCK), (0, 1));
    assert_eq!((x64.SA_SIGINFO, mips.SA_SIGINFO), (4, 8));
    assert_eq!((x64.TCGETS, mips.TCGETS), (0x5401, 0x540d));
    assert_eq!(x64.AT_FDCWD as i64, -100);
    assert_eq!((x64.F_GETLK, mips.F_GETLK), (5, 14));
    assert_eq!((x64.RLIMIT_NOFILE, mips.RLIMIT_NOFILE), (7, 5));
    assert_eq!(linux::X86.k.FUTEX_PRIVATE_FLAG, 128);
}

#[test]
fn a_constant_that_the_abi_lacks_is_no_flag_and_no_value() {
    assert_eq!(linux::X64.k.F_GETLK64, ABSENT);
    assert_eq!(linux::ARM64.k.MAP_32BIT, 0);
    assert_eq!(linux::X64.k.MAP_32BIT, 0x40);
    // Cut to 32 bits it still is nothing that a guest asks for.
    assert_ne!(ABSENT as u32, 0);
    assert_ne!(ABSENT as u32, u32::MAX);
    assert_ne!(ABSENT as i32, -1);
}

#[test]
fn groups_have_the_widest_flags_first_and_one_name_for_a_value() {
    for abi in linux::ABIS {
        for group in abi.groups {
            assert!(std::ptr::eq(
                abi.group(group.name).expect("it is found"),
                group.members
            ));
            for (at, (name, value)) in group.members.iter().enumerate() {
                let others = &group.members[at + 1..];
                assert!(
                    others.iter().all(|(_, other)| other != value),
                    "{} {name}",
                    group.name
                );
                let narrower = |other: u64| {
                    !group.flags
                        || other & value == 0
                        || other & !value == 0
                        || other.count_ones() <= value.count_ones()
                };
                assert!(
                    others.iter().all(|&(_, other)| narrower(other)),
                    "{} {name}",
                    group.name
                );
            }
        }
    }
    assert_eq!(
        linux::X64.group("prot").expect("it is there")[..4],
        [
            ("PROT_NONE", 0),
            ("PROT_READ", 1),
            ("PROT_WRITE", 2),
            ("PROT_EXEC", 4)
        ]
    );
    assert_eq!(
        linux::X64.group("whence").expect("it is there")[2],
        ("SEEK_END", 2)
    );
    let open = linux::MIPS_O32.group("open").expect("it is there");
    assert!(open.contains(&("O_NONBLOCK", 0x80)) && open.contains(&("O_CREAT", 0x100)));
    assert!(linux::X64.group("nonsense").is_none());
}

/// [signal(7), "Signal numbering for standard signals"]
#[test]
fn signals_have_the_names_of_signal_7() {
    for (name, number, signal) in [
        ("x64", 7, "SIGBUS"),
        ("x64", 17, "SIGCHLD"),
        ("x64", 31, "SIGSYS"),
        ("x64", 16, "SIGSTKFLT"),
        ("x86", 29, "SIGIO"),
        ("arm", 6, "SIGABRT"),
        ("mips", 7, "SIGEMT"),
        ("mips", 10, "SIGBUS"),
        ("mips", 12, "SIGSYS"),
        ("mips", 18, "SIGCHLD"),
        ("mips", 127, "SIGRT_95"),
        ("arm64", 32, "SIGRTMIN"),
        ("arm64", 33, "SIGRT_1"),
    ] {
        assert_eq!(
            abi(name).signal_name(number),
            Some(signal),
            "{name} {number}"
        );
    }
    assert_eq!(abi("x64").signal_name(0), None);
    assert_eq!(abi("x64").signal_name(65), None);
    assert!(abi("mips").signal_name(128).is_some());
}
