//! Which entries does a list of access rights have?   [winnt.h: ACL, ACE_HEADER, ACCESS_ALLOWED_ACE; MS-DTYP 2.4.4, 2.4.5]

use emu_prototypes::nt::NtStatus;

use crate::kernel::nt::kinds::Kind;
use crate::kernel::nt::token;

/// Kinds of entries that name one SID behind a mask.   [winnt.h: ACCESS_ALLOWED_ACE_TYPE and following]
pub(super) const ALLOWED: u8 = 0;
pub(super) const DENIED: u8 = 1;
const AUDIT: u8 = 2;
const LABEL: u8 = 0x11;

/// `AceFlags`.   [winnt.h: OBJECT_INHERIT_ACE and following]
pub(super) mod flag {
    pub(in super::super) const OBJECT: u8 = 1;
    pub(in super::super) const CONTAINER: u8 = 2;
    pub(in super::super) const NO_PROPAGATE: u8 = 4;
    pub(in super::super) const INHERIT_ONLY: u8 = 8;
    pub(in super::super) const INHERITED: u8 = 0x10;
}

/// Access that stands for other access.
const GENERIC: u32 = 0xf000_0000;
/// Who makes something, and that one's group: each stands for somebody else in what is inherited.   [MS-DTYP 2.4.2.4]
const CREATOR_OWNER: token::Sid = (3, &[0]);
const CREATOR_GROUP: token::Sid = (3, &[1]);
/// Bytes of a list at most.
const MOST: usize = 0xffff;

/// An entry: kind, flags, and what is behind them; most begin that with a mask and a SID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::kernel::nt) struct Entry {
    pub(super) kind: u8,
    pub(super) flags: u8,
    body: Vec<u8>,
}

/// An `ACL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::kernel::nt) struct List {
    revision: u8,
    entries: Vec<Entry>,
}

impl Default for List {
    fn default() -> List {
        List {
            revision: 2,
            entries: Vec::new(),
        }
    }
}

impl Entry {
    /// Whether it has a mask and a SID behind it.
    fn is_plain(&self) -> bool {
        matches!(self.kind, ALLOWED | DENIED | AUDIT | LABEL)
    }

    pub(super) fn mask(&self) -> u32 {
        let bytes = self.body.first_chunk();
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn set_mask(&mut self, mask: u32) {
        if let Some(place) = self.body.get_mut(..4) {
            place.copy_from_slice(&mask.to_le_bytes());
        }
    }

    /// The SID of one that has it behind its mask.
    pub(super) fn sid(&self) -> &[u8] {
        let all = self.body.get(4..).unwrap_or_default();
        let count = usize::from(all.get(1).copied().unwrap_or(0));
        all.get(..8 + 4 * count).unwrap_or_default()
    }

    fn size(&self) -> usize {
        4 + self.body.len()
    }

    /// The access by its own names, of an object of a kind.
    fn mapped(&self, kind: Kind) -> u32 {
        mapped(self.mask(), kind.mapping())
    }
}

/// Access by its own names: reading, writing, executing and all stand for other access.
pub(in crate::kernel::nt) fn mapped(mask: u32, mapping: [u32; 4]) -> u32 {
    let mut own = mask & !GENERIC;
    for (index, access) in mapping.into_iter().enumerate() {
        if mask & (0x8000_0000 >> index) != 0 {
            own |= access;
        }
    }
    own
}

impl List {
    /// The list that bytes begin with; each entry has to be inside of it.
    pub(super) fn parse(bytes: &[u8]) -> Result<List, NtStatus> {
        let head = bytes.get(..8).ok_or(NtStatus::INVALID_ACL)?;
        let size = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let count = u16::from_le_bytes([head[4], head[5]]);
        if !matches!(head[0], 2..=4) || !size.is_multiple_of(4) {
            return Err(NtStatus::INVALID_ACL);
        }
        let mut rest = bytes.get(8..size).ok_or(NtStatus::INVALID_ACL)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let head = rest.get(..4).ok_or(NtStatus::INVALID_ACL)?;
            let size = usize::from(u16::from_le_bytes([head[2], head[3]]));
            let body = rest.get(4..size).ok_or(NtStatus::INVALID_ACL)?;
            let entry = Entry {
                kind: head[0],
                flags: head[1],
                body: body.to_vec(),
            };
            if !size.is_multiple_of(4) || entry.is_plain() && entry.sid().is_empty() {
                return Err(NtStatus::INVALID_ACL);
            }
            entries.push(entry);
            rest = &rest[size..];
        }
        let revision = head[0];
        Ok(List { revision, entries })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let size: usize = 8 + self.entries.iter().map(Entry::size).sum::<usize>();
        let mut out = vec![self.revision, 0];
        for half in [size.min(MOST), self.entries.len().min(MOST), 0] {
            out.extend((half as u16).to_le_bytes());
        }
        for entry in &self.entries {
            out.extend([entry.kind, entry.flags]);
            out.extend((entry.size() as u16).to_le_bytes());
            out.extend(&entry.body);
        }
        out
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Labels of it, all others, or both.
    pub(super) fn only(&self, labels: bool, others: bool) -> List {
        let wanted = |entry: &&Entry| match entry.kind {
            LABEL => labels,
            _ => others,
        };
        List {
            revision: self.revision,
            entries: self.entries.iter().filter(wanted).cloned().collect(),
        }
    }

    /// Puts entries behind its own, as many as there is room for.
    pub(super) fn join(&mut self, other: List) {
        self.revision = self.revision.max(other.revision);
        let mut size = self.bytes().len();
        for entry in other.entries {
            size += entry.size();
            if size > MOST {
                break;
            }
            self.entries.push(entry);
        }
    }

