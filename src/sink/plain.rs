//! A guest's bytes as text for people: nothing in it does anything to a terminal or a page.

/// UTF-8 stays as it is; other bytes, and what is not seen or turns the direction of text, are told by their numbers.
pub(super) fn plain(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                _ if unseen(letter) => out.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
                _ => out.push(letter),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Control characters, and those of format that can make text look like another.   [Unicode, UAX #9, 2]
fn unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_of_it_acts() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(plain(bytes), expected);
        check(b"/tmp/a b", "/tmp/a b");
        check("/tmp/\u{e9}".as_bytes(), "/tmp/\u{e9}");
        check(b"\x1b[2J\n\xff\x00", r"\u{1b}[2J\n\xff\u{0}");
        check("a\u{202e}b".as_bytes(), r"a\u{202e}b");
        check(br"\??\C:\x", r"\??\C:\x");
    }
}
