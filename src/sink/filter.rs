//! Which calls are traced: the sets of `-e trace=…`, in strace's words.

use emu_prototypes::linux;
use emu_prototypes::{CallInfo, Classes, Os};

/// Classes by the names they have in a set.
const CLASSES: &[(&str, Classes)] = &[
    ("clock", Classes::CLOCK),
    ("creds", Classes::CREDS),
    ("desc", Classes::DESC),
    ("file", Classes::FILE),
    ("ipc", Classes::IPC),
    ("memory", Classes::MEMORY),
    ("network", Classes::NETWORK),
    ("process", Classes::PROCESS),
    ("signal", Classes::SIGNAL),
];

/// Other names of classes, as strace takes them.
const OTHER_NAMES: &[(&str, &str)] = &[("net", "network")];

/// A set of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    calls: Vec<bool>,
    unknown: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Filter::all()
    }
}

impl Filter {
    /// Every call, and numbers that no call has.
    pub fn all() -> Self {
        Filter {
            calls: vec![true; Os::Own.first().into()],
            unknown: true,
        }
    }

    /// No call at all.
    pub fn none() -> Self {
        Filter {
            calls: vec![false; Os::Own.first().into()],
            unknown: false,
        }
    }

    /// Parses `trace=SET`, or just `SET`: names of calls and `%class`es between commas, `all`, `none`; `!` before the set
    /// takes the others; `?` before a name allows that there is no such call.
    pub fn parse(text: &str) -> Result<Self, String> {
        Filter::parse_with(text, &[])
    }

    /// The same, where the calls of a user's own operating system may be named as well.
    pub fn parse_with(text: &str, own: &'static [CallInfo]) -> Result<Self, String> {
        let set = match text.split_once('=') {
            None => text,
            Some(("trace" | "t", set)) => set,
            Some((other, _)) => return Err(format!("-e {other}=…: only `trace=SET` is known")),
        };
        Filter::parse_set("trace", set, own)
    }

    /// The same for a set without `trace=`. `kind` is what stood before it, for what is said of a wrong one.
    pub fn parse_set(kind: &str, set: &str, own: &'static [CallInfo]) -> Result<Self, String> {
        let (negated, set) = match set.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, set),
        };
        let mut filter = Filter::none();
        filter.calls.resize(filter.calls.len() + own.len(), false);
        for word in set.split(',') {
            filter.add(kind, word.trim(), own)?;
        }
        if negated {
            for call in &mut filter.calls {
                *call = !*call;
            }
            filter.unknown = !filter.unknown;
        }
        Ok(filter)
    }

    fn add(&mut self, kind: &str, word: &str, own: &'static [CallInfo]) -> Result<(), String> {
        match word {
            "" => return Err(format!("-e {kind}=: a name or %class is missing")),
            "all" | "%all" => {
                self.calls.fill(true);
                self.unknown = true;
                return Ok(());
            }
            "none" => return Ok(()),
            _ => {}
        }
        if let Some(name) = word.strip_prefix('%') {
            return self.add_class(kind, name, own);
        }
        let (tolerated, name) = match word.strip_prefix('?') {
            Some(name) => (true, name),
            None => (false, word),
        };
        if self.add_name(name, own) || tolerated {
            return Ok(());
        }
        // strace takes the classes without their sign as well.
        if CLASSES.iter().any(|(class, _)| *class == name) {
            return self.add_class(kind, name, own);
        }
        let names = Os::all_calls()
            .chain(own)
            .map(|call| call.name)
            .chain(rows().map(|row| row.name));
        let hint = nearest(name, names);
        Err(format!("-e {kind}: there is no call `{name}`{hint}"))
    }

    fn add_class(
        &mut self,
        kind: &str,
        name: &str,
        own: &'static [CallInfo],
    ) -> Result<(), String> {
        let name = OTHER_NAMES
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(name, |(_, name)| name);
        let Some((_, class)) = CLASSES.iter().find(|(class, _)| *class == name) else {
            let hint = nearest(name, CLASSES.iter().map(|(class, _)| *class));
            return Err(format!("-e {kind}: there is no class `%{name}`{hint}"));
        };
        for (wanted, call) in self.calls.iter_mut().zip(Os::all_calls().chain(own)) {
            *wanted |= call.classes.contains(*class);
        }
        Ok(())
    }

    /// Takes a call by its own name, or by one that it has on some profile.
    fn add_name(&mut self, name: &str, own: &'static [CallInfo]) -> bool {
        let mut found = false;
        let calls = Os::all_calls()
            .chain(own)
            .filter(|call| call.name == name)
            .map(|call| call.id);
        let on_profiles = rows().filter(|row| row.name == name).map(|row| row.call);
        for id in calls.chain(on_profiles) {
            if let Some(wanted) = self.calls.get_mut(usize::from(id)) {
                *wanted = true;
                found = true;
            }
        }
        found
    }

    /// Whether a call is in the set; `None`: numbers without a call.
    pub fn wants(&self, call: Option<&CallInfo>) -> bool {
        match call {
            Some(call) => self
                .calls
                .get(usize::from(call.id))
                .copied()
                .unwrap_or(self.unknown),
            None => self.unknown,
        }
    }
}

