//! What do the tables say of Windows? Numbers are those that disassembled stubs of the release show.

use std::collections::BTreeMap;

use emu_prototypes::nt::{self, CALLS, NtStatus, RELEASES, Release, services};
use emu_prototypes::{
    Args, Call, CallInfo, DataModel, Ends, MAX_ARGS, Meaning, Os, RowParam, Stop, Width,
};

fn number(release: &'static Release, name: &str) -> Option<u32> {
    release.table().by_name(name).map(|row| row.number)
}

#[test]
fn numbers_are_those_of_the_stubs() {
    for (release, name, expected) in [
        (&nt::X86_2000, "NtClose", 0x18),
        (&nt::X86_XPSP3, "NtClose", 0x19),
        (&nt::X86_XPSP3, "NtCreateFile", 0x25),
        (&nt::X86_XPSP3, "NtTerminateProcess", 0x101),
        (&nt::X86_7, "NtCreateFile", 0x42),
        (&nt::X86_7, "NtTerminateProcess", 0x172),
        (&nt::X64_7, "NtCreateFile", 0x52),
        (&nt::X64_7, "NtTerminateProcess", 0x29),
        (&nt::X64_8SP0, "NtCreateFile", 0x53),
        (&nt::X64_10_1507, "NtTerminateProcess", 0x2c),
        (&nt::X64_10_22H2, "NtCreateFile", 0x55),
        (&nt::X64_11_24H2, "NtClose", 0xf),
    ] {
        assert_eq!(number(release, name), Some(expected), "{release:?} {name}");
        let call = release.call(expected).expect("it is there");
        assert_eq!(call.name, name);
    }
}

#[test]
fn every_number_of_every_release_has_a_name() {
    for release in RELEASES {
        let table = release.table();
        assert_eq!(table.rows.len(), release.numbers.len(), "{release:?}");
        for (expected, row) in (0..).zip(table.rows) {
            assert_eq!(row.number, expected);
            assert_eq!(row.name, CALLS[usize::from(row.call)].name);
            assert!(std::ptr::eq(table.row(expected).expect("it is there"), row));
        }
        assert!(table.row(table.rows.len() as u32).is_none());
        assert!(std::ptr::eq(table, release.table()), "it is made once");
    }
    assert!(RELEASES.len() >= 45);
}

#[test]
fn a_release_is_named_once() {
    let mut seen = BTreeMap::new();
    for release in RELEASES {
        for name in [&release.name].into_iter().chain(release.aliases) {
            assert_eq!(seen.insert(name, release.name), None, "{name}");
        }
    }
    assert_eq!(seen[&"windows_8_x64"], "windows_8sp0_x64");
}

/// Calls of which nobody has published more than the name and that their stubs take three words and two.
const UNDECLARED: &[&str] = &["NtListTransactions", "NtWaitForWnfNotifications"];

#[test]
fn calls_without_a_signature_are_told_apart() {
    let undeclared = CALLS.iter().filter(|call| !call.is_declared());
    let names: Vec<&str> = undeclared.map(|call| call.name).collect();
    assert_eq!(names, UNDECLARED);
}

fn names(ends: Ends) -> Vec<&'static str> {
    let calls = CALLS.iter().filter(|call| call.ends == ends);
    calls.map(|call| call.name).collect()
}

#[test]
fn calls_that_never_return() {
    assert_eq!(
        names(Ends::Never),
        [
            "NtCallbackReturn",
            "NtContinue",
            "NtContinueEx",
            "NtRaiseException"
        ]
    );
    assert_eq!(names(Ends::Twice), [""; 0]);
    for name in ["NtCallbackReturn", "NtContinue", "NtRaiseException"] {
        for release in RELEASES {
            assert!(number(release, name).is_some(), "{release:?} {name}");
        }
    }
}

