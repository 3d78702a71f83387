//! Which sections do both ends of a connection see?   [the headers of the crate phnt, ntlpcapi.h: PORT_VIEW, REMOTE_PORT_VIEW]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::Port;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::memory::{Section, hide, show};

use crate::kernel::{Cx, Kernel};

/// Access to a section that a view takes.   [winnt.h: SECTION_MAP_WRITE, SECTION_MAP_READ]
const MAP: u32 = 6;

/// Bytes of a `PORT_VIEW` and of a `REMOTE_PORT_VIEW`.
pub(super) fn sizes(word: u64) -> (u64, u64) {
    (6 * word, 3 * word)
}

/// What a `PORT_VIEW` asks for.
pub(super) struct View {
    section: u64,
    offset: u64,
    size: u64,
}

/// A section that a client shows, until the server has it, too: where the client sees it, and how much.
pub(super) struct Shown {
    section: Rc<Section>,
    offset: u64,
    pub(super) base: u64,
    pub(super) size: u64,
    /// Where the other end sees it.
    pub(super) remote: u64,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl View {
    pub(super) fn read(cx: &mut Cx<'_>, at: u64) -> Result<Option<View>, NtStatus> {
        if at == 0 {
            return Ok(None);
        }
        let word = cx.word();
        if u64::from(cx.mem.read_u32(at)?) != sizes(word).0 {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        Ok(Some(View {
            section: cx.read_word(at.wrapping_add(word))?,
            offset: cx.mem.read_u32(at.wrapping_add(2 * word))?.into(),
            size: cx.read_word(at.wrapping_add(3 * word))?,
        }))
    }
}

/// A `REMOTE_PORT_VIEW` says how long it is.
pub(super) fn check_remote(cx: &mut Cx<'_>, at: u64) -> Result<(), NtStatus> {
    let word = cx.word();
    match at {
        0 => Ok(()),
        at if u64::from(cx.mem.read_u32(at)?) == sizes(word).1 => Ok(()),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// Shows a section to the process that asks.
fn show_own(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    port: &Port,
    view: &View,
) -> Result<Shown, NtStatus> {
    let Object::Section(section) = kernel.nt_object_for(cx, view.section, MAP)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH);
    };
    let (base, size) = show(&mut cx.target(), &section, view.offset, view.size)?;
    port.views.borrow_mut().push((cx.process().pid, base));
    Ok(Shown {
        section,
        offset: view.offset,
        base,
        size,
        remote: 0,
    })
}

/// The client's section, which it sees at once; gives its size.
pub(super) fn of_client(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    port: &Rc<Port>,
    view: View,
) -> Result<u64, NtStatus> {
    let shown = show_own(kernel, cx, port, &view)?;
    let size = shown.size;
    port.shown.borrow_mut().0 = Some(shown);
    Ok(size)
}

/// The server sees the client's section, and both that of the server.
pub(super) fn of_server(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (port, client): (&Rc<Port>, &Rc<Port>),
    view: Option<View>,
    call: &nt::NtAcceptConnectPort,
) -> Result<(), NtStatus> {
    let word = cx.word();
    if let Some(shown) = &mut client.shown.borrow_mut().0 {
        let (base, size) = show(&mut cx.target(), &shown.section, shown.offset, shown.size)?;
        port.views.borrow_mut().push((cx.process().pid, base));
        shown.remote = base;
        if call.ClientView.address != 0 {
            tell_remote(cx, call.ClientView.address, size, base)?;
        }
    }
    if let Some(view) = view {
        let mut shown = show_own(kernel, cx, port, &view)?;
        let process = kernel.linux.processes.get(client.pid).cloned();
        let process = process.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
        let (remote, _) = kernel.in_memory(cx, &process, |target| {
            show(target, &shown.section, shown.offset, shown.size)
        })?;
        client.views.borrow_mut().push((client.pid, remote));
        shown.remote = remote;
        let at = call.ServerView.address.wrapping_add(3 * word);
        for (index, value) in [shown.size, shown.base, shown.remote]
            .into_iter()
            .enumerate()
        {
            cx.write_word(at.wrapping_add(index as u64 * word), value)?;
        }
        client.shown.borrow_mut().1 = Some(shown);
    }
    Ok(())
}

/// Tells a client where it sees both sections, and the server its own.
pub(super) fn tell_client(
    cx: &mut Cx<'_>,
    port: &Port,
    own: u64,
    other: u64,
) -> Result<(), NtStatus> {
    let word = cx.word();
    let shown = port.shown.borrow();
    if let Some(shown) = &shown.0 {
        let at = own.wrapping_add(3 * word);
        for (index, value) in [shown.size, shown.base, shown.remote]
            .into_iter()
            .enumerate()
        {
            cx.write_word(at.wrapping_add(index as u64 * word), value)?;
        }
    }
    if let Some(shown) = &shown.1
        && other != 0
    {
        tell_remote(cx, other, shown.size, shown.remote)?;
    }
    Ok(())
}

fn tell_remote(cx: &mut Cx<'_>, at: u64, size: u64, base: u64) -> Result<(), NtStatus> {
    let word = cx.word();
    cx.write_word(at.wrapping_add(word), size)?;
    Ok(cx.write_word(at.wrapping_add(2 * word), base)?)
}

/// Views go with their port, as far as their processes are there and not the one that asks.
pub(super) fn remove(kernel: &mut Kernel, port: &Port) {
    for (pid, base) in port.views.take() {
        let process = kernel.linux.processes.get(pid).cloned();
        let Some(process) = process else { continue };
        if let Some(task) = kernel.task_of(&process.borrow())
            && let Ok(mut space) = task.space.try_borrow_mut()
        {
            hide(&mut space, base);
        }
    }
}