    /// Has its entries say what they mean for an object of a kind. What is meant for others below it stays as it is.
    pub(super) fn map(&mut self, kind: Kind) {
        let mut out = List {
            revision: self.revision,
            entries: Vec::new(),
        };
        for entry in std::mem::take(&mut self.entries) {
            let passes = entry.flags & (flag::OBJECT | flag::CONTAINER) != 0;
            let own = entry.flags & flag::INHERIT_ONLY == 0;
            if !entry.is_plain() || !own || entry.mask() & GENERIC == 0 {
                out.entries.push(entry);
                continue;
            }
            let mut effective = entry.clone();
            effective.set_mask(entry.mapped(kind));
            if passes {
                effective.flags &= flag::INHERITED;
                let mut below = entry;
                below.flags |= flag::INHERIT_ONLY;
                out.entries.push(effective);
                out.entries.push(below);
            } else {
                out.entries.push(effective);
            }
        }
        // Two for one may be too many.
        self.join(out);
    }

    /// What something new in what has this list inherits of it.   [MS-DTYP 2.5.3.4.2, ContainerInherit and following]
    pub(super) fn inherited(
        &self,
        (kind, container): (Kind, bool),
        (owner, group): (&[u8], &[u8]),
    ) -> List {
        let mut out = List {
            revision: self.revision,
            entries: Vec::new(),
        };
        for entry in self.entries.iter().filter(|entry| entry.is_plain()) {
            let (objects, containers) = (
                entry.flags & flag::OBJECT != 0,
                entry.flags & flag::CONTAINER != 0,
            );
            let passes = container && entry.flags & flag::NO_PROPAGATE == 0;
            let onward = match passes {
                true => entry.flags & (flag::OBJECT | flag::CONTAINER),
                false => 0,
            };
            let applies = if container { containers } else { objects };
            let mut below = entry.clone();
            below.flags = onward | flag::INHERIT_ONLY | flag::INHERITED;
            if !applies {
                if onward & flag::OBJECT != 0 {
                    out.entries.push(below);
                }
                continue;
            }
            let mut effective = entry.clone();
            effective.set_mask(entry.mapped(kind));
            let name = match entry.sid() {
                sid if sid == token::sid_bytes(CREATOR_OWNER) => Some(owner),
                sid if sid == token::sid_bytes(CREATOR_GROUP) => Some(group),
                _ => None,
            };
            if let Some(name) = name {
                effective.body.truncate(4);
                effective.body.extend_from_slice(name);
            }
            let same = effective.body == entry.body;
            effective.flags = flag::INHERITED | if same { onward } else { 0 };
            out.entries.push(effective);
            if !same && onward != 0 {
                out.entries.push(below);
            }
        }
        let mut fits = List::default();
        fits.join(out);
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, List, flag};
    use crate::kernel::nt::kinds::Kind;
    use crate::kernel::nt::token;

    fn entry(flags: u8, mask: u32, sid: token::Sid) -> Entry {
        let body = [&mask.to_le_bytes()[..], &token::sid_bytes(sid)].concat();
        Entry {
            kind: super::ALLOWED,
            flags,
            body,
        }
    }

    fn check(parent: Entry, container: bool, expected: &[Entry]) {
        let list = List {
            revision: 2,
            entries: vec![parent],
        };
        let owner = token::sid_bytes(token::ADMINISTRATORS);
        let told = list.inherited((Kind::File, container), (&owner, &owner));
        assert_eq!(told.entries, expected, "{:?}", list.entries);
    }

    #[test]
    fn entries_are_inherited_as_their_flags_say() {
        let user = token::ADMINISTRATORS;
        let both = flag::OBJECT | flag::CONTAINER;
        let only = flag::INHERIT_ONLY;
        let got = flag::INHERITED;
        // By files, by directories, by both, by none.
        check(entry(flag::OBJECT, 1, user), false, &[entry(got, 1, user)]);
        check(entry(flag::CONTAINER, 1, user), false, &[]);
        let passed = entry(got | flag::OBJECT | only, 1, user);
        check(entry(flag::OBJECT, 1, user), true, &[passed]);
        check(entry(both, 1, user), true, &[entry(got | both, 1, user)]);
        check(
            entry(both | flag::NO_PROPAGATE, 1, user),
            true,
            &[entry(got, 1, user)],
        );
        check(entry(0, 1, user), true, &[]);
        // Those that mean somebody else, or other access, are there twice.
        let all = Kind::File.all();
        let meant = [
            entry(got, all, user),
            entry(got | both | only, all, super::CREATOR_OWNER),
        ];
        check(entry(both | only, all, super::CREATOR_OWNER), true, &meant);
        let meant = [
            entry(got, all, user),
            entry(got | both | only, 0x1000_0000, user),
        ];
        check(entry(both, 0x1000_0000, user), true, &meant);
    }

    #[test]
    fn a_list_that_is_cut_is_none() {
        let list = List {
            revision: 2,
            entries: vec![
                entry(0, 1, token::ADMINISTRATORS),
                entry(3, 2, token::GROUP),
            ],
        };
        let bytes = list.bytes();
        assert_eq!(List::parse(&bytes), Ok(list));
        for end in 0..bytes.len() {
            assert!(List::parse(&bytes[..end]).is_err(), "{end}");
        }
        for place in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut wrong = bytes.clone();
                wrong[place] = value;
                let _ = List::parse(&wrong);
            }
        }
    }
}
