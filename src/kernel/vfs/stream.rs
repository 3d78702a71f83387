//! Which contents does a file have besides its own? Streams with names, as Windows has them. They live as long as the file
//! does and in memory only, wherever the file is: no host gets them.

use std::rc::Rc;

use super::content::Content;
use super::entry::Entry;
use super::error::FsError;
use super::node::{Body, Meta, Node};
use super::walk::Walker;

/// Streams of one file at most.
const MOST: usize = 4096;

impl Node {
    /// Its streams, the oldest first. Each is named as it was made.
    pub fn streams(&self) -> Vec<Rc<Entry>> {
        self.streams.borrow().clone()
    }
}

impl Walker<'_> {
    /// A new stream of a file or a directory, with nothing in it.
    pub fn make_stream(&self, base: &Rc<Entry>, name: &[u8]) -> Result<Rc<Entry>, FsError> {
        if !matches!(base.node.body, Body::File(_) | Body::Directory(_)) {
            return Err(FsError::NotSupported);
        }
        if base.node.streams.borrow().len() >= MOST {
            return Err(FsError::NoSpace);
        }
        let fs = &self.vfs.anonymous;
        let meta = Meta::new(0o666, self.who.uid, 0, self.now);
        let node = Node::charged(fs, Body::File(Content::empty(fs)), meta)?;
        let stream = Entry::stream(base, name, node);
        base.node.streams.borrow_mut().push(stream.clone());
        Ok(stream)
    }

    /// A stream goes; who has it open keeps what is in it.
    pub fn remove_stream(&self, stream: &Rc<Entry>) {
        if let Some(base) = stream.stream_of() {
            let mut streams = base.node.streams.borrow_mut();
            streams.retain(|own| !Rc::ptr_eq(own, stream));
        }
        stream.node.change(|meta| meta.links = 0);
        stream.remove();
    }

    /// Gives a stream another name.
    pub fn rename_stream(&self, stream: &Rc<Entry>, name: &[u8]) {
        stream.set_name(name);
    }
}