/// Words that a stub takes from the stack on x86.
fn words(params: &[RowParam]) -> u32 {
    let bytes = params
        .iter()
        .map(|param| param.width.bytes(DataModel::Ilp32));
    bytes.map(|bytes| u32::from(bytes).div_ceil(4)).sum()
}

/// Each call whose words are not those of the witness: `NAME ours, theirs`.
fn differ(ours: &BTreeMap<&str, u32>, theirs: &str) -> Vec<String> {
    let rows = theirs.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let (name, words) = line.split_once(' ').expect("NAME WORDS");
        let theirs: u32 = words.parse().expect("a number");
        let ours = *ours.get(name)?;
        (ours != theirs).then(|| format!("{name} {ours}, {theirs}"))
    })
    .collect()
}

/// Where signatures and the library differ, and why ours stay.
const KNOWN_BETTER: &[&str] = &[
    // A reserved argument has 64 bits in the headers and 32 in the library. No 32-bit release has these calls.
    "NtChangeProcessState 7, 6",
    "NtChangeThreadState 7, 6",
    // The library has it without the parent, as the first releases with partitions had it.
    "NtCreatePartition 5, 4",
    "NtCreateProcessStateChange 6, 5",
    "NtCreateThreadStateChange 6, 5",
    // The library has Windows 7's: see overrides.txt.
    "NtWaitForWorkViaWorkerFactory 5, 2",
];

#[test]
fn arguments_are_as_many_as_the_stubs_of_32_bits_take() {
    let witness = include_str!("../windows/stdcall.txt");
    let declared = CALLS.iter().filter(|call| call.is_declared());
    let params = |call: &CallInfo| -> Vec<RowParam> {
        let widths = call.params.iter().map(|param| param.width);
        widths.map(|width| RowParam { field: 0, width }).collect()
    };
    let mut ours: BTreeMap<&str, u32> = declared
        .map(|call| (call.name, words(&params(call))))
        .collect();
    let compared = witness.lines().filter(|line| {
        let name = line.split(' ').next().unwrap_or_default();
        ours.contains_key(name)
    });
    assert!(compared.count() > 450);
    assert_eq!(differ(&ours, witness), KNOWN_BETTER);

    // A wrong row is named.
    ours.insert("NtClose", 2);
    assert!(differ(&ours, witness).contains(&"NtClose 2, 1".to_owned()));
}

/// [overrides.txt]
#[test]
fn older_releases_declare_some_calls_otherwise() {
    for (release, name, expected) in [
        (&nt::X86_2003SP12, "NtLoadKeyEx", 4),
        (&nt::X64_VISTASP0, "NtLoadKeyEx", 8),
        (&nt::X86_7, "NtWaitForWorkViaWorkerFactory", 2),
        (&nt::X64_7, "NtWaitForWorkViaWorkerFactory", 2),
        (&nt::X86_8SP0, "NtWaitForWorkViaWorkerFactory", 5),
        (&nt::X86_7, "NtInitializeNlsFiles", 3),
        (&nt::X64_10_1507, "NtInitializeNlsFiles", 4),
    ] {
        let row = release.table().by_name(name).expect("it is there");
        assert_eq!(row.params.len(), expected, "{release:?} {name}");
    }
}

#[test]
fn numbers_of_the_other_table_are_recognised() {
    let shown = |number| nt::X64_7.shown(number).to_string();
    assert_eq!(shown(0x29), "NtTerminateProcess");
    assert_eq!(shown(0x1012), "win32k!0x12");
    assert_eq!(shown(0xfff), "0xfff");
    assert_eq!(nt::win32k(0x1012), Some(0x12));
    assert_eq!(nt::win32k(0x12), None);
    assert_eq!(nt::win32k(0x2012), None);
}

