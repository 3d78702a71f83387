//! The examples, each run, and what they print.

mod bounded;
mod compilers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{here, run};
use compilers::{ARMHF, MIPS, build, installed};

const LIMIT: Duration = Duration::from_secs(30);

/// An example's program: beside the tests', where cargo puts them.
fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("it has a path");
    let folder = own.parent().and_then(Path::parent).expect("target/PROFILE");
    folder.join("examples").join(name)
}

fn prints(name: &str, args: &[&str]) -> String {
    let mut command = Command::new(example(name));
    command.args(args).current_dir(here("."));
    let ended = run(&mut command, b"", LIMIT);
    assert_eq!(ended.status, 0, "{name}: {}", ended.err());
    ended.out()
}

/// The guest of several calls, for big-endian MIPS and for ARM, as far as there are compilers.
fn guests() -> Vec<String> {
    [&MIPS, &ARMHF]
        .into_iter()
        .filter(|target| installed(target.compiler))
        .map(|target| {
            let program = build(target.compiler, &here("tests/examples/guest.c"));
            program.expect("it compiles").display().to_string()
        })
        .collect()
}

#[test]
fn tracer() {
    let out = prints("tracer", &["guest-images/linux_mips/exit.elf"]);
    assert_eq!(
        out,
        "1000 exit_group(error_code=0x2a)\n1000 exit_group = 0x0\nstatus 42\n"
    );
}

#[test]
fn file_reads() {
    for guest in guests() {
        let out = prints("file_reads", &[&guest]);
        let expected = "/tmp/note: 6 bytes, \"a few \"\n/tmp/note: 5 bytes, \"words\"\n\
                        /tmp/note: 0 bytes, \"\"\n/tmp/note: 11 bytes in all\n";
        assert_eq!(out, expected, "{guest}");
    }
}

#[test]
fn process_tree() {
    for guest in guests() {
        let out = prints("process_tree", &[&guest]);
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[0].starts_with("1000 /emu/"), "{out}");
        assert!(lines[0].ends_with("(status 5)"), "{out}");
        assert_eq!(lines[1..], ["  1001  (status 3)"], "{guest}");
    }
}

#[test]
fn fd_paths() {
    for guest in guests() {
        let out = prints("fd_paths", &[&guest]);
        assert!(out.contains("write: 3 is /tmp/note\n"), "{out}");
        assert!(out.contains("read: 3 is /tmp/note\n"), "{out}");
    }
    let out = prints("fd_paths", &["guest-images/linux_x64/hello.elf"]);
    assert!(out.starts_with("write: 1 is pipe:["), "{out}");
}

#[test]
fn signals() {
    for guest in guests() {
        let out = prints("signals", &[&guest]);
        assert!(out.starts_with("1000 SIGUSR1 code 0 at "), "{out}");
        assert!(out.contains(" from 1000\n1000 SIGCHLD code 1 at "), "{out}");
        assert!(out.ends_with("status 5\n"), "{out}");
    }
    let out = prints("signals", &["guest-images/linux_mips/fault.elf"]);
    assert!(out.starts_with("1000 SIGSEGV code 1 at 0x"), "{out}");
    assert!(out.ends_with("about 0x0\nstatus 139\n"), "{out}");
}

#[test]
fn answered() {
    let out = prints("answered", &["guest-images/linux_mips/error.elf"]);
    assert_eq!(
        out,
        "no: /nonexistent\nnumber 4288 gave Err(EACCES)\nstatus 1\n"
    );
}

#[test]
fn every_profile() {
    let out = prints("every_profile", &[]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), emu::profiles::ALL.len() + 6, "{out}");
    for line in [
        "linux_mips: syscall 0xfa4 wrote \"hello from linux_mips\\n\"",
        "windows_2000_x86: int 0x2e 0xed wrote \"hello from windows_x86\\n\"",
        "windows_xpsp3_x86: sysenter 0x112 wrote \"hello from windows_x86\\n\"",
        "windows_7_x64: syscall 0x5 wrote \"hello from windows_x64\\n\"",
        "windows_11_24h2_x64: syscall 0x8 wrote \"hello from windows_x64\\n\"",
    ] {
        assert!(lines.contains(&line), "{line} in {out}");
    }
}
