//! Which signals are shown: the sets of `-e signal=…`, in strace's words.

use std::collections::BTreeSet;

use emu_prototypes::linux::{ABIS, Abi};

use super::filter::nearest;

/// The greatest number that a signal may be asked for by.   [strace filter_qualify.c, sigstr_to_uint]
const GREATEST: u32 = 255;

/// A set of signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signals {
    names: BTreeSet<String>,
    /// By their numbers on the guest's ABI.
    numbers: BTreeSet<u32>,
    negated: bool,
}

impl Signals {
    /// Every signal.
    pub fn all() -> Self {
        Signals {
            names: BTreeSet::new(),
            numbers: BTreeSet::new(),
            negated: true,
        }
    }

    /// Parses names (`SIGCHLD`, `chld`) and numbers between commas, `all`, `none`; `!` before them takes the others.
    pub fn parse(text: &str) -> Result<Signals, String> {
        let (negated, set) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut signals = Signals {
            negated,
            ..Signals::all()
        };
        match set {
            "all" => signals.negated = !negated,
            "none" => {}
            _ => {
                for word in set.split(',') {
                    signals.add(word.trim())?;
                }
            }
        }
        Ok(signals)
    }

    fn add(&mut self, word: &str) -> Result<(), String> {
        if let Ok(number) = word.parse::<u32>() {
            if number > GREATEST {
                return Err(format!("-e signal: there is no signal {number}"));
            }
            self.numbers.insert(number);
            return Ok(());
        }
        let mut name = word.to_ascii_uppercase();
        if !name.starts_with("SIG") {
            name.insert_str(0, "SIG");
        }
        let mut known = ABIS.iter().flat_map(|abi| abi.signals.iter().copied());
        if !known.any(|other| other == name) {
            let all = ABIS.iter().flat_map(|abi| abi.signals.iter().copied());
            let hint = nearest(&name, all.filter(|other| !other.is_empty()));
            return Err(format!("-e signal: there is no signal `{word}`{hint}"));
        }
        self.names.insert(name);
        Ok(())
    }

    /// Whether a signal of that name is in the set.
    pub(super) fn has(&self, name: &str, abi: &Abi) -> bool {
        let by_number = |number: &u32| abi.signal_name(*number) == Some(name);
        let found = self.names.contains(name) || self.numbers.iter().any(by_number);
        found != self.negated
    }
}

#[cfg(test)]
mod tests {
    use emu_prototypes::linux::{MIPS_O32, X86};

    use super::*;

    #[test]
    fn sets_are_read_as_strace_reads_them() {
        let has = |set: &str, name: &str, abi: &Abi| {
            Signals::parse(set)
                .expect("the set is valid")
                .has(name, abi)
        };
        assert!(has("chld,USR1", "SIGCHLD", &X86) && has("SIGUSR1", "SIGUSR1", &X86));
        assert!(!has("chld", "SIGUSR1", &X86));
        assert!(has("!SIGIO", "SIGCHLD", &X86) && !has("!io", "SIGIO", &X86));
        assert!(has("all", "SIGCHLD", &X86) && !has("none", "SIGCHLD", &X86));
        // [signal(7)]: SIGUSR1 is 10 on x86 and ARM, 16 on MIPS.
        assert!(has("10", "SIGUSR1", &X86) && !has("10", "SIGUSR1", &MIPS_O32));
        assert!(has("16", "SIGUSR1", &MIPS_O32));
    }

    #[test]
    fn what_is_no_signal_is_an_error_with_the_nearest() {
        assert_eq!(
            Signals::parse("SIGCHDL"),
            Err("-e signal: there is no signal `SIGCHDL`. Did you mean `SIGCHLD`?".into())
        );
        assert!(Signals::parse("").is_err() && Signals::parse("USR1,none").is_err());
        assert!(Signals::parse("256").is_err());
    }
}
