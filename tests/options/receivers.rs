//! Where the trace goes: -o, -A, -ff, a command.

use std::collections::BTreeMap;

use super::{LIMIT, emu, here, lines, refused, run};

const GUEST: &str = "freebsd_x64/fork.elf";

/// The files of a folder by name.
fn files(folder: &std::path::Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).expect("it is a folder");
    entries
        .map(|entry| entry.expect("it can be read"))
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("it is text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// No line is torn then, and none says whose it is.
#[test]
fn each_task_has_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("there is room");
    let prefix = folder.path().join("trace");
    let prefix = prefix.to_str().expect("it is text");
    for options in [
        &["-ff"][..],
        &["-f", "--output-separately"],
        &["--follow-forks", "-f"],
    ] {
        let options = [options, &["-o", prefix]].concat();
        assert_eq!(lines(&options, GUEST), Vec::<String>::new());
        let files = files(folder.path());
        let names: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["trace.1000", "trace.1001"]);
        let (parent, child) = (&files["trace.1000"], &files["trace.1001"]);
        assert!(
            !parent.contains("[pid") && !parent.contains("unfinished"),
            "{parent}"
        );
        assert!(
            parent.contains(
                "\nwait4(1001, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 1001\n"
            ),
            "{parent}"
        );
        assert!(
            child.ends_with("exit(7)                                 = ?\n+++ exited with 7 +++\n"),
            "{child}"
        );
    }
    let options = ["-ff", "-A", "-o", prefix];
    let before = files(folder.path());
    lines(&options, GUEST);
    for (name, text) in files(folder.path()) {
        assert_eq!(text, before[&name].repeat(2));
    }
    refused(
        &["-ff", "-o", "|cat"],
        "-ff makes a file for each task: the trace can't go to a command",
    );
    refused(
        &["-ff", "-c", "-o", prefix],
        "-ff makes a file for each task, of which -c and -C have no table",
    );
}

#[test]
fn a_file_may_keep_what_it_has() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("trace");
    let name = file.to_str().expect("it is text");
    let text = || std::fs::read_to_string(&file).expect("it is there");
    lines(&["-o", name], GUEST);
    let once = text();
    lines(&["-A", "-o", name], GUEST);
    assert_eq!(text(), once.repeat(2));
    lines(&["-o", name], GUEST);
    assert_eq!(text(), once);
}

#[test]
fn a_command_reads_the_trace() {
    let guest = here("guest-images/linux_arm/hello.elf");
    let read = |to: &str| run(emu().args(["-o", to]).arg(&guest), b"", LIMIT);
    let mut plain: Vec<String> = run(emu().arg(&guest), b"", LIMIT)
        .err()
        .lines()
        .map(|line| format!("> {line}"))
        .collect();
    plain.push("hello from linux_arm".to_owned());
    plain.sort();
    for to in ["|sed 's/^/> /'", "!sed 's/^/> /'"] {
        let ended = read(to);
        let out = ended.out();
        let mut found: Vec<&str> = out.lines().collect();
        found.sort_unstable();
        assert_eq!(found, plain, "{to}");
        assert_eq!((ended.status, ended.err()), (0, String::new()));
    }
    // A command that has had enough changes nothing for the guest.
    let enough = read("|head -n 1 >&2");
    assert_eq!(enough.status, 0);
    assert!(
        enough.err().starts_with("write(1, ") && enough.err().lines().count() == 1,
        "{}",
        enough.err()
    );
    // emu ends behind it.
    let late = read("|cat > /dev/null; sleep 0.3; echo late");
    assert!(late.out().ends_with("late\n"), "{}", late.out());
    let missing = read("|/nonexistent/command 2> /dev/null");
    assert_eq!(missing.status, 125);
    assert_eq!(
        missing.err(),
        "emu: writing the trace: `/nonexistent/command 2> /dev/null` could not be started (status 127 of the shell)\n"
    );
}

/// Without its colours, a trace is what it always is.
#[test]
fn colours_stand_around_the_text() {
    for guest in ["freebsd_x64/errno.elf", GUEST, "linux_arm/fault.elf"] {
        for options in [&[][..], &["-tt", "-n"], &["-z"]] {
            let plain = lines(&[options, &["--color", "never"]].concat(), guest).join("\n");
            let coloured = lines(&[options, &["--color=always"]].concat(), guest).join("\n");
            assert!(!plain.contains('\x1b') && coloured.contains("\x1b["));
            assert_eq!(lines(options, guest).join("\n"), plain);
            let mut text = String::new();
            for part in coloured.split("\x1b[") {
                text += match (text.is_empty(), part.split_once('m')) {
                    (false, Some((_, rest))) => rest,
                    // The first line begins with a colour, or with something else.
                    (true, Some((code, rest))) if code.bytes().all(|c| c.is_ascii_digit()) => rest,
                    _ => part,
                };
            }
            assert_eq!(text, plain, "{guest} {options:?}");
        }
    }
    let failed = lines(&["--color=always", "-e", "rmdir"], "freebsd_x64/errno.elf");
    assert!(failed[0].starts_with("\x1b[1mrmdir\x1b[0m("), "{failed:?}");
    assert!(
        failed[0].contains("= \x1b[31m-1 E") && failed[0].ends_with(")\x1b[0m"),
        "{failed:?}"
    );
}
