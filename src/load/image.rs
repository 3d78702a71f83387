//! What kind of file is it, judged by its first bytes?

use emu_cpu::Object;
use emu_prototypes::linux::Errno;

use super::LoadError;

/// Bytes that tell what a file is; `execve` looks at as many.   [Linux include/uapi/linux/binfmts.h, BINPRM_BUF_SIZE]
pub(super) const HEAD: usize = 256;

/// A file that can be executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An ELF image of some kind.
    Elf,
    /// Text with a `#!` line.
    Script,
    /// A program of Windows, or of DOS.
    Pe,
}

/// The first bytes of a file.
pub(super) fn head(object: &Object) -> Result<Vec<u8>, LoadError> {
    let mut bytes = vec![0; HEAD];
    let len = object.read(0, &mut bytes).map_err(unreadable)?;
    bytes.truncate(len);
    Ok(bytes)
}

pub(super) fn unreadable(error: emu_cpu::memory::ObjectError) -> LoadError {
    LoadError::new(Errno::EIO, format!("can't be read: {error}"))
}

/// Tells what kind of program a file is by its first bytes, or what it is instead of one.
pub fn identify(head: &[u8]) -> Result<Kind, LoadError> {
    if head.starts_with(b"\x7fELF") {
        return Ok(Kind::Elf);
    }
    if head.starts_with(b"#!") {
        return Ok(Kind::Script);
    }
    if head.starts_with(b"MZ") {
        return Ok(Kind::Pe);
    }
    let what = MAGIC
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, what)| *what);
    let text = match what {
        Some(what) => format!("is {what}, not an ELF image"),
        None if head.is_empty() => "is empty".to_owned(),
        None if head.len() < 4 && b"\x7fELF".starts_with(head) => {
            format!("is truncated: it has {} bytes", head.len())
        }
        None if is_text(head) => "is a text file without a `#!` line".to_owned(),
        None => {
            let first: Vec<_> = head
                .iter()
                .take(4)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("is not an ELF image: it begins with {}", first.join(" "))
        }
    };
    Err(LoadError::new(Errno::ENOEXEC, text))
}

/// Formats that people hand to the wrong tool.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\xfe\xed\xfa\xce", "a 32-bit Mach-O image"),
    (b"\xce\xfa\xed\xfe", "a 32-bit Mach-O image"),
    (b"\xfe\xed\xfa\xcf", "a 64-bit Mach-O image"),
    (b"\xcf\xfa\xed\xfe", "a 64-bit Mach-O image"),
    (
        b"\xca\xfe\xba\xbe",
        "a universal Mach-O image or a Java class",
    ),
    (b"!<arch>\n", "an archive of objects or a Debian package"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\0asm", "a WebAssembly module"),
    (b"bFLT", "a flat (uClinux) image"),
    (b"%PDF", "a PDF document"),
    (b"070701", "a cpio archive"),
];

fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end within a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("\0")
        }
        Err(_) => return false,
    };
    !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0c' | '\x1b'))
}
