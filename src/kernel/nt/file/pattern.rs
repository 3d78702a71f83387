//! Does a name look like a pattern?   [Microsoft Learn, FsRtlIsNameInExpression]

/// Whether it does, whatever the case of letters. `*` stands for anything, `?` for one unit; `<`, `>` and `"` are what `*`,
/// `?` and `.` are to DOS: anything up to the last dot, one unit or none in front of a dot or the end, a dot or the end.
pub(super) fn matches(pattern: &[u16], name: &[u16]) -> bool {
    let dot = u16::from(b'.');
    let last_dot = name.iter().rposition(|unit| *unit == dot);
    // Which parts of the name the pattern may have got to. Both are short: a name has 255 units.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for unit in pattern {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            let here = name.get(at);
            let dots = here.is_none_or(|unit| *unit == dot);
            match u8::try_from(*unit) {
                Ok(b'*') => next[at] = reached[at] || at > 0 && next[at - 1],
                Ok(b'<') => {
                    next[at] |= reached[at];
                    if next[at] && at < name.len() && last_dot != Some(at) {
                        next[at + 1] = true;
                    }
                }
                Ok(b'>') if reached[at] && dots => next[at] = true,
                Ok(b'"') if reached[at] && here.is_none() => next[at] = true,
                _ if !reached[at] || at == name.len() => {}
                Ok(b'?') => next[at + 1] = true,
                Ok(b'>') => next[at + 1] = true,
                Ok(b'"') => next[at + 1] |= dots,
                _ => next[at + 1] |= here.is_some_and(|here| same(*unit, *here)),
            }
        }
        reached = next;
    }
    reached[name.len()]
}

fn same(one: u16, other: u16) -> bool {
    let upper = |unit: u16| char::from_u32(unit.into()).map(|c| c.to_uppercase().to_string());
    one == other || upper(one).is_some() && upper(one) == upper(other)
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(pattern: &str, fitting: &[&str], others: &[&str]) {
        let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        for name in fitting {
            assert!(matches(&units(pattern), &units(name)), "{pattern} {name}");
        }
        for name in others {
            assert!(!matches(&units(pattern), &units(name)), "{pattern} {name}");
        }
    }

    #[test]
    fn names_look_like_patterns() {
        check("*", &["", "a", "a.txt", ".."], &[]);
        check("*.txt", &["a.TXT", ".txt", "a.b.txt"], &["txt", "a.txt2"]);
        check("a?c", &["abc", "A.C"], &["ac", "abbc"]);
        check("Name", &["name", "NAME"], &["names", "nam"]);
    }

    #[test]
    fn patterns_of_dos_know_of_dots() {
        // What Windows makes of *.* , ?.txt and *. before it asks.
        check("<.*", &["a.b", "a.b.c"], &["a"]);
        check("<\"*", &["a", "a.b"], &[]);
        check(">>>.txt", &["a.txt", "abc.txt"], &["abcd.txt"]);
        check("<\"", &["a", "ab"], &["a.b"]);
    }
}
