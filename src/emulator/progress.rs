//! How far is a run? Numbers that another thread may read while it goes on.

use std::sync::atomic::{AtomicU64, Ordering};

/// What stands for a count that nobody keeps.
const NONE: u64 = u64::MAX;

/// How far a run is. One thread writes, with each call; any may read.
#[derive(Debug)]
pub struct Progress {
    calls: AtomicU64,
    instructions: AtomicU64,
    tasks: AtomicU64,
    time: AtomicU64,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            calls: AtomicU64::new(0),
            instructions: AtomicU64::new(NONE),
            tasks: AtomicU64::new(0),
            time: AtomicU64::new(0),
        }
    }
}

impl Progress {
    /// System calls made so far, those that no sink wants as well.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Instructions run so far, when they are counted.
    pub fn instructions(&self) -> Option<u64> {
        Some(self.instructions.load(Ordering::Relaxed)).filter(|count| *count != NONE)
    }

    /// Tasks that live.
    pub fn tasks(&self) -> u64 {
        self.tasks.load(Ordering::Relaxed)
    }

    /// Nanoseconds of guest time since the start of the run.
    pub fn time(&self) -> u64 {
        self.time.load(Ordering::Relaxed)
    }

    /// One more call.
    pub(super) fn call(&self, time: u64, instructions: Option<u64>) {
        self.calls.store(self.calls() + 1, Ordering::Relaxed);
        self.now(time, instructions);
    }

    pub(super) fn now(&self, time: u64, instructions: Option<u64>) {
        self.time.store(time, Ordering::Relaxed);
        if let Some(count) = instructions {
            self.instructions.store(count, Ordering::Relaxed);
        }
    }

    pub(super) fn live(&self, tasks: u64) {
        self.tasks.store(tasks, Ordering::Relaxed);
    }
}
