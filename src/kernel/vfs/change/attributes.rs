//! Extended attributes: who may see and change which.

use crate::kernel::vfs::error::FsError;
use crate::kernel::vfs::node::{Body, Node};
use crate::kernel::vfs::walk::{NAME_MAX, Walker};
use crate::kernel::vfs::watch::Change;

/// Bytes of an attribute's value at most.   [Linux include/uapi/linux/limits.h, XATTR_SIZE_MAX]
const ATTRIBUTE_MAX: usize = 65_536;
/// Bytes of all names of a file's attributes at most.   [XATTR_LIST_MAX]
const ATTRIBUTE_NAMES_MAX: usize = 65_536;

/// What is done to an attribute that is there, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAttribute {
    /// It is made or replaced.
    Any,
    /// It must not be there.
    Create,
    /// It must be there.
    Replace,
}

impl Walker<'_> {
    /// The value of an extended attribute.
    pub fn attribute(&self, node: &Node, name: &[u8]) -> Result<Vec<u8>, FsError> {
        let space = attribute_space(name)?;
        keeps_attributes(node)?;
        match space {
            AttributeSpace::User if !has_user_attributes(node) => return Err(FsError::NoData),
            AttributeSpace::User if !self.who.may(node, 4) => return Err(FsError::Access),
            AttributeSpace::Trusted => return Err(FsError::NoData),
            _ => {}
        }
        node.attributes
            .borrow()
            .get(name)
            .cloned()
            .ok_or(FsError::NoData)
    }

    /// The names of all extended attributes, each with a zero behind it.
    pub fn attribute_names(&self, node: &Node) -> Result<Vec<u8>, FsError> {
        keeps_attributes(node)?;
        let attributes = node.attributes.borrow();
        Ok(attributes
            .keys()
            .flat_map(|name| name.iter().copied().chain([0]))
            .collect())
    }

    /// Sets an extended attribute.
    pub fn set_attribute(
        &self,
        node: &Node,
        name: &[u8],
        value: &[u8],
        how: SetAttribute,
    ) -> Result<(), FsError> {
        if value.len() > ATTRIBUTE_MAX {
            return Err(FsError::Overflow);
        }
        self.may_set_attribute(node, name)?;
        let mut attributes = node.attributes.borrow_mut();
        let old = attributes.get(name).map(|value| name.len() + value.len());
        match (how, old) {
            (SetAttribute::Create, Some(_)) => return Err(FsError::Exists),
            (SetAttribute::Replace, None) => return Err(FsError::NoData),
            _ => {}
        }
        let names: usize = attributes.keys().map(|name| name.len() + 1).sum();
        if old.is_none() && names + name.len() + 1 > ATTRIBUTE_NAMES_MAX {
            return Err(FsError::NoSpace);
        }
        node.fs.space.take((name.len() + value.len()) as u64)?;
        if let Some(old) = old {
            node.fs.space.give(old as u64);
        }
        attributes.insert(name.to_vec(), value.to_vec());
        drop(attributes);
        node.change(|meta| meta.changed = self.now);
        node.tell(Change::ATTRIBUTES, None, 0);
        Ok(())
    }

    /// Removes an extended attribute.
    pub fn remove_attribute(&self, node: &Node, name: &[u8]) -> Result<(), FsError> {
        self.may_set_attribute(node, name)?;
        let old = node
            .attributes
            .borrow_mut()
            .remove(name)
            .ok_or(FsError::NoData)?;
        node.fs.space.give((name.len() + old.len()) as u64);
        node.change(|meta| meta.changed = self.now);
        Ok(())
    }

    fn may_set_attribute(&self, node: &Node, name: &[u8]) -> Result<(), FsError> {
        let space = attribute_space(name)?;
        keeps_attributes(node)?;
        match space {
            AttributeSpace::User => {
                if !has_user_attributes(node) {
                    return Err(FsError::NotPermitted);
                }
                if !self.who.may(node, 2) {
                    return Err(FsError::Access);
                }
                Ok(())
            }
            AttributeSpace::Security if self.who.owner => Ok(()),
            AttributeSpace::Security | AttributeSpace::Trusted => Err(FsError::NotPermitted),
        }
    }
}

enum AttributeSpace {
    User,
    Security,
    Trusted,
}

fn attribute_space(name: &[u8]) -> Result<AttributeSpace, FsError> {
    if name.is_empty() || name.len() > NAME_MAX {
        return Err(FsError::Range);
    }
    let spaces = [
        (b"user.".as_slice(), AttributeSpace::User),
        (b"security.", AttributeSpace::Security),
        (b"trusted.", AttributeSpace::Trusted),
    ];
    for (prefix, space) in spaces {
        match name.strip_prefix(prefix) {
            Some([]) => return Err(FsError::Invalid),
            Some(_) => return Ok(space),
            None => {}
        }
    }
    Err(FsError::NotSupported)
}

fn keeps_attributes(node: &Node) -> Result<(), FsError> {
    if matches!(
        node.body,
        Body::Made(_) | Body::Pipe(_) | Body::Stream(_) | Body::Anonymous
    ) {
        return Err(FsError::NotSupported);
    }
    Ok(())
}

fn has_user_attributes(node: &Node) -> bool {
    matches!(node.body, Body::File(_) | Body::Directory(_))
}
