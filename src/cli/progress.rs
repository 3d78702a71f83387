//! How far is a long run? A line on the terminal.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use emu::Progress;
use rustix::termios;

/// What takes less time has no line.
const FIRST: Duration = Duration::from_secs(2);
/// How often it is written anew.
const EVERY: Duration = Duration::from_millis(500);
/// The width of a terminal that does not tell.
const WIDTH: usize = 80;
/// Removes the line.   [ECMA-48, 8.3.41 EL]
const ERASE: &[u8] = b"\r\x1b[K";

/// A line on standard error, until it is dropped.
pub(super) struct Line {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Line {
    /// Tells of a run that begins now.
    pub(super) fn start(progress: Arc<Progress>) -> Line {
        let (stop, stopped) = mpsc::channel::<()>();
        let begin = Instant::now();
        let thread = std::thread::spawn(move || {
            let mut wait = FIRST;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                draw(&text(&progress, begin.elapsed()));
                wait = EVERY;
            }
            if wait != FIRST {
                put(ERASE);
            }
        });
        Line {
            stop: Some(stop),
            thread: Some(thread),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn text(progress: &Progress, elapsed: Duration) -> String {
    let instructions = match progress.instructions() {
        Some(count) => format!(", {} instructions", short(count)),
        None => String::new(),
    };
    let (calls, tasks) = (progress.calls(), progress.tasks());
    let (call, task) = (
        if calls == 1 { "call" } else { "calls" },
        if tasks == 1 { "task" } else { "tasks" },
    );
    format!(
        "emu: {} s: {} {call}{instructions}, {tasks} {task}, {:.1} s of guest time",
        elapsed.as_secs(),
        short(calls),
        Duration::from_nanos(progress.time()).as_secs_f64()
    )
}

/// A count in at most six characters, so that the line stays within 80 columns: `12345`, `12.3M`.
fn short(count: u64) -> String {
    match count {
        0..100_000 => count.to_string(),
        100_000..1_000_000_000 => format!("{:.1}M", count as f64 / 1e6),
        _ => format!("{:.1}G", count as f64 / 1e9),
    }
}

/// Writes over the line before, no further than the terminal is wide.
fn draw(text: &str) {
    let width = termios::tcgetwinsize(io::stderr().as_fd()).map(|size| usize::from(size.ws_col));
    let width = width.ok().filter(|width| *width > 0).unwrap_or(WIDTH);
    let shown: String = text.chars().take(width - 1).collect();
    let mut line = ERASE.to_vec();
    line.extend_from_slice(shown.as_bytes());
    put(&line);
}

fn put(bytes: &[u8]) {
    // Nothing is left to be done when the terminal is gone.
    let _ = io::stderr().write_all(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_there_is() {
        assert_eq!(
            text(&Progress::default(), Duration::from_millis(2700)),
            "emu: 2 s: 0 calls, 0 tasks, 0.0 s of guest time"
        );
        let all = [0, 99_999, 100_000, 12_345_678, 999_949_999, 11_000_000_000].map(short);
        assert_eq!(all, ["0", "99999", "0.1M", "12.3M", "999.9M", "11.0G"]);
    }
}
