//! Who waits for a word in memory, and who wakes them?   [futex(2); Linux kernel/futex]

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::Stop;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use crate::kernel::linux::time::Form;
use crate::kernel::task::{Task, Tid};
use crate::kernel::wait::{Interrupted, Wait, Wake, Waker};
use crate::kernel::{Cx, Kernel};

/// A futex operation, both forms of its timeout alike.
pub(super) struct Ask {
    pub(super) word: u64,
    pub(super) op: i32,
    pub(super) val: u32,
    /// A timeout, or a second count for the operations that move waiters.
    pub(super) timeout: u64,
    pub(super) form: Form,
    pub(super) other: u64,
    pub(super) val3: u32,
}

/// What makes two words the same: the object and the offset in it of shared memory, else the address in its space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Shared(u64, u64),
    Private(u64, u64),
}

fn key(memory: &AddressSpace, word: u64) -> Key {
    match memory.shared_at(word) {
        Some((object, offset)) => Key::Shared(object.id(), offset),
        None => Key::Private(memory.id(), word),
    }
}

/// A task that waits.
struct Waiter {
    tid: Tid,
    waker: Rc<Waker>,
    bits: u32,
    /// What `FUTEX_WAIT_REQUEUE_PI` waits for in the end: a lock.
    takes: bool,
    /// Which of its words it is, for a task that waits for several (`futex_waitv`).
    index: Option<u32>,
}

/// All tasks that wait for words, by word, the first to wake first.
#[derive(Default)]
pub struct Futexes {
    waiters: BTreeMap<Key, VecDeque<Waiter>>,
    /// Where each of them waits.
    tasks: BTreeMap<Tid, Vec<Key>>,
    /// Which of several words a task was woken at.
    woken: BTreeMap<Tid, u32>,
}

impl Futexes {
    /// A task waits for one of several words, besides others.
    pub(super) fn add_one_of(&mut self, memory: &AddressSpace, word: u64, task: &Task, index: u32) {
        let waiter = Waiter {
            tid: task.tid,
            waker: task.waker.clone(),
            bits: u32::MAX,
            takes: false,
            index: Some(index),
        };
        self.add(key(memory, word), waiter);
    }

    /// The one of several words at which a task was woken.
    pub(super) fn take_woken(&mut self, tid: Tid) -> Option<u32> {
        self.woken.remove(&tid)
    }

    fn add(&mut self, key: Key, waiter: Waiter) {
        self.tasks.entry(waiter.tid).or_default().push(key);
        self.waiters.entry(key).or_default().push_back(waiter);
    }

    /// Whether a task still waits: it may have been moved to another word.
    fn waits(&self, tid: Tid) -> bool {
        self.tasks.contains_key(&tid)
    }

    /// Whether anybody waits for a word.
    fn is_wanted(&self, key: Key) -> bool {
        self.waiters.contains_key(&key)
    }

    /// A task gives up, or is gone.
    pub(crate) fn forget(&mut self, tid: Tid) {
        self.woken.remove(&tid);
        for key in self.tasks.remove(&tid).unwrap_or_default() {
            if let Some(waiters) = self.waiters.get_mut(&key) {
                waiters.retain(|waiter| waiter.tid != tid);
                if waiters.is_empty() {
                    self.waiters.remove(&key);
                }
            }
        }
    }

    /// A task does not wait for a word any more.
    fn leave(&mut self, tid: Tid, key: Key) {
        let Some(keys) = self.tasks.get_mut(&tid) else {
            return;
        };
        if let Some(at) = keys.iter().position(|other| *other == key) {
            keys.remove(at);
        }
        if keys.is_empty() {
            self.tasks.remove(&tid);
        }
    }

    /// Takes up to `count` of those that wait for one of `bits`.
    fn take(&mut self, key: Key, count: u32, bits: u32) -> Vec<Waiter> {
        let Some(mut waiters) = self.waiters.remove(&key) else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        let mut at = 0;
        while at < waiters.len() && (taken.len() as u64) < u64::from(count) {
            if waiters[at].bits & bits == 0 {
                at += 1;
            } else if let Some(waiter) = waiters.remove(at) {
                self.leave(waiter.tid, key);
                taken.push(waiter);
            }
        }
        if !waiters.is_empty() {
            self.waiters.insert(key, waiters);
        }
        taken
    }

