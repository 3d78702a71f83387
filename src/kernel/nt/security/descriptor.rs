//! Who owns something, who may use it and what is recorded of that, as one value.   [winnt.h: SECURITY_DESCRIPTOR,
//! SECURITY_DESCRIPTOR_RELATIVE, SECURITY_DESCRIPTOR_CONTROL; MS-DTYP 2.4.6]

use emu_prototypes::nt::NtStatus;

use super::list::List;
use crate::kernel::Cx;
use crate::kernel::nt::kinds::Kind;
use crate::kernel::nt::token;

/// `SECURITY_INFORMATION`: which parts are meant.   [winnt.h: OWNER_SECURITY_INFORMATION and following]
pub(super) mod part {
    pub(in super::super) const OWNER: u32 = 1;
    pub(in super::super) const GROUP: u32 = 2;
    pub(in super::super) const DACL: u32 = 4;
    pub(in super::super) const SACL: u32 = 8;
    pub(in super::super) const LABEL: u32 = 0x10;
    pub(in super::super) const PROTECTED_DACL: u32 = 0x8000_0000;
    pub(in super::super) const PROTECTED_SACL: u32 = 0x4000_0000;
    pub(in super::super) const UNPROTECTED_DACL: u32 = 0x2000_0000;
    pub(in super::super) const UNPROTECTED_SACL: u32 = 0x1000_0000;
}

/// `Control`.   [winnt.h: SE_DACL_PRESENT and following]
pub(super) mod control {
    pub(in super::super) const DACL_PRESENT: u16 = 4;
    pub(in super::super) const SACL_PRESENT: u16 = 0x10;
    pub(in super::super) const DACL_AUTO_INHERITED: u16 = 0x400;
    pub(in super::super) const DACL_PROTECTED: u16 = 0x1000;
    pub(in super::super) const SACL_AUTO_INHERITED: u16 = 0x800;
    pub(in super::super) const SACL_PROTECTED: u16 = 0x2000;
    pub(super) const RELATIVE: u16 = 0x8000;
    /// Those of either list that stay with it: it was inherited, and stays as it is whatever the parent's becomes.
    pub(in super::super) const DACL: u16 = DACL_PRESENT | DACL_AUTO_INHERITED | DACL_PROTECTED;
    pub(in super::super) const SACL: u16 = SACL_PRESENT | SACL_AUTO_INHERITED | SACL_PROTECTED;
}

/// Bytes in front of what a self-relative one leads to.
const HEAD: usize = 20;
/// Numbers of a SID at most.   [winnt.h: SID_MAX_SUB_AUTHORITIES]
const MOST_NUMBERS: u8 = 15;

/// A security descriptor. A part that is not there is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::kernel::nt) struct Descriptor {
    /// Without `SE_SELF_RELATIVE`.
    pub(super) control: u16,
    pub(in crate::kernel::nt) owner: Vec<u8>,
    pub(in crate::kernel::nt) group: Vec<u8>,
    pub(super) sacl: Option<List>,
    /// Who may: nobody where it has no entries, everybody where it is not there.
    pub(super) dacl: Option<List>,
}

/// Where a descriptor is read from: bytes of an address.
type Reader<'a> = dyn FnMut(u64, &mut [u8]) -> Result<(), NtStatus> + 'a;

/// The bytes of a SID, whose second says how many numbers it has.
fn sid(read: &mut Reader<'_>, at: u64) -> Result<Vec<u8>, NtStatus> {
    let mut head = [0; 2];
    read(at, &mut head)?;
    if head[0] != 1 || head[1] > MOST_NUMBERS {
        return Err(NtStatus::INVALID_SID);
    }
    let mut sid = vec![0; 8 + 4 * usize::from(head[1])];
    read(at, &mut sid)?;
    Ok(sid)
}

fn acl(read: &mut Reader<'_>, at: u64) -> Result<List, NtStatus> {
    let mut head = [0; 8];
    read(at, &mut head)?;
    let size = usize::from(u16::from_le_bytes([head[2], head[3]]));
    let mut bytes = vec![0; size.max(8)];
    read(at, &mut bytes)?;
    List::parse(&bytes)
}

impl Descriptor {
    /// The one at an address of the process, in either form.
    pub(in crate::kernel::nt) fn read(cx: &mut Cx<'_>, at: u64) -> Result<Descriptor, NtStatus> {
        let word = cx.word();
        let mut read = |at: u64, out: &mut [u8]| Ok(cx.mem.read(at, out)?);
        Descriptor::read_by(&mut read, at, word)
    }

    /// The one that bytes are, by offsets.
    pub(super) fn parse(bytes: &[u8]) -> Result<Descriptor, NtStatus> {
        let mut read = |at: u64, out: &mut [u8]| {
            let from = usize::try_from(at).ok().and_then(|at| bytes.get(at..));
            let from = from.and_then(|from| from.get(..out.len()));
            out.copy_from_slice(from.ok_or(NtStatus::INVALID_SECURITY_DESCR)?);
            Ok(())
        };
        Descriptor::read_by(&mut read, 0, 4)
    }

