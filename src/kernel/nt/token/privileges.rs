//! Which privileges does a user have, and which are enabled?   [winnt.h: SE_PRIVILEGE_ENABLED and following; ntseapi.h]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::Token;
use crate::kernel::Cx;
use crate::kernel::nt::Outcome;

const ENABLED: u32 = 2;
const REMOVED: u32 = 4;
pub(super) const USED_FOR_ACCESS: u32 = 0x8000_0000;
/// Enabled, and by default.
const DEFAULT: u32 = 3;
/// `PRIVILEGE_SET_ALL_NECESSARY`.
const ALL: u32 = 1;
/// Numbers of those that are asked for here.   [winnt.h: SE_SECURITY_NAME and following; ntseapi.h: SE_SECURITY_PRIVILEGE]
pub(in crate::kernel::nt) mod privilege {
    pub(in crate::kernel::nt) const SECURITY: u32 = 8;
    pub(in crate::kernel::nt) const TAKE_OWNERSHIP: u32 = 9;
    pub(in crate::kernel::nt) const BACKUP: u32 = 17;
    pub(in crate::kernel::nt) const RESTORE: u32 = 18;
    pub(in crate::kernel::nt) const DEBUG: u32 = 20;
}

impl Token {
    /// Whether it has a privilege that is enabled.
    pub(in crate::kernel::nt) fn has_enabled(&self, privilege: u32) -> bool {
        let own = self.privileges.borrow();
        let mut own = own.iter();
        own.any(|(luid, attributes)| *luid == privilege && attributes & ENABLED != 0)
    }
}

/// The most privileges that a call names.
const MAX: u32 = 0x100;
/// Bytes of a `LUID_AND_ATTRIBUTES`.
const ONE: u64 = 12;

/// What an administrator has: tcb, security, backup, restore, the system's time, shutdown, remote shutdown, ownership,
/// debugging, the firmware's variables, profiles of the system and of processes, priorities, page files, quotas, undocking
/// and volumes; and, enabled, change notices, drivers, impersonation and global objects.
pub(super) const INITIAL: [(u32, u32); 21] = [
    (23, DEFAULT),
    (7, 0),
    (8, 0),
    (17, 0),
    (18, 0),
    (12, 0),
    (19, 0),
    (24, 0),
    (9, 0),
    (20, 0),
    (22, 0),
    (11, 0),
    (13, 0),
    (14, 0),
    (10, DEFAULT),
    (15, 0),
    (5, 0),
    (25, 0),
    (28, 0),
    (29, DEFAULT),
    (30, DEFAULT),
];

fn read(cx: &mut Cx<'_>, at: u64, count: u32) -> Result<Vec<(u64, u32)>, NtStatus> {
    if count > MAX {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut all = Vec::new();
    for index in 0..u64::from(count) {
        let at = at.wrapping_add(ONE * index);
        let luid =
            u64::from(cx.mem.read_u32(at)?) | u64::from(cx.mem.read_u32(at.wrapping_add(4))?) << 32;
        all.push((luid, cx.mem.read_u32(at.wrapping_add(8))?));
    }
    Ok(all)
}

/// Serves `NtAdjustPrivilegesToken`.
pub(super) fn adjust(
    cx: &mut Cx<'_>,
    token: &Token,
    call: &nt::NtAdjustPrivilegesToken,
) -> Outcome {
    let mut fresh = token.privileges.borrow().clone();
    let mut changed = Vec::new();
    let mut missed = false;
    let wishes = match call.DisableAllPrivileges {
        0 => {
            let at = call.NewState.address;
            if at == 0 {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            let count = cx.mem.read_u32(at)?;
            read(cx, at.wrapping_add(4), count)?
        }
        _ => fresh
            .iter()
            .map(|(luid, _)| (u64::from(*luid), 0))
            .collect(),
    };
    for (luid, attributes) in wishes {
        let own = |(own, _): &&mut (u32, u32)| u64::from(*own) == luid;
        let Some(privilege) = fresh.iter_mut().find(own) else {
            missed = true;
            continue;
        };
        let to = privilege.1 & !ENABLED | attributes & (ENABLED | REMOVED);
        if to != privilege.1 {
            changed.push(*privilege);
            privilege.1 = to;
        }
    }
    let previous = call.PreviousState.address;
    if previous != 0 {
        let mut out = (changed.len() as u32).to_le_bytes().to_vec();
        for (luid, attributes) in &changed {
            for word in [*luid, 0, *attributes] {
                out.extend_from_slice(&word.to_le_bytes());
            }
        }
        cx.returned_length(call.ReturnLength.address, out.len() as u64)?;
        if (call.BufferLength as usize) < out.len() {
            return Err(NtStatus::BUFFER_TOO_SMALL.into());
        }
        cx.mem.write(previous, &out)?;
    }
    fresh.retain(|(_, attributes)| attributes & REMOVED == 0);
    *token.privileges.borrow_mut() = fresh;
    match missed {
        true => Ok(NtStatus::NOT_ALL_ASSIGNED.0.into()),
        false => Ok(0),
    }
}

/// Serves `NtPrivilegeCheck`: those that are enabled are marked as used.
pub(super) fn check(cx: &mut Cx<'_>, token: &Token, call: &nt::NtPrivilegeCheck) -> Outcome {
    let at = call.RequiredPrivileges.address;
    let (count, control) = (cx.mem.read_u32(at)?, cx.mem.read_u32(at.wrapping_add(4))?);
    let wanted = read(cx, at.wrapping_add(8), count)?;
    let own = token.privileges.borrow().clone();
    let mut found = 0;
    for (index, (luid, attributes)) in wanted.iter().enumerate() {
        let enabled =
            |(own, attributes): &(u32, u32)| u64::from(*own) == *luid && attributes & ENABLED != 0;
        if own.iter().any(enabled) {
            found += 1;
            let at = at.wrapping_add(8 + ONE * index as u64 + 8);
            cx.mem.write_u32(at, attributes | USED_FOR_ACCESS)?;
        }
    }
    let granted = match control & ALL {
        0 => found > 0,
        _ => found == wanted.len(),
    };
    cx.mem.write_u8(call.Result.address, granted.into())?;
    Ok(0)
}
