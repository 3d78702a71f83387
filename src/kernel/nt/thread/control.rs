//! Threads are suspended, alerted and ended, and found by their numbers.

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Thread;
use crate::event::ExitStatus;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::memory::access;
use crate::kernel::nt::named::Wish;
use crate::kernel::nt::wait::{What, sleep};
use crate::kernel::nt::{Outcome, client_id};
use crate::kernel::task::Tid;
use crate::kernel::wait::Wake;
use crate::kernel::{Cx, Kernel};

/// [winnt.h, MAXIMUM_SUSPEND_COUNT]
const MAX_SUSPENDED: u32 = 0x7f;
/// `THREAD_TERMINATE`, `THREAD_SUSPEND_RESUME`, `THREAD_ALERT`.   [winnt.h; ntddk.h]
const TERMINATE: u32 = 1;
const SUSPEND_RESUME: u32 = 2;
const ALERT: u32 = 4;

/// Serves `NtTerminateThread`.
pub(in crate::kernel::nt) fn terminate(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtTerminateThread,
) -> Outcome {
    let last = kernel.other_threads(cx.task).is_empty();
    let status = ExitStatus::Status(call.ExitStatus.cast_unsigned());
    let tid = match call.ThreadHandle {
        0 if last => return Err(NtStatus::CANT_TERMINATE_SELF.into()),
        0 => cx.task.tid,
        handle => match kernel.nt_object_for(cx, handle, TERMINATE)? {
            Object::Thread(thread) => thread.tid,
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        },
    };
    if tid == cx.task.tid {
        kernel.nt_thread(cx, tid).leaves.set(true);
        // The status of the last one is that of the process.
        cx.fate = Some(match last {
            true => crate::kernel::Fate::ExitGroup(status),
            false => crate::kernel::Fate::Exit(status),
        });
        return Err(Stop::Never);
    }
    if let Some(task) = kernel.tasks.get_mut(tid) {
        task.doom = Some(status);
        task.waker.wake();
    }
    Ok(0)
}

/// Serves `NtOpenThread`. A `CLIENT_ID` has the numbers of process and thread; that of the process may be left out.
pub(in crate::kernel::nt) fn open(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtOpenThread,
) -> Outcome {
    let word = cx.word();
    let wish = Wish::new(call.ThreadHandle, call.DesiredAccess, call.ObjectAttributes);
    let flags = cx
        .attributes(wish.attributes)?
        .map_or(0, |named| named.flags);
    let process = cx.read_word(call.ClientId.address)?;
    let number = cx.read_word(call.ClientId.address.wrapping_add(word))?;
    let thread = kernel.any_thread(cx, number).ok_or(NtStatus::INVALID_CID)?;
    let (own, _) = client_id(thread.pid, 0);
    if process != 0 && process != own {
        return Err(NtStatus::INVALID_CID.into());
    }
    kernel.nt_hand_allowed(cx, wish, flags, Object::Thread(thread), None)?;
    Ok(0)
}

/// Serves `NtGetNextThread`: the threads of the process, one after the other.
pub(in crate::kernel::nt) fn next(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtGetNextThread,
) -> Outcome {
    if call.Flags != 0 {
        return Err(NtStatus::INVALID_PARAMETER_5.into());
    }
    let process = kernel.process_for(cx, call.ProcessHandle, access::QUERY)?;
    let after = match call.ThreadHandle {
        0 => 0,
        handle => match kernel.nt_object(cx, handle)? {
            Object::Thread(thread) => thread.tid,
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        },
    };
    let tids: Vec<Tid> = process.borrow().threads.iter().copied().collect();
    let next = tids.into_iter().filter(|tid| *tid > after).min();
    let Some(next) = next else {
        return Err(NtStatus::NO_MORE_ENTRIES.into());
    };
    let thread = kernel.nt_thread(cx, next);
    let wish = Wish {
        handle: call.NewThreadHandle.address,
        access: call.DesiredAccess,
        attributes: 0,
    };
    let object = Object::Thread(thread);
    kernel.nt_hand_allowed(cx, wish, call.HandleAttributes, object, None)?;
    Ok(0)
}

