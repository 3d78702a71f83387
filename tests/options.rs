//! Options of the trace that strace(1) has, too: they mean the same.

mod bounded;
mod compilers;

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use bounded::{emu, here, run};
use compilers::{X64, build, installed};

const LIMIT: Duration = Duration::from_secs(20);

/// The lines of a trace.
fn lines(options: &[&str], guest: &str) -> Vec<String> {
    let mut command = emu();
    let ended = run(
        command.args(options).arg(here("guest-images").join(guest)),
        b"",
        LIMIT,
    );
    ended.err().lines().map(str::to_owned).collect()
}

fn names(lines: &[String]) -> Vec<&str> {
    let name = |line: &String| line.find('(');
    lines
        .iter()
        .filter_map(|line| Some(&line[..name(line)?]))
        .collect()
}

#[test]
fn calls_are_picked_by_how_they_end() {
    let guest = "freebsd_x64/errno.elf";
    let all = ["pipe2", "read", "mkdir", "mkdir", "rmdir", "exit"];
    assert_eq!(names(&lines(&[], guest)), all);
    assert_eq!(names(&lines(&["-z"], guest)), ["pipe2", "mkdir", "mkdir"]);
    assert_eq!(
        names(&lines(&["-e", "status=successful"], guest)),
        ["pipe2", "mkdir", "mkdir"]
    );
    assert_eq!(names(&lines(&["-Z"], guest)), ["read", "rmdir"]);
    assert_eq!(names(&lines(&["-e", "status=unfinished"], guest)), ["exit"]);
    assert_eq!(
        names(&lines(
            &["-e", "status=!failed", "-e", "mkdir,rmdir"],
            guest
        )),
        ["mkdir", "mkdir"]
    );
    let wrong = lines(&["-e", "status=fialed"], guest);
    assert_eq!(
        wrong,
        ["emu: -e status: there is no status `fialed`. Did you mean `failed`?"]
    );
}

/// With -y, handles of Windows say what they stand for, those that a call gives as well.
#[test]
fn handles_say_what_they_stand_for() {
    for profile in ["windows_7_x86", "windows_7_x64"] {
        let guest = format!("{profile}/file.exe");
        let lines = lines(&["-y", "--profile", profile], &guest);
        assert!(
            lines[0].starts_with("NtCreateFile([0x10<File C:\\note>], "),
            "{}",
            lines[0]
        );
        assert!(
            lines[1].starts_with("NtWriteFile(0x10<File C:\\note>, NULL, "),
            "{}",
            lines[1]
        );
        assert_eq!(lines[2], "NtClose(0x10<File C:\\note>)             = 0");
        let plain = self::lines(&["--profile", profile], &guest);
        assert_eq!(plain[2], "NtClose(0x10)                           = 0");
    }
}

/// A status of Windows says by itself whether it is an error.
#[test]
fn a_status_of_windows_is_an_error_or_none() {
    let guest = "windows_7_x64/error.exe";
    let failed = lines(&["--profile", "windows_7_x64", "-Z"], guest);
    let all = lines(&["--profile", "windows_7_x64"], guest);
    assert!(
        !names(&failed).is_empty() && names(&failed).len() < names(&all).len(),
        "{failed:?}"
    );
    assert!(
        failed
            .iter()
            .filter(|line| line.contains('('))
            .all(|line| line.contains("STATUS_"))
    );
}

/// With a status asked for, a call that others interrupt is told in one line when it has ended.
#[test]
fn a_call_that_is_interrupted_stays_in_one_line() {
    let shown = lines(&["-z", "-e", "fork,wait4"], "freebsd_x64/fork.elf");
    let calls: Vec<_> = shown.iter().filter(|line| line.contains("wait4")).collect();
    assert_eq!(
        calls,
        ["wait4(1001, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 1001"]
    );
}

#[test]
fn the_time_a_call_took_stands_behind_it() {
    let shown = lines(&["-T", "-e", "getpid"], "freebsd_x64/error.elf");
    assert_eq!(
        shown[0],
        "getpid()                                = 1000 <0.000001>"
    );
}

/// `CALL: calls, errors` of a table.
fn counts(table: &str) -> BTreeMap<String, (u64, u64)> {
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let calls = words.get(3)?.parse().ok()?;
        match words[4..] {
            [errors, name] => Some((name.to_owned(), (calls, errors.parse().ok()?))),
            [name] => Some((name.to_owned(), (calls, 0))),
            _ => None,
        }
    };
    table.lines().filter_map(row).collect()
}

/// strace counts the same calls and errors of a program that does the same on the host.
#[test]
fn counts_are_those_of_strace() {
    if !installed("strace") || !installed(X64.compiler) {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let source = folder.path().join("counted.c");
    let text = "#include <fcntl.h>\n#include <unistd.h>\nint main(void) { for (int i = 0; i < 7; i++) close(77); \
                for (int i = 0; i < 5; i++) getppid(); open(\"/nonexistent\", O_RDONLY); return 0; }";
    std::fs::write(&source, text).expect("it can be written");
    let program = build(X64.compiler, &source).expect("it compiles");
    let only = "close,getppid,openat,exit_group";
    let mut strace = Command::new("strace");
    let native = run(strace.args(["-c", "-e", only]).arg(&program), b"", LIMIT);
    let mut expected = counts(&native.err());
    expected.remove("total");
    let mut command = emu();
    let ours = run(command.args(["-c", "-e", only]).arg(&program), b"", LIMIT);
    let mut found = counts(&ours.err());
    // What strace does not count: a call that never returned.
    assert_eq!(found.remove("exit_group"), Some((1, 0)));
    expected.remove("exit_group");
    assert_eq!(found.remove("total"), Some((14, 8)));
    assert_eq!(found, expected);
    assert!(
        ours.err()
            .starts_with("% time     seconds  usecs/call     calls    errors syscall\n")
    );
}

#[test]
fn a_summary_is_sorted_and_may_stand_behind_the_trace() {
    let shown = lines(&["-C", "-S", "name"], "freebsd_x64/errno.elf");
    let table = shown
        .iter()
        .position(|line| line.starts_with("% time"))
        .expect("it is there");
    assert_eq!(names(&shown[..table]).len(), 6);
    let order: Vec<&str> = shown[table + 2..]
        .iter()
        .filter_map(|line| line.split(' ').next_back())
        .collect();
    let rule = "----------------";
    assert_eq!(
        order,
        ["exit", "mkdir", "pipe2", "read", "rmdir", rule, "total"]
    );
    let by_calls = lines(&["-c", "-S", "calls"], "freebsd_x64/errno.elf");
    assert!(by_calls[2].ends_with(" mkdir"), "{by_calls:?}");
}