    pub(super) fn read_by(
        read: &mut Reader<'_>,
        at: u64,
        word: u64,
    ) -> Result<Descriptor, NtStatus> {
        let mut head = [0; 4];
        read(at, &mut head)?;
        if head[0] != 1 {
            return Err(NtStatus::UNKNOWN_REVISION);
        }
        let flags = u16::from_le_bytes([head[2], head[3]]);
        let relative = flags & control::RELATIVE != 0;
        // Owner, group, the list of what is recorded, and the list of who may.
        let mut parts = [0; 4];
        for (index, part) in parts.iter_mut().enumerate() {
            let size = if relative { 4 } else { word };
            let place = at.wrapping_add(size.max(4) * (1 + index as u64));
            let mut bytes = [0; 8];
            read(place, &mut bytes[..size as usize])?;
            *part = match u64::from_le_bytes(bytes) {
                0 => 0,
                offset if relative => at.wrapping_add(offset),
                address => address,
            };
        }
        let [owner, group, sacl, dacl] = parts;
        let mut name = |at: u64| match at {
            0 => Ok(Vec::new()),
            at => sid(read, at),
        };
        let (owner, group) = (name(owner)?, name(group)?);
        let mut list = |at: u64, present: u16| match at {
            0 => Ok(None),
            _ if flags & present == 0 => Ok(None),
            at => acl(read, at).map(Some),
        };
        Ok(Descriptor {
            control: flags & (control::DACL | control::SACL),
            owner,
            group,
            sacl: list(sacl, control::SACL_PRESENT)?,
            dacl: list(dacl, control::DACL_PRESENT)?,
        })
    }

    /// The parts of it that are meant, with offsets of each.
    pub(super) fn bytes(&self, parts: u32) -> Vec<u8> {
        let has = |bits: u32| parts & bits != 0;
        let mut flags = control::RELATIVE;
        if has(part::DACL) {
            flags |= self.control & control::DACL;
        }
        let labels = |list: &List| list.only(has(part::LABEL), has(part::SACL));
        let sacl = self.sacl.as_ref().map(labels);
        let sacl = sacl.filter(|list| has(part::SACL) || !list.is_empty());
        if has(part::SACL) {
            flags |= self.control & control::SACL;
        } else if sacl.is_some() {
            flags |= control::SACL_PRESENT;
        }
        let some = |bytes: &Vec<u8>| (!bytes.is_empty()).then(|| bytes.clone());
        let all = [
            (4, some(&self.owner).filter(|_| has(part::OWNER))),
            (8, some(&self.group).filter(|_| has(part::GROUP))),
            (12, sacl.map(|list| list.bytes())),
            (
                16,
                self.dacl
                    .as_ref()
                    .filter(|_| has(part::DACL))
                    .map(List::bytes),
            ),
        ];
        let mut out = vec![0; HEAD];
        out[0] = 1;
        out[2..4].copy_from_slice(&flags.to_le_bytes());
        for (place, bytes) in all {
            if let Some(bytes) = bytes {
                let at = (out.len() as u32).to_le_bytes();
                out[place..place + 4].copy_from_slice(&at);
                out.extend(bytes);
            }
        }
        out
    }

    /// All of it.
    pub(super) fn all(&self) -> Vec<u8> {
        self.bytes(part::OWNER | part::GROUP | part::DACL | part::SACL | part::LABEL)
    }

    /// What an object of a kind has that nobody has given another: it is the administrators', as the token's defaults say.
    pub(super) fn default_of(kind: Kind) -> Descriptor {
        let mut dacl = List::parse(&token::default_dacl()).unwrap_or_default();
        dacl.map(kind);
        Descriptor {
            control: control::DACL_PRESENT,
            owner: token::sid_bytes(token::ADMINISTRATORS),
            group: token::sid_bytes(token::GROUP),
            sacl: None,
            dacl: Some(dacl),
        }
    }

    /// What a new object has: what it was given, what it inherits from what it is in, or else the defaults. `None` when
    /// those say it all.   [Microsoft Learn, DACL for a New Object; MS-DTYP 2.5.3.4.1]
    pub(in crate::kernel::nt) fn of_new(
        given: Option<Descriptor>,
        parent: Option<&Descriptor>,
        (kind, container): (Kind, bool),
    ) -> Option<Descriptor> {
        let usual = Descriptor::default_of(kind);
        let mut own = given.clone().unwrap_or_default();
        if own.owner.is_empty() {
            own.owner = usual.owner;
        }
        if own.group.is_empty() {
            own.group = usual.group;
        }
        let names = (&own.owner[..], &own.group[..]);
        let inherited = parent
            .and_then(|parent| parent.dacl.as_ref())
            .map(|list| list.inherited((kind, container), names))
            .filter(|list| !list.is_empty());
        if own.control & control::DACL_PRESENT != 0 {
            if let Some(dacl) = &mut own.dacl {
                dacl.map(kind);
            }
            // Entries that are inherited come behind those that were given.
            if own.control & control::DACL_PROTECTED == 0
                && let (Some(dacl), Some(inherited)) = (&mut own.dacl, inherited)
            {
                dacl.join(inherited);
                own.control |= control::DACL_AUTO_INHERITED;
            }
        } else if let Some(inherited) = inherited {
            own.control |= control::DACL_PRESENT | control::DACL_AUTO_INHERITED;
            own.dacl = Some(inherited);
        } else {
            given?;
            own.control |= control::DACL_PRESENT;
            own.dacl = usual.dacl;
        }
        Some(own)
    }

    /// Bytes that it takes, about.
    pub(super) fn size(&self) -> usize {
        self.all().len()
    }
}
