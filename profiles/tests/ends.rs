//! Which calls never return, and which return twice, on which profile.

use std::collections::BTreeSet;

use emu_profiles::{Os, Profile, all};
use emu_prototypes::{CallInfo, Ends, freebsd, linux, nt};

/// Each profile with those of its calls that end like that.
fn those(wanted: Ends) -> Vec<(&'static str, BTreeSet<&'static str>)> {
    let of = |profile: &'static Profile| {
        let calls = profile.calls().filter(|(_, call)| call.ends == wanted);
        (profile.name, calls.map(|(row, _)| row.name).collect())
    };
    let known = all().filter(|profile| profile.system().os() != Os::Own);
    known.map(of).collect()
}

/// The first release of Windows with `NtContinueEx` is 10 of 2004.   [j00ru/windows-syscalls]
fn has_continue_ex(name: &str) -> bool {
    let newer = [
        "10_2004", "10_20h2", "10_21h1", "10_21h2", "10_22h2", "2022", "server", "11",
    ];
    let release = name.strip_prefix("windows_").unwrap_or_default();
    newer.iter().any(|newer| release.starts_with(newer))
}

#[test]
fn the_same_calls_never_return_wherever_they_are() {
    for (name, found) in those(Ends::Never) {
        let mut expected = match name.split('_').next() {
            Some("linux") => vec!["execve", "execveat", "exit", "exit_group", "rt_sigreturn"],
            Some("freebsd") => vec![
                "__mac_execve",
                "abort2",
                "execve",
                "exit",
                "fexecve",
                "setcontext",
                "sigreturn",
                "thr_exit",
            ],
            _ => vec!["NtCallbackReturn", "NtContinue", "NtRaiseException"],
        };
        match name {
            // Older ABIs have a frame without siginfo, too.   [sigreturn(2)]
            "linux_x86" | "linux_arm" | "linux_arm_oabi" | "linux_mips" | "linux_mipsel" => {
                expected.push("sigreturn");
            }
            name if has_continue_ex(name) => expected.push("NtContinueEx"),
            _ => {}
        }
        assert_eq!(found, BTreeSet::from_iter(expected), "{name}");
    }
}

#[test]
fn the_same_calls_return_twice_wherever_they_are() {
    for (name, found) in those(Ends::Twice) {
        let expected = match name.split('_').next() {
            // [Linux include/uapi/asm-generic/unistd.h: clone is all there is]
            Some("linux") if name == "linux_arm64" => vec!["clone", "clone3"],
            // [Linux arch/mips/kernel/syscalls: no table has vfork]
            Some("linux") if name.starts_with("linux_mips") => vec!["clone", "clone3", "fork"],
            Some("linux") => vec!["clone", "clone3", "fork", "vfork"],
            Some("freebsd") => vec!["fork", "pdfork", "rfork", "vfork"],
            _ => vec![],
        };
        assert_eq!(found, BTreeSet::from_iter(expected), "{name}");
    }
}

#[test]
fn a_call_that_ends_otherwise_than_by_returning_is_in_a_table() {
    let of = |calls: &'static [CallInfo]| calls.iter().filter(|call| call.ends != Ends::Returns);
    let marked = [&linux::CALLS[..], &freebsd::CALLS[..], &nt::CALLS[..]]
        .into_iter()
        .flat_map(of);
    let all = [Ends::Never, Ends::Twice].into_iter().flat_map(those);
    let found: BTreeSet<&str> = all.flat_map(|(_, names)| names).collect();
    for call in marked {
        assert!(found.contains(call.name), "{}", call.name);
    }
}
