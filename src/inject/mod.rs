//! Which calls are tampered with, and how: what `-e inject=` and `-e fault=` of strace ask for.
//!
//! A rule has a set of calls, says of which of their invocations it takes, and what happens then: the kernel is not asked
//! and the call has a result all the same, a signal comes, time passes, bytes that arguments point to are others. Callbacks
//! come first: a call that one of them answers is not tampered with, nor is one that a seccomp filter refuses.

mod parse;
#[cfg(test)]
mod tests;
mod watch;

use emu_profiles::{Profile, System};
use emu_prototypes::linux::Errno;
use emu_prototypes::nt::NtStatus;
use emu_prototypes::{CallInfo, linux};

use crate::Error;
use crate::sink::Filter;

pub(crate) use watch::Injections;

/// Rules for tampering with calls. Of several that have a call the last one counts.   [strace(1), Tampering]
///
/// ```
/// use emu::inject::Rules;
///
/// let rules = Rules::new()
///     .with("inject=openat:error=ENOENT:when=2+")?
///     .with("fault=%network")?;
/// assert!(!rules.is_empty());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    /// Of which calls only.
    only: Option<Filter>,
}

impl Rules {
    /// None.
    pub fn new() -> Rules {
        Rules::default()
    }

    /// One more: `inject=SET:…` or `fault=SET[:error=…][:when=…]`, where SET is what [`Filter::parse`] takes. An error is
    /// one line.
    pub fn with(self, text: &str) -> Result<Rules, String> {
        self.with_own(text, &[])
    }

    /// The same, where SET may name the calls of a user's own operating system as well.
    pub fn with_own(mut self, text: &str, own: &'static [CallInfo]) -> Result<Rules, String> {
        self.rules.push(parse::rule(text, own)?);
        Ok(self)
    }

    /// Spares the calls that are not in a set. They are not counted either.
    pub fn only(mut self, set: Filter) -> Rules {
        self.only = Some(set);
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a program of that profile can get what the rules say.
    pub(crate) fn check(&self, profile: &Profile) -> Result<(), Error> {
        for rule in &self.rules {
            rule.what
                .check(profile)
                .map_err(|why| Error::Usage(format!("-e {}: {why}", rule.text)))?;
        }
        Ok(())
    }

    /// The rule of a call; `None` stands for numbers without one.
    fn of(&self, call: Option<&CallInfo>) -> Option<&Rule> {
        let spared = self.only.as_ref().is_some_and(|only| !only.wants(call));
        let mut rules = self.rules.iter().rev();
        rules.find(|rule| !spared && rule.set.wants(call))
    }
}

/// What happens to some invocations of some calls.
#[derive(Debug, Clone)]
struct Rule {
    /// As it was written.
    text: String,
    set: Filter,
    when: When,
    what: What,
}

/// Which invocations: `first[..last][+step]`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct When {
    first: u64,
    last: Option<u64>,
    /// 0: the first alone.
    step: u64,
}

impl When {
    const ALWAYS: When = When {
        first: 1,
        last: None,
        step: 1,
    };

    fn has(self, count: u64) -> bool {
        let Some(behind) = count.checked_sub(self.first) else {
            return false;
        };
        let stepped = match behind.checked_rem(self.step) {
            Some(rest) => rest == 0,
            None => behind == 0,
        };
        stepped && self.last.is_none_or(|last| count <= last)
    }
}

/// What happens to a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct What {
    /// The kernel is not asked; this is the result.
    answer: Option<Answer>,
    signal: Option<Signal>,
    /// Nanoseconds that pass before it is served.
    pub(crate) delay_enter: Option<u64>,
    /// Nanoseconds that pass when it is over.
    pub(crate) delay_exit: Option<u64>,
    /// Bytes that are put where arguments point, when it begins.
    pub(crate) poke_enter: Vec<Poke>,
    /// The same when it has ended.
    pub(crate) poke_exit: Vec<Poke>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Errno(Errno),
    /// An error by the number that the guest's system has for it.
    Number(u16),
    Status(NtStatus),
    Value(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Signal {
    Name(String),
    Number(u32),
}

/// Bytes for the memory that an argument points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Poke {
    /// Which argument, from 0 on.
    pub(crate) argument: usize,
    pub(crate) bytes: Vec<u8>,
}

impl What {
    fn check(&self, profile: &Profile) -> Result<(), String> {
        let system = profile.system();
        match self.answer {
            Some(Answer::Number(number)) if numbered(system, number).is_none() => {
                return Err(format!("{} has no error {number}", profile.name));
            }
            Some(Answer::Status(_)) if !matches!(system, System::Windows(_)) => {
                return Err(format!(
                    "{} has no such statuses; its errors have names such as ENOENT",
                    profile.name
                ));
            }
            _ => {}
        }
        match (&self.signal, self.signal_on(system.linux())) {
            (Some(Signal::Name(name)), None) => Err(format!("{} has no {name}", profile.name)),
            (Some(Signal::Number(number)), None) => {
                Err(format!("{} has no signal {number}", profile.name))
            }
            _ => Ok(()),
        }
    }

    /// The result of a call that the kernel is not asked for.
    pub(crate) fn result(&self, profile: &Profile) -> Option<Result<u64, Errno>> {
        let system = profile.system();
        Some(match self.answer? {
            Answer::Errno(errno) => Err(errno),
            // A program that another one became may have other numbers than those that were looked at.
            Answer::Number(number) => Err(numbered(system, number).unwrap_or(Errno::EINVAL)),
            Answer::Status(status) => match system {
                System::Windows(_) => Ok(status.0.into()),
                _ => Err(Errno::EINVAL),
            },
            Answer::Value(value) => Ok(value & profile.arch.address_mask()),
        })
    }

    /// The number of the signal on an ABI.
    pub(crate) fn signal_on(&self, abi: &linux::Abi) -> Option<u32> {
        match self.signal.as_ref()? {
            Signal::Number(number) => {
                Some(*number).filter(|number| abi.signal_name(*number).is_some())
            }
            Signal::Name(name) => {
                (1..=SIGNALS).find(|number| abi.signal_name(*number) == Some(name))
            }
        }
    }
}

/// The most signals that any ABI has.   [Linux arch/mips/include/uapi/asm/signal.h, _NSIG]
const SIGNALS: u32 = 128;

/// The error that has a number on a system.
fn numbered(system: System, number: u16) -> Option<Errno> {
    if let System::Own(own) = system
        && let Some((errno, _)) = own.errors.iter().find(|(_, own)| *own == number)
    {
        return Some(*errno);
    }
    Errno::from_number(system.shown(), number)
}
