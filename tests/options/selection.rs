//! Which calls and signals are shown: -e trace=, -e signal=, -e trace-fds=, -P.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{LIMIT, emu, lines_of, names, program, refused, run, straces};

/// Every class has the calls that strace has in it.
#[test]
fn classes_are_those_of_strace() {
    let Some(program) = program("all_calls.c") else {
        return;
    };
    let found = |lines: &[String]| -> BTreeSet<String> {
        names(lines).into_iter().map(str::to_owned).collect()
    };
    let known = found(&lines_of(&["-e", "signal=none"], &program));
    assert!(known.len() > 300, "{known:?}");
    for set in [
        "%file",
        "%desc",
        "%memory",
        "%process",
        "%network",
        "%net",
        "%signal",
        "%ipc",
        "%creds",
        "%clock",
        "%pure",
        "%stat",
        "%lstat",
        "%fstat",
        "%%stat",
        "%statfs",
        "%fstatfs",
        "%%statfs",
        "/^(.*_)?statv?fs",
        "/fstatv?fs",
        "/statv?fs|fsstat|ustat",
        "/get.?pid",
        "!/^[a-fh-z]",
        "!%%stat,%pure,/m",
        "?/^nothing,getppid",
    ] {
        let words = ["-e", "signal=none", "-e", &format!("trace={set}")];
        let mut theirs = found(&straces(&words, &program));
        // Linux has no more what emu has no name for, and emu's guest has been started before.
        theirs.retain(|name| known.contains(name) && name != "execve");
        let mut ours = found(&lines_of(&words, &program));
        ours.retain(|name| !name.starts_with("syscall_") && name != "execve");
        assert!(!theirs.is_empty(), "{set}");
        assert_eq!(ours, theirs, "{set}");
    }
}

#[test]
fn a_set_that_says_nothing_is_refused() {
    refused(
        &["-e", "/^zzz"],
        "-e trace: the name of no call matches `/^zzz`",
    );
    refused(
        &["-e", "trace=/(a"],
        "-e trace: `/(a` is no regular expression: unclosed group",
    );
    refused(
        &["-e", "%%fstat"],
        "-e trace: there is no class `%%fstat`. Did you mean `%stat`?",
    );
    refused(
        &["-e", "statu=all"],
        "-e statu=…: there is no such qualifier. Did you mean `status`?",
    );
    refused(
        &["-e", "signal=SIGCHDL"],
        "-e signal: there is no signal `SIGCHDL`. Did you mean `SIGCHLD`?",
    );
    refused(
        &["-e", "trace-fds=x"],
        "-e trace-fds: `x` is no descriptor: numbers between commas, `all` or `none`",
    );
}

#[test]
fn of_several_sets_the_last_one_counts() {
    let shown = super::lines(&["-e", "mkdir", "-e", "t=read"], "freebsd_x64/errno.elf");
    assert_eq!(names(&shown), ["read"]);
}

#[test]
fn signals_are_picked_as_strace_picks_them() {
    let Some(program) = program("signals.c") else {
        return;
    };
    let signals = |lines: Vec<String>| -> Vec<String> {
        let line = |line: &String| Some(line.strip_prefix("--- ")?.split(' ').next()?.to_owned());
        lines.iter().filter_map(line).collect()
    };
    for set in [
        "all",
        "none",
        "SIGUSR1",
        "usr2,ALRM",
        "!SIGUSR1",
        "!all",
        "!none",
        "10,14",
        "!12",
    ] {
        let words = ["-e", "trace=none", "-e", &format!("signal={set}")];
        let theirs = signals(straces(&words, &program));
        assert_eq!(signals(lines_of(&words, &program)), theirs, "{set}");
    }
    let words = ["-e", "trace=none", "-e", "s=usr1"];
    assert_eq!(signals(lines_of(&words, &program)), ["SIGUSR1"]);
}

/// The names of calls that a program makes on files of `folder`, of strace and of emu.
fn touching(program: &Path, folder: &Path, options: &[&str]) -> (Vec<String>, Vec<String>) {
    let named = |text: String| {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        names(&lines).into_iter().map(str::to_owned).collect()
    };
    let mut strace = Command::new("strace");
    let theirs = run(strace.args(options).arg(program).arg(folder), b"", LIMIT);
    for name in ["here", "other"] {
        std::fs::remove_file(folder.join(name)).expect("it was made");
    }
    let place = folder.to_str().expect("it is text");
    let mut command = emu();
    command
        .args(options)
        .args(["--bind", &format!("{place}:{place}:rw")]);
    let ours = run(command.arg(program).arg(folder), b"", LIMIT);
    (named(theirs.err()), named(ours.err()))
}

#[test]
fn paths_pick_the_calls_that_touch_them() {
    let Some(program) = program("paths.c") else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("here");
    let path = path.to_str().expect("it is text");
    let (theirs, ours) = touching(&program, folder.path(), &["-P", path]);
    let expected = [
        "openat",
        "read",
        "dup",
        "lseek",
        "newfstatat",
        "newfstatat",
        "link",
        "mmap",
        "poll",
        "pselect6",
        "epoll_ctl",
        "openat",
        "close",
        "close",
    ];
    assert_eq!(theirs, expected);
    // Other than strace, emu looks at a second path, and knows what a relative one names.
    let mut more = expected.to_vec();
    more.splice(7..7, ["rename"]);
    more.splice(14..14, ["access", "faccessat2"]);
    assert_eq!(ours, more);

    let (theirs, ours) = touching(
        &program,
        folder.path(),
        &["-P", path, "-P", "/nonexistent/y", "-e", "symlink,lseek"],
    );
    assert_eq!(theirs, ["lseek", "symlink"]);
    assert_eq!(ours, theirs);
}

/// `here` is open on 3, `other` on 4.
#[test]
fn numbers_pick_the_calls_on_these_descriptors() {
    let Some(program) = program("paths.c") else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room");
    let place = folder.path().to_str().expect("it is text");
    let shown = |set: &str| {
        let mut command = emu();
        command.args([
            "-e",
            &format!("trace-fds={set}"),
            "--bind",
            &format!("{place}:{place}:rw"),
        ]);
        let ended = run(command.arg(&program).arg(folder.path()), b"", LIMIT);
        let lines: Vec<String> = ended.err().lines().map(str::to_owned).collect();
        names(&lines)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // The first descriptor of 3 was `other`'s, and was closed.
    assert_eq!(
        shown("4"),
        ["read", "poll", "poll", "pselect6", "epoll_ctl", "close"]
    );
    assert_eq!(shown("none"), Vec::<String>::new());
    let (all, but) = (shown("all"), shown("!4"));
    assert!(all.len() > but.len() && but.len() > 5, "{all:?} {but:?}");
}
