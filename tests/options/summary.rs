//! Tables of calls: -c, -C, -S, -U.

use std::collections::BTreeMap;
use std::process::Command;

use super::{
    LIMIT, X64, build, emu, installed, lines, lines_of, names, program, refused, run, straces,
};

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

/// What a table says of calls, errors and names does not depend on a machine: it is the same text as strace's.
#[test]
fn tables_are_those_of_strace() {
    let Some(program) = program("counted.c") else {
        return;
    };
    let calls = "close,getppid,sched_get_priority_max,openat,mkdir";
    for options in [
        ["-U", "name,calls,errors", "-S", "calls"],
        ["-U", "errors,name,count", "-S", "count"],
        ["-U", "calls", "-S", "none"],
        ["-U", "error,syscall", "-S", "nothing"],
        ["-U", "syscall-name,calls", "-S", "name"],
    ] {
        let words = [&["-c", "-e", calls], &options[..]].concat();
        assert_eq!(
            lines_of(&words, &program),
            straces(&words, &program),
            "{options:?}"
        );
    }
    // Times differ; where they stand does not.
    let all = "time-percent,time-total,shortest,longest,time-avg,calls,errors,name";
    let words = ["-c", "-w", "-e", calls, "-U", all];
    let frame = |lines: Vec<String>| {
        let rule = |line: &&String| line.starts_with('-') || line.starts_with('%');
        lines.iter().filter(rule).cloned().collect::<Vec<_>>()
    };
    let ours = lines_of(&words, &program);
    assert_eq!(frame(ours.clone()), frame(straces(&words, &program)));
    // A call takes a microsecond of the guest's time.
    let closed = ours.iter().find(|line| line.ends_with(" close"));
    let total: Vec<&str> = ours
        .last()
        .map(|line| line.split(' ').collect())
        .unwrap_or_default();
    let closed: Vec<&str> = closed.expect("it is there").split_whitespace().collect();
    assert_eq!(
        closed[1..],
        ["0.000007", "0.000001", "0.000001", "1", "7", "7", "close"]
    );
    assert_eq!(total.last(), Some(&"total"));
}

#[test]
fn a_table_is_sorted_by_times_of_single_calls() {
    let guest = "freebsd_x64/fork.elf";
    let first = |key| {
        let shown = lines(&["-c", "-U", "name", "-S", key], guest);
        shown[2].clone()
    };
    // The parent waits for its child, once.
    for key in [
        "min-time", "time-min", "shortest", "max-time", "longest", "avg-time", "time-avg",
    ] {
        assert_eq!(first(key), "wait4", "{key}");
    }
}

/// As with strace, the table of -C stands behind the trace, also in a file; of JSON lines it can't.
#[test]
fn a_table_behind_the_trace_is_in_the_same_file() {
    let folder = tempfile::tempdir().expect("there is room");
    let trace = folder.path().join("trace");
    let options = [
        "-C",
        "-e",
        "mkdir",
        "-o",
        trace.to_str().expect("it is text"),
    ];
    assert_eq!(
        lines(&options, "freebsd_x64/errno.elf"),
        Vec::<String>::new()
    );
    let text = std::fs::read_to_string(&trace).expect("it is there");
    let shown: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(names(&shown), ["mkdir", "mkdir"]);
    assert!(
        shown[3].starts_with("% time") && shown[7].ends_with(" total"),
        "{text}"
    );
    let json = [&options[..], &["--format", "json"]].concat();
    let table = lines(&json, "freebsd_x64/errno.elf");
    assert!(table[0].starts_with("% time"), "{table:?}");
}

#[test]
fn what_is_no_column_is_refused() {
    refused(
        &["-c", "-U", "cals"],
        "-U cals: there is no column `cals`. Did you mean `calls`?",
    );
    refused(
        &["-c", "-U", "name,syscall"],
        "-U name,syscall: the column `syscall` is there twice",
    );
    refused(&["-c", "-U", ""], "-U : there is no column ``");
}