    fn wake(&mut self, key: Key, count: u32, bits: u32) -> u64 {
        let woken = self.take(key, count, bits);
        for waiter in &woken {
            // Who waited for other words, too, waits for none of them now.
            self.forget(waiter.tid);
            waiter.waker.wake();
        }
        for waiter in &woken {
            if let Some(index) = waiter.index {
                self.woken.insert(waiter.tid, index);
            }
        }
        woken.len() as u64
    }

    fn requeue(&mut self, from: Key, to: Key, count: u32) -> u64 {
        let moved = self.take(from, count, u32::MAX);
        let number = moved.len() as u64;
        for waiter in moved {
            self.add(to, waiter);
        }
        number
    }

    /// Wakes up to `count` tasks that wait for a word of a space.
    pub(in crate::kernel::linux) fn wake_word(
        &mut self,
        memory: &AddressSpace,
        word: u64,
        count: u32,
    ) {
        self.wake(key(memory, word), count, u32::MAX);
    }
}

impl Kernel {
    /// [Linux kernel/futex/syscalls.c, do_futex]
    pub(super) fn futex(&mut self, cx: &mut Cx<'_>, ask: &Ask) -> Outcome {
        let k = cx.k;
        let op = ask.op as u32 as u64;
        let command = op & k.FUTEX_CMD_MASK & 0xffff_ffff;
        let real = op & k.FUTEX_CLOCK_REALTIME != 0;
        let waits = [
            k.FUTEX_WAIT_BITSET,
            k.FUTEX_WAIT_REQUEUE_PI,
            k.FUTEX_LOCK_PI2,
        ];
        if real && !waits.contains(&command) && command != k.FUTEX_LOCK_PI {
            return Err(Errno::ENOSYS.into());
        }
        if !ask.word.is_multiple_of(4) {
            return Err(Errno::EINVAL.into());
        }
        let by_bits = command == k.FUTEX_WAIT_BITSET || command == k.FUTEX_WAKE_BITSET;
        if by_bits && ask.val3 == 0 {
            return Err(Errno::EINVAL.into());
        }
        let bits = if by_bits { ask.val3 } else { u32::MAX };
        let moves = [k.FUTEX_REQUEUE, k.FUTEX_CMP_REQUEUE, k.FUTEX_CMP_REQUEUE_PI];
        if command == k.FUTEX_WAIT {
            self.futex_wait(cx, ask, bits, false, real, false)
        } else if command == k.FUTEX_WAIT_BITSET {
            self.futex_wait(cx, ask, bits, true, real, false)
        } else if command == k.FUTEX_WAIT_REQUEUE_PI {
            self.futex_wait_requeue(cx, ask, real)
        } else if command == k.FUTEX_WAKE || command == k.FUTEX_WAKE_BITSET {
            self.futex_wake(cx, ask, bits)
        } else if moves.contains(&command) {
            self.futex_requeue(cx, ask, command)
        } else if command == k.FUTEX_WAKE_OP {
            self.futex_wake_op(cx, ask)
        } else if command == k.FUTEX_LOCK_PI || command == k.FUTEX_LOCK_PI2 {
            // The first form's time is always of the wall clock.   [futex(2), FUTEX_LOCK_PI]
            self.futex_lock(cx, ask, command == k.FUTEX_LOCK_PI || real)
        } else if command == k.FUTEX_TRYLOCK_PI {
            self.futex_try(cx, ask.word)
        } else if command == k.FUTEX_UNLOCK_PI {
            self.futex_unlock(cx, ask.word)
        } else {
            Err(Errno::ENOSYS.into())
        }
    }

    /// The end of the wait that a call asks for, if it has one.
    fn futex_deadline(
        &self,
        cx: &mut Cx<'_>,
        ask: &Ask,
        absolute: bool,
        real: bool,
    ) -> Result<Option<u64>, Stop<Errno>> {
        if ask.timeout == 0 {
            return Ok(None);
        }
        let now = self.clock.now();
        let at = if real {
            self.clock.wall()
        } else {
            self.clock.monotonic()
        };
        let deadline = cx.deadline(|cx| {
            let time = cx.get_timespec(ask.timeout, ask.form)?;
            let left = if absolute {
                time.saturating_sub(at)
            } else {
                time
            };
            Ok(now.saturating_add(left))
        })?;
        Ok(Some(deadline))
    }

