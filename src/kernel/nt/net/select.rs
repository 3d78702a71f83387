//! Which sockets are ready, and what news is there of one?

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Input;
use super::afd::{Afd, Selected, poll};
use super::operation::{self, Done, Work};
use crate::kernel::nt::Outcome;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

/// Sockets of a call at most.
const MOST: u32 = 4096;
/// How long what comes before the sockets is.
const HEAD: u64 = 16;

/// A socket that is polled, and what for.
struct Polled {
    handle: u64,
    file: Rc<OpenFile>,
    wanted: u32,
    /// Its last handle was closed.
    closed: bool,
}

/// Sockets that are polled.
pub(super) struct Poll {
    all: Vec<Polled>,
    head: [u8; HEAD as usize],
    to: u64,
}

impl Poll {
    pub(super) fn files(&self) -> impl Iterator<Item = &Rc<OpenFile>> {
        self.all.iter().map(|one| &one.file)
    }

    /// The last handle of a socket was closed.
    pub(super) fn closed(&mut self, file: &Rc<OpenFile>) {
        for one in &mut self.all {
            one.closed |= Rc::ptr_eq(&one.file, file);
        }
    }

    pub(super) fn attempt(
        &mut self,
        cx: &mut Cx<'_>,
        now: u64,
        late: bool,
    ) -> Result<Done, NtStatus> {
        let word = cx.program_word();
        let (mut out, mut count) = (Vec::new(), 0u32);
        for one in &self.all {
            let Some(afd) = one.file.object_of::<Afd>() else {
                continue;
            };
            let bits = match one.closed {
                true => poll::CLOSE,
                false => afd.ready_bits(now) & one.wanted,
            };
            if bits == 0 {
                continue;
            }
            let status = match bits & poll::CONNECT_ERR {
                0 => NtStatus::SUCCESS,
                _ => NtStatus::CONNECTION_REFUSED,
            };
            count += 1;
            out.extend_from_slice(&one.handle.to_le_bytes()[..word as usize]);
            out.extend_from_slice(&bits.to_le_bytes());
            out.extend_from_slice(&status.0.to_le_bytes());
        }
        if count == 0 && !late {
            return Ok(None);
        }
        self.head[8..12].copy_from_slice(&count.to_le_bytes());
        let whole = [&self.head[..], &out].concat();
        cx.mem.write(self.to, &whole)?;
        let status = match count {
            0 => NtStatus::TIMEOUT,
            _ => NtStatus::SUCCESS,
        };
        Ok(Some((status, whole.len() as u64)))
    }
}

/// Serves `IOCTL_AFD_POLL`: how long, how many, whether nobody else, and for each a handle and what for.
/// [Wine's wine/afd.h: afd_poll_params]
pub(super) fn poll(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
    file: &Rc<OpenFile>,
    input: &Input,
) -> Outcome {
    let word = cx.program_word();
    let count = input.u32(8)?;
    let size = HEAD + u64::from(count).min(MOST.into()) * (word + 8);
    if count == 0 || count > MOST || u64::from(call.OutputBufferLength) < size {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let mut all = Vec::new();
    for index in 0..u64::from(count) {
        let at = (HEAD + index * (word + 8)) as usize;
        let handle = input.word(at, word)?;
        all.push(Polled {
            handle,
            file: kernel.open_afd(cx, handle)?,
            wanted: input.u32(at + word as usize)?,
            closed: false,
        });
    }
    let head = input
        .0
        .get(..HEAD as usize)
        .and_then(|head| head.try_into().ok());
    let work = Poll {
        all,
        head: head.ok_or(NtStatus::INVALID_PARAMETER)?,
        to: call.OutputBuffer.address,
    };
    let time = input.u64(0)?.cast_signed();
    let deadline = (time != i64::MAX).then(|| kernel.point(time));
    operation::begin(kernel, cx, (call, file), Work::Poll(work), (true, deadline))
}

/// Serves `IOCTL_AFD_EVENT_SELECT`: an event, and what for. The socket waits for nothing from then on.
pub(super) fn choose(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    file: &Rc<OpenFile>,
    input: &Input,
) -> Result<(), Stop<NtStatus>> {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let word = cx.program_word();
    let (event, mask) = (input.word(0, word)?, input.u32(word as usize)?);
    afd.told.set(0);
    afd.news.set(0);
    if event == 0 || mask == 0 {
        *afd.selected.borrow_mut() = None;
        return Ok(());
    }
    let event = kernel.dispatcher(cx, event, 0)?;
    *afd.selected.borrow_mut() = Some(Selected { event, mask });
    afd.nonblocking.set(true);
    kernel.nt_process(cx).network.select(file)?;
    Ok(())
}

/// Serves `IOCTL_AFD_GET_EVENTS`: the news since it was last asked for; the event is reset.
pub(super) fn news(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    afd: &Afd,
    event: u64,
) -> Result<Vec<u8>, NtStatus> {
    if event != 0 {
        kernel.dispatcher(cx, event, 0)?.set_event(false);
    }
    let mut out = afd.news.take().to_le_bytes().to_vec();
    for status in afd.statuses.take() {
        out.extend_from_slice(&status.to_le_bytes());
    }
    Ok(out)
}
