//! May somebody use something?   [Microsoft Learn, AccessCheck; How AccessCheck Works; winnt.h: SECURITY_DESCRIPTOR, ACL, ACE_HEADER]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::information::{GROUPS, USER, bytes};
use super::{IMPERSONATION, Token};
use crate::kernel::Cx;
use crate::kernel::nt::Outcome;

const GENERIC: u32 = 0xf000_0000;
const MAXIMUM_ALLOWED: u32 = 0x0200_0000;
const ACCESS_SYSTEM_SECURITY: u32 = 0x0100_0000;
/// `READ_CONTROL` and `WRITE_DAC`: what an owner always may.
const OWNERS: u32 = 0x6_0000;
/// `SECURITY_DESCRIPTOR_CONTROL`: there is a list, and all is told by offsets.
const DACL_PRESENT: u16 = 4;
const SELF_RELATIVE: u16 = 0x8000;
/// Kinds of entries, and the flag of one that is for children only.
const ALLOWED: u8 = 0;
const DENIED: u8 = 1;
const INHERIT_ONLY: u8 = 8;
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
    let (granted, status) = match wanted & ACCESS_SYSTEM_SECURITY {
        0 => match granted(cx, &descriptor, wanted, mapping)? {
            0 => (0, NtStatus::ACCESS_DENIED),
            granted => (granted, NtStatus(0)),
        },
        // That is a privilege, which is not enabled.
        _ => (0, NtStatus::PRIVILEGE_NOT_HELD),
    };
    // No privilege has been used.
    cx.mem.write(call.PrivilegeSet.address, &[0; 8])?;
    cx.mem.write_u32(call.GrantedAccess.address, granted)?;
    cx.mem.write_u32(call.AccessStatus.address, status.0)?;
    Ok(0)
}

/// What counts of a `SECURITY_DESCRIPTOR`: its owner's SID, and the list, when there is one.
struct Descriptor {
    owner: Vec<u8>,
    list: Option<u64>,
}

impl Descriptor {
    fn read(cx: &mut Cx<'_>, at: u64) -> Result<Descriptor, NtStatus> {
        if cx.mem.read_u8(at)? != 1 {
            return Err(NtStatus::UNKNOWN_REVISION);
        }
        let control = cx.mem.read_u16(at.wrapping_add(2))?;
        let word = cx.word();
        // Owner, group, the list of what is watched, and the list of who may.
        let part = |cx: &mut Cx<'_>, index: u64| match control & SELF_RELATIVE {
            0 => cx.read_word(at.wrapping_add(word.max(4) * (1 + index))),
            _ => {
                let offset = cx.mem.read_u32(at.wrapping_add(4 * (1 + index)))?;
                Ok(match offset {
                    0 => 0,
                    offset => at.wrapping_add(offset.into()),
                })
            }
        };
        let (owner, group) = (part(cx, 0)?, part(cx, 1)?);
        if owner == 0 || group == 0 {
            return Err(NtStatus::INVALID_SECURITY_DESCR);
        }
        let list = match control & DACL_PRESENT {
            0 => 0,
            _ => part(cx, 3)?,
        };
        Ok(Descriptor {
            owner: sid(cx, owner)?,
            list: (list != 0).then_some(list),
        })
    }
}

/// The bytes of a SID, whose second says how many numbers it has.
fn sid(cx: &mut Cx<'_>, at: u64) -> Result<Vec<u8>, NtStatus> {
    let count = cx.mem.read_u8(at.wrapping_add(1))?;
    let mut sid = vec![0; 8 + 4 * usize::from(count.min(15))];
    cx.mem.read(at, &mut sid)?;
    Ok(sid)
}

/// The access that is granted: all that is wanted, or as much as there is when that is wanted; 0 for none.
fn granted(
    cx: &mut Cx<'_>,
    descriptor: &Descriptor,
    wanted: u32,
    mapping: [u32; 4],
) -> Result<u32, NtStatus> {
    let maximum = wanted & MAXIMUM_ALLOWED != 0;
    let wanted = wanted & !MAXIMUM_ALLOWED;
    let Some(list) = descriptor.list else {
        return Ok(if maximum { wanted | mapping[3] } else { wanted });
    };
    let is_own =
        |sid: &[u8]| sid == bytes(USER) || GROUPS.iter().any(|(own, _)| sid == bytes(*own));
    let mut allowed = if is_own(&descriptor.owner) { OWNERS } else { 0 };
    let mut denied = 0;
    let count = cx.mem.read_u16(list.wrapping_add(4))?;
    let mut at = list.wrapping_add(8);
    for _ in 0..count {
        let (kind, flags) = (cx.mem.read_u8(at)?, cx.mem.read_u8(at.wrapping_add(1))?);
        let size = cx.mem.read_u16(at.wrapping_add(2))?;
        if size < 4 {
            return Err(NtStatus::INVALID_ACL);
        }
        if matches!(kind, ALLOWED | DENIED) && flags & INHERIT_ONLY == 0 {
            let mask = mapped(cx.mem.read_u32(at.wrapping_add(4))?, mapping);
            if is_own(&sid(cx, at.wrapping_add(8))?) {
                // What was said first counts.
                match kind {
                    ALLOWED => allowed |= mask & !denied,
                    _ => denied |= mask & !allowed,
                }
            }
        }
        at = at.wrapping_add(size.into());
    }
    match wanted & !allowed {
        0 if maximum => Ok(allowed),
        0 => Ok(wanted),
        _ => Ok(0),
    }
}

/// Access by its own names: reading, writing, executing and all stand for other access.
fn mapped(mask: u32, mapping: [u32; 4]) -> u32 {
    let mut own = mask & !GENERIC;
    for (index, access) in mapping.into_iter().enumerate() {
        if mask & (0x8000_0000 >> index) != 0 {
            own |= access;
        }
    }
    own
}
