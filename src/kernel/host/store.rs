//! Where is kept what a run leaves behind, apart from its trace?

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files that are kept open at most.
const MOST_OPEN: usize = 64;

/// A directory of files that only grow.
pub trait Store {
    /// Adds to a file, which is made when it is not there. A name is a file's, not a path.
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// A directory of the host.
pub(super) struct RealStore {
    path: PathBuf,
    open: RefCell<BTreeMap<String, File>>,
}

impl RealStore {
    /// Makes the directory; one that is there has to be empty.
    pub(super) fn open(path: &Path) -> io::Result<RealStore> {
        fs::create_dir_all(path)?;
        if fs::read_dir(path)?.next().is_some() {
            return Err(io::Error::new(
                io::ErrorKind::DirectoryNotEmpty,
                "the directory is not empty; name a new one",
            ));
        }
        Ok(RealStore {
            path: path.to_owned(),
            open: RefCell::default(),
        })
    }
}

impl Store for RealStore {
    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if name.is_empty() || name.starts_with('.') || name.contains('/') {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut open = self.open.borrow_mut();
        if !open.contains_key(name) {
            if open.len() >= MOST_OPEN {
                open.clear();
            }
            let mut options = OpenOptions::new();
            let file = options
                .append(true)
                .create(true)
                .open(self.path.join(name))?;
            open.insert(name.to_owned(), file);
        }
        match open.get_mut(name) {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_grow_in_a_directory_of_their_own() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = folder.path().join("a/b");
        let store = RealStore::open(&path).expect("it is made");
        store.append("x", b"one ").expect("it is kept");
        store.append("x", b"two").expect("it is kept");
        assert_eq!(fs::read(path.join("x")).expect("it is there"), b"one two");
        assert!(store.append("../x", b"").is_err());
        assert!(RealStore::open(&path).is_err());
    }
}
