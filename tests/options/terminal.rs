//! What a user at a terminal sees: colours, and how far a long run is.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;

use super::pty::pair;
use super::{LIMIT, emu, here, program};

/// What a command writes to a terminal that is its standard error, and its standard output as well if `both`.
fn shown(command: &mut Command, both: bool) -> String {
    let (mut ours, theirs) = pair();
    let out = match both {
        true => theirs.try_clone().expect("there are descriptors").into(),
        false => Stdio::null(),
    };
    command.stdin(Stdio::null()).stdout(out).stderr(theirs);
    let mut child = command.spawn().expect("it starts");
    // The command keeps descriptors of its own: without ours, the end of the child is the end of the terminal.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A terminal without another end is an error, when all has been read.
        let _ = ours.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    let bytes = receiver.recv_timeout(LIMIT);
    let _ = child.kill();
    child.wait().expect("it is a child");
    String::from_utf8_lossy(&bytes.expect("the run ends")).into_owned()
}

fn with(options: &[&str], guest: &str) -> Command {
    let mut command = emu();
    command
        .env_remove("NO_COLOR")
        .args(options)
        .arg(here("guest-images").join(guest));
    command
}

#[test]
fn a_terminal_has_colours_unless_they_are_unwanted() {
    let guest = "freebsd_x64/errno.elf";
    assert!(shown(&mut with(&[], guest), true).contains("\x1b[1mmkdir\x1b[0m("));
    for command in [
        &mut with(&["--color=never"], guest),
        with(&[], guest).env("NO_COLOR", "1"),
        with(&["--format", "json"], guest).env("NO_COLOR", ""),
    ] {
        let text = shown(command, true);
        assert!(text.contains("mkdir") && !text.contains('\x1b'), "{text}");
    }
    assert!(shown(with(&[], guest).env("NO_COLOR", ""), true).contains("\x1b[1m"));
}

/// A program that makes calls for ever.
fn endless(options: &[&str]) -> Option<Command> {
    let mut command = emu();
    command
        .args(["--timeout", "3s"])
        .args(options)
        .arg(program("endless.c")?);
    Some(command)
}

#[test]
fn a_long_run_tells_how_far_it_is() {
    let Some(mut command) = endless(&["-q", "--count-instructions"]) else {
        return;
    };
    let text = shown(&mut command, false);
    let lines: Vec<&str> = text.split("\r\x1b[K").collect();
    // One at 2 s, one at 2.5 s; when there is much to do there may be less.
    assert!((3..=5).contains(&lines.len()), "{text:?}");
    assert_eq!((lines[0], lines.last()), ("", Some(&"")));
    for line in &lines[1..lines.len() - 1] {
        let words: Vec<&str> = line.split(' ').collect();
        let [
            emu,
            "2" | "3",
            "s:",
            calls,
            "calls,",
            instructions,
            "instructions,",
            "2",
            "tasks,",
            time,
            "s",
            "of",
            "guest",
            "time",
        ] = words[..]
        else {
            panic!("{line}");
        };
        let number = |text: &str| {
            let (digits, factor) = match text.strip_suffix('M') {
                Some(digits) => (digits, 1e6),
                None => match text.strip_suffix('G') {
                    Some(digits) => (digits, 1e9),
                    None => (text, 1.0),
                },
            };
            factor * digits.parse::<f64>().expect("it is a number")
        };
        assert_eq!(emu, "emu:");
        assert!(
            number(calls) > 1000.0 && number(instructions) > number(calls),
            "{line}"
        );
        assert!(number(time) >= 0.0, "{line}");
    }
}

/// Not where the guest's output or the trace is on the terminal, not by a short run.
#[test]
fn nothing_else_has_a_line() {
    for (options, both) in [(&["-q"][..], true), (&["-e", "trace=none"], false)] {
        let Some(mut command) = endless(options) else {
            return;
        };
        let text = shown(&mut command, both);
        assert!(!text.contains("guest time"), "{options:?}: {text}");
    }
    // A short run has none, either.
    let text = shown(&mut with(&["-q"], "freebsd_x64/errno.elf"), false);
    assert_eq!(text, "");
}
