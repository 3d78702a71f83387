//! Section `sync`: futexes and barriers.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{self, Errno, Outcome, services};

use super::time::Form;
use crate::kernel::task::Wait;
use crate::kernel::{Cx, Kernel};

/// A futex operation, both forms of its timeout alike.
struct Ask {
    word: u64,
    op: i32,
    val: u32,
    /// A timeout, or a second count for the operations that move waiters.
    timeout: u64,
    form: Form,
    other: u64,
    val3: u32,
}

impl Kernel {
    /// [Linux kernel/futex/syscalls.c, do_futex]
    fn futex(&mut self, cx: &mut Cx<'_>, ask: &Ask) -> Outcome {
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
        if command == k.FUTEX_WAIT {
            self.futex_wait(cx, ask, false, real)
        } else if command == k.FUTEX_WAIT_BITSET {
            if ask.val3 == 0 {
                return Err(Errno::EINVAL.into());
            }
            self.futex_wait(cx, ask, true, real)
        } else if command == k.FUTEX_WAKE {
            self.futex_wake(cx, ask)
        } else if command == k.FUTEX_WAKE_BITSET {
            if ask.val3 == 0 {
                return Err(Errno::EINVAL.into());
            }
            self.futex_wake(cx, ask)
        } else if command == k.FUTEX_REQUEUE || command == k.FUTEX_CMP_REQUEUE {
            if !ask.other.is_multiple_of(4) || (ask.val as i32) < 0 || (ask.timeout as i32) < 0 {
                return Err(Errno::EINVAL.into());
            }
            cx.mem.read_u32(ask.other)?;
            if command == k.FUTEX_CMP_REQUEUE && cx.mem.read_u32(ask.word)? != ask.val3 {
                return Err(Errno::EAGAIN.into());
            }
            Ok(0)
        } else if command == k.FUTEX_WAKE_OP {
            wake_op(cx, ask)
        } else if command == k.FUTEX_LOCK_PI || command == k.FUTEX_LOCK_PI2 {
            lock(cx, ask.word, false)
        } else if command == k.FUTEX_TRYLOCK_PI {
            lock(cx, ask.word, true)
        } else if command == k.FUTEX_UNLOCK_PI {
            let tid = cx.task.tid as u32;
            if cx.mem.read_u32(ask.word)? & k.FUTEX_TID_MASK as u32 != tid {
                return Err(Errno::EPERM.into());
            }
            cx.mem.write_u32(ask.word, 0)?;
            Ok(0)
        } else {
            Err(Errno::ENOSYS.into())
        }
    }

    fn futex_wait(&mut self, cx: &mut Cx<'_>, ask: &Ask, absolute: bool, real: bool) -> Outcome {
        let now = self.clock.now();
        if !cx.again {
            cx.task.linux.deadline = None;
            if ask.timeout != 0 {
                let time = cx.get_timespec(ask.timeout, ask.form)?;
                let at = if real {
                    self.clock.wall()
                } else {
                    self.clock.monotonic()
                };
                let left = if absolute {
                    time.saturating_sub(at)
                } else {
                    time
                };
                cx.task.linux.deadline = Some(now.saturating_add(left));
            }
            if cx.mem.read_u32(ask.word)? != ask.val {
                return Err(Errno::EAGAIN.into());
            }
        }
        match cx.task.linux.deadline {
            Some(deadline) => {
                cx.wait_until(now, deadline)?;
                Err(Errno::ETIMEDOUT.into())
            }
            None => {
                let key = key(cx, ask.word);
                Err(cx.block(Wait::Futex(key)))
            }
        }
    }

    /// Nobody else waits for now.
    fn futex_wake(&mut self, cx: &mut Cx<'_>, ask: &Ask) -> Outcome {
        if cx.mem.region_at(ask.word).is_none() && shared(cx, ask.op) {
            return Err(Errno::EFAULT.into());
        }
        Ok(0)
    }
}

/// What makes two words the same: the address in this address space.
fn key(cx: &Cx<'_>, word: u64) -> u64 {
    match cx.mem.shared_at(word) {
        Some((object, offset)) => object.id().rotate_left(40) ^ offset,
        None => cx.mem.id().rotate_left(48) ^ word,
    }
}

