//! A command that reads the trace.   [strace(1), -o \|COMMAND]

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

/// What a shell says of a command that is no program, or that is not there.   [sh(1p), EXIT STATUS]
const NOT_STARTED: [i32; 2] = [126, 127];

/// A command, and its standard input.
pub(super) struct Pipe {
    line: String,
    child: Child,
    /// None when nobody reads any more.
    stdin: Option<ChildStdin>,
}

impl Pipe {
    /// Starts a command of the shell.
    pub(super) fn open(line: &str) -> io::Result<Pipe> {
        let mut shell = Command::new("/bin/sh");
        let mut child = shell.arg("-c").arg(line).stdin(Stdio::piped()).spawn()?;
        Ok(Pipe {
            line: line.to_owned(),
            stdin: child.stdin.take(),
            child,
        })
    }

    /// Gives it a line.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let Some(stdin) = &mut self.stdin else {
            return Ok(());
        };
        match stdin.write_all(line) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.stdin = None;
                Ok(())
            }
            written => written,
        }
    }

    /// Tells it that there is no more, and waits for its end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let status = self.end()?;
        match status.code() {
            Some(code) if NOT_STARTED.contains(&code) => Err(io::Error::other(format!(
                "`{}` could not be started (status {code} of the shell)",
                self.line
            ))),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> io::Result<ExitStatus> {
        self.stdin = None;
        self.child.wait()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
