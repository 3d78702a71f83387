//! Where do two traces part? They may be of different architectures: calls are compared by what they are on all of them,
//! and by arguments that mean the same.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{self, BufRead};

use crate::sink::json::VERSION as JSON_VERSION;
use crate::sink::read::{Argument, Line};
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Calls that are shown before and behind the first difference.
const CONTEXT: usize = 3;
/// Differences that are shown.
const SHOWN: usize = 10;

/// A call of a trace.
#[derive(Debug, Clone)]
struct Entry {
    /// What is compared.
    key: String,
    /// What it is on all ABIs.
    family: String,
    /// What a person sees.
    line: String,
}

/// A trace of JSON lines (`--format json`), as far as it can be compared with others.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    entries: Vec<Entry>,
    /// How its tasks ended.
    ends: Vec<String>,
}

/// What two traces have in common, and where they part.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Calls that are in both.
    pub common: usize,
    /// Calls that are only in the first, and only in the second.
    pub only: (usize, usize),
    /// The text for a person.
    pub text: String,
    /// Whether their tasks ended in the same way.
    ends_alike: bool,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_none(&self) -> bool {
        self.only == (0, 0) && self.ends_alike
    }
}

fn invalid(number: usize, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("line {number}: {why}"))
}

impl Trace {
    /// Reads a trace. An error says in which line it is none.
    pub fn read(from: impl BufRead) -> io::Result<Trace> {
        let mut trace = Trace::default();
        let mut begun: HashMap<u64, usize> = HashMap::new();
        // Tasks by the order in which they appear: their numbers may differ.
        let mut tasks: BTreeMap<i64, usize> = BTreeMap::new();
        for (index, line) in from.lines().enumerate() {
            let number = index + 1;
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_str(&line)
                .map_err(|_| invalid(number, "this is no line of a JSON trace"))?;
            if line.version != JSON_VERSION {
                return Err(invalid(number, "a trace of another version of emu"));
            }
            let next = tasks.len() + 1;
            let task = *tasks.entry(line.task).or_insert(next);
            match line.event.as_str() {
                "enter" => {
                    begun.insert(line.id, trace.entries.len());
                    trace.entries.push(entry(&line, task));
                }
                "exit" => {
                    let at = begun.remove(&line.id);
                    if let Some(entry) = at.and_then(|at| trace.entries.get_mut(at)) {
                        ended(entry, &line);
                    }
                }
                "end" => {
                    let how = match (line.exited, line.signal) {
                        (Some(status), _) => format!("exited with {status}"),
                        (None, Some(signal)) => format!("killed by {signal}"),
                        (None, None) => "stopped".to_owned(),
                    };
                    trace.ends.push(format!("task {task} {how}"));
                }
                _ => {}
            }
        }
        Ok(trace)
    }

    /// How many calls it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn entry(line: &Line, task: usize) -> Entry {
    let name = match &line.name {
        Some(name) => name.clone(),
        None => format!("syscall_{:#x}", line.number),
    };
    let shown = |arg: &Argument| arg.text.clone().unwrap_or_else(|| arg.raw.clone());
    let args: Vec<(String, String)> = (line.args.iter())
        .map(|arg| {
            // A string whole, as the text may be cut.
            let text = match &arg.string {
                Some(string) => format!("{string:?}"),
                None => shown(arg),
            };
            (arg.name.clone(), text)
        })
        .collect();
    let (family, args) = crate::family::normalise(&name, &args);
    let mut key = format!("{task} {family}");
    for (param, text) in args {
        let _ = write!(key, " {param}={text}");
    }
    // What a call does not look at has no text.
    let known = line.name.is_some();
    let told = line.args.iter().filter(|arg| !known || arg.text.is_some());
    let texts: Vec<String> = told.map(shown).collect();
    Entry {
        key,
        family,
        line: format!("{name}({})", texts.join(", ")),
    }
}

/// Only whether a call succeeded is compared, not what it gave: addresses and numbers differ.
fn ended(entry: &mut Entry, line: &Line) {
    if let Some(errno) = &line.errno {
        let _ = write!(entry.key, " -> {errno}");
    }
    match (line.end.as_deref(), &line.text) {
        (_, Some(text)) => {
            let _ = write!(entry.line, " = {text}");
        }
        (Some("never_returns"), None) => entry.line.push_str(" = ?"),
        _ => {}
    }
}