fn shared(cx: &Cx<'_>, op: i32) -> bool {
    op as u32 as u64 & cx.k.FUTEX_PRIVATE_FLAG == 0
}

/// Changes the second word.   [Linux kernel/futex/waitwake.c, futex_atomic_op_inuser]
fn wake_op(cx: &mut Cx<'_>, ask: &Ask) -> Outcome {
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
    // The comparison decides whom to wake; there is nobody.
    let compare = u64::from(code >> 24 & 0xf);
    let known = [
        k.FUTEX_OP_CMP_EQ,
        k.FUTEX_OP_CMP_NE,
        k.FUTEX_OP_CMP_LT,
        k.FUTEX_OP_CMP_LE,
        k.FUTEX_OP_CMP_GT,
        k.FUTEX_OP_CMP_GE,
    ];
    let _ = compared;
    if known.contains(&compare) {
        Ok(0)
    } else {
        Err(Errno::ENOSYS.into())
    }
}

/// Takes a lock that inherits priorities.
fn lock(cx: &mut Cx<'_>, word: u64, only_try: bool) -> Outcome {
    let (tid, mask) = (cx.task.tid as u32, cx.k.FUTEX_TID_MASK as u32);
    let old = cx.mem.read_u32(word)?;
    match old & mask {
        0 => {
            cx.mem
                .write_u32(word, tid | old & cx.k.FUTEX_OWNER_DIED as u32)?;
            Ok(0)
        }
        owner if owner == tid => Err(Errno::EDEADLK.into()),
        _ if only_try => Err(Errno::EAGAIN.into()),
        // The owner is nobody that exists.
        _ => Err(Errno::ESRCH.into()),
    }
}

