//! Sets of descriptors.   [strace(1), -e read, -e write, -e trace-fds]

/// A set of descriptors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    numbers: Vec<i32>,
    others: bool,
}

impl Numbers {
    /// Parses descriptors between commas, `all`, `none`; `!` before the set takes the others. `kind` is what stands before
    /// the set, for what is said of a wrong one.
    pub fn parse(kind: &str, text: &str) -> Result<Self, String> {
        let (negated, set) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut parsed = Numbers::default();
        for word in set.split(',') {
            match (word, word.parse()) {
                ("all", _) => parsed.others = true,
                ("none", _) => {}
                (_, Ok(number @ 0..)) => parsed.numbers.push(number),
                _ => {
                    return Err(format!(
                        "-e {kind}: `{word}` is no descriptor: numbers between commas, `all` or `none`"
                    ));
                }
            }
        }
        if parsed.others {
            parsed.numbers.clear();
        }
        parsed.others ^= negated;
        Ok(parsed)
    }

    pub(super) fn has(&self, number: i32) -> bool {
        number >= 0 && self.numbers.contains(&number) != self.others
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && !self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_descriptors_is_read_as_strace_reads_it() {
        let has = |text: &str| {
            let set = Numbers::parse("read", text).expect("the set is valid");
            [0, 3, 5].map(|fd| set.has(fd))
        };
        assert_eq!(has("3,5"), [false, true, true]);
        assert_eq!(has("!3"), [true, false, true]);
        assert_eq!(has("all"), [true; 3]);
        assert_eq!(has("none"), [false; 3]);
        assert_eq!(has("!none"), [true; 3]);
        assert_eq!(has("!all"), [false; 3]);
        for wrong in ["", "3-5", "x", "-1", "3,", "3,!5"] {
            let said = Numbers::parse("read", wrong).expect_err("it is not valid");
            assert!(said.contains("is no descriptor"), "{said}");
        }
    }
}
