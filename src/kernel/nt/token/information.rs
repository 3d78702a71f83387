//! What is known of a token, as structures?   [winnt.h: TOKEN_USER and following, SID, ACL]

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::{IMPERSONATION, Token};
use crate::kernel::Cx;
use crate::kernel::nt::{Outcome, sid_text};

/// `TOKEN_INFORMATION_CLASS`.
mod class {
    pub(super) const USER: i32 = 1;
    pub(super) const GROUPS: i32 = 2;
    pub(super) const PRIVILEGES: i32 = 3;
    pub(super) const OWNER: i32 = 4;
    pub(super) const PRIMARY_GROUP: i32 = 5;
    pub(super) const DEFAULT_DACL: i32 = 6;
    pub(super) const KIND: i32 = 8;
    pub(super) const LEVEL: i32 = 9;
    pub(super) const STATISTICS: i32 = 10;
    pub(super) const SESSION: i32 = 12;
    pub(super) const ELEVATION_TYPE: i32 = 18;
    pub(super) const ELEVATION: i32 = 20;
    pub(super) const VIRTUALIZATION: i32 = 24;
    pub(super) const INTEGRITY: i32 = 25;
    pub(super) const UI_ACCESS: i32 = 26;
    pub(super) const LOGON_SID: i32 = 28;
    pub(super) const APP_CONTAINER: i32 = 29;
}

