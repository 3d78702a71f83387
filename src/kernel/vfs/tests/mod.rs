//! The tree: how paths lead, what is kept in memory and what goes to the host, and that nothing leads out.

mod changes;
mod escapes;
mod model;
mod open;
mod overlay;
mod paths;

use std::path::Path;
use std::rc::Rc;

use emu_cpu::Memory;

use super::{
    Bind, Environment, FsContext, FsError, Limits, Nothing, OpenFile, OpenFlags, Setup, Vfs,
    Walker, Who,
};
use crate::kernel::host::{Host, MemoryHost, RealHost};

/// A tree and somebody who uses it.
struct World {
    vfs: Vfs,
    context: FsContext,
    who: Who,
}

impl World {
    /// A tree without a host.
    fn empty() -> World {
        World::with(Rc::new(MemoryHost::default()), &Setup::default())
    }

    /// A tree over directories of the host.
    fn over(root: Option<&Path>, binds: &[(&Path, &str, bool)]) -> World {
        let bind = |(host, guest, write): &(&Path, &str, bool)| Bind {
            host: host.to_path_buf(),
            guest: guest.as_bytes().to_vec(),
            write: *write,
        };
        let setup = Setup {
            root: root.map(Path::to_path_buf),
            binds: binds.iter().map(bind).collect(),
            ..Setup::default()
        };
        World::with(Rc::new(RealHost::new()), &setup)
    }

    fn with(host: Rc<dyn Host>, setup: &Setup) -> World {
        let memory = Memory::new(64 << 20).expect("guest memory");
        let vfs = Vfs::new(host, &memory, setup).expect("a tree");
        let context = vfs.context();
        World {
            vfs,
            context,
            who: Who::root(),
        }
    }

    fn walker(&self) -> Walker<'_> {
        Walker {
            vfs: &self.vfs,
            context: &self.context,
            who: &self.who,
            generator: &Nothing,
            now: 1_000,
        }
    }

    /// The path of what a path leads to.
    fn find(&self, path: &str, follow: bool) -> Result<String, FsError> {
        let entry = self
            .walker()
            .find(&self.context.cwd, path.as_bytes(), follow)?;
        Ok(String::from_utf8_lossy(&self.context.path_of(&entry)).into_owned())
    }

    fn open(&self, path: &str, flags: OpenFlags) -> Result<Rc<OpenFile>, FsError> {
        let start = &self.context.cwd;
        self.walker()
            .open(start, path.as_bytes(), flags, 0o644, Limits::empty())
    }

    fn read(&self, path: &str) -> Result<String, FsError> {
        let file = self.open(path, OpenFlags::READ)?;
        Ok(String::from_utf8_lossy(&self.read_file(&file)?).into_owned())
    }

    fn read_file(&self, file: &OpenFile) -> Result<Vec<u8>, FsError> {
        let mut all = Vec::new();
        let mut buf = [0; 100];
        loop {
            match file.read(&self.environment(), None, &mut buf)? {
                0 => return Ok(all),
                count => all.extend_from_slice(&buf[..count]),
            }
        }
    }

    fn environment(&self) -> Environment<'_> {
        Environment {
            host: self.vfs.host().as_ref(),
            generator: &Nothing,
            now: 2_000,
            time: 0,
        }
    }

    fn write(&self, path: &str, text: &str) -> Result<(), FsError> {
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
        let file = self.open(path, flags)?;
        file.write(&self.environment(), None, text.as_bytes(), text.len())?;
        Ok(())
    }

    fn mkdir(&self, path: &str) -> Result<(), FsError> {
        self.walker()
            .mkdir(&self.context.cwd, path.as_bytes(), 0o755)
    }

    fn symlink(&self, text: &str, path: &str) -> Result<(), FsError> {
        self.walker()
            .symlink(text.as_bytes(), &self.context.cwd, path.as_bytes())
    }

    fn unlink(&self, path: &str) -> Result<(), FsError> {
        self.walker().unlink(&self.context.cwd, path.as_bytes())
    }

    fn rmdir(&self, path: &str) -> Result<(), FsError> {
        self.walker().rmdir(&self.context.cwd, path.as_bytes())
    }

    fn rename(&self, old: &str, new: &str) -> Result<(), FsError> {
        self.rename_how(old, new, super::Rename::Replace)
    }

    fn rename_how(&self, old: &str, new: &str, how: super::Rename) -> Result<(), FsError> {
        let cwd = &self.context.cwd;
        self.walker()
            .rename((cwd, old.as_bytes()), (cwd, new.as_bytes()), how)
    }

    fn link(&self, old: &str, new: &str) -> Result<(), FsError> {
        let entry = self
            .walker()
            .find(&self.context.cwd, old.as_bytes(), false)?;
        self.walker()
            .link(&entry, &self.context.cwd, new.as_bytes())
    }

    /// Names of a directory, without the two dots.
    fn list(&self, path: &str) -> Result<Vec<String>, FsError> {
        let directory = self.open(path, OpenFlags::READ)?;
        let mut names = Vec::new();
        while let Some(item) = directory.next_item(&self.walker())? {
            directory.position.set(item.next);
            names.push(String::from_utf8_lossy(&item.name).into_owned());
        }
        assert_eq!(names[..2], [".", ".."]);
        Ok(names.split_off(2))
    }
}
