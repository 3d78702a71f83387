//! What do the tables say of calls? Expected values are from the manual pages and psABI documents.

use emu_prototypes::linux::{self, Abi, AnyCall, CALLS, Errno, services};
use emu_prototypes::{Args, Call, Classes, DataModel, Ends, MAX_ARGS, Meaning, Ptr, Stop, Width};

fn names(ends: Ends) -> Vec<&'static str> {
    CALLS
        .iter()
        .filter(|call| call.ends == ends)
        .map(|call| call.name)
        .collect()
}

#[test]
fn calls_that_never_return_or_return_twice() {
    assert_eq!(
        names(Ends::Never),
        [
            "execve",
            "execveat",
            "exit",
            "exit_group",
            "rt_sigreturn",
            "sigreturn"
        ]
    );
    assert_eq!(names(Ends::Twice), ["clone", "clone3", "fork", "vfork"]);
}

#[test]
fn an_id_is_an_index_and_names_are_sorted() {
    for (id, call) in CALLS.iter().enumerate() {
        assert_eq!(usize::from(call.id), id);
        assert!(std::ptr::eq(
            linux::by_name(call.name).expect("it is there"),
            call
        ));
        assert!(call.params.len() <= MAX_ARGS);
    }
    assert!(linux::by_name("opennat").is_none());
    assert_eq!(CALLS[usize::from(linux::id::OPENAT)].name, "openat");
}

/// What an argument of a call is on an ABI: its place among those passed, and its width.
fn argument(abi: &Abi, row: &str, param: &str) -> Option<(usize, Width)> {
    let row = abi.table.by_name(row).expect("the ABI has the call");
    let call = &CALLS[usize::from(row.call)];
    let field = call
        .params
        .iter()
        .position(|known| known.name == param)
        .expect("the call has it");
    let place = row
        .params
        .iter()
        .position(|passed| usize::from(passed.field) == field)?;
    Some((place, row.params[place].width))
}

/// [clone(2), "C library/kernel differences"]
#[test]
fn clone_has_the_tls_before_the_childs_tid_except_on_x64() {
    for abi in [
        &linux::X86,
        &linux::ARM,
        &linux::ARM64,
        &linux::MIPS_O32,
        &linux::MIPSEL_O32,
        &linux::MIPS_N64,
        &linux::MIPSEL_N64,
        &linux::MIPS_N32,
        &linux::MIPSEL_N32,
    ] {
        assert_eq!(
            argument(abi, "clone", "tls"),
            Some((3, Width::ULong)),
            "{}",
            abi.name
        );
        assert_eq!(
            argument(abi, "clone", "child_tidptr"),
            Some((4, Width::Ptr)),
            "{}",
            abi.name
        );
    }
    assert_eq!(
        argument(&linux::X64, "clone", "child_tidptr"),
        Some((3, Width::Ptr))
    );
    assert_eq!(
        argument(&linux::X64, "clone", "tls"),
        Some((4, Width::ULong))
    );
}

/// [syscall(2), "Architecture-specific requirements"; pipe(2)]
#[test]
fn arguments_that_differ_between_architectures() {
    assert_eq!(
        argument(&linux::ARM, "arm_fadvise64_64", "advice"),
        Some((1, Width::I32))
    );
    assert_eq!(
        argument(&linux::ARM, "arm_fadvise64_64", "offset"),
        Some((2, Width::I64))
    );
    assert_eq!(
        argument(&linux::X86, "fadvise64_64", "offset"),
        Some((1, Width::I64))
    );
    assert_eq!(
        argument(&linux::ARM, "arm_sync_file_range", "flags"),
        Some((1, Width::U32))
    );
    assert_eq!(
        argument(&linux::X64, "sync_file_range", "flags"),
        Some((3, Width::U32))
    );
    assert_eq!(argument(&linux::MIPS_O32, "pipe", "fildes"), None);
    assert_eq!(
        argument(&linux::ARM, "pipe", "fildes"),
        Some((0, Width::Ptr))
    );
}

