//! Which calls may a task still make? `seccomp`.   [seccomp(2); Linux kernel/seccomp.c]

mod program;

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Abi, Errno, Outcome, id};

use program::{MOST, Program, Step};

use super::signal::send::abi_of;
use super::signals::{Extra, Info};
use crate::kernel::task::{Task, Tid};
use crate::kernel::{Cx, Kernel};

/// Instructions of all filters of a task at most, and what a filter counts for besides its own.
/// [Linux kernel/seccomp.c, MAX_INSNS_PER_PATH, seccomp_attach_filter]
const MOST_OF_ALL: usize = 32_768;
const OVERHEAD: usize = 4;
/// The largest error number.   [Linux include/linux/err.h, MAX_ERRNO]
const LAST_ERRNO: u32 = 4095;

/// What a task may still do.
#[derive(Debug, Clone, Default)]
pub struct Seccomp(Mode);

#[derive(Debug, Clone, Default)]
enum Mode {
    /// Everything.
    #[default]
    Free,
    /// Read, write, and end.
    Strict,
    /// What all filters allow.
    Filtered(Rc<Filter>),
}

#[derive(Debug)]
struct Filter {
    program: Program,
    before: Option<Rc<Filter>>,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is made.
    Allow,
    /// It fails with an error of this number; 0 is none.
    Fails(u16),
    /// The tracer decides, and is told this; without one it fails with `ENOSYS`.
    Asks(u16),
    /// It is not made, and the task gets `SIGSYS` with this value.
    Traps(u16),
    /// The task ends by a signal, as the ABI numbers it; `true` for its whole process.
    Dies(u64, bool),
}

/// A call as filters see it.
pub struct Seen {
    /// Its number.
    pub number: u32,
    /// Where the task goes on.
    pub pc: u64,
    /// Its arguments as they are passed.
    pub args: [u64; 6],
}

impl Seccomp {
    /// Whether anything is not allowed.
    #[inline]
    pub fn is_on(&self) -> bool {
        !matches!(self.0, Mode::Free)
    }

    /// `PR_GET_SECCOMP`, and what `/proc` shows.
    pub(super) fn mode(&self) -> u64 {
        match self.0 {
            Mode::Free => 0,
            Mode::Strict => 1,
            Mode::Filtered(_) => 2,
        }
    }

    /// How many filters there are.
    pub(super) fn filters(&self) -> usize {
        self.chain().count()
    }

    fn newest(&self) -> Option<&Rc<Filter>> {
        match &self.0 {
            Mode::Filtered(filter) => Some(filter),
            _ => None,
        }
    }

    fn chain(&self) -> impl Iterator<Item = &Filter> {
        let first = self.newest().map(Rc::as_ref);
        std::iter::successors(first, |filter| filter.before.as_deref())
    }

