//! What time does a program see that only looks?   [ntddk.h, KUSER_SHARED_DATA]
//!
//! Only libraries of the guest's own look there; the page is not touched for others.

use emu_cpu::AddressSpace;

use super::executive::system_time;
use crate::kernel::Kernel;

/// Where the page is.
const PAGE: u64 = 0x7ffe_0000;
const INTERRUPT_TIME: u64 = PAGE + 8;
const SYSTEM_TIME: u64 = PAGE + 0x14;
const TICK_COUNT: u64 = PAGE + 0x320;
/// Nanoseconds of a tick. `TickCountMultiplier` says the same, as 8.24 milliseconds.
const TICK: u64 = 1_000_000;

impl Kernel {
    /// Brings the page up to date, tick by tick.
    pub(crate) fn show_time(&mut self, space: &mut AddressSpace) {
        let ticks = self.clock.monotonic() / TICK;
        if self.nt.ticks == ticks {
            return;
        }
        self.nt.ticks = ticks;
        let times = [
            (INTERRUPT_TIME, self.clock.monotonic() / 100),
            (SYSTEM_TIME, system_time(self)),
            (TICK_COUNT, ticks),
        ];
        for (at, time) in times {
            // A KSYSTEM_TIME has its upper half twice. A process that has no such page sees no time.
            let bytes = time.to_le_bytes();
            let _ = space.poke(at, &[&bytes[..], &bytes[4..]].concat());
        }
    }
}
