//! How does another thread end a run for good?
//!
//! A stop from another thread may leave the guest's state wrong (measured on x86-64), which is why it can't be used for
//! preemption; to end the run it will do. The engine forgets a stop that comes just before it starts, so the request
//! is repeated until the run has ended.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use unicorn_engine::{uc_emu_stop, uc_engine};

use super::ffi::Handle;
use crate::StopHandle;

/// The engine, while it lives.
struct Target(*mut uc_engine);

// SAFETY: the pointer is used for uc_emu_stop only, which sets flags, and under the lock that the drop of the CPU takes.
unsafe impl Send for Target {}

struct Shared {
    requested: AtomicBool,
    running: AtomicBool,
    target: Mutex<Option<Target>>,
}

/// The CPU's end of it.
pub(super) struct Stop {
    shared: Arc<Shared>,
    /// Whether anybody can ask for a stop at all. Saying that a run begins takes as long as a tenth of a short run.
    watched: Cell<bool>,
}

impl Stop {
    pub(super) fn new(handle: &Handle) -> Stop {
        Stop {
            shared: Arc::new(Shared {
                requested: AtomicBool::new(false),
                running: AtomicBool::new(false),
                target: Mutex::new(Some(Target(handle.as_ptr()))),
            }),
            watched: Cell::new(false),
        }
    }

    /// From now on another engine is the one to stop. The handles given out stay good.
    pub(super) fn retarget(&self, handle: &Handle) {
        *self.target() = Some(Target(handle.as_ptr()));
    }

    fn target(&self) -> MutexGuard<'_, Option<Target>> {
        self.shared
            .target
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    pub(super) fn requested(&self) -> bool {
        self.shared.requested.load(Ordering::Relaxed)
    }

    pub(super) fn entered(&self) {
        if self.watched.get() {
            self.shared.running.store(true, Ordering::SeqCst);
        }
    }

    pub(super) fn left(&self) {
        self.shared.running.store(false, Ordering::Release);
    }

    pub(super) fn handle(&self) -> StopHandle {
        self.watched.set(true);
        let shared = self.shared.clone();
        StopHandle(Arc::new(move || {
            shared.requested.store(true, Ordering::SeqCst);
            while shared.running.load(Ordering::SeqCst) {
                {
                    let target = shared
                        .target
                        .lock()
                        .unwrap_or_else(|poison| poison.into_inner());
                    let Some(target) = &*target else { return };
                    // SAFETY: the engine is open as long as the target is there, and we hold the lock.
                    unsafe { uc_emu_stop(target.0) };
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }))
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        *self.target() = None;
    }
}
