//! What may somebody do with something?   [Microsoft Learn, How AccessCheck Works; MS-DTYP 2.5.3.2]

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::descriptor::Descriptor;
use super::list::{ALLOWED, DENIED, flag, mapped};
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::{ACCESS_SYSTEM_SECURITY, Kind, MAXIMUM_ALLOWED};
use crate::kernel::nt::token::{self, Token, privilege};
use crate::kernel::{Cx, Kernel};

/// `READ_CONTROL` and `WRITE_DAC`: what an owner may as long as no entry says otherwise; `WRITE_OWNER`.
const OWNERS: u32 = 0x6_0000;
const WRITE_OWNER: u32 = 0x8_0000;
/// `OWNER RIGHTS`: an entry for it says what an owner may.   [MS-DTYP 2.4.2.4]
const OWNER_RIGHTS: token::Sid = (3, &[4]);

impl Descriptor {
    /// All that the user may; all there is where there is no list.
    pub(in crate::kernel::nt) fn allowed(&self, mapping: [u32; 4]) -> u32 {
        let Some(list) = &self.dacl else {
            return u32::MAX;
        };
        let owns = token::is_own(&self.owner);
        let owner_rights = token::sid_bytes(OWNER_RIGHTS);
        let effective = |flags: u8| flags & flag::INHERIT_ONLY == 0;
        let entries = list
            .entries()
            .iter()
            .filter(|entry| matches!(entry.kind, ALLOWED | DENIED) && effective(entry.flags));
        let restated = entries.clone().any(|entry| entry.sid() == owner_rights);
        let mut allowed = if owns && !restated { OWNERS } else { 0 };
        let mut denied = 0;
        for entry in entries {
            let meant = token::is_own(entry.sid()) || owns && entry.sid() == owner_rights;
            if meant {
                let mask = mapped(entry.mask(), mapping);
                // What was said first counts.
                match entry.kind {
                    ALLOWED => allowed |= mask & !denied,
                    _ => denied |= mask & !allowed,
                }
            }
        }
        allowed
    }
}

/// The access that a wish for it gets: all of it, by its own names, or none. `more` is allowed whatever the descriptor says.
pub(in crate::kernel::nt) fn decide(
    token: &Token,
    kind: Kind,
    (security, more): (Option<&Descriptor>, u32),
    wish: u32,
) -> Result<u32, NtStatus> {
    if wish & ACCESS_SYSTEM_SECURITY != 0 && !token.has_enabled(privilege::SECURITY) {
        return Err(NtStatus::PRIVILEGE_NOT_HELD);
    }
    // Without a descriptor of its own it is the administrators', of whom the user is one.
    let Some(security) = security else {
        return Ok(kind.granted(wish));
    };
    let mut allowed = security.allowed(kind.mapping()) | more | ACCESS_SYSTEM_SECURITY;
    if token.has_enabled(privilege::TAKE_OWNERSHIP) {
        allowed |= WRITE_OWNER;
    }
    let wanted = kind.granted(wish & !MAXIMUM_ALLOWED);
    if wanted & !allowed != 0 {
        return Err(NtStatus::ACCESS_DENIED);
    }
    if wish & MAXIMUM_ALLOWED == 0 {
        return Ok(wanted);
    }
    match wanted | kind.granted(MAXIMUM_ALLOWED) & allowed {
        0 => Err(NtStatus::ACCESS_DENIED),
        granted => Ok(granted),
    }
}

impl Kernel {
    /// The access to an object that a wish for it gets.
    pub(in crate::kernel::nt) fn nt_allowed(
        &mut self,
        cx: &Cx<'_>,
        object: &Object,
        wish: u32,
    ) -> Result<u32, NtStatus> {
        let token = self.effective_token(cx);
        // Who may debug opens whatever runs.   [Microsoft Learn, Process Security and Access Rights]
        let runs = matches!(object, Object::Process(_) | Object::Thread(_));
        let security = match runs && token.has_enabled(privilege::DEBUG) {
            true => None,
            false => self.security_of(object),
        };
        let security: Option<Rc<Descriptor>> = security;
        decide(&token, Kind::of(object), (security.as_deref(), 0), wish)
    }
}
