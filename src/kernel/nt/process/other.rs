//! Which process does a handle stand for, and what may another one do with it?

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::memory::{PAGE, RegionFlags};
use emu_cpu::{AddressSpace, Prot};
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::super::Outcome;
use super::super::handles::Object;
use super::super::memory::access;
use super::super::named::Wish;
use crate::event::ExitStatus;
use crate::kernel::linux::process::{Life, Process};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Fate, Kernel};

/// Bytes that are moved at once.
const PIECE: u64 = 0x1_0000;
/// `PROCESS_TERMINATE` and `PROCESS_SUSPEND_RESUME`.   [winnt.h]
const TERMINATE: u32 = 1;
const SUSPEND_RESUME: u32 = 0x800;

/// The status of a process that has ended, or is about to.
pub(in crate::kernel::nt) fn ended(process: &Process) -> Option<u32> {
    let (Life::Zombie(status) | Life::Ends(status)) = process.life else {
        return None;
    };
    Some(match status {
        ExitStatus::Status(status) => status,
        other => other.code().into(),
    })
}

/// Serves `NtOpenProcess`.
pub(super) fn open(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtOpenProcess) -> Outcome {
    let word = cx.word();
    let (process, thread) = match call.ClientId.address {
        0 => return Err(NtStatus::INVALID_PARAMETER_MIX.into()),
        at => (cx.read_word(at)?, cx.read_word(at.wrapping_add(word))?),
    };
    let number = if process != 0 { process } else { thread };
    let wish = Wish::new(
        call.ProcessHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    open_number(kernel, cx, number, wish)
}

/// Gives a handle of the running process that has a number.
pub(in crate::kernel::nt) fn open_number(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    number: u64,
    wish: Wish,
) -> Outcome {
    let found = pid(number).and_then(|pid| kernel.linux.processes.get(pid).cloned());
    let found = found.filter(|process| ended(&process.borrow()).is_none());
    let found = found.ok_or(NtStatus::INVALID_CID)?;
    let flags = cx.handle_flags(wish.attributes);
    kernel.nt_hand_allowed(cx, wish, flags, Object::Process(found), None)?;
    Ok(0)
}

/// The process that Windows gives a number. The two lowest bits are not looked at.
pub(in crate::kernel::nt) fn pid(number: u64) -> Option<Tid> {
    let number = number & !3;
    match number % 8 {
        0 => Tid::try_from(number / 8).ok(),
        _ => None,
    }
}

/// Serves `NtGetNextProcess`: the running process with the next number.
pub(super) fn next(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtGetNextProcess) -> Outcome {
    let after = match call.ProcessHandle {
        0 => 0,
        handle => kernel.process_of(cx, handle)?.borrow().pid,
    };
    let rest = kernel.linux.processes.iter().filter(|process| {
        let process = process.borrow();
        process.pid > after && ended(&process).is_none()
    });
    // Those that may not be opened so are left out.
    let rest: Vec<_> = rest.cloned().map(Object::Process).collect();
    let mut rest = rest.into_iter();
    let next = rest.find(|next| kernel.nt_allowed(cx, next, call.DesiredAccess).is_ok());
    let next = next.ok_or(NtStatus::NO_MORE_ENTRIES)?;
    let wish = Wish {
        handle: call.NewProcessHandle.address,
        access: call.DesiredAccess,
        attributes: 0,
    };
    let flags = call.HandleAttributes;
    kernel.nt_hand_allowed(cx, wish, flags, next, None)?;
    Ok(0)
}

/// Serves `NtTerminateProcess` with a handle.
pub(super) fn terminate(kernel: &mut Kernel, cx: &mut Cx<'_>, handle: u64, status: u32) -> Outcome {
    let process = kernel.process_for(cx, handle, TERMINATE)?;
    let status = ExitStatus::Status(status);
    if Rc::ptr_eq(&process, &cx.task.linux.process) {
        cx.fate = Some(Fate::ExitGroup(status));
        return Err(Stop::Never);
    }
    if ended(&process.borrow()).is_some() {
        return Err(NtStatus::PROCESS_IS_TERMINATING.into());
    }
    kernel.end_process(&process, status);
    Ok(0)
}

/// Serves `NtSuspendProcess` and `NtResumeProcess`: each thread is counted.
pub(super) fn suspend(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    handle: u64,
    count: impl Fn(u32) -> u32,
) -> Outcome {
    let process = kernel.process_for(cx, handle, SUSPEND_RESUME)?;
    if ended(&process.borrow()).is_some() {
        return Err(NtStatus::PROCESS_IS_TERMINATING.into());
    }
    let threads: Vec<Tid> = process.borrow().threads.iter().copied().collect();
    let threads: Vec<_> = threads
        .into_iter()
        .map(|tid| kernel.nt_thread(cx, tid))
        .collect();
    kernel.suspend_all(cx, &threads, count)
}

/// Serves `NtReadVirtualMemory`. What can't be read ends it.
pub(in crate::kernel::nt) fn read(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtReadVirtualMemory,
) -> Outcome {
    kernel.process_for(cx, call.ProcessHandle, access::READ)?;
    let space = kernel.space_of(cx, call.ProcessHandle)?;
    let size = call.NumberOfBytesToRead;
    let mut done = 0;
    while done < size {
        let mut bytes = vec![0; piece(call.BaseAddress.address, done, size)];
        let from = call.BaseAddress.address.wrapping_add(done);
        let read = match &space {
            Some(space) => space.borrow_mut().read(from, &mut bytes),
            None => cx.mem.read(from, &mut bytes),
        };
        if read.is_err() {
            break;
        }
        cx.mem
            .write(call.Buffer.address.wrapping_add(done), &bytes)?;
        done += bytes.len() as u64;
    }
    moved(cx, call.NumberOfBytesRead.address, done, size)
}

/// Serves `NtWriteVirtualMemory`.
pub(in crate::kernel::nt) fn write(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtWriteVirtualMemory,
) -> Outcome {
    kernel.process_for(cx, call.ProcessHandle, access::WRITE)?;
    let forces = cx.is_wine();
    let space = kernel.space_of(cx, call.ProcessHandle)?;
    let size = call.NumberOfBytesToWrite;
    let mut done = 0;
    while done < size {
        let mut bytes = vec![0; piece(call.BaseAddress.address, done, size)];
        cx.mem
            .read(call.Buffer.address.wrapping_add(done), &mut bytes)?;
        let to = call.BaseAddress.address.wrapping_add(done);
        let written = match &space {
            Some(space) => write_page(&mut space.borrow_mut(), forces, to, &bytes),
            None => write_page(cx.mem, forces, to, &bytes),
        };
        if written.is_err() {
            break;
        }
        done += bytes.len() as u64;
    }
    moved(cx, call.NumberOfBytesWritten.address, done, size)
}

/// Writes bytes of one page. Wine's libraries leave to the kernel what those of Windows do themselves: a page of a process's
/// own that can be read only, code above all, can be written during that, when `forces` says so.   [WriteProcessMemory]
fn write_page(
    space: &mut AddressSpace,
    forces: bool,
    to: u64,
    bytes: &[u8],
) -> Result<(), emu_cpu::Fault> {
    let region = space.region_at(to).filter(|region| {
        let own = !region.backing.is_shared() && !region.flags.contains(RegionFlags::SEALED);
        forces && own && !region.prot.contains(Prot::WRITE) && !region.prot.is_empty()
    });
    let prot = region.map(|region| region.prot);
    let page = to & !(PAGE - 1);
    match prot {
        Some(prot) if space.protect(page, PAGE, prot | Prot::WRITE).is_ok() => {
            let written = space.write(to, bytes);
            let back = space.protect(page, PAGE, prot);
            debug_assert!(back.is_ok(), "it had these rights");
            written
        }
        _ => space.write(to, bytes),
    }
}

/// The next bytes: up to the end of a page first, as rights change there.
fn piece(base: u64, done: u64, size: u64) -> usize {
    let at = base.wrapping_add(done);
    let page = PIECE.min(0x1000) - (at & 0xfff);
    page.min(size - done) as usize
}

fn moved(cx: &mut Cx<'_>, at: u64, done: u64, size: u64) -> Outcome {
    if at != 0 {
        cx.write_word(at, done)?;
    }
    match done == size {
        true => Ok(0),
        false => Err(NtStatus::PARTIAL_COPY.into()),
    }
}

impl Kernel {
    /// The process that a handle stands for.
    pub(in crate::kernel::nt) fn process_of(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
    ) -> Result<Rc<RefCell<Process>>, NtStatus> {
        self.process_for(cx, handle, 0)
    }

    /// The same of one that may be used so.
    pub(in crate::kernel::nt) fn process_for(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        access: u32,
    ) -> Result<Rc<RefCell<Process>>, NtStatus> {
        match self.nt_object_for(cx, handle, access)? {
            Object::Process(process) => Ok(process),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// The memory of another process, `None` for that of the one that asks.
    pub(in crate::kernel::nt) fn space_of(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
    ) -> Result<Option<Rc<RefCell<AddressSpace>>>, NtStatus> {
        let process = self.process_of(cx, handle)?;
        if Rc::ptr_eq(&process, &cx.task.linux.process) {
            return Ok(None);
        }
        let task = self.task_of(&process.borrow());
        let task = task.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
        Ok(Some(task.space.clone()))
    }
}