    /// What becomes of a call. `call` is what the number stands for, when it stands for something.
    pub fn judge(&self, abi: &Abi, call: Option<u16>, seen: &Seen) -> Verdict {
        let k = abi.k;
        match self.0 {
            Mode::Free => return Verdict::Allow,
            Mode::Strict => {
                let allowed = [
                    id::READ,
                    id::WRITE,
                    id::EXIT,
                    id::RT_SIGRETURN,
                    id::SIGRETURN,
                ];
                return match call.is_some_and(|call| allowed.contains(&call)) {
                    true => Verdict::Allow,
                    false => Verdict::Dies(k.SIGKILL, false),
                };
            }
            Mode::Filtered(_) => {}
        }
        let mut data = [0; 16];
        data[0] = seen.number;
        data[1] = k.AUDIT_ARCH as u32;
        // Words of 64 bits stand as the CPU has them.
        let mut put = |at: usize, value: u64| {
            let (low, high) = (value as u32, (value >> 32) as u32);
            let big = k.AUDIT_ARCH & LITTLE == 0;
            (data[at], data[at + 1]) = if big { (high, low) } else { (low, high) };
        };
        put(2, seen.pc);
        for (index, value) in seen.args.into_iter().enumerate() {
            put(4 + 2 * index, value);
        }
        let order = |answer: u32| (u64::from(answer) & k.SECCOMP_RET_ACTION_FULL) as u32 as i32;
        let mut answer = k.SECCOMP_RET_ALLOW as u32;
        for filter in self.chain() {
            let own = filter.program.run(&data);
            if order(own) < order(answer) {
                answer = own;
            }
        }
        let action = u64::from(answer) & k.SECCOMP_RET_ACTION_FULL;
        let value = (u64::from(answer) & k.SECCOMP_RET_DATA) as u16;
        if action == k.SECCOMP_RET_ALLOW || action == k.SECCOMP_RET_LOG {
            Verdict::Allow
        } else if action == k.SECCOMP_RET_ERRNO {
            Verdict::Fails(value.min(LAST_ERRNO as u16))
        } else if action == k.SECCOMP_RET_TRAP {
            Verdict::Traps(value)
        } else if action == k.SECCOMP_RET_TRACE {
            Verdict::Asks(value)
        } else if action == k.SECCOMP_RET_USER_NOTIF {
            // Nobody listens.
            Verdict::Fails(Errno::ENOSYS.number(abi))
        } else {
            Verdict::Dies(k.SIGSYS, action != k.SECCOMP_RET_KILL_THREAD)
        }
    }
}

/// `__AUDIT_ARCH_LE`.   [Linux include/uapi/linux/audit.h]
const LITTLE: u64 = 0x4000_0000;

/// The signal of a call that a filter traps.   [Linux kernel/signal.c, force_sig_seccomp]
pub fn trapped(abi: &Abi, seen: &Seen, value: u16) -> Info {
    let k = abi.k;
    Info {
        extra: Extra::Call {
            errno: value,
            address: seen.pc,
            number: seen.number,
            arch: k.AUDIT_ARCH as u32,
        },
        ..Info::new(abi, k.SIGSYS, k.SYS_SECCOMP)
    }
}

/// [Linux kernel/seccomp.c, do_seccomp]
pub(super) fn call(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    operation: u32,
    flags: u32,
    address: u64,
) -> Outcome {
    let k = cx.k;
    let operation = u64::from(operation);
    if operation == k.SECCOMP_SET_MODE_STRICT {
        if flags != 0 || address != 0 {
            return Err(Errno::EINVAL.into());
        }
        strict(cx)
    } else if operation == k.SECCOMP_SET_MODE_FILTER {
        filter(kernel, cx, flags, address)
    } else if operation == k.SECCOMP_GET_ACTION_AVAIL {
        if flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        let action = u64::from(cx.mem.read_u32(address)?);
        let known = [
            k.SECCOMP_RET_KILL_PROCESS,
            k.SECCOMP_RET_KILL_THREAD,
            k.SECCOMP_RET_TRAP,
            k.SECCOMP_RET_ERRNO,
            k.SECCOMP_RET_TRACE,
            k.SECCOMP_RET_LOG,
            k.SECCOMP_RET_ALLOW,
        ];
        match known.contains(&action) {
            true => Ok(0),
            false => Err(Errno::EOPNOTSUPP.into()),
        }
    } else {
        // SECCOMP_GET_NOTIF_SIZES too: there are no listeners.
        Err(Errno::EINVAL.into())
    }
}

pub(super) fn strict(cx: &mut Cx<'_>) -> Outcome {
    if let Mode::Filtered(_) = cx.task.linux.seccomp.0 {
        return Err(Errno::EINVAL.into());
    }
    cx.task.linux.seccomp = Seccomp(Mode::Strict);
    Ok(0)
}

