//! What is not as expected, so that a person sees it at once.

use std::fmt::Write as _;

use super::run::{Outcome, Seen};
use super::{Ending, Expected, Lab, Place, Value};
use crate::sink::read::{Argument, number};

/// What differs; none when nothing does.
pub(super) fn compare(lab: &Lab, outcome: &Outcome) -> Option<String> {
    let mut wrong = String::new();
    if let Some(expected) = &lab.expected {
        calls(&mut wrong, expected, &outcome.calls);
    }
    if let Some(status) = lab.status
        && status != outcome.status
    {
        let _ = writeln!(wrong, "- status {status}\n+ status {}", outcome.status);
    }
    if let Some(output) = &lab.output
        && *output != outcome.output
    {
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        let (expected, found) = (shown(output), shown(&outcome.output));
        let _ = writeln!(wrong, "- output \"{expected}\"\n+ output \"{found}\"");
    }
    (!wrong.is_empty()).then(|| {
        format!(
            "{}: - is expected, + is what happened\n{wrong}",
            outcome.profile
        )
    })
}

fn calls(wrong: &mut String, expected: &[Expected], seen: &[Seen]) {
    let mut lines = String::new();
    let mut differs = false;
    for index in 0..expected.len().max(seen.len()) {
        match (expected.get(index), seen.get(index)) {
            (Some(expected), Some(seen)) => {
                let differences = differences(expected, seen);
                if differences.is_empty() {
                    let _ = writeln!(lines, "  {}", told(seen));
                } else {
                    differs = true;
                    let _ = writeln!(lines, "+ {}", told(seen));
                    for difference in differences {
                        let _ = writeln!(lines, "    {difference}");
                    }
                }
            }
            (Some(expected), None) => {
                differs = true;
                let _ = writeln!(lines, "- {} was not called", expected.name);
            }
            (None, Some(seen)) => {
                differs = true;
                let _ = writeln!(lines, "+ {} was not expected", told(seen));
            }
            (None, None) => {}
        }
    }
    if differs {
        wrong.push_str(&lines);
    }
}

/// A call as a line of a trace.
fn told(seen: &Seen) -> String {
    let mut line = match &seen.name {
        Some(name) => name.clone(),
        None => format!("syscall_{:#x}", seen.number),
    };
    line.push('(');
    // What a call does not look at has no text.
    let unknown = seen.name.is_none();
    let shown = |arg: &Argument| arg.text.clone().or(unknown.then(|| arg.raw.clone()));
    let args: Vec<String> = seen.args.iter().filter_map(shown).collect();
    line.push_str(&args.join(", "));
    line.push(')');
    match (seen.end.as_str(), seen.shown.as_str()) {
        ("never_returns", _) => line.push_str(" has no return"),
        (_, "") => {}
        (_, shown) => {
            let _ = write!(line, " = {shown}");
        }
    }
    line
}

fn argument<'a>(seen: &'a Seen, name: &str) -> Option<&'a Argument> {
    seen.args.iter().find(|arg| arg.name == name)
}

fn differences(expected: &Expected, seen: &Seen) -> Vec<String> {
    let mut all = Vec::new();
    let name = &expected.name;
    let named = [&seen.name, &seen.canonical]
        .iter()
        .any(|other| other.as_ref() == Some(name))
        || name.parse() == Ok(seen.number);
    if !named {
        return vec![format!("{name} is expected")];
    }
    if let Some(number) = expected.number
        && number != seen.number
    {
        all.push(format!("number {} instead of {number}", seen.number));
    }
    for (name, value) in &expected.args {
        let Some(found) = argument(seen, name) else {
            all.push(format!("it has no argument {name}"));
            continue;
        };
        let text = found.text.clone().unwrap_or_else(|| found.raw.clone());
        match value {
            Value::Number(value) if number(&found.raw) != Some(*value) => {
                all.push(format!("{name} is {} instead of {value:#x}", found.raw));
            }
            Value::String(value) if found.string.as_ref() != Some(value) => {
                all.push(format!("{name} is {text} instead of \"{value}\""));
            }
            Value::Shown(value) if text != *value => {
                all.push(format!("{name} is {text} instead of {value}"));
            }
            _ => {}
        }
    }
    let ended = match expected.ending {
        None => true,
        Some(Ending::Returns(value)) => seen.end == "returned" && seen.result == Some(value),
        Some(Ending::Fails(errno)) => seen.errno.as_deref() == Some(errno.name()),
        Some(Ending::Never) => seen.end == "never_returns",
    };
    if !ended {
        let wanted = match expected.ending {
            Some(Ending::Returns(value)) => format!("{value:#x}"),
            Some(Ending::Fails(errno)) => errno.name().to_owned(),
            _ => "no return".to_owned(),
        };
        let found = match seen.shown.as_str() {
            "" => seen.end.replace('_', " "),
            shown => shown.to_owned(),
        };
        all.push(format!("it ends with {found} instead of {wanted}"));
    }
    for (name, value) in &expected.registers {
        match seen.registers.get(&name.to_ascii_lowercase()) {
            Some(found) if found == value => {}
            Some(found) => all.push(format!("then {name} is {found:#x} instead of {value:#x}")),
            None => all.push(format!("it did not return, so {name} was not looked at")),
        }
    }
    for (place, bytes) in &expected.memory {
        let shown = match place {
            Place::Address(address) => format!("{address:#x}"),
            Place::Argument(name) => format!("where {name} points to"),
        };
        let hex =
            |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
        match seen.memory.get(place) {
            Some(Some(found)) if found.starts_with(bytes) => {}
            Some(Some(found)) => all.push(format!(
                "then {shown} is {} instead of {}",
                hex(&found[..bytes.len().min(found.len())]),
                hex(bytes)
            )),
            Some(None) => all.push(format!("then {shown} can't be read")),
            None => all.push(format!("it did not return, so {shown} was not looked at")),
        }
    }
    all
}
