//! What is left in order when a signal ends emu: the trace is written, the terminal is as it was.

use std::io;
use std::os::fd::AsFd;

use emu::sink::Rescue;
use rustix::termios::{self, OptionalActions};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// From now on, SIGINT, SIGTERM and SIGHUP write what is left of traces before they end the process. Those that are
/// ignored (nohup, background jobs) stay ignored.
pub(super) fn prepare(traces: Vec<Rescue>) {
    let stdin = io::stdin();
    let settings = termios::tcgetattr(stdin.as_fd()).ok();
    if traces.is_empty() && settings.is_none() {
        return;
    }
    let ignored = ignored();
    let wanted = [SIGHUP, SIGINT, SIGTERM];
    let wanted = wanted
        .into_iter()
        .filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Without it, a signal just ends the process.
    let Ok(mut signals) = Signals::new(wanted) else {
        return;
    };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            for trace in &traces {
                let _ = trace.write();
            }
            if let Some(settings) = &settings {
                let _ = termios::tcsetattr(io::stdin().as_fd(), OptionalActions::Now, settings);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

/// The signals that this process ignores, one bit each.   [proc(5), SigIgn]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
