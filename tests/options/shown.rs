//! The same options of `emu show`: it shows what the run would have shown.

use std::path::Path;

use super::{LIMIT, emu, program, run};

fn shown(options: &[&str], program: &Path, trace: &Path) {
    let mut command = emu();
    let expected = run(command.args(options).arg(program), b"", LIMIT).err();
    let again = run(emu().arg("show").args(options).arg(trace), b"", LIMIT);
    assert_eq!(again.status, 0, "{options:?}: {}", again.err());
    // A table behind JSON lines is no line of theirs.
    assert_eq!(again.out(), expected, "{options:?}");
    assert!(!expected.is_empty(), "{options:?}");
}

#[test]
fn a_binary_trace_is_shown_as_the_run_would_have_been() {
    let (Some(paths), Some(signals)) = (program("paths.c"), program("signals.c")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room");
    let trace = folder.path().join("trace");
    for program in [&paths, &signals] {
        let mut command = emu();
        command.args(["--format", "bin", "--count-instructions", "-o"]);
        let ended = run(command.arg(&trace).arg(program), b"", LIMIT);
        assert_eq!(ended.err(), "");
        for options in [
            &["-tt", "-r", "-n", "-i"][..],
            &["-ttt", "--syscall-times=ns"],
            &["--stamp", "insn"],
            &["--color=always"],
            &["-e", "%desc", "-Z"],
            &["-e", "/^[gk]", "-e", "signal=usr2"],
            &["-e", "trace-fds=!0", "-e", "signal=none"],
            &["-C", "-U", "name,max-time,calls", "-S", "none"],
            &["-c", "-e", "%file"],
        ] {
            shown(options, program, &trace);
        }
    }
}

/// What -P looks at is kept as well: paths behind descriptors, and directories.
#[test]
fn paths_can_be_picked_later() {
    let Some(program) = program("paths.c") else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room");
    let place = folder.path().to_str().expect("it is text");
    let bind = format!("{place}:{place}");
    let trace = format!("{place}/trace");
    let path = format!("{place}/here");
    let guest = |options: &[&str]| {
        let mut command = emu();
        command.args(["--bind", &bind]).args(options).arg(&program);
        run(command.arg(place), b"", LIMIT).err()
    };
    std::fs::write(&trace, "").expect("there is room");
    let expected = guest(&["-P", &path]);
    assert!(
        expected.contains("faccessat2(") && expected.contains("poll("),
        "{expected}"
    );
    assert_eq!(guest(&["--format", "bin", "-o", &trace]), "");
    let again = run(emu().args(["show", "-P", &path, &trace]), b"", LIMIT);
    assert_eq!(again.out(), expected);
}

#[test]
fn a_binary_trace_is_one_file() {
    let guest = super::here("guest-images/freebsd_x64/errno.elf");
    for (options, what) in [(&["-ff"][..], "-ff"), (&["-A"], "-A"), (&[], "a command")] {
        let output = if options.is_empty() { "|cat" } else { "trace" };
        let mut command = emu();
        command
            .args(["--format", "bin", "-o", output])
            .args(options);
        let ended = run(command.arg(&guest), b"", LIMIT);
        let expected = format!("emu: --format bin is one file of its own: {what} is for others\n");
        assert_eq!((ended.status, ended.err()), (125, expected));
    }
    let mut command = emu();
    command.args(["--format", "bin", "--syscall-limit", "2", "-o", "/dev/null"]);
    assert_eq!(run(command.arg(&guest), b"", LIMIT).status, 124);
}