    /// Waits as somebody of whom the table knows. `Ok` when it was woken.
    fn futex_sleep(
        &mut self,
        cx: &mut Cx<'_>,
        word: u64,
        deadline: Option<u64>,
    ) -> Result<(), Stop<Errno>> {
        let tid = cx.task.tid;
        if !self.linux.futexes.waits(tid) {
            return Ok(());
        }
        if deadline.is_some_and(|deadline| deadline <= self.clock.now()) {
            self.linux.futexes.forget(tid);
            return Err(Errno::ETIMEDOUT.into());
        }
        if cx.is_interrupted() {
            self.linux.futexes.forget(tid);
            // With a time it goes on, or fails; without, it is made again.   [Linux kernel/futex/waitwake.c, futex_wait]
            let how = match deadline {
                Some(_) => Interrupted::GoesOn,
                None => Interrupted::Restarts,
            };
            return Err(cx.block_as(Wait::Signal, how));
        }
        Err(match deadline {
            Some(deadline) => cx.block_as(Wait::Until(deadline), Interrupted::GoesOn),
            None => cx.block(Wait::Futex(word)),
        })
    }

    fn futex_wait(
        &mut self,
        cx: &mut Cx<'_>,
        ask: &Ask,
        bits: u32,
        absolute: bool,
        real: bool,
        takes: bool,
    ) -> Outcome {
        let deadline = self.futex_deadline(cx, ask, absolute, real)?;
        if !cx.again {
            if cx.mem.read_u32(ask.word)? != ask.val {
                return Err(Errno::EAGAIN.into());
            }
            let waiter = Waiter {
                tid: cx.task.tid,
                waker: cx.task.waker.clone(),
                bits,
                takes,
                index: None,
            };
            self.linux.futexes.add(key(cx.mem, ask.word), waiter);
        }
        self.futex_sleep(cx, ask.word, deadline)?;
        Ok(0)
    }

    /// Waits to be moved to a lock, and for that then.
    fn futex_wait_requeue(&mut self, cx: &mut Cx<'_>, ask: &Ask, real: bool) -> Outcome {
        if !ask.other.is_multiple_of(4) || ask.other == ask.word {
            return Err(Errno::EINVAL.into());
        }
        cx.mem.read_u32(ask.other)?;
        self.futex_wait(cx, ask, u32::MAX, true, real, true)?;
        let word = cx.mem.read_u32(ask.other)?;
        if word & cx.k.FUTEX_TID_MASK as u32 == cx.task.tid as u32 {
            return Ok(0);
        }
        // Woken without having been moved.
        Err(Errno::EAGAIN.into())
    }

    fn futex_wake(&mut self, cx: &mut Cx<'_>, ask: &Ask, bits: u32) -> Outcome {
        let shared = ask.op as u32 as u64 & cx.k.FUTEX_PRIVATE_FLAG == 0;
        if cx.mem.region_at(ask.word).is_none() && shared {
            return Err(Errno::EFAULT.into());
        }
        let key = key(cx.mem, ask.word);
        // At least one is woken, whatever the count says.   [Linux kernel/futex/waitwake.c, futex_wake]
        Ok(self.linux.futexes.wake(key, ask.val.max(1), bits))
    }

    fn futex_requeue(&mut self, cx: &mut Cx<'_>, ask: &Ask, command: u64) -> Outcome {
        let k = cx.k;
        let (wakes, moves) = (ask.val, ask.timeout as u32);
        if !ask.other.is_multiple_of(4) || (wakes as i32) < 0 || (moves as i32) < 0 {
            return Err(Errno::EINVAL.into());
        }
        cx.mem.read_u32(ask.other)?;
        if command != k.FUTEX_REQUEUE && cx.mem.read_u32(ask.word)? != ask.val3 {
            return Err(Errno::EAGAIN.into());
        }
        let (from, to) = (key(cx.mem, ask.word), key(cx.mem, ask.other));
        if command == k.FUTEX_CMP_REQUEUE_PI {
            if from == to || wakes != 1 {
                return Err(Errno::EINVAL.into());
            }
            return self.futex_requeue_locks(cx, ask, from, to, moves);
        }
        let woken = self.linux.futexes.wake(from, wakes, u32::MAX);
        let moved = match from == to {
            true => 0,
            false => self.linux.futexes.requeue(from, to, moves),
        };
        Ok(woken + moved)
    }

