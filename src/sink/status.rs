//! Which ends of calls are shown: the sets of `-e status=…`, in strace's words.

use super::filter::nearest;
use super::summary::failed;
use crate::event::{CallEvent, End};

bitflags::bitflags! {
    /// Ends of calls.   [strace(1), -e status]
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Statuses: u8 {
        /// It returned no error.
        const SUCCESSFUL = 1;
        /// It returned an error, or will be made again.
        const FAILED = 2;
        /// It did not return: `exit`, or the end of its task.
        const UNFINISHED = 4;
        /// It returned and nobody knows what: with emu, never.
        const UNAVAILABLE = 8;
        /// Its task was let go before it returned: with emu, never.
        const DETACHED = 16;
    }
}

const NAMES: [&str; 5] = [
    "successful",
    "failed",
    "unfinished",
    "unavailable",
    "detached",
];

impl Statuses {
    /// Parses names between commas, `all`, `none`; `!` before them takes the others.
    pub fn parse(text: &str) -> Result<Statuses, String> {
        let (negated, set) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut all = Statuses::empty();
        for word in set.split(',').map(str::trim) {
            let at = NAMES.iter().position(|name| *name == word);
            match (word, at) {
                ("all", _) => all = Statuses::all(),
                ("none", _) => {}
                (_, Some(at)) => all |= Statuses::from_bits_truncate(1 << at),
                (_, None) => {
                    let hint = nearest(word, NAMES.into_iter());
                    return Err(format!("-e status: there is no status `{word}`{hint}"));
                }
            }
        }
        Ok(if negated { !all } else { all })
    }

    /// Whether a call's end is among them.
    pub(super) fn has(self, call: &CallEvent, end: End) -> bool {
        self.contains(match end {
            End::Returned(_) if failed(call, end) => Statuses::FAILED,
            End::Returned(_) | End::ChildReturn(_) => Statuses::SUCCESSFUL,
            End::NeverReturns if call.execs() => Statuses::SUCCESSFUL,
            End::NeverReturns | End::Killed => Statuses::UNFINISHED,
            End::Restarted(_) => Statuses::FAILED,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_strace_reads_them() {
        let both = Statuses::FAILED | Statuses::UNFINISHED;
        assert_eq!(Statuses::parse("failed,unfinished"), Ok(both));
        assert_eq!(Statuses::parse("!failed"), Ok(!Statuses::FAILED));
        assert_eq!(Statuses::parse("none"), Ok(Statuses::empty()));
        assert_eq!(Statuses::parse("all"), Ok(Statuses::all()));
        assert_eq!(
            Statuses::parse("sucessful"),
            Err("-e status: there is no status `sucessful`. Did you mean `successful`?".to_owned())
        );
    }
}
