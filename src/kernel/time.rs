//! What time is it for the guest?
//!
//! By default guest time is a count of what the guest did: it moves by [`CALL`] with each system call and by [`QUANTUM`]
//! with each used-up budget of guest code, and it jumps over sleeps. Two runs therefore see the same times. With a
//! [`Source`] guest time is the host's, and sleeping takes as long as it says.

/// Nanoseconds that a system call takes in guest time, with the guest code that led to it.
pub const CALL: u64 = 1_000;
/// Of these, what counts as time in guest code: whoever waits for his own CPU time by asking for it shall see it pass.
pub const CALLING: u64 = 500;
/// Nanoseconds that a used-up quantum of guest code takes in guest time.
pub const QUANTUM: u64 = 1_000_000;
/// Wall-clock time at the start of a run with guest time of its own: 2026-01-01 00:00:00 UTC, in nanoseconds.
pub const EPOCH: u64 = 1_767_225_600 * SECOND;
/// How long the machine had been running when the run started, in nanoseconds.
pub const UPTIME: u64 = 1_000 * SECOND;
/// A second, in nanoseconds.
pub const SECOND: u64 = 1_000_000_000;
/// `CLOCKS_PER_SEC` as `times` and `AT_CLKTCK` count on every ABI, per second.
pub const TICKS: u64 = 100;

/// The host's clocks, for a run in real time.
pub trait Source {
    /// Nanoseconds since some fixed point; never goes back.
    fn monotonic(&self) -> u64;
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    fn wall(&self) -> u64;
    /// Waits for that many nanoseconds.
    fn sleep(&self, nanoseconds: u64);
}

/// Guest time.
pub struct Clock {
    source: Option<Box<dyn Source>>,
    /// Nanoseconds since the start, when there is no source.
    elapsed: u64,
    /// Nanoseconds spent in guest code.
    user: u64,
    /// Nanoseconds spent in calls.
    system: u64,
    /// What the source said at the start.
    origin: u64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::counted()
    }
}

impl Clock {
    /// Guest time of its own.
    pub fn counted() -> Clock {
        Clock {
            source: None,
            elapsed: 0,
            user: 0,
            system: 0,
            origin: 0,
        }
    }

    /// The host's time.
    pub fn real(source: Box<dyn Source>) -> Clock {
        let origin = source.monotonic();
        Clock {
            source: Some(source),
            elapsed: 0,
            user: 0,
            system: 0,
            origin,
        }
    }

    /// Nanoseconds since the start.
    pub fn now(&self) -> u64 {
        match &self.source {
            None => self.elapsed,
            Some(source) => source.monotonic().saturating_sub(self.origin),
        }
    }

    /// `CLOCK_MONOTONIC` and `CLOCK_BOOTTIME`, in nanoseconds.
    pub fn monotonic(&self) -> u64 {
        UPTIME.saturating_add(self.now())
    }

    /// `CLOCK_REALTIME`, in nanoseconds.
    pub fn wall(&self) -> u64 {
        match &self.source {
            None => EPOCH.saturating_add(self.elapsed),
            Some(source) => source.wall(),
        }
    }

    /// CPU time in guest code so far, in nanoseconds: [`QUANTUM`] for each, and [`CALLING`] for each call.
    pub fn user(&self) -> u64 {
        self.user
    }

    /// CPU time in calls so far, in nanoseconds: the rest of [`CALL`] for each.
    pub fn system(&self) -> u64 {
        self.system
    }

    /// All CPU time so far, in nanoseconds.
    pub fn cpu(&self) -> u64 {
        self.user.saturating_add(self.system)
    }

    /// The guest made a call.
    #[inline]
    pub fn tick_call(&mut self) {
        self.elapsed = self.elapsed.saturating_add(CALL);
        self.user = self.user.saturating_add(CALLING);
        self.system = self.system.saturating_add(CALL - CALLING);
    }

    /// The guest used up a quantum.
    pub fn tick_quantum(&mut self) {
        self.elapsed = self.elapsed.saturating_add(QUANTUM);
        self.user = self.user.saturating_add(QUANTUM);
    }

    /// Lets time pass until `until` nanoseconds since the start: a jump, or a wait in real time. A time that is over
    /// is no wait.
    pub fn wait_until(&mut self, until: u64) {
        match &self.source {
            None => self.elapsed = self.elapsed.max(until),
            Some(source) => {
                let now = source.monotonic().saturating_sub(self.origin);
                if until > now {
                    source.sleep(until - now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_by_calls_and_jumps_over_sleeps() {
        let mut clock = Clock::counted();
        clock.tick_call();
        clock.tick_quantum();
        assert_eq!(clock.now(), CALL + QUANTUM);
        clock.wait_until(5 * SECOND);
        assert_eq!(clock.now(), 5 * SECOND);
        clock.wait_until(SECOND);
        assert_eq!(clock.now(), 5 * SECOND);
        assert_eq!(clock.wall(), EPOCH + 5 * SECOND);
        assert_eq!(clock.cpu(), CALL + QUANTUM);
        clock.wait_until(u64::MAX);
        clock.tick_call();
        assert_eq!(clock.wall(), u64::MAX);
    }
}
