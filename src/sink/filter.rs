//! Which calls are traced: the sets of `-e trace=…`, in strace's words.

use std::collections::BTreeSet;

use emu_prototypes::linux;
use emu_prototypes::{CallInfo, Classes, Os};
use regex::bytes::{Regex, RegexBuilder};

use crate::event::CallEvent;

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

/// Classes by the names of their calls, as strace(1) defines them; those of FreeBSD and Windows by what they are for.
const PATTERNS: &[(&str, &str)] = &[
    (
        "stat",
        "^(freebsd11_|osf_|old)?n?stat(64)?$|^NtQuery(Full)?AttributesFile$|^NtQueryInformationByName$",
    ),
    ("lstat", "^(freebsd11_|osf_|old)?n?lstat(64)?$"),
    (
        "fstat",
        "^(freebsd11_|osf_|old)?n?fstat(64)?$|fstatat(64)?$|^statx$|^fhstat$|^NtQueryInformationFile$",
    ),
    ("statfs", "^(.*_)?statv?fs"),
    (
        "fstatfs",
        "fstatv?fs|^fhstatfs|^NtQueryVolumeInformationFile$",
    ),
    (
        "%stat",
        "^(freebsd11_|osf_|old)?n?[fl]?stat(64)?$|fstatat(64)?$|^statx$|^fhstat$\
         |^NtQuery(Full)?AttributesFile$|^NtQueryInformation(File|ByName)$",
    ),
    (
        "%statfs",
        "statv?fs|fsstat|ustat|^NtQueryVolumeInformationFile$",
    ),
    (
        "pure",
        "^(arc_gettls|getdtablesize|gete?[gu]id(32)?|getpagesize|getpgrp|getp?pid|gettid|get_tls|getx[gpu]id|kern_features\
         |metag_get_tls|issetugid|NtGetCurrentProcessorNumber|NtGetTickCount)$",
    ),
];

/// Other names of classes, as strace takes them.
const OTHER_NAMES: &[(&str, &str)] = &[("net", "network")];

