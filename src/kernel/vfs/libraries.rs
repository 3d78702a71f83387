//! What do directories with libraries of Windows add to the tree?
//!
//! Their files are seen in `C:\\Windows\\System32`, whatever else is there; on a 64-bit system those of directories with
//! 32-bit libraries in `C:\\Windows\\SysWOW64`. Of files with one name, whatever the case of its letters, that of the first
//! directory is seen.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::directory;
use super::entry::Entry;
use super::error::FsError;
use super::space::FsKind;
use super::{FileType, Vfs};
use crate::Error;
use crate::kernel::host::{Kind, Tree};
use crate::load;

/// Where libraries of Windows are, and those of 32 bits on a 64-bit system.
const WINDOWS: &[u8] = b"Windows";
const SYSTEM: &[u8] = b"System32";
const NARROW_SYSTEM: &[u8] = b"SysWOW64";

/// A directory that is added to.
struct Place {
    entry: Rc<Entry>,
    /// What the tree has there under the same names, in whatever letters.
    covered: HashMap<Vec<u8>, Vec<u8>>,
    seen: HashSet<Vec<u8>>,
}

/// A directory of libraries.
struct Source {
    children: Vec<Rc<Entry>>,
    /// Whether its libraries are of 64 bits; `None` when it has none.
    wide: Option<bool>,
}

impl Vfs {
    /// Shows the files of directories of the host where a guest looks for libraries.
    pub(super) fn add_libraries(&self, directories: &[PathBuf]) -> Result<(), Error> {
        let sources = directories.iter().map(|path| self.source(path));
        let sources = sources.collect::<Result<Vec<Source>, Error>>()?;
        let has = |wide: bool| sources.iter().any(|source| source.wide == Some(wide));
        // A 64-bit system that runs 32-bit programs has libraries of both.
        let both = has(true) && has(false);
        let parts: &[(&[u8], Option<bool>)] = match both {
            true => &[(SYSTEM, Some(true)), (NARROW_SYSTEM, Some(false))],
            false => &[(SYSTEM, None)],
        };
        for (name, wide) in parts.iter().filter(|_| !sources.is_empty()) {
            let mut place = self.place(name)?;
            for source in &sources {
                // Files that are no libraries are in either.
                if wide.is_none() || source.wide.is_none() || source.wide == *wide {
                    place.add(source);
                }
            }
        }
        Ok(())
    }

    /// The files of a directory of the host.
    fn source(&self, path: &Path) -> Result<Source, Error> {
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
        let children = children.map_err(unusable)?;
        let wide = width(tree.as_ref(), &children);
        Ok(Source { children, wide })
    }

    /// A directory of the system's, as the tree spells it, made as needed.
    fn place(&self, name: &[u8]) -> Result<Place, Error> {
        let made = self.system_directory(name);
        let entry = made.map_err(|error| {
            Error::Usage(format!("--dll-path has no place in the tree: {error:?}"))
        })?;
        let children = self.walk(|walker| walker.children(&entry));
        let names = children.unwrap_or_default().into_iter();
        let names = names.map(|child| child.name().to_vec());
        Ok(Place {
            entry,
            covered: names
                .map(|name| (name.to_ascii_lowercase(), name))
                .collect(),
            seen: HashSet::new(),
        })
    }

    fn system_directory(&self, last: &[u8]) -> Result<Rc<Entry>, FsError> {
        let mut path = Vec::new();
        for name in [WINDOWS, last] {
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

impl Place {
    fn add(&mut self, source: &Source) {
        for child in &source.children {
            let name = child.name();
            let key = name.to_ascii_lowercase();
            if child.node.file_type() != FileType::Regular || !self.seen.insert(key.clone()) {
                continue;
            }
            if let Some(covered) = self.covered.get(&key) {
                directory::remove(&self.entry, covered);
            }
            let own = Entry::within(&self.entry, &name, child.node.clone());
            directory::insert(&self.entry, &own);
        }
    }
}

/// Whether the libraries of a directory are of 64 bits, as its `ntdll.dll` says, or else the first that there is.
fn width(tree: &dyn Tree, files: &[Rc<Entry>]) -> Option<bool> {
    let names: Vec<_> = files.iter().map(|file| file.name()).collect();
    let is = |name: &[u8], ending: &[u8]| name.to_ascii_lowercase().ends_with(ending);
    let ntdll = names
        .iter()
        .filter(|name| name.eq_ignore_ascii_case(b"ntdll.dll"));
    let others = names.iter().filter(|name| is(name, b".dll"));
    ntdll.chain(others).find_map(|name| {
        let file = tree.open(name, false).ok()?;
        load::is_wide(|at| {
            let mut bytes = [0; 4];
            let read = file.read_at(at, &mut bytes).ok()?;
            (read == bytes.len()).then(|| u32::from_le_bytes(bytes))
        })
    })
}
