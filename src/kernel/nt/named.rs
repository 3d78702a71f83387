//! How is an object made or opened by its name?   [ntdef.h: OBJECT_ATTRIBUTES]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Ptr;
use emu_prototypes::nt::NtStatus;

use super::Outcome;
use super::attributes::Attributes;
use super::handles::{Object, Slot};
use super::kinds::{ACCESS_SYSTEM_SECURITY, Kind};
use super::namespace::{Directory, Follow, Found, Link, Namespace};
use super::security::Descriptor;
use crate::kernel::{Cx, Kernel};

/// `Attributes`.
pub(super) const OBJ_INHERIT: u32 = 2;
const OBJ_PERMANENT: u32 = 0x10;
const OBJ_CASE_INSENSITIVE: u32 = 0x40;
const OBJ_OPENIF: u32 = 0x80;
const OBJ_OPENLINK: u32 = 0x100;

/// Where a new handle goes, what it is wanted for, and what it is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) handle: u64,
    pub(super) access: u32,
    pub(super) attributes: u64,
}

impl Wish {
    /// As a call's arguments have it.
    pub(super) fn new<H, A>(handle: Ptr<H>, access: u32, attributes: Ptr<A>) -> Wish {
        Wish {
            handle: handle.address,
            access,
            attributes: attributes.address,
        }
    }
}

/// What has become of a wish for a new object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    New,
    /// One of this name was there; its handle was given.
    There,
}

impl Made {
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Made::New => Ok(0),
            Made::There => Ok(NtStatus::OBJECT_NAME_EXISTS.0.into()),
        }
    }
}

impl Kernel {
    /// Gives a new object a handle, and a name when one is wished for. One that is there already is given where that is
    /// allowed.
    pub(super) fn nt_make(
        &mut self,
        cx: &mut Cx<'_>,
        wish: Wish,
        object: Object,
    ) -> Result<Made, NtStatus> {
        // Both have to be there before anything is made.
        cx.read_word(wish.handle)?;
        let named = cx.attributes(wish.attributes)?;
        let kind = Kind::of(&object);
        let Some(named) = named else {
            self.nt_hand(cx, wish, 0, object, None)?;
            return Ok(Made::New);
        };
        let given = cx.security_given(wish.attributes)?;
        let security = Descriptor::of_new(given, None, (kind, false));
        if named.name.is_empty() {
            if let Some(security) = security {
                self.set_security_of(&object, security)?;
            }
            self.nt_hand(cx, wish, named.flags, object, None)?;
            return Ok(Made::New);
        }
        match self.follow(cx, &named, kind)? {
            Found::Object(there, path) => {
                if named.flags & OBJ_OPENIF == 0 {
                    return Err(NtStatus::OBJECT_NAME_COLLISION);
                }
                if Kind::of(&there) != kind {
                    return Err(NtStatus::OBJECT_TYPE_MISMATCH);
                }
                self.nt_hand_allowed(cx, wish, named.flags, there, Some(path))?;
                Ok(Made::There)
            }
            Found::Nothing(directory, name) => {
                let object = match object {
                    Object::Directory(_) => {
                        let place = Some((&*directory, &name[..]));
                        Object::Directory(Namespace::directory(&self.nt.pool, place)?)
                    }
                    object => object,
                };
                if let Some(security) = security {
                    self.set_security_of(&object, security)?;
                }
                let permanent = named.flags & OBJ_PERMANENT != 0;
                let path = directory.path_of(&name);
                let pool = self.nt.pool.clone();
                (self.nt.names).insert(&pool, (&directory, &name), &object, permanent)?;
                let handed = self.nt_hand(cx, wish, named.flags, object, Some(path.clone()));
                if handed.is_err() && permanent {
                    self.nt.names.keep(&pool, &path, false)?;
                }
                handed.map(|()| Made::New)
            }
        }
    }

    /// Opens an object of a kind.
    pub(super) fn nt_open_named(&mut self, cx: &mut Cx<'_>, wish: Wish, kind: Kind) -> Outcome {
        cx.read_word(wish.handle)?;
        let named = cx.attributes(wish.attributes)?;
        let named = named.ok_or(NtStatus::INVALID_PARAMETER)?;
        match self.follow(cx, &named, kind)? {
            Found::Object(object, _) if Kind::of(&object) != kind => {
                Err(NtStatus::OBJECT_TYPE_MISMATCH.into())
            }
            Found::Object(object, path) => {
                self.nt_hand_allowed(cx, wish, named.flags, object, Some(path))?;
                Ok(0)
            }
            Found::Nothing(..) => Err(NtStatus::OBJECT_NAME_NOT_FOUND.into()),
        }
    }

