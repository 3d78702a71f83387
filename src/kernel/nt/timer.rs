//! When is a timer due, and what happens then?

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::apc::{self, Apc};
use super::executive::system_time;
use super::handles::Object;
use super::thread::Thread;
use super::{Outcome, query};
use crate::kernel::linux::Alarm;
use crate::kernel::timer::Ticket;
use crate::kernel::{Cx, Kernel};

/// A timer.
#[derive(Debug)]
pub struct Timer {
    /// Whether it stays signaled until it is set again.
    manual: bool,
    signaled: Cell<bool>,
    set: RefCell<Option<Set>>,
}

/// How it is set.
#[derive(Debug)]
struct Set {
    due: u64,
    /// Nanoseconds after which it is due again, or 0.
    period: u64,
    /// The thread that is told, the function it calls, and that one's argument.
    told: Option<(Weak<Thread>, u64, u64)>,
    _ticket: Option<Ticket>,
}

impl Timer {
    pub(super) fn new(manual: bool) -> Timer {
        Timer {
            manual,
            signaled: Cell::new(false),
            set: RefCell::new(None),
        }
    }

    pub(super) fn is_signaled(&self) -> bool {
        self.signaled.get()
    }

    /// A wait for it is over.
    pub(super) fn take(&self) {
        self.signaled.set(self.signaled.get() && self.manual);
    }
}

/// What a timer is set to: a time, a period in nanoseconds, a function and its argument.
struct Wish {
    time: i64,
    period: u64,
    function: u64,
    argument: u64,
}

/// Access to change a timer.   [winnt.h, TIMER_MODIFY_STATE, TIMER_QUERY_STATE]
const MODIFY: u32 = 2;
const QUERY: u32 = 1;

/// Serves `NtSetTimer`.
pub(super) fn set(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtSetTimer) -> Outcome {
    let timer = timer(kernel, cx, call.TimerHandle, MODIFY)?;
    let period = u64::try_from(call.Period).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let time = cx.mem.read_u64(call.DueTime.address)?.cast_signed();
    let wish = Wish {
        time,
        period: period * 1_000_000,
        function: call.TimerApcRoutine.address,
        argument: call.TimerContext.address,
    };
    let before = start(kernel, cx, &timer, &wish);
    put_state(cx, call.PreviousState.address, before)?;
    // A machine that sleeps is not woken by it.
    Ok(match call.ResumeTimer {
        0 => 0,
        _ => NtStatus::TIMER_RESUME_IGNORED.0.into(),
    })
}