#[test]
fn narrow_arguments_have_their_widths_and_lengths_are_found() {
    let read = nt::NtReadFile::INFO;
    let at = |name| read.params.iter().position(|param| param.name == name);
    let buffer = &read.params[at("Buffer").expect("it is there")];
    let length = at("Length").expect("it is there") as u8;
    assert_eq!(
        buffer.meaning,
        Meaning::Filled {
            len: length,
            done: 255
        }
    );
    assert_eq!(read.params[0].meaning, Meaning::Handle);

    let audit = nt::NtAccessCheckAndAuditAlarm::INFO;
    let creation = audit
        .params
        .iter()
        .find(|param| param.name == "ObjectCreation");
    let creation = creation.expect("it is there");
    assert_eq!(
        (creation.width, creation.meaning),
        (Width::U8, Meaning::Bool)
    );
}

#[test]
fn every_call_goes_through_its_struct_unchanged() {
    for call in CALLS.iter().filter(|call| call.is_declared()) {
        let mut args: Args = [0; MAX_ARGS];
        for (place, param) in args.iter_mut().zip(call.params) {
            *place = param.width.extend(DataModel::Llp64, 0xf1f2_f3f4_f5f6_f7f8);
        }
        let any = nt::AnyCall::decode(call.id, &args).expect("every declared call has a struct");
        assert_eq!(any.info().name, call.name);
        let mut back = [0; MAX_ARGS];
        any.to_args(&mut back);
        assert_eq!(args, back, "{}", call.name);
    }
}

/// The indices in a meaning.
fn indices(meaning: Meaning) -> Vec<u8> {
    match meaning {
        Meaning::In { len } => vec![len],
        Meaning::Filled { len, done } => [len, done].into_iter().filter(|&at| at != 255).collect(),
        Meaning::ArrayIn { count, .. }
        | Meaning::ArrayOut { count, .. }
        | Meaning::ArrayInOut { count, .. } => vec![count],
        _ => Vec::new(),
    }
}

#[test]
fn lengths_are_arguments_of_the_call() {
    let mut lengths = 0;
    for call in &CALLS {
        for param in call.params {
            for at in indices(param.meaning) {
                assert!(
                    usize::from(at) < call.params.len(),
                    "{} {}",
                    call.name,
                    param.name
                );
                lengths += 1;
            }
        }
    }
    assert!(lengths > 150, "{lengths}");
}

struct Nobody;
impl services::Debug<()> for Nobody {}
impl services::Device<()> for Nobody {}
impl services::Executive<()> for Nobody {}
impl services::File<()> for Nobody {}
impl services::Memory<()> for Nobody {}
impl services::Object<()> for Nobody {}
impl services::Other<()> for Nobody {}
impl services::Port<()> for Nobody {}
impl services::Power<()> for Nobody {}
impl services::Process<()> for Nobody {
    fn nt_terminate_process(&mut self, (): &mut (), call: &nt::NtTerminateProcess) -> nt::Outcome {
        match call.ProcessHandle {
            u64::MAX => Err(Stop::Never),
            _ => Err(NtStatus::INVALID_PARAMETER.into()),
        }
    }
}
impl services::Processor<()> for Nobody {}
impl services::Registry<()> for Nobody {}
impl services::Runtime<()> for Nobody {}
impl services::Security<()> for Nobody {}
impl services::Transaction<()> for Nobody {}
impl services::Unknown<()> for Nobody {}
impl services::Wine<()> for Nobody {}

#[test]
fn a_call_reaches_its_method_and_one_that_nobody_serves_is_missing() {
    let mut args = [0; MAX_ARGS];
    args[0] = u64::MAX;
    let index = |info: &CallInfo| info.id - Os::Windows.first();
    let terminate = index(nt::NtTerminateProcess::INFO);
    let outcome = nt::dispatch(&mut Nobody, &mut (), terminate, &args);
    assert_eq!(outcome, Err(Stop::Never));
    let close = index(nt::NtClose::INFO);
    assert_eq!(
        nt::dispatch(&mut Nobody, &mut (), close, &args),
        Err(Stop::Missing)
    );
}