/// Serves `NtAlertThread`: the thread's next alertable wait ends.
pub(in crate::kernel::nt) fn alert(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Outcome {
    let Object::Thread(thread) = kernel.nt_object_for(cx, handle, ALERT)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    thread.alerted.set(true);
    kernel.nt_wake(&thread);
    Ok(0)
}

/// Serves `NtAlertThreadByThreadId`: the wait of a thread for its number ends, or the next one does.
pub(in crate::kernel::nt) fn tell(kernel: &mut Kernel, cx: &Cx<'_>, number: u64) -> Outcome {
    let thread = kernel.nt_thread_of(cx, number)?;
    let waits = thread
        .waiting
        .borrow()
        .as_ref()
        .is_some_and(|waiting| waiting.is_for_alert());
    match waits {
        true => kernel.end_wait(&thread, NtStatus::ALERTED.0.into()),
        false => thread.told.set(true),
    }
    Ok(0)
}

/// Serves `NtWaitForAlertByThreadId`.
pub(in crate::kernel::nt) fn wait_to_be_told(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtWaitForAlertByThreadId,
) -> Outcome {
    let timeout = call.Timeout.address;
    match kernel.wait_again(cx, timeout) {
        Some(outcome) => outcome,
        None => kernel.nt_wait_for(cx, What::Alert, false, timeout),
    }
}

/// The thread that Windows gives a number.
fn tid(number: u64) -> Option<Tid> {
    let number = number.checked_sub(4).filter(|number| number % 8 == 0)?;
    Tid::try_from(number / 8).ok()
}

impl Kernel {
    /// The thread of the process that has a number.
    pub(in crate::kernel::nt) fn nt_thread_of(
        &mut self,
        cx: &Cx<'_>,
        number: u64,
    ) -> Result<Rc<Thread>, NtStatus> {
        match tid(number) {
            Some(tid) if cx.process().threads.contains(&tid) => Ok(self.nt_thread(cx, tid)),
            _ => Err(NtStatus::INVALID_CID),
        }
    }

    /// The thread of any process of Windows that has a number.
    fn any_thread(&mut self, cx: &Cx<'_>, number: u64) -> Option<Rc<Thread>> {
        let tid = tid(number)?;
        if cx.process().threads.contains(&tid) {
            return Some(self.nt_thread(cx, tid));
        }
        let pid = self.tasks.get(tid)?.linux.process.borrow().pid;
        let known = self.nt.processes.contains_key(&pid);
        known.then(|| self.nt_thread(cx, tid))
    }

    /// Counts how often a thread is suspended, and tells how often it was. It goes on at 0.
    pub(in crate::kernel::nt) fn suspend(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        previous: u64,
        count: impl Fn(u32) -> u32,
    ) -> Outcome {
        if cx.again {
            return self.stay(cx);
        }
        let Object::Thread(thread) = self.nt_object_for(cx, handle, SUSPEND_RESUME)? else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        if thread.ended.get().is_some() {
            return Err(NtStatus::THREAD_IS_TERMINATING.into());
        }
        let before = thread.suspended.get();
        if count(before) > MAX_SUSPENDED {
            return Err(NtStatus::SUSPEND_COUNT_EXCEEDED.into());
        }
        cx.returned_length(previous, before.into())?;
        thread.suspended.set(count(before));
        if thread.tid == cx.task.tid {
            return self.stay(cx);
        }
        if count(before) == 0
            && let Some(task) = self.tasks.get_mut(thread.tid)
        {
            task.waker.wake();
        }
        Ok(0)
    }

    /// Counts how often each of several threads is suspended, as far as it goes, and tells nothing.
    pub(in crate::kernel::nt) fn suspend_all(
        &mut self,
        cx: &mut Cx<'_>,
        threads: &[Rc<Thread>],
        count: impl Fn(u32) -> u32,
    ) -> Outcome {
        if cx.again {
            return self.stay(cx);
        }
        for thread in threads {
            let after = count(thread.suspended.get());
            if after <= MAX_SUSPENDED {
                thread.suspended.set(after);
            }
            if let Some(task) = self.tasks.get_mut(thread.tid).filter(|_| after == 0) {
                task.waker.wake();
            }
        }
        self.stay(cx)
    }

    /// A thread that has suspended itself goes on when it is resumed.
    fn stay(&mut self, cx: &mut Cx<'_>) -> Outcome {
        match self.is_suspended(cx.task.tid) {
            true => Err(sleep(cx, None)),
            false => Ok(0),
        }
    }
}
