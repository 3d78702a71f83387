//! What does a text of keys and values say? Files of `regedit`, in both of their forms.
//! [Microsoft, How to add, modify, or delete registry subkeys and values by using a .reg file]

use emu_prototypes::nt::NtStatus;

use super::tree::{Registry, Value};
use crate::kernel::nt::token;

/// What the first line says: text in UTF-16, or bytes of the system's code page.
const HEADS: [(&str, bool); 2] = [
    ("Windows Registry Editor Version 5.00", true),
    ("REGEDIT4", false),
];
/// Names of roots, short and long, and where they are; that of the user is below all users'.
const ROOTS: [(&str, &str, &str); 5] = [
    ("HKLM", "HKEY_LOCAL_MACHINE", "Machine"),
    ("HKU", "HKEY_USERS", "User"),
    (USER, "HKEY_CURRENT_USER", "User"),
    ("HKCR", "HKEY_CLASSES_ROOT", "Machine\\Software\\Classes"),
    (
        "HKCC",
        "HKEY_CURRENT_CONFIG",
        "Machine\\System\\CurrentControlSet\\Hardware Profiles\\Current",
    ),
];

const USER: &str = "HKCU";

/// `Type` of values.   [winnt.h]
const TEXT: u32 = 1;
const EXPANDED: u32 = 2;
const BINARY: u32 = 3;
const NUMBER: u32 = 4;
const SEVERAL: u32 = 7;

/// A line and what is wrong with it.
type Wrong = (usize, String);

/// What a line has a value for.
enum Data {
    Removed,
    Given(u32, Vec<u8>),
}

/// The letters of a file, by the mark at its beginning: UTF-16 of both orders, or UTF-8.
fn letters(bytes: &[u8]) -> Result<String, Wrong> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => Ok(wide(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Ok(wide(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8(rest.to_vec())
            .map_err(|_| (1, "is neither UTF-16 with a mark nor UTF-8".to_owned())),
    }
}

/// The lines with their numbers; one that ends with a backslash goes on in the next.
fn lines(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        match all.last_mut() {
            Some((_, last)) if goes_on => last.push_str(trimmed),
            _ => all.push((index + 1, trimmed.to_owned())),
        }
        let (_, last) = all.last_mut().expect("a line was added");
        // What stands in a string is no end of a line.
        goes_on = last.ends_with('\\') && last.contains("hex");
        if goes_on {
            last.pop();
        }
    }
    all
}

/// A string in quotes, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((out, &rest[at + 1..])),
            '\\' => out.push(letters.next()?.1),
            letter => out.push(letter),
        }
    }
    None
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Text as a value has it, with the zero at its end.
fn ended(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().chain([0]);
    units.flat_map(u16::to_le_bytes).collect()
}

/// What stands behind the `=`.
fn data(text: &str, wide: bool) -> Option<Data> {
    if text == "-" {
        return Some(Data::Removed);
    }
    if let Some((string, rest)) = quoted(text) {
        return rest
            .trim()
            .is_empty()
            .then(|| Data::Given(TEXT, ended(&string)));
    }
    if let Some(digits) = text.strip_prefix("dword:") {
        let number = u32::from_str_radix(digits.trim(), 16).ok()?;
        return Some(Data::Given(NUMBER, number.to_le_bytes().to_vec()));
    }
    let rest = text.strip_prefix("hex")?;
    let (kind, digits) = match rest.strip_prefix('(') {
        Some(rest) => {
            let (kind, digits) = rest.split_once("):")?;
            (u32::from_str_radix(kind, 16).ok()?, digits)
        }
        None => (BINARY, rest.strip_prefix(':')?),
    };
    let bytes = digits
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect::<Option<Vec<u8>>>()?;
    // The older form has text in bytes.
    let bytes = match !wide && matches!(kind, TEXT | EXPANDED | SEVERAL) {
        true => bytes.iter().flat_map(|byte| [*byte, 0]).collect(),
        false => bytes,
    };
    Some(Data::Given(kind, bytes))
}

/// The path below `\REGISTRY` of a key's name.
pub(super) fn path(name: &str) -> Option<String> {
    let (root, rest) = name.split_once('\\').unwrap_or((name, ""));
    let known = ROOTS.iter().find(|(short, long, _)| {
        root.eq_ignore_ascii_case(short) || root.eq_ignore_ascii_case(long)
    });
    let (short, _, place) = known?;
    Some(match *short {
        USER => format!("{place}\\{}\\{rest}", token::user()),
        _ => format!("{place}\\{rest}"),
    })
}

impl Registry {
    /// Adds and removes what a text says. Nothing behind a line that is wrong is looked at.
    pub(in crate::kernel::nt) fn load(&mut self, bytes: &[u8]) -> Result<(), Wrong> {
        let text = letters(bytes)?;
        let mut lines = lines(&text).into_iter();
        let head = lines.next().unwrap_or((1, String::new()));
        let known = HEADS.iter().find(|(name, _)| *name == head.1);
        let Some((_, wide)) = known else {
            let names = HEADS.map(|(name, _)| name).join("` or `");
            return Err((head.0, format!("expected `{names}`")));
        };
        let mut key = None;
        for (line, text) in lines {
            if text.is_empty() || text.starts_with(';') {
                continue;
            }
            if let Some(name) = text.strip_prefix('[') {
                key = self.heading(name).map_err(|message| (line, message))?;
                continue;
            }
            let wrong = || {
                (
                    line,
                    format!("expected `\"NAME\"=VALUE`, found `{}`", text.escape_debug()),
                )
            };
            let (name, rest) = match text.strip_prefix('@') {
                Some(rest) => (String::new(), rest),
                None => quoted(&text).ok_or_else(wrong)?,
            };
            let rest = rest.trim_start().strip_prefix('=').ok_or_else(wrong)?;
            let data = data(rest.trim(), *wide).ok_or_else(wrong)?;
            let Some(key) = &key else {
                return Err((line, "a value that stands below no key".to_owned()));
            };
            let name = units(&name);
            match data {
                // What is not there is gone already.
                Data::Removed => {
                    let _ = self.remove_value(key, &name);
                }
                Data::Given(kind, data) => self
                    .set(key, Value { name, kind, data }, 0)
                    .map_err(|_| (line, "there is no room for it".to_owned()))?,
            }
        }
        Ok(())
    }