/// The numbers of all profiles of Linux, some of which have names of their own.
fn rows() -> impl Iterator<Item = &'static emu_prototypes::Row> {
    linux::ABIS.iter().flat_map(|abi| abi.table.rows)
}

/// `. Did you mean …?` with the name that is nearest, or nothing when none is near.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let score = |other: &str| strsim::damerau_levenshtein(name, other);
    match names.map(|other| (score(other), other)).min() {
        Some((distance, other)) if distance <= 1 + name.len() / 3 => {
            format!(". Did you mean `{other}`?")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &str, inside: &[&str], outside: &[&str]) {
        let filter = Filter::parse(set).expect("the set is valid");
        let wants = |name: &str| filter.wants(Some(linux::by_name(name).expect("the call exists")));
        for name in inside {
            assert!(wants(name), "{set} has {name}");
        }
        for name in outside {
            assert!(!wants(name), "{set} has no {name}");
        }
    }

    fn error(set: &str, expected: &str) {
        assert_eq!(
            Filter::parse(set).expect_err("the set is not valid"),
            expected
        );
    }

    #[test]
    fn a_set_is_read_as_strace_reads_it() {
        check("trace=openat,read", &["openat", "read"], &["write", "open"]);
        check("openat", &["openat"], &["read"]);
        check(
            "%file",
            &["openat", "stat", "execve"],
            &["read", "mmap", "close"],
        );
        check(
            "trace=%desc,%memory",
            &["read", "close", "mmap", "brk"],
            &["getpid"],
        );
        check("trace=!%file,read", &["write"], &["openat", "read"]);
        check("all", &["openat"], &[]);
        check("none", &[], &["openat"]);
        check("!none", &["openat"], &[]);
        check("?nothing_of_this_name,read", &["read"], &["write"]);
        check("file", &["openat"], &["read"]);
        check("%net", &["socket"], &["read"]);
    }

    #[test]
    fn numbers_without_a_call_belong_to_all() {
        assert!(Filter::all().wants(None));
        assert!(Filter::parse("!read").expect("it is valid").wants(None));
        assert!(!Filter::parse("read").expect("it is valid").wants(None));
    }

    #[test]
    fn an_unknown_name_is_an_error_with_the_nearest() {
        error(
            "trace=opnat",
            "-e trace: there is no call `opnat`. Did you mean `openat`?",
        );
        error(
            "%fiel",
            "-e trace: there is no class `%fiel`. Did you mean `file`?",
        );
        error(
            "zzzzzzzzzzzzzzzzzz",
            "-e trace: there is no call `zzzzzzzzzzzzzzzzzz`",
        );
        error("signal=none", "-e signal=…: only `trace=SET` is known");
        error("read,,write", "-e trace=: a name or %class is missing");
    }
}
