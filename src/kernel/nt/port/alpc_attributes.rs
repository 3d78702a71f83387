//! What comes with a message beside its data, and what is known of a port?
//! [the headers of the crate phnt, ntlpcapi.h: ALPC_MESSAGE_ATTRIBUTES, ALPC_CONTEXT_ATTR, ALPC_PORT_INFORMATION_CLASS]

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::message::Message;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::{Cx, Kernel};

/// `ALPC_MESSAGE_SECURITY_ATTRIBUTE` and following: the highest is first in memory.
const SECURITY: u32 = 0x8000_0000;
const VIEW: u32 = 0x4000_0000;
const CONTEXT: u32 = 0x2000_0000;

/// `AlpcBasicInformation`, `AlpcAssociateCompletionPortInformation`.
const BASIC: i32 = 0;
const COMPLETION: i32 = 2;
/// `IO_COMPLETION_MODIFY_STATE`.   [winnt.h]
const MODIFY: u32 = 2;

/// Sections, handles and tokens are not sent yet.
pub(super) fn check_sent(cx: &mut Cx<'_>, at: u64) -> Result<(), Stop<NtStatus>> {
    let valid = match at {
        0 => 0,
        at => cx.mem.read_u32(at.wrapping_add(4))?,
    };
    match valid & !CONTEXT {
        0 => Ok(()),
        _ => Err(Stop::Missing),
    }
}

/// Tells a receiver who has room for it what the server calls the connection, and the numbers of the message.
pub(super) fn tell(cx: &mut Cx<'_>, at: u64, message: &Message) -> Result<(), NtStatus> {
    if at == 0 {
        return Ok(());
    }
    let word = cx.word();
    let room = cx.mem.read_u32(at)?;
    cx.mem.write_u32(at.wrapping_add(4), room & CONTEXT)?;
    if room & CONTEXT == 0 {
        return Ok(());
    }
    // Flags, a pointer and a handle; flags, a handle, address and size.
    let mut to = at.wrapping_add(8);
    if room & SECURITY != 0 {
        to = to.wrapping_add(3 * word);
    }
    if room & VIEW != 0 {
        to = to.wrapping_add(4 * word);
    }
    cx.write_word(to, message.context)?;
    cx.write_word(to.wrapping_add(word), 0)?;
    for (index, value) in [0, message.id, message.view as u32].into_iter().enumerate() {
        let to = to.wrapping_add(2 * word + 4 * index as u64);
        cx.mem.write_u32(to, value)?;
    }
    Ok(())
}

/// Serves `NtAlpcQueryInformation`: flags, a number of messages, and what the server calls the port.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAlpcQueryInformation,
) -> Outcome {
    let port = kernel.port(cx, call.PortHandle)?;
    if call.PortInformationClass != BASIC {
        return Err(Stop::Missing);
    }
    let word = cx.word();
    if u64::from(call.Length) < 8 + word {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let at = call.PortInformation.address;
    cx.mem.write_u32(at, 0)?;
    cx.mem.write_u32(at.wrapping_add(4), kernel.nt.messages)?;
    cx.write_word(at.wrapping_add(8), port.context.get())?;
    cx.returned_length(call.ReturnLength.address, 8 + word)?;
    Ok(0)
}

/// Serves `NtAlpcSetInformation`: a port of completion is told when a message arrives, by a key of its user's.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAlpcSetInformation,
) -> Outcome {
    let port = kernel.port(cx, call.PortHandle)?;
    if call.PortInformationClass != COMPLETION {
        return Err(Stop::Missing);
    }
    let word = cx.word();
    if u64::from(call.Length) < 2 * word {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let at = call.PortInformation.address;
    let key = cx.read_word(at)?;
    let handle = cx.read_word(at.wrapping_add(word))?;
    let Object::Completion(completion) = kernel.nt_object_for(cx, handle, MODIFY)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    port.completion.replace(Some((completion, key)));
    Ok(0)
}
