//! What happens when its time has come?

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A timer that is set: its time, in nanoseconds of guest time since the start, and a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimerId(u64, u64);

/// Timers that are set, the next one first; those of the same time in the order in which they were set.
pub struct Timers<T> {
    set: BTreeMap<TimerId, T>,
    last: u64,
    /// Those whose tickets are gone.
    returned: Rc<RefCell<Vec<TimerId>>>,
}

/// A timer that is set as long as this is kept.
#[derive(Debug)]
pub struct Ticket {
    id: TimerId,
    returned: Rc<RefCell<Vec<TimerId>>>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.returned.borrow_mut().push(self.id);
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers {
            set: BTreeMap::new(),
            last: 0,
            returned: Rc::default(),
        }
    }
}

impl<T> Timers<T> {
    /// Sets a timer that is taken back when its ticket is dropped.
    pub fn keep(&mut self, at: u64, what: T) -> Ticket {
        self.sweep();
        Ticket {
            id: self.set(at, what),
            returned: self.returned.clone(),
        }
    }

    fn sweep(&mut self) {
        for id in self.returned.take() {
            self.set.remove(&id);
        }
    }

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
    #[inline]
    pub fn next(&self) -> Option<u64> {
        self.set.first_key_value().map(|(id, _)| id.0)
    }

    /// Takes the next one that is due at `now`, with the time it was set for.
    pub fn due(&mut self, now: u64) -> Option<(u64, T)> {
        self.sweep();
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

    #[test]
    fn a_timer_without_its_ticket_is_none() {
        let mut timers = Timers::default();
        drop(timers.keep(5, 'x'));
        let kept = timers.keep(7, 'y');
        assert_eq!(timers.due(6), None);
        assert_eq!(timers.next(), Some(7));
        assert_eq!(timers.due(9), Some((7, 'y')));
        // Of one that was due already there is nothing to take back.
        drop(kept);
        assert_eq!(timers.due(9), None);
    }
}