    fn follow(&mut self, cx: &Cx<'_>, named: &Attributes, kind: Kind) -> Result<Found, NtStatus> {
        let from: Option<Rc<Directory>> = match named.root {
            0 => None,
            root => match self.nt_object(cx, root)? {
                Object::Directory(directory) => Some(directory),
                _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
            },
        };
        let follow = Follow {
            insensitive: named.flags & OBJ_CASE_INSENSITIVE != 0,
            last: kind != Kind::SymbolicLink && named.flags & OBJ_OPENLINK == 0,
        };
        self.nt.names.find(from, &named.name, follow)
    }

    /// A new handle of what is there, when it may be used as it was wished for.
    pub(super) fn nt_hand_allowed(
        &mut self,
        cx: &mut Cx<'_>,
        wish: Wish,
        flags: u32,
        object: Object,
        name: Option<Vec<u16>>,
    ) -> Result<(), NtStatus> {
        let access = self.nt_allowed(cx, &object, wish.access)?;
        self.nt_hand(cx, Wish { access, ..wish }, flags, object, name)
    }

    /// A new handle as it was wished for.
    pub(super) fn nt_hand(
        &mut self,
        cx: &mut Cx<'_>,
        wish: Wish,
        flags: u32,
        object: Object,
        name: Option<Vec<u16>>,
    ) -> Result<(), NtStatus> {
        if wish.access & ACCESS_SYSTEM_SECURITY != 0
            && let Err(status) = self.nt_allowed(cx, &object, ACCESS_SYSTEM_SECURITY)
        {
            let pid = cx.process().pid;
            self.nt_closed(pid, &object);
            return Err(status);
        }
        let pool = &self.nt.pool;
        let kept = |name: Vec<u16>| {
            let bytes = 2 * name.len();
            pool.keep(name, bytes).map(Rc::new)
        };
        let slot = Slot {
            access: Kind::of(&object).granted(wish.access),
            inherited: flags & OBJ_INHERIT != 0,
            protected: false,
            name: name.map(kept).transpose()?,
            object,
        };
        self.nt_give_slot(cx, wish.handle, slot)
    }

    /// A new handle, written to where the guest wants it.
    pub(super) fn nt_give_slot(
        &mut self,
        cx: &mut Cx<'_>,
        at: u64,
        slot: Slot,
    ) -> Result<(), NtStatus> {
        let (pid, object) = (cx.process().pid, slot.object.clone());
        let handles = &mut self.nt_process(cx).handles;
        let Some(handle) = handles.insert_slot(slot) else {
            self.nt_closed(pid, &object);
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        };
        cx.write_word(at, handle).map_err(|fault| {
            self.nt_process(cx).handles.remove(handle);
            self.nt_closed(pid, &object);
            fault.into()
        })
    }

    /// What a handle stands for, when it may be used so.
    pub(super) fn nt_object_for(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        access: u32,
    ) -> Result<Object, NtStatus> {
        let object = self.nt_object(cx, handle)?;
        if cx.pseudo(handle).is_none()
            && let Some(slot) = self.nt_process(cx).handles.slot(handle)
            && slot.access & access != access
        {
            return Err(NtStatus::ACCESS_DENIED);
        }
        Ok(object)
    }

    /// Serves `NtCreateSymbolicLinkObject`.
    pub(super) fn nt_make_link(&mut self, cx: &mut Cx<'_>, wish: Wish, target: u64) -> Outcome {
        let target = cx.unicode(target)?;
        if target.is_empty() {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let link = Link::new(&self.nt.pool, target)?;
        self.nt_make(cx, wish, Object::Link(Rc::new(link)))?
            .outcome()
    }

    /// Serves `NtQuerySymbolicLinkObject`.
    pub(super) fn nt_read_link(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        string: u64,
        returned: u64,
    ) -> Outcome {
        let Object::Link(link) = self.nt_object_for(cx, handle, 1)? else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        let word = cx.word();
        let room = cx.mem.read_u16(string.wrapping_add(2))?;
        let buffer = cx.read_word(string.wrapping_add(word))?;
        let bytes: Vec<u8> = link
            .target()
            .iter()
            .flat_map(|unit| unit.to_le_bytes())
            .collect();
        cx.returned_length(returned, bytes.len() as u64 + 2)?;
        if usize::from(room) < bytes.len() {
            return Err(NtStatus::BUFFER_TOO_SMALL.into());
        }
        cx.mem.write(buffer, &bytes)?;
        if usize::from(room) >= bytes.len() + 2 {
            cx.mem
                .write(buffer.wrapping_add(bytes.len() as u64), &[0, 0])?;
        }
        cx.mem.write_u16(string, bytes.len() as u16)?;
        Ok(0)
    }
}
