//! What does NT know of a page that the address space doesn't?

use std::rc::Rc;

use emu_cpu::Prot;
use emu_cpu::memory::{Label, Region};

/// Protections of pages.   [winnt.h]
#[allow(missing_docs, reason = "the names are those of the documents")]
pub(crate) mod page {
    pub(crate) const NOACCESS: u32 = 1;
    pub(crate) const READONLY: u32 = 2;
    pub(crate) const READWRITE: u32 = 4;
    pub(crate) const WRITECOPY: u32 = 8;
    pub(crate) const EXECUTE: u32 = 0x10;
    pub(crate) const EXECUTE_READ: u32 = 0x20;
    pub(crate) const EXECUTE_READWRITE: u32 = 0x40;
    pub(crate) const EXECUTE_WRITECOPY: u32 = 0x80;
    pub(crate) const GUARD: u32 = 0x100;
    const NOCACHE: u32 = 0x200;
    const WRITECOMBINE: u32 = 0x400;

    /// Whether it is one protection, with modifiers that go with it. A call can't ask for copies on writing: that is for
    /// sections.
    pub(crate) fn is_valid(protect: u32) -> bool {
        let plain = protect & !(GUARD | NOCACHE | WRITECOMBINE);
        let modified = plain != protect;
        plain.count_ones() == 1
            && plain <= EXECUTE_WRITECOPY
            && !matches!(plain, WRITECOPY | EXECUTE_WRITECOPY)
            && !(modified && plain == NOACCESS)
    }
}

/// Whether there is memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Addresses only.
    Reserved,
    /// Memory.
    Committed,
}

/// Where an allocation's memory comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// From nowhere: it is the process's own.
    Private,
    /// From a section of data.
    Mapped,
    /// From an image.
    Image,
}

/// What NT knows of a page. It is kept in the label of the page's region, whose numbers are free otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Where its allocation begins.
    pub(crate) base: u64,
    pub(crate) state: State,
    pub(crate) kind: Kind,
    /// Its protection.
    pub(crate) protect: u32,
    /// The protection its allocation was made with.
    pub(crate) initial: u32,
}

/// No inode has this bit.
const OURS: u64 = 1 << 63;

impl Tag {
    /// Committed memory of the process's own.
    pub(crate) fn private(base: u64, protect: u32) -> Tag {
        Tag {
            base,
            state: State::Committed,
            kind: Kind::Private,
            protect,
            initial: protect,
        }
    }

    /// An image.
    pub(crate) fn image(base: u64) -> Tag {
        Tag {
            kind: Kind::Image,
            ..Tag::private(base, page::EXECUTE_WRITECOPY)
        }
    }

    /// The same, committed with a protection.
    pub(crate) fn committed(self, protect: u32) -> Tag {
        // What is written in an image is a copy of its own.
        let protect = match (self.kind, protect) {
            (Kind::Image, page::READWRITE) => page::WRITECOPY,
            (Kind::Image, page::EXECUTE_READWRITE) => page::EXECUTE_WRITECOPY,
            (_, protect) => protect,
        };
        Tag {
            state: State::Committed,
            protect,
            ..self
        }
    }

    /// The same without memory.
    pub(crate) fn reserved(self) -> Tag {
        Tag {
            state: State::Reserved,
            protect: 0,
            ..self
        }
    }

    /// What the guest may do there. `executes` says that what is readable can be executed.
    pub(crate) fn prot(self, executes: bool) -> Prot {
        if self.state == State::Reserved || self.protect & page::GUARD != 0 {
            return Prot::empty();
        }
        let prot = match self.protect & 0xff {
            page::READONLY => Prot::READ,
            page::READWRITE | page::WRITECOPY => Prot::READ | Prot::WRITE,
            page::EXECUTE => Prot::EXEC,
            page::EXECUTE_READ => Prot::READ | Prot::EXEC,
            page::EXECUTE_READWRITE | page::EXECUTE_WRITECOPY => Prot::all(),
            _ => Prot::empty(),
        };
        match executes && prot.contains(Prot::READ) {
            true => prot | Prot::EXEC,
            false => prot,
        }
    }

    /// The label that keeps it, of a region with that name.
    pub(crate) fn label(self, name: &[u8]) -> Rc<Label> {
        let kind = match self.kind {
            Kind::Private => 0,
            Kind::Mapped => 1,
            Kind::Image => 2,
        };
        let word = OURS
            | u64::from(self.state == State::Reserved) << 40
            | kind << 32
            | u64::from(self.initial & 0xffff) << 16
            | u64::from(self.protect & 0xffff);
        Label::file(name, self.base, word, None)
    }

    /// That of a region. One that nobody allocated is the kernel's.
    pub(crate) fn of(region: &Region) -> Tag {
        let kept = region
            .label
            .as_ref()
            .filter(|label| label.inode & OURS != 0);
        let Some(label) = kept else {
            return Tag::private(region.start, page::READONLY);
        };
        let word = label.inode;
        Tag {
            base: label.device,
            state: match word >> 40 & 1 {
                0 => State::Committed,
                _ => State::Reserved,
            },
            kind: match word >> 32 & 3 {
                0 => Kind::Private,
                1 => Kind::Mapped,
                _ => Kind::Image,
            },
            initial: (word >> 16 & 0xffff) as u32,
            protect: (word & 0xffff) as u32,
        }
    }
}
