//! Which calls does a table of FreeBSD's system calls declare?
//!
//! ```text
//! SYS_READ = 3 // { ssize_t read(int fd, void *buf, size_t nbyte); }
//! SYS_EXIT = 1 // { void sys_exit(int rval); } exit sys_exit_args void
//! ```
//!
//! That is `sys/kern/syscalls.master` as Go's `x/sys/unix` carries it along (`zsysnum_freebsd_amd64.go`), a line a call.

use std::fmt::Write as _;

use crate::declaration::{self, Declaration, Error};
use crate::numbers::Number;

/// What [`texts`] makes.
#[derive(Debug, PartialEq, Eq)]
pub struct Texts {
    /// `signatures.txt`
    pub signatures: String,
    /// `freebsd_x64.txt`
    pub numbers: String,
}

/// Reads a table. A line with a number and without a declaration is an error, and so is a table without calls.
pub fn texts(file: &str, text: &str) -> Result<Texts, Error> {
    let mut calls = Vec::new();
    for (at, source) in text.lines().enumerate() {
        let source = source.trim();
        if !source.starts_with("SYS_") {
            continue;
        }
        let call = line(source).map_err(|message| Error::new(file, at + 1, message))?;
        calls.push(call);
    }
    if calls.is_empty() {
        return Err(Error::new(
            file,
            0,
            "expected lines such as `SYS_READ = 3 // { ssize_t read(…); }`, found none",
        ));
    }
    let version = text
        .lines()
        .find_map(|line| line.split_once("?h=").map(|(_, version)| version.trim()))
        .unwrap_or("an unnamed version");
    let mut texts = Texts {
        signatures: format!(
            "# Every system call of FreeBSD {version}, once. Made by `emu-prototypes-gen import freebsd` from\n\
             # sys/kern/syscalls.master.\n"
        ),
        numbers: format!(
            "# Numbers of freebsd_x64 in FreeBSD {version}. Made by `emu-prototypes-gen import freebsd`.\n\
             # NUMBER NAME ENTRY\n"
        ),
    };
    calls.sort_by_key(|(number, _)| number.number);
    for (number, _) in &calls {
        writeln!(texts.numbers, "{number}").expect("writing to a string does not fail");
    }
    calls.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    for (_, declaration) in &calls {
        writeln!(texts.signatures, "{declaration}").expect("writing to a string does not fail");
    }
    Ok(texts)
}

fn line(source: &str) -> Result<(Number, Declaration), String> {
    let (name, rest) = source
        .split_once('=')
        .ok_or("expected `SYS_NAME = NUMBER`, found no `=`")?;
    let (number, rest) = rest
        .split_once("//")
        .ok_or("expected `// { DECLARATION }` behind the number, found the end of the line")?;
    let inside = rest
        .split_once('{')
        .and_then(|(_, rest)| rest.rsplit_once('}'))
        .map(|(inside, _)| inside.trim())
        .ok_or_else(|| format!("expected `{{ DECLARATION }}`, found `{}`", rest.trim()))?;
    // `const char *to,);` stands so in the source.
    let mut declaration = declaration::parse_declaration(&inside.replace(",)", ")"))?;
    let number = number.trim();
    let number = number
        .parse()
        .map_err(|_| format!("expected a number, found `{number}`"))?;
    // The function in the kernel has the declared name behind `sys_`, even where that begins with it: `sys_sys_exit`.
    let entry = format!("sys_{}", declaration.name);
    let name = name
        .trim()
        .strip_prefix("SYS_")
        .unwrap_or(name)
        .to_ascii_lowercase();
    declaration.name = name.clone();
    let number = Number {
        number,
        call: name.clone(),
        name,
        entry,
        params: None,
        line: 0,
    };
    Ok((number, declaration))
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn calls_are_named_by_their_constants_and_entries_by_their_functions() {
        let made = texts(
            "z.go",
            "// mksysnum.go https://example.org/syscalls.master?h=stable/12\n\
             \t// SYS_NOSYS = 0;  // { int nosys(void); } syscall nosys_args int\n\
             \tSYS_WRITE = 4   // { ssize_t write(int fd, const void *buf, \\\n\
             ",
        );
        let error = made.expect_err("the line has no end").to_string();
        assert_eq!(
            error,
            "z.go:3: expected `{ DECLARATION }`, found `{ ssize_t write(int fd, const void *buf, \\`"
        );
        let made = texts(
            "z.go",
            "// mksysnum.go https://example.org/syscalls.master?h=stable/12\n\
             \tSYS_WRITE = 4   // { ssize_t write(int fd, const void *buf, size_t nbyte); }\n\
             \tSYS_EXIT  = 1   // { void sys_exit(int rval); } exit sys_exit_args void\n\
             \tSYS_FHLINKAT = 566 // { int fhlinkat(struct fhandle *fhp, int tofd, const char *to,); }\n",
        )
        .expect("it reads");
        assert!(made.signatures.contains("FreeBSD stable/12"));
        assert!(made.signatures.ends_with(
            "void exit(int rval);\n\
             int fhlinkat(struct fhandle *fhp, int tofd, const char *to);\n\
             ssize_t write(int fd, const void *buf, size_t nbyte);\n"
        ));
        assert!(made.numbers.ends_with(
            "1\texit\tsys_sys_exit\n4\twrite\tsys_write\n566\tfhlinkat\tsys_fhlinkat\n"
        ));
    }

    #[test]
    fn a_text_without_calls_is_an_error() {
        let error = texts("z.go", "package unix\n").expect_err("there is no call");
        assert_eq!(
            error.to_string(),
            "z.go:0: expected lines such as `SYS_READ = 3 // { ssize_t read(…); }`, found none"
        );
    }
}
