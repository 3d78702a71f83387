//! What Unix's calls did: read when they begin, told when they have ended.

use emu_prototypes::linux::Abi;
use emu_prototypes::{DataModel, Meaning};

use super::kind::Kind;
use super::{Act, Made, Name, Seen, address};
use crate::event::CallEvent;
use crate::view::View;

/// The most bytes of a path.
const PATH_MAX: usize = 4096;
/// The most words of a command that are kept, and the most bytes of one.
const WORDS: u64 = 16;
const WORD: usize = 256;
/// Messages of a `sendmmsg` that are looked at.
const MESSAGES: u64 = 4;

/// A call and what may be looked at.
pub(super) struct Reading<'a, 'b> {
    pub(super) call: &'a CallEvent,
    pub(super) view: &'a mut View<'b>,
}

impl Reading<'_, '_> {
    fn arg(&self, at: u8) -> u64 {
        self.call.args[usize::from(at)]
    }

    fn abi(&self) -> &'static Abi {
        self.view.abi
    }

    /// Bytes of a pointer.
    fn word(&self) -> u64 {
        match self.call.entry.abi.model {
            DataModel::Ilp32 => 4,
            DataModel::Lp64 | DataModel::Llp64 => 8,
        }
    }

    pub(super) fn word_at(&mut self, at: u64) -> Option<u64> {
        let word = self.word();
        self.view.guest.read_word(at, word).ok()
    }

    fn text(&mut self, at: u64, max: usize) -> Option<Name> {
        (at != 0).then(|| self.view.guest.read_cstr(at, max).ok())?
    }

    fn file(&mut self, at: u8) -> Option<Name> {
        let fd = self.arg(at) as i32;
        self.view.guest.descriptor(fd)
    }

    /// The address of a socket that an argument points to.
    fn address(&mut self, at: u8, length: u64) -> Option<Name> {
        let at = self.arg(at);
        address::read(self.view.guest, at, length)
    }

    /// The paths of a call, from the top of its tree on.
    fn paths(&mut self) -> Vec<Name> {
        let Some(info) = self.call.info else {
            return Vec::new();
        };
        let mut directory = None;
        let mut paths = Vec::new();
        for (param, value) in info.params.iter().zip(self.call.args) {
            match param.meaning {
                Meaning::DirFd => directory = Some(value as i32),
                Meaning::Path => {
                    if let Some(path) = self.text(value, PATH_MAX) {
                        let from = directory.take();
                        paths.push(self.whole_path(from, &path));
                    }
                }
                _ => {}
            }
        }
        paths
    }

    /// A path that begins at a descriptor, or at the working directory.
    fn whole_path(&mut self, from: Option<i32>, path: &[u8]) -> Name {
        if path.first() == Some(&b'/') {
            return normal(path);
        }
        let here = self.abi().k.AT_FDCWD as i32;
        let from = match from.filter(|fd| *fd != here) {
            Some(fd) => self.view.guest.descriptor(fd),
            None => self.view.guest.directory(),
        };
        match (from, path) {
            (Some(from), b"") => from,
            (Some(from), path) => normal(&[from.as_slice(), b"/", path].concat()),
            (None, path) => path.to_vec(),
        }
    }

    /// A call begins.
    pub(super) fn begin(&mut self, kind: Kind) -> Seen {
        let mut seen = Seen::default();
        match kind {
            Kind::Read | Kind::Listen => seen.files[0] = self.file(0),
            Kind::Write => {
                seen.files[0] = self.file(0);
                let (at, length) = (self.arg(1), self.arg(2));
                self.question(at, length, &mut seen);
            }
            Kind::Copy { from, to } => seen.files = [self.file(from), self.file(to)],
            Kind::Connect | Kind::Bind => {
                seen.files[0] = self.file(0);
                seen.address = self.address(1, self.arg(2));
            }
            Kind::SendTo => {
                seen.files[0] = self.file(0);
                seen.address = self.address(4, self.arg(5));
                let (at, length) = (self.arg(1), self.arg(2));
                self.question(at, length, &mut seen);
            }
            Kind::SendMessage => {
                seen.files[0] = self.file(0);
                self.message(self.arg(1), &mut seen);
            }
            Kind::SendMessages => {
                seen.files[0] = self.file(0);
                // [struct mmsghdr: a msghdr, and an int behind it]
                let size = 8 * self.word();
                for index in 0..MESSAGES.min(self.arg(2)) {
                    self.message(self.arg(1).wrapping_add(index * size), &mut seen);
                }
            }
            Kind::Execute(argv) => {
                seen.paths = self.paths();
                seen.argv = self.words(self.arg(argv));
                self.nameless(&mut seen);
            }
            Kind::ExecuteFile => {
                seen.paths = self.file(0).into_iter().collect();
                seen.argv = self.words(self.arg(1));
                self.nameless(&mut seen);
            }
            Kind::Openat2 => {
                seen.paths = self.paths();
                seen.word = self.view.guest.read_u64(self.arg(2)).unwrap_or(0);
            }
            Kind::Prctl => {
                seen.word = self.arg(0);
                if self.arg(0) == self.abi().k.PR_SET_NAME {
                    // [TASK_COMM_LEN]
                    seen.paths = self.text(self.arg(1), 16).into_iter().collect();
                }
            }
            Kind::OldMap => seen.word = self.word_at(self.arg(0) + 2 * self.word()).unwrap_or(0),
            Kind::Rule(_) => {
                let text = |meaning| matches!(meaning, Meaning::Path | Meaning::Str);
                let params = self.call.info.map_or(&[][..], |info| info.params);
                let at = params.iter().position(|param| text(param.meaning));
                let name = at.and_then(|at| self.text(self.call.args[at], WORD));
                seen.paths = name.into_iter().collect();
            }
            _ => seen.paths = self.paths(),
        }
        seen
    }

    /// A word list that NULL ends.
    fn words(&mut self, at: u64) -> Vec<Name> {
        let mut all = Vec::new();
        for index in 0..WORDS {
            let place = at.wrapping_add(index * self.word());
            let Some(word) = self.word_at(place).filter(|word| *word != 0) else {
                break;
            };
            match self.text(word, WORD) {
                Some(word) => all.push(word),
                None => break,
            }
        }
        all
    }

    /// Looks for a program that has no name: one that was deleted, or that lies in memory only.
    fn nameless(&mut self, seen: &mut Seen) {
        let Some(path) = seen.paths.last_mut() else {
            return;
        };
        let number = |path: &[u8]| -> Option<i32> {
            let rest = path
                .strip_prefix(b"/proc/self/fd/")
                .or_else(|| path.strip_prefix(b"/dev/fd/"))?;
            std::str::from_utf8(rest).ok()?.parse().ok()
        };
        if let Some(file) = number(path).and_then(|fd| self.view.guest.descriptor(fd)) {
            *path = file;
        }
        seen.nameless = path.starts_with(b"/memfd:") || path.ends_with(b" (deleted)");
    }

    /// A `struct msghdr`.
    fn message(&mut self, at: u64, seen: &mut Seen) {
        let word = self.word();
        let name = self.word_at(at).unwrap_or(0);
        let length = self.view.guest.read_u32(at.wrapping_add(word)).unwrap_or(0);
        if let Some(to) = address::read(self.view.guest, name, length.into()) {
            seen.address = Some(to);
        }
        let vector = self.word_at(at.wrapping_add(2 * word)).unwrap_or(0);
        let count = self.word_at(at.wrapping_add(3 * word)).unwrap_or(0);
        if count == 0 {
            return;
        }
        let base = self.word_at(vector).unwrap_or(0);
        let length = self.word_at(vector.wrapping_add(word)).unwrap_or(0);
        self.question(base, length, seen);
    }

    /// What is sent to a socket may be a question for a host's name.
    fn question(&mut self, at: u64, length: u64, seen: &mut Seen) {
        let socket = |name: &Name| name.starts_with(b"socket:");
        if seen.files[0].as_ref().is_some_and(socket)
            && let Some(host) = address::question(self.view.guest, at, length)
        {
            seen.hosts.push(host);
        }
    }

    /// A call has ended with success.
    pub(super) fn end(&mut self, kind: Kind, value: u64, seen: &mut Seen, acts: &mut Vec<Act>) {
        let k = &self.abi().k;
        let [first, second] = std::mem::take(&mut seen.files);
        let mut paths = std::mem::take(&mut seen.paths).into_iter();
        match kind {
            Kind::Open(at) => self.opened(self.arg(at), value, paths.next(), acts),
            Kind::Openat2 => self.opened(seen.word, value, paths.next(), acts),
            Kind::Creat => {
                let flags = k.O_CREAT | k.O_WRONLY | k.O_TRUNC;
                self.opened(flags, value, paths.next(), acts);
            }
            Kind::Read | Kind::Write | Kind::SendTo | Kind::SendMessage | Kind::SendMessages => {
                let Some(name) = first else { return };
                seen.files[0] = Some(name.clone());
                Self::tried(seen, acts);
                let out = kind != Kind::Read;
                // How many bytes there were in several messages is not the result.
                let bytes = if kind == Kind::SendMessages { 0 } else { value };
                acts.push(Act::Moved { name, bytes, out });
            }
            Kind::Copy { .. } => {
                let mut moved = |name: Option<Name>, out| {
                    let bytes = value;
                    acts.extend(name.map(|name| Act::Moved { name, bytes, out }));
                };
                moved(first, false);
                moved(second, true);
            }
            Kind::Delete => acts.extend(paths.next().map(|path| Act::Deleted { path })),
            Kind::Rename => {
                if let (Some(from), Some(to)) = (paths.next(), paths.next()) {
                    acts.push(Act::Renamed { from, to });
                }
            }
            Kind::Make(what) | Kind::Link(what) => {
                acts.extend(paths.next_back().map(|path| Act::Made { path, what }));
            }
            Kind::Change(what) => {
                acts.extend(paths.next().map(|path| Act::Changed { path, what }));
            }
            Kind::Execute(_) | Kind::ExecuteFile => {
                let (argv, nameless) = (std::mem::take(&mut seen.argv), seen.nameless);
                acts.extend(paths.next().map(|path| Act::Executed {
                    path,
                    argv,
                    nameless,
                }));
            }
            Kind::Socket => {
                let kind = address::kind(self.abi(), self.arg(0), self.arg(1));
                let name = self.view.guest.descriptor(value as i32);
                acts.extend(name.map(|name| Act::Socket { name, kind }));
            }
            Kind::Connect => {
                if let (Some(name), Some(to)) = (first, seen.address.take()) {
                    acts.push(Act::Connected { name, to });
                }
            }
            Kind::Bind => {
                if let (Some(name), Some(to)) = (first, seen.address.take()) {
                    acts.push(Act::Bound { name, to });
                }
            }
            Kind::Listen => acts.extend(first.map(|name| Act::Listened { name })),
            Kind::Accept => {
                let name = self.view.guest.descriptor(value as i32);
                let length = self.view.guest.read_u32(self.arg(2)).unwrap_or(0);
                let from = self.address(1, length.into()).unwrap_or_default();
                acts.extend(name.map(|name| Act::Accepted { name, from }));
            }
            Kind::Kill(target, signal) => {
                let (target, signal) = (self.arg(target), self.arg(signal));
                let target = i64::from(target as i32);
                if signal != 0 {
                    acts.push(Act::Killed { target, signal });
                }
            }
            Kind::Ptrace => {
                let request = self.arg(0);
                let own = request == k.PTRACE_TRACEME;
                if own || request == k.PTRACE_ATTACH || request == k.PTRACE_SEIZE {
                    acts.push(Act::Traced { own });
                }
            }
            Kind::Prctl => {
                if seen.word == k.PR_SET_NAME {
                    acts.extend(paths.next().map(|name| Act::Named { name }));
                } else if seen.word == k.PR_SET_DUMPABLE && self.arg(1) == 0 {
                    let how = "no core files, no tracers: PR_SET_DUMPABLE 0";
                    acts.push(Act::Hid { how });
                }
            }
            Kind::Map => self.executable(value, self.arg(2), acts),
            Kind::OldMap => self.executable(value, seen.word, acts),
            Kind::Protect => self.executable(self.arg(0), self.arg(2), acts),
            Kind::Rule(how) => {
                let name = paths.next().unwrap_or_default();
                acts.push(Act::Ruled { how, name });
            }
            Kind::Windows | Kind::Paths | Kind::Other => {}
        }
    }

    /// What was to be sent tells as much as what was.
    pub(super) fn tried(seen: &mut Seen, acts: &mut Vec<Act>) {
        acts.extend(seen.hosts.drain(..).map(|host| Act::Asked { host }));
        if let (Some(name), Some(to)) = (seen.files[0].take(), seen.address.take()) {
            acts.push(Act::Sent { name, to });
        }
    }

    fn opened(&mut self, flags: u64, value: u64, path: Option<Name>, acts: &mut Vec<Act>) {
        let k = &self.abi().k;
        // Where it was found, symbolic links followed.
        let path = self.view.guest.descriptor(value as i32).or(path);
        let made = match (flags & k.O_CREAT != 0, flags & k.O_EXCL != 0) {
            (true, true) => Made::Yes,
            (true, false) => Made::Perhaps,
            _ => Made::No,
        };
        let writes = flags & k.O_ACCMODE != k.O_RDONLY;
        acts.extend(path.map(|path| Act::Opened { path, writes, made }));
    }

    /// Memory that became executable, when it is no file's or can be written.
    fn executable(&mut self, address: u64, protection: u64, acts: &mut Vec<Act>) {
        let k = &self.abi().k;
        if protection & k.PROT_EXEC == 0 {
            return;
        }
        let writable = protection & k.PROT_WRITE != 0;
        if writable || self.view.guest.place(address).is_none() {
            acts.push(Act::Executable { address, writable });
        }
    }
}

/// A path without `.`, `..` and doubled slashes. Symbolic links are not followed.
fn normal(path: &[u8]) -> Name {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = vec![b'/'];
    out.extend_from_slice(&parts.join(&b'/'));
    out
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn paths_are_told_from_the_top() {
        let check =
            |path: &str, expected: &str| assert_eq!(normal(path.as_bytes()), expected.as_bytes());
        check("/a//b/./c", "/a/b/c");
        check("/a/../../b/", "/b");
        check("/", "/");
    }
}
