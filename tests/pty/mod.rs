//! Commands that run at a terminal.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Both ends of a pseudo terminal.
pub(crate) fn pair() -> (File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let name = ptsname(&ours, Vec::new()).expect("it has a name");
    let name = name.to_str().expect("it is text").to_owned();
    let theirs = File::options()
        .read(true)
        .write(true)
        .open(name)
        .expect("it can be opened");
    (ours.into(), theirs.into())
}

/// What a terminal has shown, what went to standard error, which is none, and the status.
pub(crate) struct Shown {
    pub(crate) terminal: String,
    pub(crate) err: String,
    pub(crate) status: i32,
}

/// Runs a command with input and output at a terminal of 80 columns and 25 rows. What is typed goes there piece by piece,
/// each when the terminal shows the text that it comes with.
pub(crate) fn run(command: &mut Command, typed: &[(&str, &str)], limit: Duration) -> Shown {
    let (ours, theirs) = pair();
    let size = Winsize {
        ws_row: 25,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&theirs, size).expect("a terminal has a size");
    let descriptor = || theirs.try_clone().expect("there are descriptors");
    command.stdin(descriptor()).stdout(descriptor());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // The command keeps descriptors of its own: without ours, the end of the child is the end of the terminal.
    command.stdin(Stdio::null()).stdout(Stdio::null());
    drop(theirs);
    let (sender, receiver) = mpsc::channel();
    let mut err = child.stderr.take().expect("it has a pipe");
    let told = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = err.read_to_end(&mut text);
        text
    });
    let mut reader = ours.try_clone().expect("there are descriptors");
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut piece) {
            if sender.send(piece[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut writer = ours;
    let mut pieces = typed.iter().peekable();
    let mut shown = Vec::new();
    let mut seen = 0;
    let in_time = loop {
        let text = String::from_utf8_lossy(&shown[seen..]);
        if let Some((after, keys)) = pieces.next_if(|(after, _)| text.contains(after)) {
            let at = text.find(after).expect("it is there") + after.len();
            seen += at.min(shown.len() - seen);
            writer.write_all(keys.as_bytes()).expect("it is typed");
            continue;
        }
        match receiver.recv_timeout(limit) {
            Ok(piece) => shown.extend(piece),
            Err(mpsc::RecvTimeoutError::Disconnected) => break true,
            Err(mpsc::RecvTimeoutError::Timeout) => break false,
        }
    };
    if !in_time {
        let _ = child.kill();
    }
    let status = child.wait().expect("it is a child");
    let terminal = String::from_utf8_lossy(&shown).into_owned();
    assert!(in_time, "nothing happens any more after {terminal:?}");
    let err = told.join().expect("it is read");
    Shown {
        terminal,
        err: String::from_utf8_lossy(&err).into_owned(),
        status: status.code().unwrap_or(-1),
    }
}
