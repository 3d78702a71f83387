//! Who owns an object, and who may use it?   [winnt.h: SECURITY_DESCRIPTOR_RELATIVE, OWNER_SECURITY_INFORMATION]

use emu_prototypes::nt::{self, NtStatus};

use super::information::{ADMINISTRATORS, GROUP, bytes, default_dacl};
use crate::kernel::nt::Outcome;
use crate::kernel::{Cx, Kernel};

const OWNER: u32 = 1;
const GROUP_OF: u32 = 2;
const DACL: u32 = 4;
const SACL: u32 = 8;

/// `SE_SELF_RELATIVE`, `SE_DACL_PRESENT`.
const RELATIVE: u16 = 0x8000;
const PRESENT: u16 = 4;
/// Bytes in front of what it leads to.
const HEAD: usize = 20;

/// Serves `NtQuerySecurityObject`. All objects are the administrators', as the token's defaults say.
pub(in crate::kernel::nt) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQuerySecurityObject,
) -> Outcome {
    kernel.nt_object(cx, call.Handle)?;
    if call.SecurityInformation & SACL != 0 {
        return Err(NtStatus::PRIVILEGE_NOT_HELD.into());
    }
    let has = |bit: u32| call.SecurityInformation & bit != 0;
    let parts = [
        (4, has(OWNER).then(|| bytes(ADMINISTRATORS))),
        (8, has(GROUP_OF).then(|| bytes(GROUP))),
        (16, has(DACL).then(default_dacl)),
    ];
    let control = RELATIVE | if has(DACL) { PRESENT } else { 0 };
    let mut out = vec![0; HEAD];
    out[0] = 1;
    out[2..4].copy_from_slice(&control.to_le_bytes());
    for (place, part) in parts {
        if let Some(part) = part {
            let at = (out.len() as u32).to_le_bytes();
            out[place..place + 4].copy_from_slice(&at);
            out.extend(part);
        }
    }
    cx.returned_length(call.LengthNeeded.address, out.len() as u64)?;
    if (call.Length as usize) < out.len() {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    cx.mem.write(call.SecurityDescriptor.address, &out)?;
    Ok(0)
}
