//! The end of a run after some calls: --syscall-limit.

use super::{LIMIT, emu, here, lines, names, refused, run};

#[test]
fn a_run_ends_when_so_many_calls_have_been_shown() {
    let guest = "freebsd_x64/errno.elf";
    let all = lines(&[], guest);
    let shown = lines(&["--syscall-limit", "3"], guest);
    let end = [
        "emu: stopped: --syscall-limit is used up",
        "+++ stopped +++",
    ];
    assert_eq!(shown[..3], all[..3]);
    assert_eq!(shown[3..], end);
    let mut command = emu();
    command
        .args(["--syscall-limit=3"])
        .arg(here("guest-images").join(guest));
    assert_eq!(run(&mut command, b"", LIMIT).status, 124);
    // What is not shown does not count.
    let failed = lines(&["--syscall-limit", "2", "-Z"], guest);
    assert_eq!(names(&failed), ["read", "rmdir"]);
    let made = lines(&["--syscall-limit", "1", "-e", "mkdir"], guest);
    assert_eq!(names(&made), ["mkdir"]);
    assert_eq!(made[1..], end);
    let table = lines(&["--syscall-limit", "3", "-c", "-U", "calls"], guest);
    assert_eq!(table.last().map(String::as_str), Some("        3 total"));
    refused(
        &["--syscall-limit=0"],
        "--syscall-limit 0: expected a number greater than 0",
    );
}

/// The limit is one of the whole run, not of each task.
#[test]
fn tasks_count_together() {
    let folder = tempfile::tempdir().expect("there is room");
    let prefix = folder.path().join("trace");
    let prefix = prefix.to_str().expect("it is text");
    let options = ["-ff", "-o", prefix, "--syscall-limit", "2"];
    lines(&options, "freebsd_x64/fork.elf");
    let mut calls = 0;
    for entry in std::fs::read_dir(folder.path()).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        let text = std::fs::read_to_string(path).expect("it is text");
        calls += text
            .lines()
            .filter(|line| line.contains(" = ") && !line.contains("= ?"))
            .count();
    }
    assert_eq!(calls, 2 + 1, "the child returns from the call that made it");
}
