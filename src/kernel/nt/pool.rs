//! How much of the host's memory do guests have the kernel keep: messages, packets, names?
//!
//! [Windows Internals, Memory pool sizes: Windows, too, has a limit for all of it]

use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

/// Bytes at most.
const MOST: usize = 64 << 20;
/// What each piece takes besides its bytes.
const EACH: usize = 64;

/// Counts what is kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool(Rc<Cell<usize>>);

/// Bytes that are taken until this goes.
#[derive(Debug)]
pub(super) struct Taken {
    pool: Pool,
    bytes: usize,
}

impl Pool {
    /// Room for a piece of so many bytes.
    pub(super) fn take(&self, bytes: usize) -> Result<Taken, NtStatus> {
        let bytes = bytes.saturating_add(EACH);
        let all = self.0.get().saturating_add(bytes);
        if all > MOST {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        self.0.set(all);
        Ok(Taken {
            pool: self.clone(),
            bytes,
        })
    }

    /// Keeps something that takes so many bytes.
    pub(super) fn keep<T>(&self, what: T, bytes: usize) -> Result<Kept<T>, NtStatus> {
        let taken = self.take(bytes)?;
        Ok(Kept {
            what,
            _taken: taken,
        })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let all = self.pool.0.get();
        self.pool.0.set(all.saturating_sub(self.bytes));
    }
}

/// What is kept, and its room.
#[derive(Debug)]
pub(super) struct Kept<T> {
    what: T,
    _taken: Taken,
}

impl<T> Kept<T> {
    /// It leaves the kernel.
    pub(super) fn into_inner(self) -> T {
        self.what
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

impl<T> DerefMut for Kept<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.what
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, NtStatus, Pool};

    #[test]
    fn what_goes_leaves_its_room() {
        let pool = Pool::default();
        let half = pool.take(MOST / 2).expect("there is room");
        let full = NtStatus::INSUFFICIENT_RESOURCES;
        assert_eq!(pool.take(MOST / 2).err(), Some(full));
        assert_eq!(pool.take(usize::MAX).err(), Some(full));
        drop(half);
        assert!(pool.take(MOST / 2).is_ok());
    }
}
