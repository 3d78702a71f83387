//! Advisory locks: on ranges of bytes (`fcntl`), and on the whole file (`flock`).

use super::error::FsError;
use crate::kernel::wait::WaitQueue;

/// Ranges of one file at most.
const MOST: usize = 10_000;

/// Who holds a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A process, by its number: closing any descriptor of the file gives its ranges up.
    Process(i32),
    /// An open file, by its number.
    File(u64),
}

/// A locked range; `end` is not in it, and `u64::MAX` means that it goes on for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub start: u64,
    /// The byte behind the last.
    pub end: u64,
    /// Whether others may not even read.
    pub exclusive: bool,
    /// Who holds it.
    pub owner: Owner,
}

impl Range {
    fn overlaps(&self, other: &Range) -> bool {
        self.start < other.end && other.start < self.end
    }

    fn conflicts(&self, other: &Range) -> bool {
        self.owner != other.owner && (self.exclusive || other.exclusive) && self.overlaps(other)
    }
}

/// The locks of a file.
#[derive(Debug, Default)]
pub struct Locks {
    ranges: Vec<Range>,
    /// Open files that hold the whole, and whether alone.
    whole: Vec<(u64, bool)>,
    /// Who waits for something to be unlocked.
    pub queue: WaitQueue,
}

impl Locks {
    /// The first range that keeps `wanted` from being locked.
    pub fn conflict(&self, wanted: &Range) -> Option<Range> {
        self.ranges
            .iter()
            .filter(|held| held.conflicts(wanted))
            .min_by_key(|r| r.start)
            .copied()
    }

    /// Locks a range, in place of what the owner holds there.
    pub fn lock(&mut self, wanted: Range) -> Result<(), FsError> {
        if self.conflict(&wanted).is_some() {
            return Err(FsError::WouldBlock);
        }
        self.unlock(wanted.owner, wanted.start, wanted.end)?;
        if self.ranges.len() >= MOST {
            return Err(FsError::NoLocks);
        }
        let mut range = wanted;
        self.ranges.retain(|held| {
            let joins = held.owner == range.owner
                && held.exclusive == range.exclusive
                && (held.end == range.start || held.start == range.end);
            if joins {
                range.start = range.start.min(held.start);
                range.end = range.end.max(held.end);
            }
            !joins
        });
        self.ranges.push(range);
        Ok(())
    }

    /// Gives up what an owner holds of a range.
    pub fn unlock(&mut self, owner: Owner, start: u64, end: u64) -> Result<(), FsError> {
        let mut kept = Vec::with_capacity(self.ranges.len());
        for held in &self.ranges {
            if held.owner != owner || held.end <= start || end <= held.start {
                kept.push(*held);
                continue;
            }
            if held.start < start {
                kept.push(Range {
                    end: start,
                    ..*held
                });
            }
            if end < held.end {
                kept.push(Range {
                    start: end,
                    ..*held
                });
            }
        }
        if kept.len() > MOST {
            return Err(FsError::NoLocks);
        }
        self.ranges = kept;
        self.queue.wake();
        Ok(())
    }

    /// Gives up all that an owner holds.
    pub fn release(&mut self, owner: Owner) {
        self.ranges.retain(|held| held.owner != owner);
        if let Owner::File(file) = owner {
            self.whole.retain(|(holder, _)| *holder != file);
        }
        self.queue.wake();
    }

    /// Locks the whole for an open file, or unlocks it: `Some(true)` alone, `Some(false)` with others, `None` not.
    pub fn flock(&mut self, file: u64, exclusive: Option<bool>) -> Result<(), FsError> {
        let Some(exclusive) = exclusive else {
            self.whole.retain(|(holder, _)| *holder != file);
            self.queue.wake();
            return Ok(());
        };
        let others = |(holder, alone): &(u64, bool)| *holder != file && (exclusive || *alone);
        if self.whole.iter().any(others) {
            return Err(FsError::WouldBlock);
        }
        self.whole.retain(|(holder, _)| *holder != file);
        self.whole.push((file, exclusive));
        self.queue.wake();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u64, end: u64, exclusive: bool, owner: i32) -> Range {
        Range {
            start,
            end,
            exclusive,
            owner: Owner::Process(owner),
        }
    }

    #[test]
    fn readers_share_and_writers_do_not() {
        let mut locks = Locks::default();
        locks.lock(range(0, 10, false, 1)).unwrap();
        locks.lock(range(5, 15, false, 2)).unwrap();
        assert_eq!(locks.lock(range(9, 10, true, 1)), Err(FsError::WouldBlock));
        assert_eq!(
            locks.conflict(&range(0, 99, true, 3)),
            Some(range(0, 10, false, 1))
        );
        locks.lock(range(0, 5, true, 1)).unwrap();
        assert_eq!(locks.lock(range(0, 1, false, 2)), Err(FsError::WouldBlock));
    }

    #[test]
    fn unlocking_the_middle_leaves_both_ends() {
        let mut locks = Locks::default();
        locks.lock(range(0, u64::MAX, true, 1)).unwrap();
        locks.unlock(Owner::Process(1), 10, 20).unwrap();
        assert!(locks.lock(range(10, 20, true, 2)).is_ok());
        assert!(locks.lock(range(9, 10, false, 2)).is_err());
        assert!(locks.lock(range(20, 21, false, 2)).is_err());
    }

    #[test]
    fn adjacent_ranges_join() {
        let mut locks = Locks::default();
        for start in 0..1000 {
            locks.lock(range(start, start + 1, true, 1)).unwrap();
        }
        assert_eq!(locks.ranges, [range(0, 1000, true, 1)]);
    }

    #[test]
    fn a_whole_lock_belongs_to_an_open_file() {
        let mut locks = Locks::default();
        locks.flock(1, Some(true)).unwrap();
        assert_eq!(locks.flock(2, Some(false)), Err(FsError::WouldBlock));
        locks.flock(1, Some(false)).unwrap();
        locks.flock(2, Some(false)).unwrap();
        locks.release(Owner::File(1));
        locks.flock(2, Some(true)).unwrap();
    }
}