/// [Linux kernel/seccomp.c, seccomp_set_mode_filter]
pub(super) fn filter(kernel: &mut Kernel, cx: &mut Cx<'_>, flags: u32, address: u64) -> Outcome {
    let k = cx.k;
    let flags = u64::from(flags);
    let all_threads = flags & k.SECCOMP_FILTER_FLAG_TSYNC != 0;
    // Those for a listener, which nobody can be here, are as unknown as others.
    let known = k.SECCOMP_FILTER_FLAG_TSYNC
        | k.SECCOMP_FILTER_FLAG_LOG
        | k.SECCOMP_FILTER_FLAG_SPEC_ALLOW
        | k.SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
    if flags & !known != 0 {
        return Err(Errno::EINVAL.into());
    }
    let steps = steps(cx, address)?;
    if !cx.task.linux.credentials.no_new_privs && !cx.capable(k.CAP_SYS_ADMIN) {
        return Err(Errno::EACCES.into());
    }
    let program = Program::check(steps).ok_or(Errno::EINVAL)?;
    let own = &cx.task.linux.seccomp;
    if let Mode::Strict = own.0 {
        return Err(Errno::EINVAL.into());
    }
    let others = own.chain().map(|filter| filter.program.len() + OVERHEAD);
    if program.len() + others.sum::<usize>() > MOST_OF_ALL {
        return Err(Errno::ENOMEM.into());
    }
    let before = own.newest().cloned();
    let threads: Vec<Tid> = cx.process().threads.iter().copied().collect();
    let others = threads.into_iter().filter(|tid| *tid != cx.task.tid);
    let others: Vec<Tid> = others.collect();
    if all_threads {
        // Each of the others has to have filters that this task has, too.   [Linux kernel/seccomp.c, seccomp_can_sync_threads]
        let fits = |other: &Task| match &other.linux.seccomp.0 {
            Mode::Free => true,
            Mode::Strict => false,
            Mode::Filtered(theirs) => {
                let mut at = before.as_ref();
                std::iter::from_fn(|| {
                    let this = at?;
                    at = this.before.as_ref();
                    Some(this)
                })
                .any(|own| Rc::ptr_eq(own, theirs))
            }
        };
        let mut tasks = others.iter().filter_map(|tid| kernel.tasks.get(*tid));
        if let Some(other) = tasks.find(|other| !fits(other)) {
            return match flags & k.SECCOMP_FILTER_FLAG_TSYNC_ESRCH {
                0 => Ok(other.tid as u64),
                _ => Err(Errno::ESRCH.into()),
            };
        }
    }
    let filtered = Seccomp(Mode::Filtered(Rc::new(Filter { program, before })));
    if all_threads {
        let no_new_privs = cx.task.linux.credentials.no_new_privs;
        for tid in others {
            if let Some(other) = kernel.tasks.get_mut(tid) {
                other.linux.seccomp = filtered.clone();
                other.linux.credentials.no_new_privs |= no_new_privs;
            }
        }
    }
    cx.task.linux.seccomp = filtered;
    Ok(0)
}

/// Reads a `struct sock_fprog` and what it points at.   [Linux include/uapi/linux/filter.h]
fn steps(cx: &mut Cx<'_>, address: u64) -> Result<Vec<Step>, Stop<Errno>> {
    let len = usize::from(cx.mem.read_u16(address)?);
    // The pointer is aligned as pointers are.
    let array = cx.read_word(address.wrapping_add(cx.word()))?;
    if len == 0 || len > MOST {
        return Err(Errno::EINVAL.into());
    }
    let mut steps = Vec::with_capacity(len);
    for index in 0..len {
        let at = array.wrapping_add(8 * index as u64);
        steps.push(Step {
            code: cx.mem.read_u16(at)?,
            if_true: cx.mem.read_u8(at.wrapping_add(2))?,
            if_false: cx.mem.read_u8(at.wrapping_add(3))?,
            k: cx.mem.read_u32(at.wrapping_add(4))?,
        });
    }
    Ok(steps)
}

