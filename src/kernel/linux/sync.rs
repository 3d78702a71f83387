//! Section `sync`: futexes and barriers.

mod futex;
mod robust;
mod waitv;

use emu_prototypes::linux::{self, Errno, Outcome, services};

use super::time::Form;
use crate::kernel::{Cx, Kernel};

use futex::Ask;
pub(super) use futex::Futexes;

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

    fn futex_waitv(&mut self, cx: &mut Cx<'_>, call: &linux::FutexWaitv) -> Outcome {
        waitv::futex_waitv(self, cx, call)
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

    // Newer than the kernel that this one is like.
    fn futex_wait(&mut self, _cx: &mut Cx<'_>, _call: &linux::FutexWait) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn futex_wake(&mut self, _cx: &mut Cx<'_>, _call: &linux::FutexWake) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn futex_requeue(&mut self, _cx: &mut Cx<'_>, _call: &linux::FutexRequeue) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

#[cfg(test)]
mod tests {
    use emu_cpu::GuestMemory;

    use super::super::trial::{Came, SCRATCH, Trial};
    use super::*;
    use crate::kernel::wait::Wait;

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
            assert_eq!(t.ok("futex", &[SCRATCH, k.FUTEX_WAKE, 1, 0, 0, 0]), 1);
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
    fn a_wait_for_several_words_ends_at_any_of_them() {
        for mut t in Trial::all() {
            let k = t.k();
            let at = t.layouts().futex_waitv;
            let list = SCRATCH + 256;
            for index in 0..3 {
                let mut image = crate::kernel::layout::Image::new(at.size, t.space.endian());
                image
                    .put(at.uaddr, SCRATCH + 4 * index)
                    .put(at.flags, k.FUTEX_32 | k.FUTEX_PRIVATE_FLAG);
                let place = list + index * u64::from(at.size);
                image.store(&mut t.space, place).expect("scratch");
            }
            let args = [list, 3, 0, 0, 0];
            let wake = |index: u64| [SCRATCH + 4 * index, k.FUTEX_WAKE, 9, 0, 0, 0];
            assert!(matches!(
                t.call("futex_waitv", &args),
                Came::Waits(Wait::Futex(_))
            ));
            assert!(matches!(
                t.again("futex_waitv", &args),
                Came::Waits(Wait::Futex(_))
            ));
            assert_eq!(t.ok("futex", &wake(1)), 1, "{}", t.name());
            assert_eq!(t.ok("futex", &wake(0)), 0);
            assert_eq!(t.again("futex_waitv", &args), Came::Ok(1));
            t.space.write_u32(SCRATCH + 8, 1).expect("scratch");
            assert_eq!(t.err("futex_waitv", &args), Errno::EAGAIN);
            assert_eq!(t.ok("futex", &wake(0)), 0);
            for (args, error) in [
                ([list, 0, 0, 0, 0], Errno::EINVAL),
                ([list, k.FUTEX_WAITV_MAX + 1, 0, 0, 0], Errno::EINVAL),
                ([list, 3, 1, 0, 0], Errno::EINVAL),
                ([8, 3, 0, 0, 0], Errno::EFAULT),
                ([list, 3, 0, SCRATCH, 99], Errno::EINVAL),
            ] {
                assert_eq!(t.err("futex_waitv", &args), error);
            }
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