#[test]
fn widths_follow_the_c_types() {
    for abi in linux::ABIS {
        assert_eq!(argument(abi, "pread64", "pos"), Some((3, Width::I64)));
        assert_eq!(argument(abi, "openat", "dfd"), Some((0, Width::I32)));
        assert_eq!(argument(abi, "openat", "mode"), Some((3, Width::U16)));
        assert_eq!(argument(abi, "write", "count"), Some((2, Width::Ptr)));
        let model = match abi.name {
            "x64" | "arm64" | "mips64" | "mips64el" => DataModel::Lp64,
            _ => DataModel::Ilp32,
        };
        assert_eq!(abi.model, model, "{}", abi.name);
    }
    // Before Linux 2.4 user ids had 16 bits; the old numbers keep them.   [setuid(2)]
    assert_eq!(
        argument(&linux::X86, "setuid", "uid"),
        Some((0, Width::U16))
    );
    assert_eq!(
        argument(&linux::X86, "setuid32", "uid"),
        Some((0, Width::U32))
    );
    assert_eq!(
        argument(&linux::ARM, "setuid", "uid"),
        Some((0, Width::U16))
    );
    assert_eq!(
        argument(&linux::MIPS_O32, "setuid", "uid"),
        Some((0, Width::U32))
    );
}

#[test]
fn numbers_of_the_same_call_lead_to_the_same_struct() {
    for (abi, name, call) in [
        (&linux::X86, "setuid32", "setuid"),
        (&linux::X86, "ugetrlimit", "getrlimit"),
        (&linux::X86, "_newselect", "select"),
        (&linux::X86, "mmap", "old_mmap"),
        (&linux::MIPS_O32, "mmap", "mmap"),
        (&linux::ARM, "nanosleep", "nanosleep"),
    ] {
        let row = abi.table.by_name(name).expect("the ABI has the call");
        assert_eq!(CALLS[usize::from(row.call)].name, call);
    }
}

#[test]
fn every_call_goes_through_its_struct_unchanged() {
    for call in &CALLS {
        let mut args: Args = [0; MAX_ARGS];
        for (place, param) in args.iter_mut().zip(call.params) {
            // Set in the highest bit of every width.
            *place = param.width.extend(DataModel::Lp64, 0xf1f2_f3f4_f5f6_f7f8);
        }
        let any = AnyCall::decode(call.id, &args).expect("every id is a call");
        assert_eq!(any.info().name, call.name);
        let mut back = [0; MAX_ARGS];
        any.to_args(&mut back);
        assert_eq!(args, back, "{}", call.name);
    }
    assert!(AnyCall::decode(linux::CALL_COUNT as u16, &[0; MAX_ARGS]).is_none());
}

