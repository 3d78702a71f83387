//! Does a call touch the paths and descriptors that were asked for?   [strace(1), -P and -e trace-fds]

use emu_prototypes::{CallInfo, DataModel, Meaning};

use super::bundled;
use super::numbers::Numbers;
use crate::decode::Asked;
use crate::event::CallEvent;
use crate::view::View;

/// The most bytes of a path that are looked at (`PATH_MAX`).
const PATH_MAX: usize = 4096;
/// The most descriptors a set is read for (`FD_SETSIZE`).
const MAX_FDS: u64 = 1024;

/// Paths and descriptors. Without any, everything touches them.
///
/// As with strace, a path is one that stands in an argument, or that a descriptor among the arguments is open on. Other than
/// with strace, a relative path counts by what it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Touched {
    paths: Vec<Vec<u8>>,
    numbers: Option<Numbers>,
}

impl Touched {
    /// Adds a path.
    pub(super) fn path(&mut self, path: Vec<u8>) {
        self.paths.push(path);
    }

    /// Takes a set of descriptors: numbers between commas, `all`, `none`; `!` before them takes the others.
    pub(super) fn descriptors(&mut self, text: &str) -> Result<(), String> {
        self.numbers = Some(Numbers::parse("trace-fds", text)?);
        Ok(())
    }

    /// Whether nothing was asked for, so that every call counts.
    pub(super) fn is_anything(&self) -> bool {
        self.paths.is_empty() && self.numbers.is_none()
    }

    /// Whether a call has arguments by which it can touch anything.
    pub(super) fn may_have(&self, call: Option<&CallInfo>) -> bool {
        let names = |call: &CallInfo| {
            bundled::is(call)
                || call.params.iter().any(|param| match param.meaning {
                    Meaning::Path => !self.paths.is_empty(),
                    Meaning::Fd
                    | Meaning::DirFd
                    | Meaning::FdSet { .. }
                    | Meaning::FdArray { .. } => true,
                    Meaning::ArrayIn { of, .. } | Meaning::ArrayInOut { of, .. } => of == "pollfd",
                    _ => false,
                })
        };
        self.is_anything() || call.is_some_and(names)
    }

    /// Whether a call that begins touches any of them.
    pub(super) fn has(&self, call: &CallEvent, view: &mut View<'_>) -> bool {
        let Some(asked) = Asked::of(call, view.abi) else {
            return false;
        };
        let readable = call.fault.map_or(usize::MAX, |fault| fault.index.into());
        let mut base = None;
        for param in asked.row.params.iter().take(readable) {
            let value = asked.args[usize::from(param.field)];
            let meaning = asked.info.params.get(usize::from(param.field));
            let touches = match meaning.map(|param| param.meaning) {
                Some(Meaning::Fd) => self.has_descriptor(value as i32, view),
                Some(Meaning::DirFd) => {
                    base = Some(value as i32);
                    self.has_descriptor(value as i32, view)
                }
                // What a link says is not looked at.
                Some(Meaning::Path)
                    if param.field == 0 && asked.info.name.starts_with("symlink") =>
                {
                    false
                }
                Some(Meaning::Path) => self.has_path(value, base.take(), view),
                Some(Meaning::FdSet { count }) => self.has_in_set(&asked, value, count, view),
                Some(Meaning::FdArray { count }) => {
                    self.has_in_array(value, asked.args[usize::from(count)], 4, view)
                }
                Some(
                    Meaning::ArrayIn {
                        of: "pollfd",
                        count,
                    }
                    | Meaning::ArrayInOut {
                        of: "pollfd",
                        count,
                    },
                ) => self.has_in_array(value, asked.args[usize::from(count)], 8, view),
                _ => false,
            };
            if touches {
                return true;
            }
        }
        false
    }

    fn has_descriptor(&self, fd: i32, view: &mut View<'_>) -> bool {
        if fd < 0 {
            return false;
        }
        if self.numbers.as_ref().is_some_and(|set| set.has(fd)) {
            return true;
        }
        !self.paths.is_empty()
            && view
                .guest
                .descriptor(fd)
                .is_some_and(|path| self.paths.contains(&path))
    }

    /// The path at an address, relative to the directory that a descriptor is open on.
    fn has_path(&self, address: u64, base: Option<i32>, view: &mut View<'_>) -> bool {
        if self.paths.is_empty() || address == 0 {
            return false;
        }
        let Ok(path) = view.guest.read_cstr(address, PATH_MAX) else {
            return false;
        };
        if self.paths.contains(&path) {
            return true;
        }
        let whole = if path.is_empty() || path.starts_with(b"/") {
            path
        } else {
            let base = match base {
                Some(fd) if fd >= 0 => view.guest.descriptor(fd),
                _ => view.guest.directory(),
            };
            let Some(mut whole) = base else {
                return false;
            };
            whole.push(b'/');
            whole.extend(path);
            whole
        };
        let whole = plain(&whole);
        self.paths.iter().any(|path| plain(path) == whole)
    }

    fn has_in_set(&self, asked: &Asked<'_>, address: u64, count: u8, view: &mut View<'_>) -> bool {
        if address == 0 {
            return false;
        }
        let count = asked.args[usize::from(count)].min(MAX_FDS);
        let word = match asked.model {
            DataModel::Lp64 => 8,
            DataModel::Ilp32 | DataModel::Llp64 => 4,
        };
        (0..count).any(|fd| {
            let at = address.wrapping_add(fd / (8 * word) * word);
            let bits = view.guest.read_word(at, word);
            bits.is_ok_and(|bits| bits >> (fd % (8 * word)) & 1 != 0)
                && self.has_descriptor(fd as i32, view)
        })
    }

    /// An array of structures, the first member of which is a descriptor.
    fn has_in_array(&self, address: u64, count: u64, size: u64, view: &mut View<'_>) -> bool {
        (0..count.min(MAX_FDS)).any(|index| {
            let at = address.wrapping_add(index * size);
            let fd = view.guest.read_u32(at);
            fd.is_ok_and(|fd| self.has_descriptor(fd as i32, view))
        })
    }
}

/// A path without what says nothing: `//`, `/./`, a `/` at the end.
fn plain(path: &[u8]) -> Vec<&[u8]> {
    let parts = path.split(|byte| *byte == b'/');
    parts
        .filter(|part| !part.is_empty() && *part != b".")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_descriptors_are_numbers() {
        let mut touched = Touched::default();
        assert!(touched.is_anything());
        assert_eq!(
            touched.descriptors("3,!4"),
            Err(
                "-e trace-fds: `!4` is no descriptor: numbers between commas, `all` or `none`"
                    .to_owned()
            )
        );
        assert!(touched.descriptors("-1").is_err() && touched.descriptors("").is_err());
        assert_eq!(touched.descriptors("!0,1"), Ok(()));
        assert!(!touched.is_anything());
    }

    #[test]
    fn a_path_is_what_it_names() {
        assert_eq!(plain(b"/etc//./passwd/"), plain(b"/etc/passwd"));
        assert_ne!(plain(b"/etc/passwd"), plain(b"/etc/group"));
    }
}