/// Compares two traces.
pub fn compare(a: &Trace, b: &Trace) -> Difference {
    let (left, right) = number_keys(&a.entries, &b.entries);
    let operations = capture_diff_slices(Algorithm::Patience, &left, &right);
    let mut text = String::new();
    let (mut common, mut only, mut shown) = (0, (0, 0), 0);
    let mut families: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for operation in &operations {
        let (old, new) = (operation.old_range(), operation.new_range());
        if operation.tag() == DiffTag::Equal {
            common += old.len();
            continue;
        }
        if shown == 0 {
            let _ = writeln!(
                text,
                "the first difference is at call {} of the first and call {} of the second:",
                old.start + 1,
                new.start + 1
            );
            for entry in &a.entries[old.start.saturating_sub(CONTEXT)..old.start] {
                let _ = writeln!(text, "  {}", entry.line);
            }
        }
        for (sign, entries) in [
            ('-', &a.entries[old.clone()]),
            ('+', &b.entries[new.clone()]),
        ] {
            for entry in entries {
                if shown < SHOWN {
                    let _ = writeln!(text, "{sign} {}", entry.line);
                }
                shown += 1;
                let count = families.entry(&entry.family).or_default();
                match sign {
                    '-' => count.0 += 1,
                    _ => count.1 += 1,
                }
            }
        }
        only.0 += old.len();
        only.1 += new.len();
    }
    if shown > SHOWN {
        let _ = writeln!(text, "and {} more", shown - SHOWN);
    }
    let _ = writeln!(
        text,
        "{common} calls in both, {} only in the first, {} only in the second",
        only.0, only.1
    );
    for (family, (first, second)) in families {
        let _ = writeln!(text, "  {family:<20} -{first} +{second}");
    }
    let ends_alike = a.ends == b.ends;
    if !ends_alike {
        let _ = writeln!(text, "end: {} / {}", a.ends.join(", "), b.ends.join(", "));
    }
    Difference {
        common,
        only,
        text,
        ends_alike,
    }
}

/// The same number for the same key: numbers are compared faster than texts.
fn number_keys(a: &[Entry], b: &[Entry]) -> (Vec<usize>, Vec<usize>) {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::new();
    for entry in a.iter().chain(b) {
        let next = numbers.len();
        all.push(*numbers.entry(&entry.key).or_insert(next));
    }
    let right = all.split_off(a.len());
    (all, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(lines: &[&str]) -> Trace {
        Trace::read(lines.join("\n").as_bytes()).expect("a trace")
    }

    const OPEN: &str = r#"{"version":1,"event":"enter","id":1,"task":7,"number":5,"name":"open","args":[{"name":"filename","raw":"0x9","text":"\"/x\"","string":"/x"},{"name":"flags","raw":"0x0","text":"O_RDONLY"}]}"#;
    const OPENAT: &str = r#"{"version":1,"event":"enter","id":1,"task":9,"number":56,"name":"openat","args":[{"name":"dfd","raw":"0x0","text":"AT_FDCWD"},{"name":"filename","raw":"0x99","text":"\"/x\"","string":"/x"},{"name":"flags","raw":"0x0","text":"O_RDONLY"}]}"#;
    const FAILS: &str = r#"{"version":1,"event":"exit","id":1,"task":7,"number":5,"name":"open","args":[],"end":"returned","errno":"ENOENT","text":"-1 ENOENT"}"#;
    const GETPID: &str =
        r#"{"version":1,"event":"enter","id":2,"task":7,"number":20,"name":"getpid","args":[]}"#;

    #[test]
    fn the_same_call_of_other_abis_is_the_same() {
        let difference = compare(&trace(&[OPEN]), &trace(&[OPENAT]));
        assert!(difference.is_none(), "{}", difference.text);
        assert_eq!(difference.common, 1);
    }

    #[test]
    fn an_error_and_a_further_call_are_differences() {
        let difference = compare(&trace(&[OPEN, FAILS, GETPID]), &trace(&[OPENAT]));
        assert_eq!((difference.common, difference.only), (0, (2, 1)));
        assert!(
            difference
                .text
                .starts_with("the first difference is at call 1 of")
        );
        assert!(
            difference.text.contains("- getpid()"),
            "{}",
            difference.text
        );
    }

    #[test]
    fn what_is_no_trace_is_named_by_its_line() {
        let error = Trace::read("\n{\"version\":1}\nhello\n".as_bytes()).expect_err("no trace");
        assert_eq!(error.to_string(), "line 3: this is no line of a JSON trace");
    }
}
