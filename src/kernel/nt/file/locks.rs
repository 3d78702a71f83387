//! Which bytes of a file are locked, and who waits for that?
//! [Microsoft Learn, LockFileEx: what overlaps what, what others may do; NtLockFile; wdm.h: FsRtlFastLock]

use std::collections::BTreeMap;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::access;
use super::opened::{Key, key};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::reply::{Reply, asked};
use crate::kernel::task::Tid;
use crate::kernel::vfs::OpenFile;
use crate::kernel::wait::{Interrupted, Wait, WaitQueue};
use crate::kernel::{Cx, Kernel};

/// Locks of a file at most, and requests for more.
const MOST: usize = 10_000;

/// Whose a lock is: of an open file, in a process, with a key that it has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) file: u64,
    pub(super) process: Tid,
    pub(super) key: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lock {
    owner: Owner,
    start: u64,
    length: u64,
    exclusive: bool,
}

impl Lock {
    /// What is empty overlaps only what it is inside of.
    fn overlaps(&self, start: u64, length: u64) -> bool {
        let end = |start: u64, length: u64| u128::from(start) + u128::from(length);
        u128::from(self.start) < end(start, length)
            && u128::from(start) < end(self.start, self.length)
    }

    /// Whether it keeps another one from being granted.
    fn conflicts(&self, other: &Lock) -> bool {
        let shared = !other.exclusive && (!self.exclusive || self.owner == other.owner);
        !shared && self.overlaps(other.start, other.length)
    }
}

/// The locks of a file.
#[derive(Default)]
struct Locks {
    held: Vec<Lock>,
    /// Requests of those who did not wait, the oldest first.
    waiting: Vec<(Lock, Reply)>,
    /// Those who do.
    queue: WaitQueue,
}

impl Locks {
    fn is_free(&self, wish: &Lock) -> bool {
        !self.held.iter().any(|held| held.conflicts(wish))
    }

    /// Grants what can be granted by now.
    fn grant(&mut self) -> Vec<Reply> {
        let mut granted = Vec::new();
        let mut at = 0;
        while let Some((wish, _)) = self.waiting.get(at) {
            if self.is_free(wish) {
                let (lock, reply) = self.waiting.remove(at);
                self.held.push(lock);
                granted.push(reply);
            } else {
                at += 1;
            }
        }
        self.queue.wake();
        granted
    }

    /// Takes back requests.
    fn withdraw(&mut self, gone: impl Fn(&Lock, &Reply) -> bool) -> Vec<Reply> {
        let all = std::mem::take(&mut self.waiting);
        let (gone, stay): (Vec<_>, _) =
            all.into_iter().partition(|(lock, reply)| gone(lock, reply));
        self.waiting = stay;
        gone.into_iter().map(|(_, reply)| reply).collect()
    }
}

/// The locks of all files that have any.
#[derive(Default)]
pub(in crate::kernel::nt) struct AllLocks(BTreeMap<Key, Locks>);

impl AllLocks {
    /// Whether an owner may read or write so many bytes from an offset on.
    pub(super) fn check(
        &self,
        file: &OpenFile,
        owner: Owner,
        (start, length): (u64, u64),
        writes: bool,
    ) -> Result<(), NtStatus> {
        let Some(locks) = self.0.get(&key(file.node())).filter(|_| length > 0) else {
            return Ok(());
        };
        // Own exclusive ones forbid nothing, shared ones nobody's reading.
        let forbids = |held: &Lock| match held.exclusive {
            true => held.owner != owner,
            false => writes,
        };
        let mut held = locks.held.iter();
        match held.any(|held| forbids(held) && held.overlaps(start, length)) {
            true => Err(NtStatus::FILE_LOCK_CONFLICT),
            false => Ok(()),
        }
    }
}

fn range(cx: &mut Cx<'_>, offset: u64, length: u64) -> Result<(u64, u64), NtStatus> {
    let (start, length) = (cx.mem.read_u64(offset)?, cx.mem.read_u64(length)?);
    // The last byte has a number.
    match length.checked_sub(1).map(|more| start.checked_add(more)) {
        Some(None) => Err(NtStatus::INVALID_LOCK_RANGE),
        _ => Ok((start, length)),
    }
}

