//! Options about descriptors: the same program under strace and under emu, each with its own command line.

use std::path::Path;
use std::process::{Command, Stdio};

/// What is compared: what is asked for is the same in both.
const CALLS: &str = "trace=socketpair,writev,readv,sendmsg,recvmsg,sendmmsg,recvmmsg,sendto,recvfrom,write,read,socket,\
                     bind,listen,connect,accept,setsockopt,close,openat,unlink,pidfd_open,eventfd2,faccessat";

/// A line without the numbers that differ: of files within brackets, ports that the system chose, processes.
fn normal(line: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (run, behind) = rest.split_at(digits.max(first.len_utf8()));
        inside |= text.ends_with('<') && first.is_ascii_alphabetic();
        if first == '>' && !text.ends_with('-') {
            inside = false;
        }
        let part_of_address = behind.starts_with('.') || text.ends_with('.');
        let fixed = part_of_address || ["4567", "4568"].contains(&run);
        text += if digits > 0 && inside && !fixed && !line.contains("<char") {
            "N"
        } else {
            run
        };
        rest = behind;
    }
    // The column of `=` depends on what was replaced.
    if !text.starts_with(' ') {
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        text = words.join(" ");
    }
    match text.split_once("pidfd_open(") {
        Some((before, after)) => {
            let after = after.split_once(',').map_or(after, |(_, after)| after);
            format!("{before}pidfd_open(PID,{after}")
        }
        None => text,
    }
}

fn lines(command: &mut Command, folder: &Path) -> Option<Vec<String>> {
    let trace = folder.join("trace");
    let ended = command
        .current_dir("/tmp")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    if ended.status.code() != Some(3) {
        return None;
    }
    let text = std::fs::read(&trace).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let kept = |line: &&str| !line.starts_with("+++");
    Some(text.lines().filter(kept).map(normal).collect())
}

fn compare(options: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let trace = folder.path().join("trace");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strace/descriptors.c");
    let Ok(program) = super::compilers::build("gcc", &source) else {
        eprintln!("skipped: gcc does not make static programs here");
        return;
    };
    let mut strace = Command::new("strace");
    let strace = strace
        .arg("-o")
        .arg(&trace)
        .args(["-e", CALLS])
        .args(options);
    // Somebody else may have the port for a while.
    strace.arg(&program);
    let known = (0..10).find_map(|_| {
        let _ = std::fs::remove_file("/tmp/usock");
        let known = lines(strace, folder.path());
        if known.is_none() {
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        known
    });
    let Some(known) = known else {
        eprintln!("skipped: strace can't run the program here");
        return;
    };
    let _ = std::fs::remove_file("/tmp/usock");
    let mut emu = Command::new(env!("CARGO_BIN_EXE_emu"));
    let emu = emu
        .arg("-o")
        .arg(&trace)
        .args(["-e", CALLS, "--cwd", "/tmp"])
        .args(options);
    let ours = lines(emu.arg(&program), folder.path()).expect("the program ends as it should");
    assert!(known.len() > 30, "{known:?}");
    for (known, ours) in known.iter().zip(&ours) {
        assert_eq!(ours, known, "with {options:?}");
    }
    assert_eq!(ours.len(), known.len(), "with {options:?}");
}

/// One test, as the program listens on a port of the host when strace runs it.
#[test]
fn what_is_transferred_and_where_is_told_as_strace_does() {
    compare(&["-e", "read=all", "-e", "write=all"]);
    compare(&["-e", "write=3"]);
    compare(&["-e", "read=!3"]);
    compare(&["-y"]);
    compare(&["-yy"]);
    compare(&["-yy", "-xx"]);
}
