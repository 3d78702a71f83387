//! Options of the trace that strace(1) has, too: they mean the same.

mod bounded;
mod compilers;
#[path = "options/ends.rs"]
mod ends;
#[path = "options/json.rs"]
mod json;
#[path = "options/leader.rs"]
mod leader;
#[path = "options/limit.rs"]
mod limit;
mod pty;
#[path = "options/receivers.rs"]
mod receivers;
#[path = "options/selection.rs"]
mod selection;
#[path = "options/shown.rs"]
mod shown;
#[path = "options/summary.rs"]
mod summary;
#[path = "options/terminal.rs"]
mod terminal;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, emu, here, run};
use compilers::{X64, build, installed};

const LIMIT: Duration = Duration::from_secs(20);

/// The lines of a trace.
fn lines(options: &[&str], guest: &str) -> Vec<String> {
    lines_of(options, &here("guest-images").join(guest))
}

fn lines_of(options: &[&str], program: &Path) -> Vec<String> {
    let ended = run(emu().args(options).arg(program), b"", LIMIT);
    ended.err().lines().map(str::to_owned).collect()
}

/// The same of strace.
fn straces(options: &[&str], program: &Path) -> Vec<String> {
    let mut strace = Command::new("strace");
    let ended = run(strace.args(options).arg(program), b"", LIMIT);
    ended.err().lines().map(str::to_owned).collect()
}

/// A run that is refused: 125, and this one line.
#[track_caller]
fn refused(options: &[&str], expected: &str) {
    let guest = here("guest-images/freebsd_x64/errno.elf");
    let Ended { status, .. } = run(emu().args(options).arg(&guest), b"", LIMIT);
    assert_eq!(lines_of(options, &guest), [format!("emu: {expected}")]);
    assert_eq!(status, 125);
}

/// A program of these tests, when strace can run it.
fn program(source: &str) -> Option<PathBuf> {
    if !installed("strace") || !installed(X64.compiler) {
        return None;
    }
    let source = here("tests/options").join(source);
    Some(build(X64.compiler, &source).expect("it compiles"))
}

fn names(lines: &[String]) -> Vec<&str> {
    let name = |line: &String| line.find('(');
    lines
        .iter()
        .filter_map(|line| Some(&line[..name(line)?]))
        .collect()
}

/// With -y, handles of Windows say what they stand for, those that a call gives as well.
#[test]
fn handles_say_what_they_stand_for() {
    for profile in ["windows_7_x86", "windows_7_x64"] {
        let guest = format!("{profile}/file.exe");
        let lines = lines(&["-y", "--profile", profile], &guest);
        assert!(
            lines[0].starts_with("NtCreateFile([0x14<File C:\\note>], "),
            "{}",
            lines[0]
        );
        assert!(
            lines[1].starts_with("NtWriteFile(0x14<File C:\\note>, NULL, "),
            "{}",
            lines[1]
        );
        assert_eq!(lines[2], "NtClose(0x14<File C:\\note>)             = 0");
        let plain = self::lines(&["--profile", profile], &guest);
        assert_eq!(plain[2], "NtClose(0x14)                           = 0");
    }
}
