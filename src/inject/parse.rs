//! The words of a rule, as strace has them.   [strace(1), Tampering]

use emu_prototypes::CallInfo;
use emu_prototypes::linux::{self, Errno};
use emu_prototypes::nt::NtStatus;

use super::{Answer, Poke, Rule, SIGNALS, Signal, What, When};
use crate::sink::Filter;
use crate::sink::filter::nearest;

/// Calls that have no effect and cannot fail, which may be made in the place of another.   [strace(1), -e trace=%pure]
const PURE: &[&str] = &[
    "arc_gettls",
    "getdtablesize",
    "getegid",
    "getegid32",
    "geteuid",
    "geteuid32",
    "getgid",
    "getgid32",
    "getpagesize",
    "getpgrp",
    "getpid",
    "getppid",
    "get_thread_area",
    "gettid",
    "get_tls",
    "getuid",
    "getuid32",
    "getxgid",
    "getxpid",
    "getxuid",
    "kern_features",
    "metag_get_tls",
];

/// What a rule can say.
const WORDS: [&str; 9] = [
    "error",
    "retval",
    "signal",
    "syscall",
    "delay_enter",
    "delay_exit",
    "poke_enter",
    "poke_exit",
    "when",
];

/// The largest number of an error.   [Linux include/linux/err.h, MAX_ERRNO]
const MAX_ERRNO: u64 = 4095;
/// The largest number in `when=`, and the largest last one.
const MAX_COUNT: u64 = 65535;

/// A rule: `inject=SET:WORD=VALUE…` or `fault=…`.
pub(super) fn rule(text: &str, own: &'static [CallInfo]) -> Result<Rule, String> {
    let wrong = |why: String| format!("-e {text}: {why}");
    let (kind, rest) = match text.split_once('=') {
        Some(("inject", rest)) => ("inject", rest),
        Some(("fault", rest)) => ("fault", rest),
        _ => return Err(wrong("expected inject=SET:… or fault=SET…".to_owned())),
    };
    let mut words = rest.split(':');
    let set = words.next().unwrap_or_default();
    let set = Filter::parse_with(set, own)
        .map_err(|why| why.replacen("-e trace", &format!("-e {kind}"), 1))?;
    let mut made = Parsed::default();
    for word in words {
        made.word(kind == "fault", word).map_err(wrong)?;
    }
    let Parsed {
        mut what,
        when,
        replaced,
    } = made;
    if kind == "fault" && what.answer.is_none() {
        what.answer = Some(Answer::Errno(Errno::ENOSYS));
    }
    if what == What::default() {
        let why = match replaced {
            true => "syscall= needs error= or retval=",
            false => {
                "expected :error=, :retval=, :signal=, :delay_enter=, :delay_exit=, :poke_enter= or :poke_exit="
            }
        };
        return Err(wrong(why.to_owned()));
    }
    if replaced && what.answer.is_none() {
        return Err(wrong("syscall= needs error= or retval=".to_owned()));
    }
    Ok(Rule {
        text: text.to_owned(),
        set,
        when: when.unwrap_or(When::ALWAYS),
        what,
    })
}

#[derive(Default)]
struct Parsed {
    what: What,
    when: Option<When>,
    /// Another call is made in its place. As its result is not told and it has no effect, none needs to be made.
    replaced: bool,
}

impl Parsed {
    fn word(&mut self, fault: bool, text: &str) -> Result<(), String> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        if !WORDS.contains(&name) {
            let hint = nearest(name, WORDS.into_iter());
            return Err(format!("`{name}` is nothing that a rule can say{hint}"));
        }
        if fault && !matches!(name, "error" | "when") {
            return Err(format!("{name}= belongs to inject=, not to fault="));
        }
        let once = |there: bool| match there {
            true => Err(format!("{name}= stands there twice")),
            false => Ok(()),
        };
        let what = &mut self.what;
        match name {
            "error" | "retval" => {
                if what.answer.is_some() {
                    return Err("one error= or retval= is enough".to_owned());
                }
                what.answer = Some(if name == "error" {
                    error(value)?
                } else {
                    Answer::Value(number(value)?)
                });
            }
            "signal" => {
                once(what.signal.is_some())?;
                what.signal = Some(signal(value)?);
            }
            "syscall" => {
                once(self.replaced)?;
                pure(value)?;
                self.replaced = true;
            }
            "delay_enter" => {
                once(what.delay_enter.is_some())?;
                what.delay_enter = Some(delay(value)?);
            }
            "delay_exit" => {
                once(what.delay_exit.is_some())?;
                what.delay_exit = Some(delay(value)?);
            }
            "poke_enter" => {
                once(!what.poke_enter.is_empty())?;
                what.poke_enter = pokes(value)?;
            }
            "poke_exit" => {
                once(!what.poke_exit.is_empty())?;
                what.poke_exit = pokes(value)?;
            }
            // "If an injection expression contains multiple when= specifications, the last one takes precedence."
            _ => self.when = Some(when(value)?),
        }
        Ok(())
    }
}

