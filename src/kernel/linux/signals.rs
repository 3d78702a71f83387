//! What does Linux know of a task's signals?
//!
//! Signals go by the number that the task's ABI gives them: that is what a guest's set, its handlers and its exit
//! status speak of.

use std::fmt;

use emu_cpu::{Fault, GuestMemory};

/// The highest signal number of any ABI (MIPS; others end at 64).
pub const MAX_SIGNAL: usize = 128;

/// A set of signals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SigSet(u128);

impl SigSet {
    /// No signal.
    pub const EMPTY: SigSet = SigSet(0);

    /// The set of one signal; empty for a number that no signal has.
    pub const fn of(signal: u32) -> SigSet {
        SigSet(if signal >= 1 && signal as usize <= MAX_SIGNAL { 1 << (signal - 1) } else { 0 })
    }

    /// A set from the bits of the guest: bit 0 is signal 1.
    pub const fn from_bits(bits: u128) -> SigSet {
        SigSet(bits)
    }

    /// Its bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Whether it has a signal.
    pub const fn contains(self, signal: u32) -> bool {
        self.0 & SigSet::of(signal).0 != 0
    }

    /// Adds a signal.
    pub const fn insert(&mut self, signal: u32) {
        self.0 |= SigSet::of(signal).0;
    }

    /// Removes a signal.
    pub const fn remove(&mut self, signal: u32) {
        self.0 &= !SigSet::of(signal).0;
    }

    /// Signals of either set.
    pub const fn with(self, other: SigSet) -> SigSet {
        SigSet(self.0 | other.0)
    }

    /// Signals of both sets.
    pub const fn common(self, other: SigSet) -> SigSet {
        SigSet(self.0 & other.0)
    }

    /// Its signals without those of `other`.
    pub const fn without(self, other: SigSet) -> SigSet {
        SigSet(self.0 & !other.0)
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its lowest signal.
    pub const fn first(self) -> Option<u32> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros() + 1) }
    }

    /// Its signals, lowest first.
    pub fn iter(self) -> impl Iterator<Item = u32> {
        (1..=MAX_SIGNAL as u32).filter(move |signal| self.contains(*signal))
    }

    /// Reads a set of `size` bytes, an array of `unsigned long`s of `word` bytes, the first for the lowest signals.
    pub fn load(
        memory: &mut dyn GuestMemory,
        address: u64,
        size: u64,
        word: u64,
    ) -> Result<SigSet, Fault> {
        let mut bits = 0;
        let mut at = 0;
        while at < size.min(16) {
            let part = match word {
                4 => u128::from(memory.read_u32(address.wrapping_add(at))?),
                _ => u128::from(memory.read_u64(address.wrapping_add(at))?),
            };
            bits |= part << (8 * at);
            at += word.clamp(4, 8);
        }
        Ok(SigSet(bits))
    }

    /// Writes a set as [`SigSet::load`] reads it.
    pub fn store(
        self,
        memory: &mut dyn GuestMemory,
        address: u64,
        size: u64,
        word: u64,
    ) -> Result<(), Fault> {
        let mut at = 0;
        while at < size.min(16) {
            let part = self.0 >> (8 * at);
            match word {
                4 => memory.write_u32(address.wrapping_add(at), part as u32)?,
                _ => memory.write_u64(address.wrapping_add(at), part as u64)?,
            }
            at += word.clamp(4, 8);
        }
        Ok(())
    }
}

impl fmt::Debug for SigSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// What to do about a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disposition {
    /// What Linux does by default.
    #[default]
    Default,
    /// Nothing.
    Ignore,
    /// Run the guest's code at this address.
    Handler(u64),
}

impl Disposition {
    /// From `sa_handler`: `SIG_DFL` is 0 and `SIG_IGN` is 1 on every ABI.
    pub const fn from_address(address: u64) -> Disposition {
        match address {
            0 => Disposition::Default,
            1 => Disposition::Ignore,
            address => Disposition::Handler(address),
        }
    }

    /// As `sa_handler`.
    pub const fn address(self) -> u64 {
        match self {
            Disposition::Default => 0,
            Disposition::Ignore => 1,
            Disposition::Handler(address) => address,
        }
    }
}

/// An entry of the table of handlers: `struct sigaction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Action {
    /// What to do.
    pub disposition: Disposition,
    /// `sa_flags`, as the ABI numbers them.
    pub flags: u64,
    /// `sa_restorer`, 0 without.
    pub restorer: u64,
    /// `sa_mask`: blocked while the handler runs.
    pub mask: SigSet,
}

/// The handlers of a process.
#[derive(Debug, Clone)]
pub struct Handlers {
    actions: [Action; MAX_SIGNAL],
}

impl Default for Handlers {
    fn default() -> Handlers {
        Handlers { actions: [Action::default(); MAX_SIGNAL] }
    }
}

impl Handlers {
    /// The action of a signal; the default one for a number that no signal has.
    pub fn get(&self, signal: u32) -> Action {
        self.index(signal).map_or_else(Action::default, |index| self.actions[index])
    }

    /// Sets the action of a signal.
    pub fn set(&mut self, signal: u32, action: Action) {
        if let Some(index) = self.index(signal) {
            self.actions[index] = action;
        }
    }

    /// What `execve` leaves: ignored signals stay so, handlers are gone.
    pub fn exec(&mut self) {
        for action in &mut self.actions {
            let disposition = match action.disposition {
                Disposition::Ignore => Disposition::Ignore,
                Disposition::Default | Disposition::Handler(_) => Disposition::Default,
            };
            *action = Action { disposition, ..Action::default() };
        }
    }

    fn index(&self, signal: u32) -> Option<usize> {
        (signal as usize).checked_sub(1).filter(|index| *index < MAX_SIGNAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_knows_its_signals() {
        let mut set = SigSet::of(1).with(SigSet::of(128));
        assert!(set.contains(1) && set.contains(128) && !set.contains(2));
        assert_eq!(format!("{set:?}"), "{1, 128}");
        set.remove(1);
        assert_eq!(set.first(), Some(128));
        assert!(SigSet::of(0).is_empty() && SigSet::of(129).is_empty());
    }

    #[test]
    fn exec_keeps_only_ignored_signals() {
        let mut handlers = Handlers::default();
        handlers.set(2, Action { disposition: Disposition::Ignore, ..Action::default() });
        handlers.set(3, Action { disposition: Disposition::Handler(0x1000), ..Action::default() });
        handlers.exec();
        assert_eq!(handlers.get(2).disposition, Disposition::Ignore);
        assert_eq!(handlers.get(3), Action::default());
    }
}
