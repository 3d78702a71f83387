//! What happens when its time has come?

use std::collections::BTreeMap;

/// A timer that is set: its time, in nanoseconds of guest time since the start, and a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimerId(u64, u64);

/// Timers that are set, the next one first; those of the same time in the order in which they were set.
pub struct Timers<T> {
    set: BTreeMap<TimerId, T>,
    last: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers {
            set: BTreeMap::new(),
            last: 0,
        }
    }
}

impl<T> Timers<T> {
    /// Sets a timer.
    pub fn set(&mut self, at: u64, what: T) -> TimerId {
        self.last += 1;
        let id = TimerId(at, self.last);
        self.set.insert(id, what);
        id
    }

    /// Takes a timer back. `None` when it was due already.
    pub fn cancel(&mut self, id: TimerId) -> Option<T> {
        self.set.remove(&id)
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<u64> {
        self.set.first_key_value().map(|(id, _)| id.0)
    }

    /// Takes the next one that is due at `now`, with the time it was set for.
    pub fn due(&mut self, now: u64) -> Option<(u64, T)> {
        let entry = self.set.first_entry()?;
        let at = entry.key().0;
        (at <= now).then(|| (at, entry.remove()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_the_order_of_their_times() {
        let mut timers = Timers::default();
        timers.set(20, 'b');
        let gone = timers.set(5, 'x');
        timers.set(10, 'a');
        timers.set(20, 'c');
        assert_eq!(timers.cancel(gone), Some('x'));
        assert_eq!(timers.next(), Some(10));
        assert_eq!(timers.due(9), None);
        let came: Vec<_> = std::iter::from_fn(|| timers.due(30)).collect();
        assert_eq!(came, [(10, 'a'), (20, 'b'), (20, 'c')]);
    }
}
