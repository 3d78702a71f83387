//! A program that is run to its end, within a limit of time.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The exit status, or 1000 and the signal that killed it, or 2000 when it had to be killed.
    pub(crate) status: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// The status of what would not end.
pub(crate) const HANGS: i32 = 2000;

impl Ended {
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// The program under test, with nothing said yet.
pub(crate) fn emu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emu"));
    command.env_remove("EMU_LOG").env_remove("RUST_BACKTRACE");
    command
}

/// A file of this repository.
pub(crate) fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether everything that tests may need has been installed: then nothing may be left out.
pub(crate) fn complete() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Runs `command` with this input.
pub(crate) fn run(command: &mut Command, input: &[u8], limit: Duration) -> Ended {
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let mut child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        if let Some(mut stdin) = child.stdin.take() {
            // Whoever does not read its input is not wrong for that.
            scope.spawn(move || stdin.write_all(input).is_ok());
        }
        let mut stdout = child.stdout.take().expect("it was asked for");
        let mut stderr = child.stderr.take().expect("it was asked for");
        let out = scope.spawn(move || collect(&mut stdout));
        let err = scope.spawn(move || collect(&mut stderr));
        let mut pause = Duration::from_micros(200);
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                break status
                    .code()
                    .unwrap_or_else(|| 1000 + status.signal().unwrap_or(0));
            }
            if begin.elapsed() > limit {
                child.kill().expect("a child can be killed");
                child.wait().expect("a child can be waited for");
                break HANGS;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        };
        Ended {
            status,
            stdout: out.join().expect("reading does not panic"),
            stderr: err.join().expect("reading does not panic"),
        }
    })
}

fn collect(from: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Enough for every test; what floods must not fill the memory.
    let _ = from.take(64 << 20).read_to_end(&mut bytes);
    bytes
}
