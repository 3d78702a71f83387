//! Where is kept who owns an object, and who may use it?
//!
//! Only what somebody has said: what nobody has said anything about has the defaults, by which the user, an administrator,
//! may all. Files keep it among their extended attributes, where Samba has it; other objects have it here, as long as they
//! live.

mod allowed;
mod calls;
mod descriptor;
mod list;
mod text;

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use emu_prototypes::nt::NtStatus;

use super::console::Part;
use super::handles::Object;
use super::kinds::Kind;
use super::path::status;
use crate::kernel::vfs::{Entry, SetAttribute, Walker};
use crate::kernel::{Cx, Kernel};
pub(super) use allowed::decide;
pub(super) use calls::{query, set};
pub(super) use descriptor::Descriptor;
pub(crate) use text::{descriptor_text, sid_text};

/// Bytes that all objects but files may have of it together.
const MOST: usize = 16 << 20;
/// Where a file has its own, self-relative.   [Samba, librpc/idl/xattr.idl: XATTR_NTACL_NAME]
const NAME: &[u8] = b"security.NTACL";

/// What objects that are no files have. The weak reference keeps the place in memory from being another object's.
#[derive(Default)]
pub(super) struct Securities {
    all: BTreeMap<usize, (Weak<dyn Any>, Rc<Descriptor>)>,
    /// Bytes of all of them.
    used: usize,
}

impl Securities {
    fn find(&self, object: &Object) -> Option<Rc<Descriptor>> {
        let (at, _) = place(object)?;
        let (_, descriptor) = self.all.get(&at)?;
        Some(descriptor.clone())
    }

    fn insert(&mut self, object: &Object, descriptor: Descriptor) -> Result<(), NtStatus> {
        let (at, held) = place(object).ok_or(NtStatus::INVALID_DEVICE_REQUEST)?;
        let size = descriptor.size();
        if self.used + size > MOST {
            self.all.retain(|_, (held, _)| held.strong_count() > 0);
            let sizes = self.all.values().map(|(_, own)| own.size());
            self.used = sizes.sum();
        }
        if self.used + size > MOST {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        self.used += size;
        let own = (held, Rc::new(descriptor));
        let before = self.all.insert(at, own);
        self.used -= before.map_or(0, |(_, before)| before.size());
        Ok(())
    }
}

fn held<T: Any>(object: &Rc<T>) -> Weak<dyn Any> {
    let weak: Weak<T> = Rc::downgrade(object);
    weak as Weak<dyn Any>
}

/// Where an object is in memory, and what keeps it its own. Pipes of one name have one descriptor. Devices have none, and
/// files have it elsewhere.
fn place(object: &Object) -> Option<(usize, Weak<dyn Any>)> {
    let held = match object {
        Object::Dispatcher(object) => held(object),
        Object::Key(object) => held(object),
        Object::Section(object) => held(object),
        Object::Pipe(end) => {
            let shared = end.shared();
            return Some((Rc::as_ptr(&shared).addr(), Rc::downgrade(&shared)));
        }
        Object::Mailslot(object) => held(object),
        Object::Writer(writer) => {
            let slot = Object::Mailslot(writer.slot.clone());
            return place(&slot);
        }
        Object::Token(object) => held(object),
        Object::Job(object) => held(object),
        Object::Process(object) => held(object),
        Object::Thread(object) => held(object),
        Object::Timer(object) => held(object),
        Object::KeyedEvent(object) => held(object),
        Object::Completion(object) => held(object),
        Object::Directory(object) => held(object),
        Object::Link(object) => held(object),
        Object::Port(object) => held(object),
        Object::Debug(object) => held(object),
        Object::Reserve(object) => held(object),
        Object::WaitPacket(object) => held(object),
        Object::Console(Part::Screen(_, buffer)) => held(buffer),
        Object::File(_) | Object::PipeDevice | Object::Console(_) => return None,
    };
    Some((object.identity(), held))
}

/// What a file has of its own; a stream has its file's.
pub(super) fn of_file(walker: &Walker<'_>, entry: &Rc<Entry>) -> Option<Descriptor> {
    let base = entry.stream_of();
    let node = &base.as_ref().unwrap_or(entry).node;
    let bytes = walker.attribute(node, NAME).ok()?;
    // One that a program of another kind has written is none.
    Descriptor::parse(&bytes).ok()
}

/// Gives a file its own.
pub(super) fn set_of_file(
    walker: &Walker<'_>,
    entry: &Rc<Entry>,
    descriptor: &Descriptor,
) -> Result<(), NtStatus> {
    let base = entry.stream_of();
    let node = &base.as_ref().unwrap_or(entry).node;
    let bytes = descriptor.all();
    walker
        .set_attribute(node, NAME, &bytes, SetAttribute::Any)
        .map_err(status)
}

impl Cx<'_> {
    /// The descriptor that an `OBJECT_ATTRIBUTES` has for a new object.   [ntdef.h: SecurityDescriptor]
    pub(super) fn security_given(
        &mut self,
        attributes: u64,
    ) -> Result<Option<Descriptor>, NtStatus> {
        if attributes == 0 {
            return Ok(None);
        }
        let word = self.word();
        match self.read_word(attributes.wrapping_add(4 * word))? {
            0 => Ok(None),
            at => Descriptor::read(self, at).map(Some),
        }
    }
}

impl Kernel {
    /// What an object has of its own.
    pub(super) fn security_of(&self, object: &Object) -> Option<Rc<Descriptor>> {
        match object {
            Object::File(file) => {
                let found = self.nt_walk(|walker| Ok(of_file(walker, &file.entry)));
                found.ok().flatten().map(Rc::new)
            }
            _ => self.nt.securities.find(object),
        }
    }

    /// Gives a new object what attributes have for it.
    pub(super) fn secure_new(
        &mut self,
        cx: &mut Cx<'_>,
        attributes: u64,
        object: &Object,
    ) -> Result<(), NtStatus> {
        let given = cx.security_given(attributes)?;
        match Descriptor::of_new(given, None, (Kind::of(object), false)) {
            Some(own) => self.set_security_of(object, own),
            None => Ok(()),
        }
    }

    /// The bytes of what an object has of its own, or of the defaults.
    pub(super) fn security_bytes(&self, object: &Object) -> Vec<u8> {
        match self.security_of(object) {
            Some(own) => own.all(),
            None => Descriptor::default_of(Kind::of(object)).all(),
        }
    }

    /// Gives an object what such bytes say, unless those are the defaults, or none that can be.
    pub(super) fn set_security_bytes(
        &mut self,
        object: &Object,
        bytes: &[u8],
    ) -> Result<(), NtStatus> {
        match Descriptor::parse(bytes) {
            Ok(own) if own != Descriptor::default_of(Kind::of(object)) => {
                self.set_security_of(object, own)
            }
            _ => Ok(()),
        }
    }

    /// Gives an object its own.
    pub(super) fn set_security_of(
        &mut self,
        object: &Object,
        descriptor: Descriptor,
    ) -> Result<(), NtStatus> {
        match object {
            Object::File(file) => {
                self.nt_walk(|walker| set_of_file(walker, &file.entry, &descriptor))
            }
            _ => self.nt.securities.insert(object, descriptor),
        }
    }
}