    /// The first of those moved gets the lock if it is free.   [Linux kernel/futex/requeue.c, futex_requeue]
    fn futex_requeue_locks(
        &mut self,
        cx: &mut Cx<'_>,
        ask: &Ask,
        from: Key,
        to: Key,
        moves: u32,
    ) -> Outcome {
        let waiting = self.linux.futexes.waiters.get(&from);
        if waiting.is_some_and(|waiters| waiters.iter().any(|waiter| !waiter.takes)) {
            return Err(Errno::EINVAL.into());
        }
        let mask = cx.k.FUTEX_TID_MASK as u32;
        let mut count = 0;
        if cx.mem.read_u32(ask.other)? & mask == 0
            && let Some(first) = self.linux.futexes.take(from, 1, u32::MAX).pop()
        {
            let rest = self.linux.futexes.is_wanted(from);
            let waiters = if rest { cx.k.FUTEX_WAITERS as u32 } else { 0 };
            cx.mem.write_u32(ask.other, first.tid as u32 | waiters)?;
            first.waker.wake();
            count += 1;
        }
        let moved = self.linux.futexes.requeue(from, to, moves);
        if moved > 0 {
            let word = cx.mem.read_u32(ask.other)?;
            cx.mem
                .write_u32(ask.other, word | cx.k.FUTEX_WAITERS as u32)?;
        }
        Ok(count + moved)
    }

    /// [Linux kernel/futex/waitwake.c, futex_wake_op]
    fn futex_wake_op(&mut self, cx: &mut Cx<'_>, ask: &Ask) -> Outcome {
        let also = wake_op(cx, ask)?;
        let mut woken = self
            .linux
            .futexes
            .wake(key(cx.mem, ask.word), ask.val.max(1), u32::MAX);
        if also {
            let count = (ask.timeout as u32).max(1);
            let key = key(cx.mem, ask.other);
            woken += self.linux.futexes.wake(key, count, u32::MAX);
        }
        Ok(woken)
    }

    /// Takes a lock that inherits priorities, or waits for it.   [Linux kernel/futex/pi.c, futex_lock_pi]
    fn futex_lock(&mut self, cx: &mut Cx<'_>, ask: &Ask, real: bool) -> Outcome {
        let deadline = self.futex_deadline(cx, ask, true, real)?;
        let k = cx.k;
        let (tid, mask) = (cx.task.tid as u32, k.FUTEX_TID_MASK as u32);
        let (died, waiters) = (k.FUTEX_OWNER_DIED as u32, k.FUTEX_WAITERS as u32);
        let word = cx.mem.read_u32(ask.word)?;
        let owner = word & mask;
        if cx.again && owner == tid {
            // Who unlocked it has handed it over.
            return Ok(0);
        }
        if owner == tid {
            return Err(Errno::EDEADLK.into());
        }
        if owner == 0 {
            self.linux.futexes.forget(cx.task.tid);
            let others = self.linux.futexes.is_wanted(key(cx.mem, ask.word));
            let kept = word & died | if others { waiters } else { 0 };
            cx.mem.write_u32(ask.word, tid | kept)?;
            return Ok(0);
        }
        if self.tasks.get(owner as Tid).is_none() {
            return Err(Errno::ESRCH.into());
        }
        if !cx.again {
            cx.mem.write_u32(ask.word, word | waiters)?;
            let waiter = Waiter {
                tid: cx.task.tid,
                waker: cx.task.waker.clone(),
                bits: u32::MAX,
                takes: true,
                index: None,
            };
            self.linux.futexes.add(key(cx.mem, ask.word), waiter);
        }
        if deadline.is_some_and(|deadline| deadline <= self.clock.now()) {
            self.linux.futexes.forget(cx.task.tid);
            return Err(Errno::ETIMEDOUT.into());
        }
        Err(match deadline {
            Some(deadline) => cx.block_as(Wait::Until(deadline), Interrupted::Restarts),
            None => cx.block(Wait::Futex(ask.word)),
        })
    }

