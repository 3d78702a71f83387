//! What do directories with libraries of Windows add to the tree?
//!
//! Their files are seen in `C:\\Windows\\System32`, whatever else is there. Of files with one name, whatever the case of its
//! letters, that of the first directory is seen.

use std::collections::HashMap;
use std::collections::hash_map::Entry::Vacant;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::directory;
use super::entry::Entry;
use super::error::FsError;
use super::space::FsKind;
use super::{FileType, Vfs};
use crate::Error;
use crate::kernel::host::Kind;

/// Where libraries of Windows are.
const SYSTEM: [&[u8]; 2] = [b"Windows", b"System32"];

impl Vfs {
    /// Shows the files of directories of the host where a guest looks for libraries.
    pub(super) fn add_libraries(&self, directories: &[PathBuf]) -> Result<(), Error> {
        if directories.is_empty() {
            return Ok(());
        }
        let system = self.system_directory().map_err(|error| {
            Error::Usage(format!("--dll-path has no place in the tree: {error:?}"))
        })?;
        // What the tree has there under the same names, in whatever letters.
        let children = self.walk(|walker| walker.children(&system));
        let names = children
            .unwrap_or_default()
            .into_iter()
            .map(|child| child.name().to_vec());
        let covered = names
            .map(|name| (name.to_ascii_lowercase(), name))
            .collect();
        let mut seen = HashMap::new();
        for path in directories {
            self.add_directory(&system, path, &covered, &mut seen)?;
        }
        Ok(())
    }

    fn add_directory(
        &self,
        system: &Rc<Entry>,
        path: &Path,
        covered: &HashMap<Vec<u8>, Vec<u8>>,
        seen: &mut HashMap<Vec<u8>, ()>,
    ) -> Result<(), Error> {
        let shown = || format!("--dll-path {}", path.display());
        let failed = |error| Error::io(shown(), error);
        let tree = self.host.tree(path).map_err(failed)?;
        let stat = tree.stat(b"").map_err(failed)?;
        if stat.kind != Kind::Directory {
            return Err(Error::Usage(format!("{} is no directory", shown())));
        }
        let unusable = |error: FsError| Error::Usage(format!("{}: {error:?}", shown()));
        let fs = self.file_system(FsKind::Overlay, Some(tree.clone()));
        let top = Entry::top(directory::of_host(&fs, &tree, b"", &stat).map_err(unusable)?);
        let children = self.walk(|walker| walker.children(&top));
        for child in children.map_err(unusable)? {
            let name = child.name();
            let file = child.node.file_type() == FileType::Regular;
            if file && let Vacant(place) = seen.entry(name.to_ascii_lowercase()) {
                if let Some(covered) = covered.get(place.key()) {
                    directory::remove(system, covered);
                }
                place.insert(());
                directory::insert(system, &Entry::within(system, &name, child.node.clone()));
            }
        }
        Ok(())
    }

    /// The directory of the system's libraries, as the tree spells it, made as needed.
    fn system_directory(&self) -> Result<Rc<Entry>, FsError> {
        let mut path = Vec::new();
        for name in SYSTEM {
            let at = self.directory(&path)?;
            path.push(b'/');
            path.extend(self.spelled(&at, name)?.unwrap_or_else(|| name.to_vec()));
        }
        self.directory(&path)
    }

    /// How a directory spells a name.
    fn spelled(&self, directory: &Rc<Entry>, name: &[u8]) -> Result<Option<Vec<u8>>, FsError> {
        let children = self.walk(|walker| walker.children(directory))?;
        let mut names = children.iter().map(|child| child.name().to_vec());
        Ok(names.find(|own| own.eq_ignore_ascii_case(name)))
    }
}