/// Serves `NtSetTimerEx`: `TimerSetCoalescableTimer` has the same in a structure.
/// [the headers of the crate phnt, ntexapi.h: TIMER_SET_COALESCABLE_TIMER_INFO]
pub(super) fn set_ex(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtSetTimerEx) -> Outcome {
    let timer = timer(kernel, cx, call.TimerHandle, MODIFY)?;
    if call.TimerSetInformationClass != 0 {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let word = cx.word();
    if u64::from(call.TimerSetInformationLength) != 16 + 4 * word {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let at = call.TimerSetInformation.address;
    let time = cx.mem.read_u64(at)?.cast_signed();
    let mut field = |index: u64| cx.read_word(at.wrapping_add(8 + index * word));
    let (function, argument) = (field(0)?, field(1)?);
    let period = cx.mem.read_u32(at.wrapping_add(8 + 3 * word))?;
    let previous = cx.read_word(at.wrapping_add(16 + 3 * word))?;
    let wish = Wish {
        time,
        period: u64::from(period) * 1_000_000,
        function,
        argument,
    };
    let before = start(kernel, cx, &timer, &wish);
    put_state(cx, previous, before)?;
    Ok(0)
}

/// Serves `NtSetTimer2`, whose period is in units of 100 ns.
pub(super) fn set_2(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtSetTimer2) -> Outcome {
    let timer = timer(kernel, cx, call.TimerHandle, MODIFY)?;
    let time = cx.mem.read_u64(call.DueTime.address)?.cast_signed();
    let period = match call.Period.address {
        0 => 0,
        at => cx.mem.read_u64(at)?,
    };
    let wish = Wish {
        time,
        period: period.saturating_mul(100),
        function: 0,
        argument: 0,
    };
    start(kernel, cx, &timer, &wish);
    Ok(0)
}

/// Sets a timer, and answers whether it was signaled.
fn start(kernel: &mut Kernel, cx: &mut Cx<'_>, timer: &Rc<Timer>, wish: &Wish) -> bool {
    apc::forget(kernel, timer);
    let before = timer.signaled.replace(false);
    let due = kernel.point(wish.time);
    let thread = kernel.nt_thread(cx, cx.task.tid);
    let told = (wish.function != 0).then(|| (Rc::downgrade(&thread), wish.function, wish.argument));
    let now = kernel.clock.now();
    let alarm = Alarm::Windows(Rc::downgrade(timer));
    let ticket = (due > now).then(|| kernel.linux.timers.keep(due, alarm));
    timer.set.replace(Some(Set {
        due,
        period: wish.period,
        told,
        _ticket: ticket,
    }));
    if due <= now {
        kernel.nt_timer_is_due(&Rc::downgrade(timer), due);
    }
    before
}

/// Serves `NtCancelTimer`.
pub(super) fn cancel(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtCancelTimer) -> Outcome {
    let timer = timer(kernel, cx, call.TimerHandle, MODIFY)?;
    timer.set.take();
    apc::forget(kernel, &timer);
    put_state(cx, call.CurrentState.address, timer.signaled.get())?;
    Ok(0)
}

/// Serves `NtQueryTimer`: `TIMER_BASIC_INFORMATION` is what is left of its time, and whether it is signaled.
pub(super) fn query(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtQueryTimer) -> Outcome {
    let timer = timer(kernel, cx, call.TimerHandle, QUERY)?;
    if call.TimerInformationClass != 0 {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let now = kernel.clock.now();
    let left = timer.set.borrow().as_ref().map_or(0, |set| {
        let (due, now) = (i128::from(set.due), i128::from(now));
        i64::try_from((due - now) / 100).unwrap_or(i64::MAX)
    });
    let mut bytes = left.to_le_bytes().to_vec();
    bytes.push(timer.signaled.get().into());
    bytes.resize(16, 0);
    let at = call.TimerInformation.address;
    let length = call.TimerInformationLength;
    query::tell(cx, &bytes, at, length, call.ReturnLength.address)
}

fn timer(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    handle: u64,
    access: u32,
) -> Result<Rc<Timer>, NtStatus> {
    match kernel.nt_object_for(cx, handle, access)? {
        Object::Timer(timer) => Ok(timer),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

fn put_state(cx: &mut Cx<'_>, at: u64, state: bool) -> Result<(), NtStatus> {
    match at {
        0 => Ok(()),
        at => Ok(cx.mem.write(at, &[state.into()])?),
    }
}

impl Kernel {
    /// The time of a timer has come: it is signaled, its thread is told, and it is set again when it has a period.
    pub(crate) fn nt_timer_is_due(&mut self, timer: &Weak<Timer>, at: u64) {
        let Some(timer) = timer.upgrade() else {
            return;
        };
        timer.signaled.set(true);
        let told = {
            let mut set = timer.set.borrow_mut();
            let told = set.as_ref().and_then(|set| set.told.clone());
            match &mut *set {
                Some(own) if own.period > 0 => {
                    // Those that have been missed are.
                    let now = self.clock.now();
                    let next = at.saturating_add(own.period);
                    own.due = match next > now {
                        true => next,
                        false => now.saturating_add(own.period),
                    };
                    let alarm = Alarm::Windows(Rc::downgrade(&timer));
                    own._ticket = Some(self.linux.timers.keep(own.due, alarm));
                }
                Some(own) => own._ticket = None,
                None => {}
            }
            told
        };
        if let Some((thread, function, argument)) = told
            && let Some(thread) = thread.upgrade()
        {
            let now = system_time(self);
            apc::queue_of_timer(
                self,
                &thread,
                Apc {
                    function,
                    arguments: [argument, now & 0xffff_ffff, now >> 32],
                    timer: Rc::downgrade(&timer),
                    used: None,
                },
            );
        }
        self.signal(&Object::Timer(timer));
    }
}
