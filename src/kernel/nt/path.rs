//! Where in the guest's tree is what NT names?
//!
//! The tree is drive C. Names are the same whatever the case of their letters.

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use crate::kernel::vfs::{Entry, FsError, NAME_MAX, Walker};

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A path of the tree, `/` between its parts.
    File(Vec<u8>),
    /// Such a path, and a stream of what is there; without a name what is in a file itself.
    Stream(Vec<u8>, Vec<u8>),
    /// The device that takes and has nothing.
    Null,
    /// The device of sockets.
    Network,
}

/// Directories of objects that hold names of drives.   [Windows Internals, Object directories]
pub(super) const DRIVES: &[&str] = &[
    "\\??\\",
    "\\DosDevices\\",
    "\\GLOBAL??\\",
    "\\\\?\\",
    "\\\\.\\",
];
/// What drive C is a link to.
pub(super) const VOLUME: &str = "\\Device\\HarddiskVolume1";

/// What a name without a directory leads to.
pub(super) fn absolute(name: &[u16]) -> Result<Named, NtStatus> {
    if name.is_empty() || name.contains(&0) {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    let name = String::from_utf16_lossy(name);
    if !name.starts_with('\\') {
        return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD);
    }
    if name.eq_ignore_ascii_case("\\Device\\Null") {
        return Ok(Named::Null);
    }
    if let Some(rest) = without(&name, "\\Device\\Afd")
        && (rest.is_empty() || rest.starts_with('\\'))
    {
        return Ok(Named::Network);
    }
    if let Some(rest) = without(&name, VOLUME) {
        return tree(rest);
    }
    let inside = DRIVES.iter().find_map(|drives| without(&name, drives));
    let Some(inside) = inside else {
        return Err(NtStatus::OBJECT_PATH_NOT_FOUND);
    };
    if inside.eq_ignore_ascii_case("NUL") {
        return Ok(Named::Null);
    }
    match without(inside, "C:") {
        Some(rest) => tree(rest),
        None if inside.contains('\\') => Err(NtStatus::OBJECT_PATH_NOT_FOUND),
        None => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
    }
}

/// What a name leads to that starts at a directory of the tree.
pub(super) fn relative(directory: &[u8], name: &[u16]) -> Result<Named, NtStatus> {
    let name = String::from_utf16(name).map_err(|_| NtStatus::OBJECT_NAME_INVALID)?;
    if name.starts_with('\\') {
        return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD);
    }
    // A name that begins with a colon is of a stream of what is open itself.
    if let Some(stream) = name.strip_prefix(':') {
        return Ok(Named::Stream(directory.to_vec(), stream_name(stream)?));
    }
    let below = |rest: Vec<u8>| match directory {
        b"/" => rest,
        _ => [directory, &rest].concat(),
    };
    match tree(&format!("\\{name}"))? {
        Named::File(rest) => Ok(Named::File(below(rest))),
        Named::Stream(rest, stream) => Ok(Named::Stream(below(rest), stream)),
        _ => Err(NtStatus::OBJECT_NAME_INVALID),
    }
}

/// The name of a stream, without its type, behind the colon in front of it. All streams here are of data.
/// [MS-FSCC 2.1.5, pathname: streamname, streamtype]
pub(super) fn stream_name(text: &str) -> Result<Vec<u8>, NtStatus> {
    let (name, kind) = match text.split_once(':') {
        Some((name, kind)) => (name, Some(kind)),
        None => (text, None),
    };
    let fits = match kind {
        Some(kind) => kind.eq_ignore_ascii_case("$DATA"),
        None => !name.is_empty(),
    };
    let bad = |c: char| matches!(c, '\0' | '/' | '\\');
    match fits && !name.contains(bad) && name.encode_utf16().count() <= NAME_MAX {
        true => Ok(name.as_bytes().to_vec()),
        false => Err(NtStatus::OBJECT_NAME_INVALID),
    }
}

fn without<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &name[prefix.len()..])
}

/// What is behind a drive's name.
fn tree(rest: &str) -> Result<Named, NtStatus> {
    let mut path = Vec::new();
    // Only the last part has a stream.
    let last = rest.rfind('\\').map_or(0, |at| at + 1);
    let (rest, stream) = match rest[last..].split_once(':') {
        Some((name, stream)) => (&rest[..last + name.len()], Some(stream_name(stream)?)),
        None => (rest, None),
    };
    // One of no file is that of the drive's top.
    if stream.is_some() && rest.ends_with('\\') && rest.len() > 1 {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    for part in rest.split('\\').filter(|part| !part.is_empty()) {
        // [Microsoft, Naming Files: characters that names can't have]
        let bad = |c: char| c < ' ' || matches!(c, '<' | '>' | '"' | '|' | '?' | '*' | '/' | ':');
        if part == "." || part == ".." || part.contains(bad) || part.len() > NAME_MAX {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        }
        path.push(b'/');
        path.extend_from_slice(part.as_bytes());
    }
    if path.is_empty() {
        path.push(b'/');
    }
    match stream {
        Some(stream) => Ok(Named::Stream(path, stream)),
        None => Ok(Named::File(path)),
    }
}

/// The path of what is there under another spelling. The last name may be of something that is not there.
pub(crate) fn spelled(walker: &Walker<'_>, path: &[u8]) -> Result<Vec<u8>, NtStatus> {
    let mut found: Rc<Entry> = walker.context.root.clone();
    let mut real = Vec::new();
    let mut parts = path
        .split(|byte| *byte == b'/')
        .filter(|part| !part.is_empty())
        .peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let name = match walker.find(&found, part, true) {
            Ok(entry) => {
                found = entry;
                part.to_vec()
            }
            Err(FsError::NotFound) => match other_spelling(walker, &found, part)? {
                Some(name) => {
                    found = walker.find(&found, &name, true).map_err(status)?;
                    name
                }
                None if last => part.to_vec(),
                None => return Err(NtStatus::OBJECT_PATH_NOT_FOUND),
            },
            Err(FsError::NotDirectory) => return Err(NtStatus::OBJECT_PATH_NOT_FOUND),
            Err(error) => return Err(status(error)),
        };
        real.push(b'/');
        real.extend_from_slice(&name);
    }
    if real.is_empty() {
        real.push(b'/');
    }
    Ok(real)
}

