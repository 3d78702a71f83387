//! Terminals that the guest makes itself: pairs of a master, which a terminal emulator holds, and a slave, which is the
//! terminal of the programs in it.
//!
//! No operating system is known here: who is in the foreground, and what a signal is, is the business of those who are
//! told of [`News`].

mod line;
mod output;
mod pair;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

pub use line::Line;
pub use pair::{Flow, Master, Packet, Pair, Slave};

use crate::kernel::vfs::FsError;

/// Pairs at once at most.   [Linux Documentation/filesystems/devpts.rst, kernel.pty.max]
pub const MAX: u32 = 4096;

/// What happens on a terminal that its programs have to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The key that interrupts.
    Interrupt,
    /// The key that quits.
    Quit,
    /// The key that suspends.
    Suspend,
    /// The window has another size.
    Window,
    /// Nobody is at the other side any more.
    Hangup,
}

/// All pairs, and what happened on them that nobody was told of yet.
#[derive(Default)]
pub struct Terminals {
    pairs: RefCell<BTreeMap<u32, Weak<Pair>>>,
    news: Rc<Outbox>,
}

/// What happened, by the number of the pair.
pub type Outbox = RefCell<Vec<(u32, News)>>;

impl Terminals {
    /// Makes a pair with the lowest free number from `from` on.
    pub fn make(&self, from: u32) -> Result<Rc<Pair>, FsError> {
        let mut pairs = self.pairs.borrow_mut();
        pairs.retain(|_, pair| pair.strong_count() > 0);
        let number = (from..MAX)
            .find(|number| !pairs.contains_key(number))
            .ok_or(FsError::NoSpace)?;
        let pair = Pair::new(number, &self.news);
        pairs.insert(number, Rc::downgrade(&pair));
        Ok(pair)
    }

    /// The pair of a number, while its master is open.
    pub fn get(&self, number: u32) -> Option<Rc<Pair>> {
        let pair = self.pairs.borrow().get(&number)?.upgrade()?;
        pair.has_master().then_some(pair)
    }

    /// How many have an open master.
    pub fn count(&self) -> usize {
        let pairs = self.pairs.borrow();
        let open = |pair: &&Weak<Pair>| pair.upgrade().is_some_and(|pair| pair.has_master());
        pairs.values().filter(open).count()
    }

    /// Whether something happened.
    #[inline]
    pub fn has_news(&self) -> bool {
        !self.news.borrow().is_empty()
    }

    /// Takes what happened.
    pub fn take_news(&self) -> Vec<(u32, News)> {
        self.news.take()
    }
}