    /// The key of `[NAME]`, which is made; none behind `[-NAME]`, which is removed with all below it.
    fn heading(&mut self, text: &str) -> Result<Option<std::rc::Rc<super::tree::Key>>, String> {
        let name = text.strip_suffix(']').ok_or("a key's name has no end")?;
        let (name, removed) = match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let path =
            path(name).ok_or_else(|| format!("`{}` has no known root", name.escape_debug()))?;
        let (root, _) = self
            .absolute(&units("\\REGISTRY"))
            .map_err(|_| "there is no registry")?;
        if removed {
            if let Ok(key) = self.find(&root, &units(&path)) {
                self.remove_all(&key).map_err(|_| "it can't be removed")?;
            }
            return Ok(None);
        }
        if path.split('\\').any(|part| part.len() > 255) {
            return Err("a key's name is too long".to_owned());
        }
        let key = self.make(&root, &path);
        Ok(Some(key.map_err(|_| "there is no room for it")?))
    }

    /// Removes a key and all below it.
    pub(super) fn remove_all(
        &mut self,
        key: &std::rc::Rc<super::tree::Key>,
    ) -> Result<(), NtStatus> {
        while let Some(child) = key.nth_child(0) {
            self.remove_all(&child)?;
        }
        self.remove(key)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Registry;

    fn value(registry: &Registry, key: &str, name: &str) -> Option<(u32, Vec<u8>)> {
        let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let (root, _) = registry.absolute(&units("\\REGISTRY")).expect("the root");
        let key = registry.find(&root, &units(key)).ok()?;
        key.value(&units(name), |value| (value.kind, value.data.clone()))
    }

    #[test]
    fn both_forms_are_read() {
        let mut registry = Registry::default();
        let text = "Windows Registry Editor Version 5.00\r\n\r\n; a note\r\n[HKEY_LOCAL_MACHINE\\Software\\Own\\Deep]\r\n\
                    @=\"it\"\r\n\"path\"=\"C:\\\\a \\\"b\\\"\"\r\n\"n\"=dword:0000002a\r\n\"q\"=hex(b):01,00,00,00,\\\r\n  00,00,00,80\r\n\
                    \"gone\"=\"x\"\r\n\"gone\"=-\r\n[HKCU\\Other]\r\n\"b\"=hex:de,ad\r\n";
        let mut wide = vec![0xff, 0xfe];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        for bytes in [wide, text.as_bytes().to_vec()] {
            registry.load(&bytes).expect("it reads");
            let own = |name| value(&registry, "Machine\\SOFTWARE\\own\\deep", name);
            assert_eq!(own(""), Some((1, b"i\0t\0\0\0".to_vec())));
            assert_eq!(
                own("PATH").map(|(_, data)| data.len()),
                Some(2 * "C:\\a \"b\"".len() + 2)
            );
            assert_eq!(own("n"), Some((4, vec![42, 0, 0, 0])));
            assert_eq!(own("q"), Some((11, vec![1, 0, 0, 0, 0, 0, 0, 0x80])));
            assert_eq!(own("gone"), None);
            let other = value(&registry, "User\\S-1-5-21-0-0-0-1000\\Other", "b");
            assert_eq!(other, Some((3, vec![0xde, 0xad])));
        }
        registry
            .load(b"REGEDIT4\n[-HKLM\\Software\\Own]\n[HKLM\\Software\\Two]\n\"e\"=hex(2):61,00\n")
            .expect("it reads");
        assert_eq!(value(&registry, "Machine\\Software\\Own\\Deep", ""), None);
        let two = value(&registry, "Machine\\Software\\Two", "e");
        assert_eq!(two, Some((2, vec![b'a', 0, 0, 0])));
    }

    #[test]
    fn a_line_that_is_wrong_is_named() {
        for (text, line) in [
            ("nonsense\n", 1),
            ("", 1),
            ("REGEDIT4\n\n[HKXX\\A]\n", 3),
            ("REGEDIT4\n[HKLM\\A\n", 2),
            ("REGEDIT4\n\"a\"=\"b\"\n", 2),
            ("REGEDIT4\n[HKLM\\A]\n\"a\"=dword:xyz\n", 3),
            ("REGEDIT4\n[HKLM\\A]\n\"a\"=hex:1,\\\n2,zz\n", 3),
            ("REGEDIT4\n[HKLM\\A]\n\"a=5\n", 3),
        ] {
            let told = Registry::default().load(text.as_bytes());
            assert_eq!(told.map_err(|(line, _)| line), Err(line), "{text}");
        }
    }
}