#[test]
fn fields_have_the_kernels_names_and_widths() {
    let mut args = [0; MAX_ARGS];
    args[..4].copy_from_slice(&[-100i64 as u64, 0x1000, 0o101, 0o644]);
    let call = linux::Openat::from_args(&args);
    assert_eq!(
        call,
        linux::Openat {
            dfd: -100,
            filename: Ptr::new(0x1000),
            flags: 0o101,
            mode: 0o644
        }
    );
    assert_eq!(linux::Openat::INFO.name, "openat");
    let mount = linux::Mount::from_args(&args);
    assert_eq!(mount.r#type.address, 0o101);
}

#[test]
fn sections_and_classes() {
    for (call, section, classes) in [
        ("openat", "file", Classes::FILE.union(Classes::DESC)),
        ("read", "io", Classes::DESC),
        ("mmap", "memory", Classes::DESC.union(Classes::MEMORY)),
        ("execve", "process", Classes::FILE.union(Classes::PROCESS)),
        ("getuid", "identity", Classes::CREDS),
        ("kill", "signal", Classes::SIGNAL.union(Classes::PROCESS)),
        ("clock_gettime", "time", Classes::CLOCK),
        ("connect", "net", Classes::NETWORK),
        ("shmat", "ipc", Classes::IPC.union(Classes::MEMORY)),
        ("epoll_wait", "poll", Classes::DESC),
        ("futex", "sync", Classes::empty()),
        ("uname", "system", Classes::empty()),
    ] {
        let info = linux::by_name(call).expect("it is there");
        assert_eq!((info.section, info.classes), (section, classes), "{call}");
    }
}

/// The structure or group that a meaning names.
fn names_of(meaning: Meaning) -> (Option<&'static str>, Option<&'static str>) {
    match meaning {
        Meaning::Flags(group) | Meaning::Enum(group) => (None, Some(group)),
        Meaning::StructIn(of)
        | Meaning::StructOut(of)
        | Meaning::StructInOut(of)
        | Meaning::PairIn(of)
        | Meaning::ArrayIn { of, .. }
        | Meaning::ArrayOut { of, .. }
        | Meaning::ArrayInOut { of, .. }
        | Meaning::Dirents { of, .. } => (Some(of), None),
        _ => (None, None),
    }
}

#[test]
fn what_a_meaning_names_is_there_on_every_abi_that_has_the_call() {
    for abi in linux::ABIS {
        for row in abi.table.rows {
            let call = &CALLS[usize::from(row.call)];
            // Parameters that the ABI does not pass have no need of anything.
            let passed = row
                .params
                .iter()
                .map(|passed| call.params[usize::from(passed.field)].meaning);
            for meaning in passed.chain([call.ret_meaning]) {
                let (structure, group) = names_of(meaning);
                if let Some(name) = structure {
                    assert!(
                        abi.structure(name).is_some(),
                        "{} {}: {name}",
                        abi.name,
                        row.name
                    );
                }
                if let Some(name) = group {
                    let group = abi
                        .group(name)
                        .unwrap_or_else(|| panic!("{}: {name}", row.name));
                    assert!(!group.is_empty(), "{} {}: {name}", abi.name, row.name);
                }
            }
        }
    }
}

/// The indices in a meaning.
fn index_of(meaning: Meaning) -> Option<u8> {
    match meaning {
        Meaning::In { len } | Meaning::Out { len } | Meaning::OutStr { len } => Some(len),
        Meaning::IovecIn { count } | Meaning::IovecOut { count } => Some(count),
        Meaning::SigSet { size } | Meaning::SigSetOut { size } => {
            Some(size).filter(|&size| size != 255)
        }
        Meaning::SockaddrIn { len } | Meaning::SockaddrOut { len } => Some(len),
        Meaning::FdSet { count } => Some(count),
        Meaning::ArrayIn { count, .. } | Meaning::ArrayOut { count, .. } => Some(count),
        Meaning::ArrayInOut { count, .. } => Some(count),
        Meaning::Dirents { len, .. } => Some(len),
        _ => None,
    }
}

#[test]
fn lengths_are_integers_or_pointers_to_them() {
    for call in &CALLS {
        for param in call.params {
            let Some(index) = index_of(param.meaning) else {
                continue;
            };
            let length = &call.params[usize::from(index)];
            let pointer = length.width == Width::Ptr && length.ctype != "size_t";
            let expected = matches!(param.meaning, Meaning::SockaddrOut { .. });
            assert_eq!(
                pointer, expected,
                "{}: {} in {}",
                call.name, param.name, length.name
            );
        }
    }
}

struct Nobody;
impl services::File<()> for Nobody {}
impl services::Io<()> for Nobody {
    fn dup3(&mut self, (): &mut (), call: &linux::Dup3) -> linux::Outcome {
        if call.oldfd == call.newfd {
            Err(Errno::EINVAL.into())
        } else {
            Ok(call.newfd.into())
        }
    }
}
impl services::Memory<()> for Nobody {}
impl services::Process<()> for Nobody {}
impl services::Identity<()> for Nobody {}
impl services::Signal<()> for Nobody {}
impl services::Time<()> for Nobody {}
impl services::Net<()> for Nobody {}
impl services::Ipc<()> for Nobody {}
impl services::Poll<()> for Nobody {}
impl services::Sync<()> for Nobody {}
impl services::System<()> for Nobody {}

#[test]
fn a_call_reaches_its_method_and_one_that_nobody_serves_is_missing() {
    let mut args = [0; MAX_ARGS];
    args[..2].copy_from_slice(&[3, 7]);
    for call in &CALLS {
        let outcome = linux::dispatch(&mut Nobody, &mut (), call.id, &args);
        let expected = if call.name == "dup3" {
            Ok(7)
        } else {
            Err(Stop::Missing)
        };
        assert_eq!(outcome, expected, "{}", call.name);
    }
    let same = linux::dispatch(&mut Nobody, &mut (), linux::id::DUP3, &[3; MAX_ARGS]);
    assert_eq!(same, Err(Stop::Fail(Errno::EINVAL)));
}
