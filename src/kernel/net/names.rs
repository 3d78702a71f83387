//! Which sockets have names of this machine?

use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use super::Net;
use super::address::{Address, Kind, UnixName};
use super::endpoint::Endpoint;
use super::error::NetError;
use crate::kernel::vfs::Node;

/// Device and inode of a name in the tree.
type Place = ((u32, u32), u64);

/// Names that are taken.
#[derive(Default)]
pub(super) struct Names {
    paths: BTreeMap<Place, Weak<Endpoint>>,
    names: BTreeMap<Rc<[u8]>, Weak<Endpoint>>,
    /// Ports of the kernel's own network.
    ports: BTreeMap<u32, Weak<Endpoint>>,
    /// The next name that the network chooses.
    next: u32,
}

fn place(node: &Node) -> Place {
    let attributes = node.attributes();
    (attributes.device, attributes.ino)
}

impl Net {
    /// The socket of a name.
    pub(super) fn named(&self, name: &UnixName, kind: Kind) -> Result<Rc<Endpoint>, NetError> {
        let names = self.names.borrow();
        let found = match name {
            UnixName::Path(_, Some(node)) => names.paths.get(&place(node)),
            UnixName::Abstract(name) => names.names.get(name),
            UnixName::Path(_, None) | UnixName::Unnamed => None,
        };
        let found = found.and_then(Weak::upgrade).ok_or(NetError::Refused)?;
        match found.kind == kind {
            true => Ok(found),
            false => Err(NetError::WrongKind),
        }
    }

    pub(super) fn forget_name(&self, name: &UnixName, endpoint: &Endpoint) {
        let mut names = self.names.borrow_mut();
        let own = |known: &Weak<Endpoint>| std::ptr::eq(known.as_ptr(), endpoint);
        match name {
            UnixName::Path(_, Some(node)) => {
                let place = place(node);
                if names.paths.get(&place).is_some_and(own) {
                    names.paths.remove(&place);
                }
            }
            UnixName::Abstract(name) => {
                if names.names.get(name).is_some_and(own) {
                    names.names.remove(name);
                }
            }
            UnixName::Path(_, None) | UnixName::Unnamed => {}
        }
    }
}

impl Endpoint {
    /// Whether it may get a name.
    pub fn may_name(&self) -> Result<(), NetError> {
        match self.local.borrow().is_some() {
            true => Err(NetError::Invalid),
            false => Ok(()),
        }
    }

    /// Gets a name.
    pub fn name(self: &Rc<Endpoint>, name: UnixName) -> Result<(), NetError> {
        self.may_name()?;
        let mut names = self.net.names.borrow_mut();
        match &name {
            UnixName::Path(_, Some(node)) => {
                names.paths.insert(place(node), Rc::downgrade(self));
            }
            UnixName::Abstract(name) => {
                if names
                    .names
                    .get(name)
                    .is_some_and(|other| other.strong_count() > 0)
                {
                    return Err(NetError::InUse);
                }
                names.names.insert(name.clone(), Rc::downgrade(self));
            }
            UnixName::Path(_, None) | UnixName::Unnamed => return Err(NetError::Invalid),
        }
        drop(names);
        *self.local.borrow_mut() = Some(Address::Unix(name));
        Ok(())
    }

    /// Gets a port of the kernel's own network; 0 is one that nobody has, by its owner's number where that is free.
    pub fn bind_kernel(self: &Rc<Endpoint>, port: u32, groups: u32) -> Result<(), NetError> {
        if let Some(Address::Kernel(own, _)) = &*self.local.borrow()
            && port != *own
        {
            return Err(NetError::Invalid);
        }
        let mut names = self.net.names.borrow_mut();
        names.ports.retain(|_, other| other.strong_count() > 0);
        let own = |other: &Weak<Endpoint>| std::ptr::eq(other.as_ptr(), Rc::as_ptr(self));
        let free = |port: &u32| names.ports.get(port).is_none_or(own);
        let first = self.owner.get().pid.cast_unsigned();
        let port = match port {
            0 => std::iter::once(first)
                .chain((1..=u32::MAX).rev())
                .find(free)
                .ok_or(NetError::InUse)?,
            port if free(&port) => port,
            _ => return Err(NetError::InUse),
        };
        names.ports.insert(port, Rc::downgrade(self));
        drop(names);
        *self.local.borrow_mut() = Some(Address::Kernel(port, groups));
        Ok(())
    }

    /// Gets a name that nobody has: five hexadecimal digits.   [unix(7), autobind]
    pub fn name_somehow(self: &Rc<Endpoint>) -> Result<(), NetError> {
        if self.local.borrow().is_some() {
            return Ok(());
        }
        for _ in 0..=0xf_ffff {
            let number = {
                let mut names = self.net.names.borrow_mut();
                names.next = (names.next + 1) & 0xf_ffff;
                names.next
            };
            let text = format!("{number:05x}");
            match self.name(UnixName::Abstract(text.as_bytes().into())) {
                Err(NetError::InUse) => {}
                result => return result,
            }
        }
        Err(NetError::NoBuffers)
    }
}
