//! What ends a run from outside: instructions and wall-clock time.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use emu_cpu::{Cpu, StopHandle};

/// Blocks of guest code that a task runs before another one gets the CPU.
const QUANTUM: u64 = 100_000;

/// The limits of a run.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) max_instructions: Option<u64>,
    pub(super) count_instructions: bool,
    pub(super) timeout: Option<Duration>,
    over: Arc<AtomicBool>,
    /// How the CPUs are stopped.
    stops: Arc<Mutex<Vec<StopHandle>>>,
    /// Set together with `over`: ends waits for input.
    input: RefCell<Option<Arc<AtomicBool>>>,
}

/// Ends the watching thread when the run is over.
pub(super) struct Watch(
    #[expect(dead_code, reason = "its drop is the message")] Option<Sender<()>>,
);

fn lock(stops: &Mutex<Vec<StopHandle>>) -> MutexGuard<'_, Vec<StopHandle>> {
    stops.lock().unwrap_or_else(|poison| poison.into_inner())
}

impl Limits {
    /// Tells a fresh CPU what it has to count.
    pub(super) fn prepare(&self, cpu: &mut dyn Cpu) {
        if self.timeout.is_some() {
            lock(&self.stops).push(cpu.stop_handle());
        }
        if self.counts() {
            cpu.count_instructions(true);
        }
        if self.max_instructions.is_some() {
            cpu.limit_instructions(self.max_instructions);
        }
    }

    /// Whether instructions are counted.
    pub(super) fn counts(&self) -> bool {
        self.count_instructions || self.max_instructions.is_some()
    }

    /// Names the flag that ends waits for the host's input.
    pub(super) fn stops_input(&self, flag: Arc<AtomicBool>) {
        self.input.replace(Some(flag));
    }

    /// Starts the clock of `timeout`. The engine is stopped from outside once and never run again, so that what an
    /// asynchronous stop may leave inconsistent is not used.
    pub(super) fn watch(&self) -> Watch {
        let Some(timeout) = self.timeout else {
            return Watch(None);
        };
        let stops = self.stops.clone();
        let over = self.over.clone();
        let input = self.input.borrow().clone();
        let (sender, receiver) = mpsc::channel::<()>();
        std::thread::spawn(move || {
            if receiver.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                over.store(true, Ordering::SeqCst);
                if let Some(input) = input {
                    input.store(true, Ordering::SeqCst);
                }
                // A stop that falls between two runs is lost, therefore again until the run is over.
                while receiver.recv_timeout(Duration::from_millis(10))
                    == Err(RecvTimeoutError::Timeout)
                {
                    for handle in lock(&stops).iter() {
                        handle.stop();
                    }
                }
            }
        });
        Watch(Some(sender))
    }

    /// Whether `timeout` is over.
    pub(super) fn timed_out(&self) -> bool {
        self.timeout.is_some() && self.over.load(Ordering::Relaxed)
    }

    /// How many blocks a task may run in a row: no bound while it is alone and nothing is due.
    pub(super) fn quantum(&self, shared: bool) -> Option<u64> {
        shared.then_some(QUANTUM)
    }

    /// Whether the CPU has run all the instructions it may.
    pub(super) fn used_up(&self, cpu: &dyn Cpu) -> bool {
        match (self.max_instructions, cpu.instructions()) {
            (Some(max), Some(done)) => done >= max,
            _ => false,
        }
    }
}