/// A SID: its authority, and its numbers.
pub(in crate::kernel::nt) type Sid = (u8, &'static [u32]);

/// The first user of a machine without a name, and that one's group.
pub(super) const USER: Sid = (5, &[21, 0, 0, 0, 1000]);
pub(in crate::kernel::nt) const GROUP: Sid = (5, &[21, 0, 0, 0, 513]);
pub(in crate::kernel::nt) const ADMINISTRATORS: Sid = (5, &[32, 544]);
const SYSTEM: Sid = (5, &[18]);
const LOGON: Sid = (5, &[5, 0, 0]);
/// High integrity.
const HIGH: Sid = (16, &[12288]);

/// Attributes of groups: mandatory, enabled by default, enabled; an owner; an integrity level that is enabled; the logon's.
const MEMBER: u32 = 7;
const OWNER: u32 = 0xf;
const LEVEL: u32 = 0x60;
const OF_LOGON: u32 = 0xc000_0007;

/// Everyone, local, interactive, authenticated, the user's own, administrators, users, the logon's.
const GROUPS: [(Sid, u32); 8] = [
    ((1, &[0]), MEMBER),
    ((2, &[0]), MEMBER),
    ((5, &[4]), MEMBER),
    ((5, &[11]), MEMBER),
    (GROUP, OWNER),
    (ADMINISTRATORS, OWNER),
    ((5, &[32, 545]), MEMBER),
    (LOGON, OF_LOGON),
];

/// `TokenElevationTypeFull`.
const FULL: u32 = 2;
/// The session of interactive users, and the number of their logon.
const FIRST_SESSION: u32 = 1;
const LOGON_ID: u32 = 999;
/// `GENERIC_ALL`.
const ALL: u32 = 0x1000_0000;

/// The user's, as text.
pub(in crate::kernel::nt) fn user() -> String {
    sid_text(USER.0.into(), USER.1)
}

/// A SID's bytes.
pub(in crate::kernel::nt) fn bytes(sid: Sid) -> Vec<u8> {
    let mut out = vec![1, sid.1.len() as u8, 0, 0, 0, 0, 0, sid.0];
    out.extend(sid.1.iter().flat_map(|number| number.to_le_bytes()));
    out
}

/// Whether a SID is the user's, or that of one of its groups.
pub(in crate::kernel::nt) fn is_own(sid: &[u8]) -> bool {
    sid == bytes(USER) || GROUPS.iter().any(|(own, _)| sid == bytes(*own))
}

/// Whether the user may give a SID what it owns: its own, or that of a group that owns things.   [winnt.h: SE_GROUP_OWNER]
pub(in crate::kernel::nt) fn may_own(sid: &[u8]) -> bool {
    let owner = |(own, attributes): &(Sid, u32)| *attributes == OWNER && sid == bytes(*own);
    sid == bytes(USER) || GROUPS.iter().any(owner)
}

/// A structure with addresses of what follows it.
struct Out {
    at: u64,
    word: usize,
    head: Vec<u8>,
    /// What follows, and where in the head its address goes.
    tail: Vec<(usize, Vec<u8>)>,
}

impl Out {
    fn word(&mut self, value: u32) {
        self.head.extend_from_slice(&value.to_le_bytes());
    }

    fn align(&mut self) {
        self.head
            .resize(self.head.len().next_multiple_of(self.word), 0);
    }

    fn pointer(&mut self, to: Vec<u8>) {
        self.align();
        self.tail.push((self.head.len(), to));
        self.head.resize(self.head.len() + self.word, 0);
    }

    /// `SID_AND_ATTRIBUTES`.
    fn group(&mut self, sid: Sid, attributes: u32) {
        self.pointer(bytes(sid));
        self.word(attributes);
        self.align();
    }

    fn finish(self) -> Vec<u8> {
        let mut all = self.head;
        for (place, bytes) in self.tail {
            let address = self.at.wrapping_add(all.len() as u64).to_le_bytes();
            all[place..place + self.word].copy_from_slice(&address[..self.word]);
            all.extend(bytes);
        }
        all
    }
}

/// Who may do what to new objects: the system and administrators all.
pub(in crate::kernel::nt) fn default_dacl() -> Vec<u8> {
    let mut entries = Vec::new();
    for sid in [SYSTEM, ADMINISTRATORS] {
        let sid = bytes(sid);
        entries.extend([0, 0]);
        entries.extend((sid.len() as u16 + 8).to_le_bytes());
        entries.extend(ALL.to_le_bytes());
        entries.extend(sid);
    }
    let mut out = vec![2, 0];
    for half in [entries.len() as u16 + 8, 2, 0] {
        out.extend(half.to_le_bytes());
    }
    out.extend(entries);
    out
}

/// Serves `NtQueryInformationToken`.
pub(super) fn query(cx: &mut Cx<'_>, token: &Token, call: &nt::NtQueryInformationToken) -> Outcome {
    let mut out = Out {
        at: call.TokenInformation.address,
        word: cx.word() as usize,
        head: Vec::new(),
        tail: Vec::new(),
    };
    match call.TokenInformationClass {
        class::USER => out.group(USER, 0),
        class::GROUPS => {
            out.word(GROUPS.len() as u32);
            out.align();
            for (sid, attributes) in GROUPS {
                out.group(sid, attributes);
            }
        }
        class::LOGON_SID => {
            out.word(1);
            out.align();
            out.group(LOGON, OF_LOGON);
        }
        class::PRIVILEGES => {
            let privileges = token.privileges.borrow();
            out.word(privileges.len() as u32);
            for (luid, attributes) in privileges.iter() {
                out.word(*luid);
                out.word(0);
                out.word(*attributes);
            }
        }
        class::OWNER | class::PRIMARY_GROUP => out.pointer(bytes(GROUP)),
        class::DEFAULT_DACL => out.pointer(default_dacl()),
        class::KIND => out.word(token.kind.cast_unsigned()),
        class::LEVEL if token.kind != IMPERSONATION => {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        class::LEVEL => out.word(token.level),
        class::STATISTICS => {
            let groups = GROUPS.len() as u32;
            let privileges = token.privileges.borrow().len() as u32;
            let id = [token.id, 0, LOGON_ID, 0];
            // It never expires.
            let expires = [u32::MAX, 0x7fff_ffff];
            let level = match token.kind {
                IMPERSONATION => token.level,
                _ => u32::MAX,
            };
            let kind = [token.kind.cast_unsigned(), level];
            let rest = [0, 0, groups, privileges, token.id, 0];
            let all = id.iter().chain(&expires).chain(&kind).chain(&rest);
            all.for_each(|word| out.word(*word));
        }
        class::SESSION => out.word(FIRST_SESSION),
        class::ELEVATION_TYPE => out.word(FULL),
        class::ELEVATION => out.word(1),
        class::INTEGRITY => out.group(HIGH, LEVEL),
        class::VIRTUALIZATION | class::UI_ACCESS | class::APP_CONTAINER => out.word(0),
        _ => return Err(Stop::Missing),
    }
    let bytes = out.finish();
    cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
    if (call.TokenInformationLength as usize) < bytes.len() {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    cx.mem.write(call.TokenInformation.address, &bytes)?;
    Ok(0)
}