/// A set of calls.
#[derive(Debug, Clone)]
pub struct Filter {
    calls: Vec<bool>,
    unknown: bool,
    /// Expressions, of which only the name that a call has on its profile says whether they match.
    patterns: Vec<Regex>,
    negated: bool,
    /// The calls that they may pick, or leave out, as they have matching names on some profile.
    doubtful: Vec<bool>,
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
            ..Filter::none()
        }
    }

    /// No call at all.
    pub fn none() -> Self {
        Filter {
            calls: vec![false; Os::Own.first().into()],
            unknown: false,
            patterns: Vec::new(),
            negated: false,
            doubtful: Vec::new(),
        }
    }

    /// Parses `trace=SET`, or just `SET`: names of calls, `%class`es and `/expressions` that names match, between commas;
    /// `all`, `none`; `!` before the set takes the others; `?` before a name allows that there is no such call.
    pub fn parse(text: &str) -> Result<Self, String> {
        Filter::parse_with(text, &[])
    }

    /// The same, where the calls of a user's own operating system may be named as well.
    pub fn parse_with(text: &str, own: &'static [CallInfo]) -> Result<Self, String> {
        let bare = text
            .strip_prefix("trace=")
            .or_else(|| text.strip_prefix("t="));
        Filter::parse_set("trace", bare.unwrap_or(text), own)
    }

    /// The same for a set without `trace=`. `kind` is what stood before it, for what is said of a wrong one.
    pub fn parse_set(kind: &str, set: &str, own: &'static [CallInfo]) -> Result<Self, String> {
        let (negated, set) = match set.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, set),
        };
        let mut filter = Filter::none();
        filter.calls.resize(filter.calls.len() + own.len(), false);
        filter.doubtful.resize(filter.calls.len(), false);
        filter.negated = negated;
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
        if let Some(pattern) = name.strip_prefix('/') {
            let pattern = expression(pattern)?;
            let names = matching(&pattern, own);
            if names.is_empty() && !tolerated {
                return Err(format!("-e trace: the name of no call matches `{name}`"));
            }
            for id in names.iter().flat_map(|name| ids(name, own)) {
                if let Some(doubtful) = self.doubtful.get_mut(usize::from(id)) {
                    *doubtful = true;
                }
            }
            self.patterns.push(pattern);
            return Ok(());
        }
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
        if let Some((_, pattern)) = PATTERNS.iter().find(|(class, _)| *class == name) {
            for name in matching(&expression(pattern)?, own) {
                self.add_name(name, own);
            }
            return Ok(());
        }
        let Some((_, class)) = CLASSES.iter().find(|(class, _)| *class == name) else {
            let classes = CLASSES.iter().map(|(class, _)| *class);
            let all = classes.chain(PATTERNS.iter().map(|(class, _)| *class));
            let hint = nearest(name, all);
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
        for id in ids(name, own) {
            if let Some(wanted) = self.calls.get_mut(usize::from(id)) {
                *wanted = true;
                found = true;
            }
        }
        found
    }

    /// Whether a call may be in the set; `None`: numbers without a call.
    pub fn wants(&self, call: Option<&CallInfo>) -> bool {
        match call {
            Some(call) => {
                let id = usize::from(call.id);
                self.calls.get(id).copied().unwrap_or(self.unknown)
                    || self.doubtful.get(id).copied().unwrap_or(false)
            }
            None => self.unknown,
        }
    }

    /// Whether a call that is made is in the set.
    pub(super) fn has(&self, call: &CallEvent) -> bool {
        let (Some(info), false) = (call.info, self.patterns.is_empty()) else {
            return self.wants(call.info);
        };
        let listed = self.calls.get(usize::from(info.id)).copied();
        let name = call.row.map_or(info.name, |row| row.name).as_bytes();
        let matches = self.patterns.iter().any(|pattern| pattern.is_match(name));
        match self.negated {
            true => listed.unwrap_or(self.unknown) && !matches,
            false => listed.unwrap_or(self.unknown) || matches,
        }
    }
}

/// The names that match, of calls or those that they have on some profile.
fn matching(pattern: &Regex, own: &'static [CallInfo]) -> BTreeSet<&'static str> {
    let calls = Os::all_calls().chain(own).map(|call| call.name);
    let names = calls.chain(rows().map(|row| row.name));
    names
        .filter(|name| pattern.is_match(name.as_bytes()))
        .collect()
}

/// The calls of a name, their own or one that they have on some profile.
fn ids(name: &str, own: &'static [CallInfo]) -> impl Iterator<Item = u16> {
    let calls = Os::all_calls()
        .chain(own)
        .filter(move |call| call.name == name)
        .map(|call| call.id);
    calls.chain(
        rows()
            .filter(move |row| row.name == name)
            .map(|row| row.call),
    )
}

/// An expression as regex(7) has them, found anywhere in a name.
fn expression(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).unicode(false).build();
    built.map_err(|error| {
        // What is wrong stands in the last line, behind a picture of where.
        let text = error.to_string();
        let last = text.lines().next_back().unwrap_or_default();
        let reason = last.strip_prefix("error: ").unwrap_or(last);
        format!("-e trace: `/{pattern}` is no regular expression: {reason}")
    })
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
        check("/^(.*_)?getpp", &["getppid"], &["getpid"]);
        check("/sta.fs", &["statfs", "fstatfs64"], &["stat"]);
        check("?/^zzz,read", &["read"], &["write"]);
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
        error("foo=none", "-e trace: there is no call `foo=none`");
        error(
            "/(",
            "-e trace: `/(` is no regular expression: unclosed group",
        );
        error("/^zzz", "-e trace: the name of no call matches `/^zzz`");
        error(
            "%%statsf",
            "-e trace: there is no class `%%statsf`. Did you mean `%statfs`?",
        );
        error("read,,write", "-e trace=: a name or %class is missing");
    }
}
