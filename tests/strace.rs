//! The same program under strace, on the host's own kernel, and under emu: the same lines.
//!
//! What is left out of the comparison: addresses, times, pids, and what a line says only because emu marks it.

#[path = "strace/answered.rs"]
mod answered;
mod bounded;
mod compilers;
#[path = "strace/descriptors.rs"]
mod descriptors;
mod quiet;

use std::path::Path;
use std::process::{Command, Stdio};

/// The lines from the marker on, in a form that does not depend on the machine.
fn lines(trace: &str) -> Vec<String> {
    let begin = trace
        .lines()
        .position(|line| line.contains("\"begin\""))
        .expect("the marker is there");
    trace
        .lines()
        .skip(begin)
        // strace tells here that the program is one of 32 bits.
        .filter(|line| !line.contains("runs in 32 bit mode"))
        .map(normal)
        .collect()
}

fn normal(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    // Addresses have five digits at least.
    while let Some(at) = rest.find("0x") {
        let digits = rest[at + 2..]
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(rest.len() - at - 2);
        text += &rest[..at];
        text += if digits >= 5 {
            "ADDRESS"
        } else {
            &rest[at..at + 2 + digits]
        };
        rest = &rest[at + 2 + digits..];
    }
    text += rest;
    text = text
        .replace(" <missing>", "")
        // Without a vDSO the C library brings its own way back from handlers.
        .replace("SA_RESTORER|", "")
        .replace("SA_RESTORER, sa_restorer=ADDRESS", "0")
        .replace(", sa_restorer=ADDRESS", "")
        // FIXME: Linux gives the time of birth only when asked for it.
        .replace("stx_mask=STATX_ALL", "stx_mask=STATX_BASIC_STATS");
    // The column of `=` depends on what was replaced.
    if let Some(at) = text.rfind(") ") {
        let behind = text[at + 1..].trim_start().to_owned();
        text.truncate(at + 1);
        text.push(' ');
        text += &behind;
    }
    for (call, pattern) in [("getpid()", " = "), ("kill(", "(")] {
        if text.starts_with(call) {
            let at = text.find(pattern).map_or(0, |at| at + pattern.len());
            let digits = text[at..]
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len() - at);
            text.replace_range(at..at + digits, "PID");
        }
    }
    text
}

fn output(command: &mut Command) -> Option<std::process::Output> {
    command.stdin(Stdio::null()).output().ok()
}

fn compare(compiler: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strace/calls.c");
    let program = folder.path().join("calls");
    let made = output(
        Command::new(compiler)
            .args(["-static", "-w", "-o"])
            .arg(&program)
            .arg(source),
    );
    if !made.is_some_and(|made| made.status.success()) {
        eprintln!("skipped: {compiler} does not make static programs here");
        return;
    }
    let work = folder.path().join("work");
    std::fs::create_dir(&work).expect("a folder can be made");
    let trace = folder.path().join("trace");
    let traced = output(
        Command::new("strace")
            .arg("-o")
            .arg(&trace)
            .arg(&program)
            .current_dir(&work)
            .env_clear(),
    );
    let known = std::fs::read_to_string(&trace).unwrap_or_default();
    if traced.and_then(|traced| traced.status.code()) != Some(3) || !known.contains("\"begin\"") {
        eprintln!("skipped: strace can't run a program of {compiler} here");
        return;
    }
    let mut emu = Command::new(env!("CARGO_BIN_EXE_emu"));
    let emu = output(emu.args(["--cwd", "/tmp"]).arg(&program)).expect("emu starts");
    assert_eq!(emu.status.code(), Some(3));
    let ours = String::from_utf8_lossy(&emu.stderr).into_owned();
    let (known, ours) = (lines(&known), lines(&ours));
    let wrong: Vec<String> = known
        .iter()
        .zip(&ours)
        .filter(|(known, ours)| known != ours)
        .map(|(known, ours)| format!("strace: {known}\nemu:    {ours}\n"))
        .collect();
    assert!(
        wrong.is_empty() && known.len() == ours.len(),
        "{}",
        wrong.concat()
    );
}

#[test]
fn lines_of_x86_64_are_those_of_strace() {
    compare("gcc");
}

#[test]
fn lines_of_i386_are_those_of_strace() {
    compare("i686-linux-gnu-gcc");
}
