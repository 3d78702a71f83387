//! How fine is the clock, and what has it counted?

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::system::RESOLUTION;
use crate::kernel::{Cx, Kernel};

/// The finest that a process can ask for, in units of 100 ns: half a millisecond.   [Microsoft Learn, timeBeginPeriod; Windows
/// Internals, Timer resolution]
const FINEST: u32 = 5000;

impl Kernel {
    /// Milliseconds since the start, as a call of 2000 and XP tells them.
    pub(super) fn tick_count(&self) -> u32 {
        (self.clock.monotonic() / 1_000_000) as u32
    }

    /// Serves `NtQueryTimerResolution`.
    pub(super) fn query_resolution(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryTimerResolution,
    ) -> Outcome {
        let now = self.nt_process(cx).resolution.unwrap_or(RESOLUTION);
        cx.mem.write_u32(call.MaximumTime.address, RESOLUTION)?;
        cx.mem.write_u32(call.MinimumTime.address, FINEST)?;
        cx.mem.write_u32(call.CurrentTime.address, now)?;
        Ok(0)
    }

    /// Serves `NtSetTimerResolution`. Guest time is exact at any resolution.
    pub(super) fn set_resolution(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetTimerResolution,
    ) -> Outcome {
        let held = self.nt_process(cx).resolution;
        let now = match call.SetResolution != 0 {
            true => Some(call.DesiredTime.clamp(FINEST, RESOLUTION)),
            false => None,
        };
        let told = now.unwrap_or(RESOLUTION);
        cx.mem.write_u32(call.ActualTime.address, told)?;
        self.nt_process(cx).resolution = now;
        if held.is_none() && now.is_none() {
            return Err(NtStatus::TIMER_RESOLUTION_NOT_SET.into());
        }
        Ok(0)
    }
}