/// The name in a directory that differs by the case of its letters only.
fn other_spelling(
    walker: &Walker<'_>,
    directory: &Rc<Entry>,
    name: &[u8],
) -> Result<Option<Vec<u8>>, NtStatus> {
    let upper = |name: &[u8]| String::from_utf8_lossy(name).to_uppercase();
    let wanted = upper(name);
    let all = walker.children(directory).map_err(status)?;
    let mut names = all.iter().map(|entry| entry.name());
    let found = names.find(|name| upper(name) == wanted);
    Ok(found.map(|name| name.to_vec()))
}

/// What NT says to a failure of the tree.
pub(super) fn status(error: FsError) -> NtStatus {
    match error {
        FsError::NotFound => NtStatus::OBJECT_NAME_NOT_FOUND,
        FsError::NotDirectory => NtStatus::NOT_A_DIRECTORY,
        FsError::IsDirectory => NtStatus::FILE_IS_A_DIRECTORY,
        FsError::Exists => NtStatus::OBJECT_NAME_COLLISION,
        FsError::NotEmpty => NtStatus::DIRECTORY_NOT_EMPTY,
        FsError::NameTooLong => NtStatus::OBJECT_NAME_INVALID,
        FsError::Access | FsError::NotPermitted | FsError::BadDescriptor => NtStatus::ACCESS_DENIED,
        FsError::ReadOnly => NtStatus::MEDIA_WRITE_PROTECTED,
        FsError::CrossDevice => NtStatus::NOT_SAME_DEVICE,
        FsError::NoSpace | FsError::TooBig => NtStatus::DISK_FULL,
        FsError::TooManyFiles => NtStatus::TOO_MANY_OPENED_FILES,
        FsError::Busy | FsError::TextBusy => NtStatus::SHARING_VIOLATION,
        FsError::BrokenPipe => NtStatus::PIPE_BROKEN,
        FsError::NoMemory => NtStatus::NO_MEMORY,
        FsError::Fault => NtStatus::ACCESS_VIOLATION,
        FsError::NotSupported | FsError::NoSuchDevice => NtStatus::INVALID_DEVICE_REQUEST,
        FsError::Io => NtStatus::IO_DEVICE_ERROR,
        _ => NtStatus::INVALID_PARAMETER,
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, absolute, relative};
    use emu_prototypes::nt::NtStatus;

    fn check(name: &str, expected: Result<&str, NtStatus>) {
        let units: Vec<u16> = name.encode_utf16().collect();
        let expected = expected.map(|path| Named::File(path.as_bytes().to_vec()));
        assert_eq!(absolute(&units), expected, "{name}");
    }

    #[test]
    fn drive_c_is_the_tree() {
        check("\\??\\C:\\a\\b.txt", Ok("/a/b.txt"));
        check("\\DosDevices\\c:\\a\\", Ok("/a"));
        check("\\??\\C:", Ok("/"));
        check("\\Device\\HarddiskVolume1\\x", Ok("/x"));
        check("\\??\\D:\\a", Err(NtStatus::OBJECT_PATH_NOT_FOUND));
        check("C:\\a", Err(NtStatus::OBJECT_PATH_SYNTAX_BAD));
        check("", Err(NtStatus::OBJECT_NAME_INVALID));
        check("\\??\\C:\\a\\..\\b", Err(NtStatus::OBJECT_NAME_INVALID));
        check("\\??\\C:\\a/b", Err(NtStatus::OBJECT_NAME_INVALID));
        check("\\Nothing\\a", Err(NtStatus::OBJECT_PATH_NOT_FOUND));
        let stream = |name: &str| {
            let units: Vec<u16> = name.encode_utf16().collect();
            absolute(&units)
        };
        let found = |path: &[u8], name: &[u8]| Ok(Named::Stream(path.to_vec(), name.to_vec()));
        assert_eq!(stream("\\??\\C:\\a\\b:c"), found(b"/a/b", b"c"));
        assert_eq!(stream("\\??\\C:\\b:c*?:$data"), found(b"/b", b"c*?"));
        assert_eq!(stream("\\??\\C:\\b::$DATA"), found(b"/b", b""));
        assert_eq!(stream("\\??\\C:\\:c"), found(b"/", b"c"));
        for bad in ["b:", "b:c:", "b:c:$other", "b:c:$DATA:d", "b:c\\d", "b\\:c"] {
            check(
                &format!("\\??\\C:\\{bad}"),
                Err(NtStatus::OBJECT_NAME_INVALID),
            );
        }
        let nul: Vec<u16> = "\\??\\nul".encode_utf16().collect();
        assert_eq!(absolute(&nul), Ok(Named::Null));
    }

    #[test]
    fn a_relative_name_stays_below_its_directory() {
        let name: Vec<u16> = "x\\y".encode_utf16().collect();
        assert_eq!(relative(b"/a", &name), Ok(Named::File(b"/a/x/y".to_vec())));
        assert_eq!(relative(b"/", &name), Ok(Named::File(b"/x/y".to_vec())));
        let up: Vec<u16> = "..".encode_utf16().collect();
        assert_eq!(relative(b"/a", &up), Err(NtStatus::OBJECT_NAME_INVALID));
    }
}