/// An error by its name or its number, or a status of Windows.
fn error(text: &str) -> Result<Answer, String> {
    let upper = text.to_ascii_uppercase();
    if upper.starts_with(|c: char| c.is_ascii_digit()) {
        let value = number(text)?;
        return match (u16::try_from(value), u32::try_from(value)) {
            (Ok(number), _) if (1..=MAX_ERRNO).contains(&value) => Ok(Answer::Number(number)),
            (_, Ok(status)) if status >= 0x8000_0000 => Ok(Answer::Status(NtStatus(status))),
            _ => Err(format!(
                "error={text}: expected a number from 1 to {MAX_ERRNO}, or a status from 0x80000000 on"
            )),
        };
    }
    if let Some(errno) = Errno::ALL.iter().find(|errno| errno.name() == upper) {
        return Ok(Answer::Errno(*errno));
    }
    if upper.starts_with("STATUS_")
        && let Some(status) = NtStatus::by_name(&upper)
    {
        return Ok(Answer::Status(status));
    }
    let hint = nearest(&upper, Errno::ALL.iter().map(|errno| errno.name()));
    Err(format!("there is no error `{text}`{hint}"))
}

/// A signal by its name, with `SIG` or without, or its number.
fn signal(text: &str) -> Result<Signal, String> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let value = number(text)?;
        return u32::try_from(value)
            .ok()
            .filter(|number| (1..=SIGNALS).contains(number))
            .map(Signal::Number)
            .ok_or_else(|| format!("there is no signal {text}"));
    }
    let mut name = text.to_ascii_uppercase();
    if !name.starts_with("SIG") {
        name.insert_str(0, "SIG");
    }
    let names = || {
        linux::ABIS
            .iter()
            .flat_map(|abi| (1..=SIGNALS).filter_map(|number| abi.signal_name(number)))
    };
    if names().any(|known| known == name) {
        return Ok(Signal::Name(name));
    }
    let hint = nearest(&name, names());
    Err(format!("there is no signal `{text}`{hint}"))
}

fn pure(text: &str) -> Result<(), String> {
    if PURE.contains(&text) {
        return Ok(());
    }
    Err(format!(
        "syscall={text}: expected a call without effects, such as getpid"
    ))
}

/// A number as C writes it, with a sign or without.   [strtoul(3)]
fn number(text: &str) -> Result<u64, String> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let value = match lower.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None if lower.len() > 1 && lower.starts_with('0') => u64::from_str_radix(&lower, 8),
        None => lower.parse(),
    };
    match value {
        Ok(value) if !lower.contains('+') => Ok(if negative {
            value.wrapping_neg()
        } else {
            value
        }),
        _ => Err(format!("`{text}` is no number")),
    }
}

/// A time in nanoseconds: microseconds, or with one of the letters that strace has.   [strace(1), Time specification format
/// description]
fn delay(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no time, such as 100, 20ms or 1.5s");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "s" => 1e9,
        "ms" => 1e6,
        "us" | "" => 1e3,
        "ns" => 1.0,
        _ => return Err(wrong()),
    };
    let count: f64 = digits.parse().map_err(|_| wrong())?;
    // A time that no clock counts to is as long as any.
    (count >= 0.0)
        .then(|| (count * unit).round() as u64)
        .ok_or_else(wrong)
}

/// `@arg1=0000DEAD,@arg2=00`.
fn pokes(text: &str) -> Result<Vec<Poke>, String> {
    let wrong =
        |word: &str| format!("`{word}` is not @argN=HEX, with N from 1 to 7 and two digits a byte");
    let mut all: Vec<Poke> = Vec::new();
    for word in text.split(',') {
        let (argument, data) = word
            .strip_prefix("@arg")
            .and_then(|rest| rest.split_once('='))
            .ok_or_else(|| wrong(word))?;
        let argument = match argument.as_bytes() {
            [digit @ b'1'..=b'7'] => usize::from(digit - b'1'),
            _ => return Err(wrong(word)),
        };
        let nibble = |byte: u8| (byte as char).to_digit(16).map(|value| value as u8);
        let bytes: Option<Vec<u8>> = data
            .as_bytes()
            .chunks(2)
            .map(|pair| match *pair {
                [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
                _ => None,
            })
            .collect();
        let bytes = bytes
            .filter(|bytes| !bytes.is_empty())
            .ok_or_else(|| wrong(word))?;
        if all.iter().any(|poke| poke.argument == argument) {
            return Err(format!("@arg{} stands there twice", argument + 1));
        }
        all.push(Poke { argument, bytes });
    }
    Ok(all)
}

/// `first[..last][+[step]]`
fn when(text: &str) -> Result<When, String> {
    let wrong = || {
        format!("when={text}: expected FIRST[..LAST][+[STEP]], from 1 to {MAX_COUNT}, LAST less")
    };
    let count = |digits: &str, most: u64| -> Result<u64, String> {
        let value = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok());
        value
            .flatten()
            .filter(|value| (1..=most).contains(value))
            .ok_or_else(wrong)
    };
    let (range, step) = match text.split_once('+') {
        Some((range, "")) => (range, Some(1)),
        Some((range, step)) => (range, Some(count(step, MAX_COUNT)?)),
        None => (text, None),
    };
    let (first, last) = match range.split_once("..") {
        Some((first, last)) => (first, Some(count(last, MAX_COUNT - 1)?)),
        None => (range, None),
    };
    let first = count(first, MAX_COUNT)?;
    if last.is_some_and(|last| last < first) {
        return Err(wrong());
    }
    // A range alone has all that are in it.
    let step = step.unwrap_or(u64::from(last.is_some()));
    Ok(When { first, last, step })
}
