//! What does a guest usually find in its environment?
//!
//! That depends on its system. Nothing of it is the host's.

use crate::kernel::nt::path::spelled;
use crate::kernel::vfs::Walker;

const UNIX: [(&str, &str); 3] = [
    (
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("HOME", "/"),
    ("TERM", "xterm"),
];

/// What a user called `user` of Windows has, in the order in which Windows keeps it.
const WINDOWS: [(&str, &str); 29] = [
    ("ALLUSERSPROFILE", "C:\\ProgramData"),
    ("APPDATA", "C:\\users\\user\\AppData\\Roaming"),
    ("CommonProgramFiles", "C:\\Program Files\\Common Files"),
    ("COMPUTERNAME", "EMU"),
    ("ComSpec", "C:\\windows\\system32\\cmd.exe"),
    ("HOMEDRIVE", "C:"),
    ("HOMEPATH", "\\users\\user"),
    ("LOCALAPPDATA", "C:\\users\\user\\AppData\\Local"),
    ("LOGONSERVER", "\\\\EMU"),
    ("NUMBER_OF_PROCESSORS", "1"),
    ("OS", "Windows_NT"),
    (
        "PATH",
        "C:\\windows\\system32;C:\\windows;C:\\windows\\system32\\wbem",
    ),
    (
        "PATHEXT",
        ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH",
    ),
    ("PROCESSOR_ARCHITECTURE", ARCHITECTURE),
    ("PROCESSOR_LEVEL", "6"),
    ("PROCESSOR_REVISION", "0000"),
    ("ProgramData", "C:\\ProgramData"),
    ("ProgramFiles", "C:\\Program Files"),
    ("PROMPT", "$P$G"),
    ("PUBLIC", "C:\\users\\Public"),
    ("SESSIONNAME", "Console"),
    ("SystemDrive", "C:"),
    ("SystemRoot", "C:\\windows"),
    ("TEMP", "C:\\users\\user\\Temp"),
    ("TMP", "C:\\users\\user\\Temp"),
    ("USERDOMAIN", "EMU"),
    ("USERNAME", "user"),
    ("USERPROFILE", "C:\\users\\user"),
    ("windir", "C:\\windows"),
];
/// Stands for what depends on the program's width.
const ARCHITECTURE: &str = "";

/// Directories that those variables name, each behind the one that it is in.
const DIRECTORIES: [&str; 11] = [
    "/windows",
    "/windows/temp",
    "/ProgramData",
    "/Program Files",
    "/Program Files/Common Files",
    "/users",
    "/users/Public",
    "/users/user",
    "/users/user/Temp",
    "/users/user/AppData",
    "/users/user/AppData/Local",
];

/// Makes the directories that variables of Windows name, as far as they are not there.
pub(super) fn directories(walker: &Walker<'_>) {
    for directory in DIRECTORIES.iter().chain(&["/users/user/AppData/Roaming"]) {
        // One that can't be made is missed by the program that looks for it.
        let _ = spelled(walker, directory.as_bytes())
            .map(|path| walker.mkdir(&walker.context.root, &path, 0o777));
    }
}

/// The environment: what is usual, then what was given, changed by `NAME=VALUE` and `NAME` in their order. `width` says
/// of a program of Windows whether it is one of 64 bits. Windows knows names whatever the case of their letters.
pub(super) fn environment(
    width: Option<bool>,
    given: Vec<Vec<u8>>,
    changes: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let usual: &[(&str, &str)] = if width.is_some() { &WINDOWS } else { &UNIX };
    let line = |(name, value): &(&str, &str)| match (*value, width) {
        (ARCHITECTURE, Some(true)) => format!("{name}=AMD64").into_bytes(),
        (ARCHITECTURE, Some(false)) => format!("{name}=x86").into_bytes(),
        (value, _) => format!("{name}={value}").into_bytes(),
    };
    let mut all: Vec<Vec<u8>> = usual.iter().map(line).collect();
    all.extend(given);
    for change in changes {
        let name = change
            .split(|byte| *byte == b'=')
            .next()
            .unwrap_or_default();
        let same = |line: &Vec<u8>| {
            let own = line.split(|byte| *byte == b'=').next().unwrap_or_default();
            match width {
                Some(_) => own.eq_ignore_ascii_case(name),
                None => own == name,
            }
        };
        let place = all.iter().position(same);
        match (place, name.len() < change.len()) {
            (Some(at), true) => all[at] = change.clone(),
            (Some(at), false) => {
                all.remove(at);
            }
            (None, true) => all.push(change.clone()),
            (None, false) => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::environment;

    fn check(width: Option<bool>, changes: &[&str]) -> Vec<String> {
        let changes: Vec<Vec<u8>> = changes.iter().map(|one| one.as_bytes().to_vec()).collect();
        let lines = environment(width, Vec::new(), &changes).into_iter();
        lines
            .map(|line| String::from_utf8(line).expect("it is text"))
            .collect()
    }

    #[test]
    fn the_environment_is_the_guests_own() {
        assert_eq!(check(None, &["PATH", "TERM", "HOME"]), Vec::<String>::new());
        assert_eq!(
            check(None, &["PATH", "TERM", "HOME=/root", "A=1", "A=2", "B="]),
            ["HOME=/root", "A=2", "B="]
        );
    }

    #[test]
    fn names_of_windows_are_the_same_in_any_case() {
        let own = check(Some(true), &["path=C:\\", "COMSPEC"]);
        assert!(
            own.contains(&"path=C:\\".into()) && own.contains(&"TEMP=C:\\users\\user\\Temp".into())
        );
        assert!(own.contains(&"PROCESSOR_ARCHITECTURE=AMD64".into()));
        assert!(
            !own.iter()
                .any(|line| line.starts_with("PATH=") || line.starts_with("ComSpec"))
        );
        assert!(check(Some(false), &[]).contains(&"PROCESSOR_ARCHITECTURE=x86".into()));
    }
}