    fn futex_try(&mut self, cx: &mut Cx<'_>, word: u64) -> Outcome {
        let (tid, mask) = (cx.task.tid as u32, cx.k.FUTEX_TID_MASK as u32);
        let old = cx.mem.read_u32(word)?;
        match old & mask {
            0 => {
                cx.mem
                    .write_u32(word, tid | old & cx.k.FUTEX_OWNER_DIED as u32)?;
                Ok(0)
            }
            owner if owner == tid => Err(Errno::EDEADLK.into()),
            _ => Err(Errno::EAGAIN.into()),
        }
    }

    fn futex_unlock(&mut self, cx: &mut Cx<'_>, word: u64) -> Outcome {
        let tid = cx.task.tid as u32;
        if cx.mem.read_u32(word)? & cx.k.FUTEX_TID_MASK as u32 != tid {
            return Err(Errno::EPERM.into());
        }
        let value = self.hand_over(cx.k, key(cx.mem, word), 0);
        cx.mem.write_u32(word, value)?;
        Ok(0)
    }

    /// What becomes of the word of a lock that is given up: the next one's.
    fn hand_over(&mut self, k: &Constants, key: Key, kept: u32) -> u32 {
        match self.linux.futexes.take(key, 1, u32::MAX).pop() {
            Some(next) => {
                next.waker.wake();
                let others = self.linux.futexes.is_wanted(key);
                let waiters = if others { k.FUTEX_WAITERS as u32 } else { 0 };
                next.tid as u32 | waiters | kept
            }
            None => kept,
        }
    }

    /// The owner of a robust lock is gone: the next one finds out.   [Linux kernel/futex/core.c, handle_futex_death]
    pub(super) fn futex_owner_died(
        &mut self,
        k: &Constants,
        memory: &mut AddressSpace,
        tid: Tid,
        word: u64,
        inherits: bool,
    ) {
        let Ok(value) = memory.read_u32(word) else {
            return;
        };
        if value & k.FUTEX_TID_MASK as u32 != tid as u32 {
            return;
        }
        let (died, waiters) = (k.FUTEX_OWNER_DIED as u32, k.FUTEX_WAITERS as u32);
        let key = key(memory, word);
        if inherits {
            let value = self.hand_over(k, key, died);
            let _ = memory.write_u32(word, value);
            return;
        }
        if memory.write_u32(word, value & waiters | died).is_ok() && value & waiters != 0 {
            self.linux.futexes.wake(key, 1, u32::MAX);
        }
    }
}

/// Changes the second word. Whether those who wait for it are to be woken.
/// [Linux kernel/futex/waitwake.c, futex_atomic_op_inuser]
fn wake_op(cx: &mut Cx<'_>, ask: &Ask) -> Result<bool, Stop<Errno>> {
    let k = cx.k;
    if !ask.other.is_multiple_of(4) {
        return Err(Errno::EINVAL.into());
    }
    let code = ask.val3;
    let sign = |value: u32| ((value << 20) as i32) >> 20;
    let (mut argument, compared) = (sign(code >> 12 & 0xfff), sign(code & 0xfff));
    let op = u64::from(code >> 28 & 7);
    if u64::from(code >> 28) & k.FUTEX_OP_OPARG_SHIFT != 0 {
        argument = 1 << (argument & 31);
    }
    let old = cx.mem.read_u32(ask.other)? as i32;
    let new = if op == k.FUTEX_OP_SET {
        argument
    } else if op == k.FUTEX_OP_ADD {
        old.wrapping_add(argument)
    } else if op == k.FUTEX_OP_OR {
        old | argument
    } else if op == k.FUTEX_OP_ANDN {
        old & !argument
    } else if op == k.FUTEX_OP_XOR {
        old ^ argument
    } else {
        return Err(Errno::ENOSYS.into());
    };
    cx.mem.write_u32(ask.other, new as u32)?;
    let compare = u64::from(code >> 24 & 0xf);
    let holds = if compare == k.FUTEX_OP_CMP_EQ {
        old == compared
    } else if compare == k.FUTEX_OP_CMP_NE {
        old != compared
    } else if compare == k.FUTEX_OP_CMP_LT {
        old < compared
    } else if compare == k.FUTEX_OP_CMP_LE {
        old <= compared
    } else if compare == k.FUTEX_OP_CMP_GT {
        old > compared
    } else if compare == k.FUTEX_OP_CMP_GE {
        old >= compared
    } else {
        return Err(Errno::ENOSYS.into());
    };
    Ok(holds)
}