impl services::Sync<Cx<'_>> for Kernel {
    fn futex(&mut self, cx: &mut Cx<'_>, call: &linux::Futex) -> Outcome {
        self.futex(
            cx,
            &Ask {
                word: call.uaddr.address,
                op: call.op,
                val: call.val,
                timeout: call.utime.address,
                form: Form::Own,
                other: call.uaddr2.address,
                val3: call.val3,
            },
        )
    }

    fn futex_time64(&mut self, cx: &mut Cx<'_>, call: &linux::FutexTime64) -> Outcome {
        self.futex(
            cx,
            &Ask {
                word: call.uaddr.address,
                op: call.op,
                val: call.val,
                timeout: call.utime.address,
                form: Form::Wide,
                other: call.uaddr2.address,
                val3: call.val3,
            },
        )
    }

    /// With one CPU every barrier is passed already.   [Linux kernel/sched/membarrier.c]
    fn membarrier(&mut self, cx: &mut Cx<'_>, call: &linux::Membarrier) -> Outcome {
        let k = cx.k;
        let command = call.cmd as u32 as u64;
        let simple = [
            k.MEMBARRIER_CMD_GLOBAL,
            k.MEMBARRIER_CMD_GLOBAL_EXPEDITED,
            k.MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED,
        ];
        let pairs = [
            (
                k.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
                k.MEMBARRIER_CMD_PRIVATE_EXPEDITED,
            ),
            (
                k.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
                k.MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
            ),
        ];
        if call.flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        if command == k.MEMBARRIER_CMD_QUERY {
            let pairs = pairs
                .iter()
                .fold(0, |all, (register, use_)| all | register | use_);
            return Ok(simple.iter().fold(pairs, |all, one| all | one));
        }
        if simple.contains(&command) {
            return Ok(0);
        }
        for (register, use_) in pairs {
            if command == register {
                cx.process().barriers |= register;
                return Ok(0);
            }
            if command == use_ {
                let registered = cx.process().barriers & register != 0;
                return if registered {
                    Ok(0)
                } else {
                    Err(Errno::EPERM.into())
                };
            }
        }
        Err(Errno::EINVAL.into())
    }

    // Without CONFIG_RSEQ.
    fn rseq(&mut self, _cx: &mut Cx<'_>, _call: &linux::Rseq) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Came, SCRATCH, Trial};
    use super::*;

    #[test]
    fn waiting_for_another_value_fails_at_once() {
        for mut t in Trial::all() {
            let k = t.k();
            t.space.write_u32(SCRATCH, 5).expect("scratch");
            let wait = |val| [SCRATCH, k.FUTEX_WAIT | k.FUTEX_PRIVATE_FLAG, val, 0, 0, 0];
            assert_eq!(t.err("futex", &wait(4)), Errno::EAGAIN, "{}", t.name());
            assert!(matches!(
                t.call("futex", &wait(5)),
                Came::Waits(Wait::Futex(_))
            ));
            assert_eq!(
                t.err("futex", &[SCRATCH + 1, k.FUTEX_WAIT, 5, 0, 0, 0]),
                Errno::EINVAL
            );
            assert_eq!(
                t.err("futex", &[8, k.FUTEX_WAIT, 5, 0, 0, 0]),
                Errno::EFAULT
            );
            assert_eq!(t.ok("futex", &[SCRATCH, k.FUTEX_WAKE, 1, 0, 0, 0]), 0);
            assert_eq!(t.err("futex", &[SCRATCH, 99, 1, 0, 0, 0]), Errno::ENOSYS);
        }
    }

    #[test]
    fn a_wait_with_a_time_ends_with_it() {
        for mut t in Trial::all() {
            let k = t.k();
            let word = t.layouts().timespec.tv_nsec.size;
            let one = if word == 8 { (1u64, 8) } else { (1, 4) };
            match (one.1, t.space.endian()) {
                (8, _) => t.space.write_u64(SCRATCH + 64, one.0),
                _ => t.space.write_u32(SCRATCH + 64, 1),
            }
            .expect("scratch");
            let args = [SCRATCH, k.FUTEX_WAIT, 0, SCRATCH + 64, 0, 0];
            let Came::Waits(Wait::Until(until)) = t.call("futex", &args) else {
                panic!("{} does not wait", t.name())
            };
            t.kernel.clock.wait_until(until);
            assert_eq!(t.again("futex", &args), Came::Err(Errno::ETIMEDOUT));
        }
    }

    #[test]
    fn a_second_word_is_changed_as_asked() {
        for mut t in Trial::all() {
            let k = t.k();
            t.space.write_u32(SCRATCH + 4, 6).expect("scratch");
            // Add -2, compare with 0.
            let code = k.FUTEX_OP_ADD << 28 | 0xffe << 12;
            t.ok(
                "futex",
                &[SCRATCH, k.FUTEX_WAKE_OP, 1, 1, SCRATCH + 4, code],
            );
            assert_eq!(t.space.read_u32(SCRATCH + 4), Ok(4));
            // Set bit 5.
            let code = (k.FUTEX_OP_OR | k.FUTEX_OP_OPARG_SHIFT) << 28 | 5 << 12;
            t.ok(
                "futex",
                &[SCRATCH, k.FUTEX_WAKE_OP, 1, 1, SCRATCH + 4, code],
            );
            assert_eq!(t.space.read_u32(SCRATCH + 4), Ok(36));
        }
    }

    #[test]
    fn a_lock_that_inherits_priorities_knows_its_owner() {
        for mut t in Trial::all() {
            let k = t.k();
            t.ok("futex", &[SCRATCH, k.FUTEX_LOCK_PI, 0, 0, 0, 0]);
            assert_eq!(t.space.read_u32(SCRATCH), Ok(1000));
            assert_eq!(
                t.err("futex", &[SCRATCH, k.FUTEX_LOCK_PI, 0, 0, 0, 0]),
                Errno::EDEADLK
            );
            t.ok("futex", &[SCRATCH, k.FUTEX_UNLOCK_PI, 0, 0, 0, 0]);
            assert_eq!(
                t.err("futex", &[SCRATCH, k.FUTEX_UNLOCK_PI, 0, 0, 0, 0]),
                Errno::EPERM
            );
        }
    }

    #[test]
    fn a_barrier_has_to_be_registered_for() {
        for mut t in Trial::all() {
            let k = t.k();
            let (use_, register) = (
                k.MEMBARRIER_CMD_PRIVATE_EXPEDITED,
                k.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
            );
            assert_eq!(t.err("membarrier", &[use_, 0, 0]), Errno::EPERM);
            assert_ne!(
                t.ok("membarrier", &[k.MEMBARRIER_CMD_QUERY, 0, 0]) & register,
                0
            );
            t.ok("membarrier", &[register, 0, 0]);
            t.ok("membarrier", &[use_, 0, 0]);
        }
    }
}
