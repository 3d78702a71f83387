//! A file that is on no disk: what a program made of bytes looks like to the loader.

use std::io;
use std::rc::Rc;

use super::{HostFile, Kind, Stat, Times, Tree};

/// A tree that is one file, with these bytes. Nothing can be changed.
#[derive(Debug, Clone)]
pub(super) struct Image(pub(super) Rc<[u8]>);

fn refused<T>() -> io::Result<T> {
    Err(io::ErrorKind::PermissionDenied.into())
}

impl Image {
    fn stat(&self) -> Stat {
        Stat {
            kind: Kind::File,
            mode: 0o755,
            links: 1,
            size: self.0.len() as u64,
            modified: 0,
            identity: (0, Rc::as_ptr(&self.0).addr() as u64),
        }
    }
}

impl Tree for Image {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        match path {
            b"" => Ok(Image::stat(self)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, _: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        Err(io::ErrorKind::NotADirectory.into())
    }

    fn readlink(&self, _: &[u8]) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::InvalidInput.into())
    }

    fn open(&self, path: &[u8], write: bool) -> io::Result<Rc<dyn HostFile>> {
        match path {
            b"" if !write => Ok(Rc::new(self.clone())),
            b"" => refused(),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn create(&self, _: &[u8], _: u16) -> io::Result<()> {
        refused()
    }

    fn mkdir(&self, _: &[u8], _: u16) -> io::Result<()> {
        refused()
    }

    fn symlink(&self, _: &[u8], _: &[u8]) -> io::Result<()> {
        refused()
    }

    fn link(&self, _: &[u8], _: &[u8]) -> io::Result<()> {
        refused()
    }

    fn unlink(&self, _: &[u8]) -> io::Result<()> {
        refused()
    }

    fn rmdir(&self, _: &[u8]) -> io::Result<()> {
        refused()
    }

    fn rename(&self, _: &[u8], _: &[u8], _: bool) -> io::Result<()> {
        refused()
    }

    fn chmod(&self, _: &[u8], _: u16) -> io::Result<()> {
        refused()
    }

    fn set_times(&self, _: &[u8], _: Times) -> io::Result<()> {
        refused()
    }
}

impl HostFile for Image {
    fn stat(&self) -> io::Result<Stat> {
        Ok(Image::stat(self))
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let left = self.0.get(from..).unwrap_or_default();
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        Ok(count)
    }

    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<usize> {
        refused()
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        refused()
    }

    fn chmod(&self, _: u16) -> io::Result<()> {
        refused()
    }

    fn set_times(&self, _: Times) -> io::Result<()> {
        refused()
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