/// How a task ends that a filter kills.
pub fn death(task: &Task, signal: u64) -> crate::event::ExitStatus {
    let abi = abi_of(task);
    let limits = task.linux.process.borrow().limits.clone();
    super::signals::killed(abi.k, &Info::new(abi, signal, 0), &limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::linux::trial::{SCRATCH, Trial};

    impl Trial {
        /// Adds a filter that answers a call with an action, and allows all others.
        fn filter(&mut self, number: u32, action: u32) -> Outcome {
            let steps: [(u16, u8, u8, u32); 4] = [
                (0x20, 0, 0, 0),
                (0x15, 0, 1, number),
                (0x06, 0, 0, action),
                (0x06, 0, 0, 0x7fff_0000),
            ];
            let at = SCRATCH + 64;
            let endian = self.space.endian();
            let order = |value: u16| match endian {
                emu_cpu::Endian::Little => value.to_le_bytes(),
                emu_cpu::Endian::Big => value.to_be_bytes(),
            };
            for (index, (code, yes, no, k)) in steps.into_iter().enumerate() {
                let at = at + 8 * index as u64;
                self.space.write(at, &order(code)).expect("scratch");
                self.space.write(at + 2, &[yes, no]).expect("scratch");
                self.space.write_u32(at + 4, k).expect("scratch");
                self.space.write(SCRATCH, &order(4)).expect("scratch");
            }
            match self.abi().model {
                emu_prototypes::DataModel::Ilp32 => self.space.write_u32(SCRATCH + 4, at as u32),
                _ => self.space.write_u64(SCRATCH + 8, at),
            }
            .expect("scratch");
            let mode = self.k().SECCOMP_SET_MODE_FILTER;
            match self.call("seccomp", &[mode, 0, SCRATCH]) {
                crate::kernel::linux::trial::Came::Ok(value) => Ok(value),
                crate::kernel::linux::trial::Came::Err(errno) => Err(errno.into()),
                other => panic!("{other:?}"),
            }
        }

        fn judged(&self, number: u32) -> Verdict {
            let seen = Seen {
                number,
                pc: 0,
                args: [0; 6],
            };
            self.task.linux.seccomp.judge(self.abi(), None, &seen)
        }
    }

    #[test]
    fn the_strictest_filter_decides() {
        for mut t in Trial::all() {
            assert_eq!(t.filter(7, 0x5_0003), Err(Errno::EACCES.into()));
            let k = t.k();
            t.ok("prctl", &[k.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
            assert_eq!(t.filter(7, 0x5_0003), Ok(0), "{}", t.name());
            assert_eq!(t.judged(7), Verdict::Fails(3));
            assert_eq!(t.judged(8), Verdict::Allow);
            assert_eq!(t.filter(7, 0x3_0009), Ok(0));
            assert_eq!(t.judged(7), Verdict::Traps(9));
            assert_eq!(t.filter(7, 0x7ffc_0000), Ok(0), "it would log");
            assert_eq!(t.judged(7), Verdict::Traps(9));
            assert_eq!(t.filter(7, 0x8000_0000), Ok(0));
            assert_eq!(t.judged(7), Verdict::Dies(k.SIGSYS, true));
            assert_eq!(t.ok("prctl", &[k.PR_GET_SECCOMP, 0, 0, 0, 0]), 2);
            let strict = [k.SECCOMP_SET_MODE_STRICT, 0, 0];
            assert_eq!(t.err("seccomp", &strict), Errno::EINVAL);
        }
    }

    #[test]
    fn filters_have_an_end() {
        let mut t = Trial::new("linux_x64");
        let k = t.k();
        t.ok("prctl", &[k.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
        let count = (0..).take_while(|_| t.filter(7, 0x5_0001).is_ok()).count();
        assert_eq!(
            count, 4096,
            "of four instructions, and what each counts for besides"
        );
        assert_eq!(t.judged(7), Verdict::Fails(1));
    }
}
