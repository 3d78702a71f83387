//! Would somebody be let use something?   [Microsoft Learn, NtAccessCheck, AccessCheck]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::privileges::privilege;
use super::{IMPERSONATION, Token};
use crate::kernel::Cx;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::kinds::{ACCESS_SYSTEM_SECURITY, MAXIMUM_ALLOWED};
use crate::kernel::nt::security::Descriptor;

const GENERIC: u32 = 0xf000_0000;
/// `SecurityIdentification`.
const IDENTIFIES: u32 = 1;
/// Bytes of a `PRIVILEGE_SET` without privileges, as far as they are written, and those that it has with one.
const SET: u32 = 20;

/// Serves `NtAccessCheck`. Whoever asks wants to know it of a token that a thread could act with.
pub(super) fn check(cx: &mut Cx<'_>, token: &Token, call: &nt::NtAccessCheck) -> Outcome {
    if token.kind != IMPERSONATION {
        return Err(NtStatus::NO_IMPERSONATION_TOKEN.into());
    }
    if token.level < IDENTIFIES {
        return Err(NtStatus::BAD_IMPERSONATION_LEVEL.into());
    }
    let wanted = call.DesiredAccess;
    if wanted & GENERIC != 0 {
        return Err(NtStatus::GENERIC_NOT_MAPPED.into());
    }
    let mut mapping = [0; 4];
    for (index, one) in mapping.iter_mut().enumerate() {
        let at = call.GenericMapping.address.wrapping_add(4 * index as u64);
        *one = cx.mem.read_u32(at)?;
    }
    let length = cx.mem.read_u32(call.PrivilegeSetLength.address)?;
    if length < SET {
        cx.mem.write_u32(call.PrivilegeSetLength.address, SET)?;
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    let descriptor = Descriptor::read(cx, call.SecurityDescriptor.address)?;
    if descriptor.owner.is_empty() || descriptor.group.is_empty() {
        return Err(NtStatus::INVALID_SECURITY_DESCR.into());
    }
    // That is a privilege, and no list says who has it.
    let system = wanted & ACCESS_SYSTEM_SECURITY;
    let (granted, status) = match system != 0 && !token.has_enabled(privilege::SECURITY) {
        true => (0, NtStatus::PRIVILEGE_NOT_HELD),
        false => match granted(&descriptor, wanted & !system, mapping) {
            Some(granted) if granted | system != 0 => (granted | system, NtStatus(0)),
            _ => (0, NtStatus::ACCESS_DENIED),
        },
    };
    // The privilege that has been used, if any: one of one, by its number.
    let used = system != 0 && status == NtStatus(0);
    let mut set = [0; 5];
    let count = match used {
        true => {
            set = [
                1,
                0,
                privilege::SECURITY,
                0,
                super::privileges::USED_FOR_ACCESS,
            ];
            set.len()
        }
        false => 2,
    };
    let bytes: Vec<u8> = set[..count]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    cx.mem.write(call.PrivilegeSet.address, &bytes)?;
    cx.mem.write_u32(call.GrantedAccess.address, granted)?;
    cx.mem.write_u32(call.AccessStatus.address, status.0)?;
    Ok(0)
}

/// The access that is granted: all that is wanted, or as much as there is when that is wanted.
fn granted(descriptor: &Descriptor, wanted: u32, mapping: [u32; 4]) -> Option<u32> {
    let allowed = descriptor.allowed(mapping);
    let maximum = wanted & MAXIMUM_ALLOWED != 0;
    let wanted = wanted & !MAXIMUM_ALLOWED;
    match wanted & !allowed {
        0 if maximum && allowed == u32::MAX => Some(wanted | mapping[3]),
        0 if maximum => Some(wanted | allowed),
        0 => Some(wanted),
        _ => None,
    }
}
