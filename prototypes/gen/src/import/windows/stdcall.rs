//! How many words the stubs of 32-bit `ntdll.dll` take from the stack, from the import library of a tool chain.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `stdcall.txt` from the bytes of an import library (`libntdll.a`): symbols there are `_NtClose@4`, with the bytes of the
/// arguments.   [stdcall decoration]
pub fn stdcall(library: &[u8], source: &str) -> Result<String, String> {
    let mut words: BTreeMap<String, u32> = BTreeMap::new();
    for symbol in library.split(|&byte| !(byte.is_ascii_alphanumeric() || b"_@".contains(&byte))) {
        let Ok(symbol) = std::str::from_utf8(symbol) else {
            continue;
        };
        let Some((name, bytes)) = symbol
            .strip_prefix('_')
            .and_then(|symbol| symbol.split_once('@'))
        else {
            continue;
        };
        let is_call = name
            .strip_prefix("Nt")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        if let (true, Ok(bytes)) = (is_call, bytes.parse::<u32>()) {
            words.insert(name.to_owned(), bytes / 4);
        }
    }
    if words.is_empty() {
        return Err("expected symbols such as `_NtClose@4`, found none".to_owned());
    }
    let mut text = format!(
        "# Words that the stubs of 32-bit ntdll.dll take from the stack, from the symbols of {source}.\n\
         # Made by `emu-prototypes-gen import stdcall`; the tests compare signatures with it.\n"
    );
    for (name, words) in words {
        writeln!(text, "{name} {words}").expect("writing to a string does not fail");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::stdcall;

    #[test]
    fn words_are_counted_from_symbols() {
        let text = stdcall(
            b"\0_NtClose@4\0__imp__NtClose@4\0_NtAdd@12\n_Ntdll@4 _RtlX@4",
            "it",
        )
        .expect("it reads");
        assert!(text.ends_with("\nNtAdd 3\nNtClose 1\n"), "{text}");
        assert!(stdcall(b"nothing", "it").is_err());
    }
}
