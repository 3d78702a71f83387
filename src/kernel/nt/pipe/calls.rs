//! How is a pipe made, opened, asked about, and set?

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::{CAPACITY, End, Instance, MAX_PIPES, Named, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::completion;
use crate::kernel::nt::handles::Object;
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// `ShareAccess`: what the other end may do.   [winnt.h: FILE_SHARE_READ, FILE_SHARE_WRITE]
const READS: u32 = 1;
const WRITES: u32 = 2;
/// `FILE_PIPE_FULL_DUPLEX`; inbound is 0, outbound 1.
const DUPLEX: u32 = 2;
/// `FILE_CREATE_PIPE_INSTANCE`.   [winnt.h]
const CREATE_INSTANCE: u32 = 4;
/// `CreateDisposition`, and what the outcome tells.   [wdm.h]
const OPEN: u32 = 1;
const CREATE: u32 = 2;
const OPENED: u64 = 1;
const CREATED: u64 = 2;
/// `CreateOptions`: FILE_SYNCHRONOUS_IO_ALERT and FILE_SYNCHRONOUS_IO_NONALERT.
pub(super) const SYNCHRONOUS: u32 = 0x30;
/// `FILE_INFORMATION_CLASS`: FilePipeInformation, FilePipeLocalInformation, FileCompletionInformation,
/// FileIoCompletionNotificationInformation.
const PIPE: i32 = 23;
const LOCAL: i32 = 24;
const COMPLETION: i32 = 30;
const COMPLETION_MODES: i32 = 41;

/// Serves `NtCreateNamedPipeFile`.
pub(in crate::kernel::nt) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateNamedPipeFile,
) -> Outcome {
    let attributes = cx.attributes(call.ObjectAttributes.address)?;
    let attributes = attributes.ok_or(NtStatus::INVALID_PARAMETER)?;
    let name = match attributes.root {
        0 => super::name(&attributes.name).ok_or(NtStatus::OBJECT_NAME_INVALID)?,
        root => match kernel.nt_object(cx, root)? {
            Object::PipeDevice => super::name(&prefixed(&attributes.name)).unwrap_or_default(),
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        },
    };
    let named = !name.is_empty();
    if !named && attributes.root == 0 {
        return Err(NtStatus::OBJECT_NAME_INVALID.into());
    }
    let share = call.ShareAccess & (READS | WRITES);
    if share == 0
        || call.NamedPipeType & 1 == 0 && call.ReadMode & 1 != 0
        || call.MaximumInstances == 0
    {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let configuration = match share {
        WRITES => 0,
        READS => 1,
        _ => DUPLEX,
    };
    let pipes = &mut kernel.nt.pipes;
    pipes.named.retain(|_, named| !named.alive().is_empty());
    if Rc::strong_count(&pipes.alive) > MAX_PIPES {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let found = pipes.named.get(&name).filter(|_| named).cloned();
    let (owner, outcome) = match (found, call.CreateDisposition) {
        (Some(_), CREATE) => return Err(NtStatus::ACCESS_DENIED.into()),
        (None, OPEN) => return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into()),
        (Some(owner), _) => {
            if owner.configuration != configuration
                || owner.messages != (call.NamedPipeType & 1 != 0)
            {
                return Err(NtStatus::ACCESS_DENIED.into());
            }
            let count = owner.alive().len();
            if count as u64 >= u64::from(owner.most) {
                return Err(NtStatus::INSTANCE_NOT_AVAILABLE.into());
            }
            (owner, OPENED)
        }
        (None, _) => {
            let owner = Rc::new(Named {
                messages: call.NamedPipeType & 1 != 0,
                configuration,
                most: call.MaximumInstances,
                quotas: (call.InboundQuota, call.OutboundQuota),
                instances: RefCell::default(),
            });
            if named {
                pipes.named.insert(name, owner.clone());
            }
            (owner, CREATED)
        }
    };
    let instance = Rc::new(Instance {
        named: owner.clone(),
        _alive: pipes.alive.clone(),
        state: Cell::new(State::Listening),
        server: Cell::new(true),
        queues: Default::default(),
        changed: WaitQueue::default(),
        requests: RefCell::default(),
        listening: pipes.listening.clone(),
    });
    pipes.listening.wake();
    let mut instances = owner.instances.borrow_mut();
    instances.retain(|instance| instance.strong_count() > 0);
    instances.push(Rc::downgrade(&instance));
    drop(instances);
    let end = End::new(instance, 0, call.CreateOptions & SYNCHRONOUS != 0);
    end.by_message.set(call.ReadMode & 1 != 0);
    end.never_waits.set(call.CompletionMode & 1 != 0);
    let object = Object::Pipe(Rc::new(end));
    match outcome {
        CREATED => kernel.secure_new(cx, call.ObjectAttributes.address, &object)?,
        _ => kernel.nt_allowed(cx, &object, CREATE_INSTANCE).map(drop)?,
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, outcome)?;
    let places = (call.FileHandle.address, call.ObjectAttributes.address);
    kernel.nt_give(cx, places, object)?;
    Ok(0)
}

fn prefixed(name: &[u16]) -> Vec<u16> {
    "\\??\\pipe\\"
        .encode_utf16()
        .chain(name.iter().copied())
        .collect()
}

/// Opens the client's end of the first instance that can be connected to.
pub(in crate::kernel::nt) fn open(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    name: &[u16],
    (options, access): (u32, u32),
) -> Result<Object, NtStatus> {
    if name.is_empty() {
        return Ok(Object::PipeDevice);
    }
    let named = kernel.nt.pipes.named.get(name);
    let instances = named.map(|named| named.alive()).unwrap_or_default();
    if instances.is_empty() {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
    }
    let free = |instance: &&Rc<Instance>| instance.state.get() == State::Listening;
    let instance = instances.iter().find(free);
    let instance = instance.ok_or(NtStatus::PIPE_NOT_AVAILABLE)?.clone();
    let end = End::new(instance.clone(), 1, options & SYNCHRONOUS != 0);
    let object = Object::Pipe(Rc::new(end));
    kernel.nt_allowed(cx, &object, access)?;
    instance.state.set(State::Connected);
    instance.changed.wake();
    kernel.complete(&instance);
    Ok(object)
}

/// Serves `NtQueryInformationFile` of an end.
pub(in crate::kernel::nt) fn query(
    cx: &mut Cx<'_>,
    end: &End,
    call: &nt::NtQueryInformationFile,
) -> Outcome {
    let named = &end.instance.named;
    let words = match call.FileInformationClass {
        PIPE => vec![end.by_message.get().into(), end.never_waits.get().into()],
        LOCAL => {
            let waiting: usize = end
                .outgoing()
                .borrow()
                .iter()
                .map(|piece| piece.len())
                .sum();
            vec![
                named.messages.into(),
                named.configuration,
                named.most,
                named.alive().len() as u32,
                named.quotas.0,
                end.available() as u32,
                named.quotas.1,
                CAPACITY.saturating_sub(waiting) as u32,
                end.state() as u32,
                // FILE_PIPE_CLIENT_END and FILE_PIPE_SERVER_END.
                1 - end.side as u32,
            ]
        }
        _ => return Err(Stop::Missing),
    };
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    if (call.Length as usize) < bytes.len() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(call.FileInformation.address, &bytes)?;
    cx.io_status(
        call.IoStatusBlock.address,
        NtStatus::SUCCESS,
        bytes.len() as u64,
    )?;
    Ok(0)
}

/// Serves `NtSetInformationFile` of an end.
pub(in crate::kernel::nt) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    end: &Rc<End>,
    call: &nt::NtSetInformationFile,
) -> Outcome {
    let (source, place) = (
        Object::Pipe(end.clone()),
        (call.FileInformation.address, call.Length),
    );
    match call.FileInformationClass {
        COMPLETION => completion::associate(kernel, cx, &source, place)?,
        COMPLETION_MODES => completion::set_modes(kernel, cx, &source, place)?,
        PIPE => set_modes(cx, end, place)?,
        _ => return Err(Stop::Missing),
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
    Ok(0)
}

/// Sets how an end is read, and whether anything waits.
fn set_modes(cx: &mut Cx<'_>, end: &End, (at, length): (u64, u32)) -> Result<(), NtStatus> {
    if length < 8 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let (mode, completion) = (cx.mem.read_u32(at)?, cx.mem.read_u32(at.wrapping_add(4))?);
    if mode > 1 || completion > 1 || mode == 1 && !end.instance.named.messages {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    end.by_message.set(mode != 0);
    end.never_waits.set(completion != 0);
    Ok(())
}