/// Serves `NtLockFile`.
pub(super) fn lock(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtLockFile) -> Outcome {
    let any = access::READ_DATA | access::WRITE_DATA;
    let file = kernel.file_for_any(cx, call.FileHandle, any)?;
    if file.content().is_none() {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    let (start, length) = range(cx, call.ByteOffset.address, call.Length.address)?;
    let wish = Lock {
        owner: Owner {
            file: file.id,
            process: cx.process().pid,
            key: call.Key,
        },
        start,
        length,
        exclusive: call.ExclusiveLock != 0,
    };
    let source = Object::File(file.clone());
    let locks = kernel.nt.locks.0.entry(key(file.node())).or_default();
    if locks.held.len() + locks.waiting.len() >= MOST {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    if locks.is_free(&wish) {
        locks.held.push(wish);
        let done = kernel.nt_done(cx, &source, asked!(call), (NtStatus::SUCCESS, 0));
        if done.is_err() {
            kernel.change_locks(&file, |locks| locks.held.retain(|held| *held != wish));
        }
        return done;
    }
    if call.FailImmediately != 0 {
        return Err(NtStatus::LOCK_NOT_GRANTED.into());
    }
    if kernel.nt.opened.is_synchronous(&file) {
        let locks = kernel.nt.locks.0.entry(key(file.node())).or_default();
        cx.wait_in(&locks.queue);
        return Err(cx.block_as(Wait::Ipc, Interrupted::Never));
    }
    let reply = kernel.nt_later(cx, &source, asked!(call))?;
    let locks = kernel.nt.locks.0.entry(key(file.node())).or_default();
    locks.waiting.push((wish, reply));
    Err(Stop::Fail(NtStatus::PENDING))
}

/// Serves `NtUnlockFile`: exactly what was locked. Of two locks of a range the exclusive one goes first.
pub(super) fn unlock(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtUnlockFile) -> Outcome {
    let any = access::READ_DATA | access::WRITE_DATA;
    let file = kernel.file_for_any(cx, call.FileHandle, any)?;
    let (start, length) = range(cx, call.ByteOffset.address, call.Length.address)?;
    let owner = Owner {
        file: file.id,
        process: cx.process().pid,
        key: call.Key,
    };
    let mut found = false;
    kernel.change_locks(&file, |locks| {
        let own = |exclusive: bool| {
            let wish = Lock {
                owner,
                start,
                length,
                exclusive,
            };
            locks.held.iter().position(|held| *held == wish)
        };
        if let Some(at) = own(true).or_else(|| own(false)) {
            locks.held.remove(at);
            found = true;
        }
    });
    if !found {
        return Err(NtStatus::RANGE_NOT_LOCKED.into());
    }
    match call.IoStatusBlock.address {
        // So does Wine's UnlockFile.
        0 => {}
        at => cx.io_status(at, NtStatus::SUCCESS, 0)?,
    }
    Ok(0)
}

impl Kernel {
    /// Some locks of a file go, and others are granted then.
    fn change_locks(&mut self, file: &OpenFile, change: impl FnOnce(&mut Locks)) {
        let key = key(file.node());
        let Some(locks) = self.nt.locks.0.get_mut(&key) else {
            return;
        };
        change(locks);
        let granted = locks.grant();
        if locks.held.is_empty() && locks.waiting.is_empty() {
            self.nt.locks.0.remove(&key);
        }
        for reply in granted {
            self.nt_end(reply, NtStatus::SUCCESS, 0, None);
        }
    }

    /// A process has no handle of an open file any more: its locks are let go, and it waits for none.
    pub(in crate::kernel::nt) fn locks_left(&mut self, process: Tid, file: &OpenFile) {
        let own = |lock: &Lock| lock.owner.process == process && lock.owner.file == file.id;
        let mut gone = Vec::new();
        self.change_locks(file, |locks| {
            gone = locks.withdraw(|lock, _| own(lock));
            locks.held.retain(|lock| !own(lock));
        });
        for reply in gone {
            self.nt_end(reply, NtStatus::CANCELLED, 0, None);
        }
    }

    /// Takes back requests for locks of an open file, and says how many they were.
    pub(super) fn cancel_locks(
        &mut self,
        file: &OpenFile,
        is_meant: impl Fn(&Reply) -> bool,
    ) -> usize {
        let mut gone = Vec::new();
        self.change_locks(file, |locks| {
            gone = locks.withdraw(|lock, reply| lock.owner.file == file.id && is_meant(reply));
        });
        let count = gone.len();
        for reply in gone {
            self.nt_end(reply, NtStatus::CANCELLED, 0, None);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::{Lock, Owner};

    fn lock(file: u64, start: u64, length: u64, exclusive: bool) -> Lock {
        let owner = Owner {
            file,
            process: 1,
            key: 0,
        };
        Lock {
            owner,
            start,
            length,
            exclusive,
        }
    }

    #[test]
    fn exclusive_ones_overlap_nothing_and_shared_ones_each_other() {
        let check = |held: Lock, wish: Lock, conflicts: bool| {
            assert_eq!(held.conflicts(&wish), conflicts, "{held:?} {wish:?}");
        };
        check(lock(1, 0, 10, false), lock(2, 5, 10, false), false);
        check(lock(1, 0, 10, false), lock(2, 5, 10, true), true);
        check(lock(1, 0, 10, false), lock(1, 5, 10, true), true);
        check(lock(1, 0, 10, true), lock(1, 5, 10, true), true);
        // By the same handle.
        check(lock(1, 0, 10, true), lock(1, 5, 10, false), false);
        check(lock(1, 0, 10, true), lock(2, 5, 10, false), true);
        check(lock(1, 0, 10, true), lock(2, 10, 10, true), false);
        check(lock(1, 0, 10, true), lock(2, 5, 0, true), true);
        check(lock(1, 0, 10, true), lock(2, 10, 0, true), false);
        check(lock(1, u64::MAX, 1, true), lock(2, u64::MAX, 1, true), true);
    }
}
