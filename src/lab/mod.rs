//! A laboratory for calling conventions: tiny guests, answers as told, and the calls that are expected, on several
//! profiles at once.
//!
//! ```
//! use emu::lab::{self, Answer, call};
//!
//! // mov eax, 20 (getpid); int 0x80; mov ebx, eax; mov eax, 1 (exit); int 0x80
//! let code = b"\xb8\x14\0\0\0\xcd\x80\x89\xc3\xb8\x01\0\0\0\xcd\x80";
//! lab::guest("linux_x86")
//!     .asm_bytes(code)
//!     .answer("getpid", Answer::Returns(77))
//!     .expect(call("getpid").returns(77).register("eax", 77))
//!     .expect(call("exit").arg("error_code", 77).never_returns())
//!     .status(77)
//!     .check();
//! ```
//!
//! The same without Rust is a file for `emu lab`: see [`Cases`].

mod case;
mod compare;
mod image;
mod run;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use emu_profiles::Profile;
use emu_prototypes::linux::Errno;

use crate::Error;

pub use case::Cases;
pub use image::{CODE, STACKLESS_DATA as DATA};
pub use run::{Outcome, Seen};

/// What a scripted kernel says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It succeeds with this value.
    Returns(u64),
    /// It fails.
    Fails(Errno),
}

/// What is expected of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Its value, extended to 64 bits as its type says.
    Number(u64),
    /// The string that it points to.
    String(String),
    /// The text that a trace shows for it (`O_RDONLY|O_CREAT`).
    Shown(String),
}

macro_rules! numbers {
    ($($from:ty)*) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Value {
                Value::Number(value as u64)
            }
        })*
    };
}
numbers! { i32 u32 i64 u64 usize }

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

/// How a call is expected to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Returns(u64),
    Fails(Errno),
    Never,
}

/// Where memory is looked at when a call has returned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Address(u64),
    /// Where an argument points to.
    Argument(String),
}

/// A call that is expected.
#[derive(Debug, Clone)]
pub struct Expected {
    name: String,
    number: Option<u32>,
    args: Vec<(String, Value)>,
    ending: Option<Ending>,
    registers: Vec<(String, u64)>,
    memory: Vec<(Place, Vec<u8>)>,
}

/// A call by its name: that of the profile, or the one that it has on all profiles.
pub fn call(name: &str) -> Expected {
    Expected {
        name: name.to_owned(),
        number: None,
        args: Vec::new(),
        ending: None,
        registers: Vec::new(),
        memory: Vec::new(),
    }
}

impl Expected {
    /// Its number, on the entry that it came by.
    pub fn number(mut self, number: u32) -> Self {
        self.number = Some(number);
        self
    }

    /// An argument, by the kernel's name of the parameter.
    pub fn arg(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.args.push((name.to_owned(), value.into()));
        self
    }

    /// The text that a trace shows for an argument.
    pub fn shows(mut self, name: &str, text: &str) -> Self {
        self.args
            .push((name.to_owned(), Value::Shown(text.to_owned())));
        self
    }

    /// It succeeds with this value.
    pub fn returns(mut self, value: impl Into<Value>) -> Self {
        if let Value::Number(value) = value.into() {
            self.ending = Some(Ending::Returns(value));
        }
        self
    }

    /// It fails.
    pub fn fails(mut self, errno: Errno) -> Self {
        self.ending = Some(Ending::Fails(errno));
        self
    }

    /// It has no return.
    pub fn never_returns(mut self) -> Self {
        self.ending = Some(Ending::Never);
        self
    }

    /// What a register holds when it has returned, by the CPU's name of it, as wide as the register is.
    pub fn register(mut self, name: &str, value: u64) -> Self {
        self.registers.push((name.to_owned(), value));
        self
    }

    /// What lies at an address when it has returned.
    pub fn memory(mut self, address: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.memory.push((Place::Address(address), bytes.into()));
        self
    }

    /// What lies where an argument points to when it has returned.
    pub fn memory_at(mut self, arg: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let place = Place::Argument(arg.to_owned());
        self.memory.push((place, bytes.into()));
        self
    }
}

/// What a guest is made of.
#[derive(Debug, Clone)]
enum Source {
    /// Machine code, from [`CODE`] on.
    Code(Vec<u8>),
    /// An image on the host; `{profile}` in its path is the profile's name.
    File(PathBuf),
}

/// An experiment: a guest for some profiles, and what is expected of it.
#[derive(Debug, Clone)]
pub struct Lab {
    profiles: Vec<String>,
    source: Option<Source>,
    /// Code of single profiles.
    own: BTreeMap<String, Vec<u8>>,
    data: Vec<(u64, Vec<u8>)>,
    args: Vec<String>,
    input: Vec<u8>,
    answers: Vec<(String, Answer)>,
    expected: Option<Vec<Expected>>,
    status: Option<u8>,
    output: Option<Vec<u8>>,
    timeout: Duration,
}

/// An experiment on one profile.
pub fn guest(profile: &str) -> Lab {
    guests([profile])
}

/// The same experiment on several.
pub fn guests<'a>(profiles: impl IntoIterator<Item = &'a str>) -> Lab {
    Lab {
        profiles: profiles.into_iter().map(str::to_owned).collect(),
        source: None,
        own: BTreeMap::new(),
        data: Vec::new(),
        args: Vec::new(),
        input: Vec::new(),
        answers: Vec::new(),
        expected: None,
        status: None,
        output: None,
        timeout: Duration::from_secs(10),
    }
}

impl Lab {
    /// The guest is this machine code, from [`CODE`] on, in memory that it may read, write and run.
    pub fn asm_bytes(mut self, code: impl Into<Vec<u8>>) -> Self {
        self.source = Some(Source::Code(code.into()));
        self
    }

    /// The code for one of the profiles.
    pub fn asm_bytes_for(mut self, profile: &str, code: impl Into<Vec<u8>>) -> Self {
        self.own.insert(profile.to_owned(), code.into());
        self
    }

    /// The guest is an ELF image of the host. `{profile}` in the path stands for the profile's name.
    pub fn elf(mut self, path: impl AsRef<Path>) -> Self {
        self.source = Some(Source::File(path.as_ref().to_owned()));
        self
    }

    /// Bytes that lie beside the code, at an address of their own page.
    pub fn data(mut self, address: u64, bytes: impl Into<Vec<u8>>) -> Self {
        self.data.push((address, bytes.into()));
        self
    }

    /// The guest's arguments, without its own name.
    pub fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(args.into_iter().map(str::to_owned));
        self
    }

    /// What it reads from its standard input.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// What a call is answered instead of the kernel's answer. Several answers to a call are given one after the other, the
    /// last of them for ever.
    pub fn answer(mut self, call: &str, answer: Answer) -> Self {
        self.answers.push((call.to_owned(), answer));
        self
    }

    /// The next call that is expected. When there is one, all calls of the guest are expected, in this order and no others.
    pub fn expect(mut self, call: Expected) -> Self {
        self.expected.get_or_insert_with(Vec::new).push(call);
        self
    }

    /// Its exit status, or 128 plus the number of the signal that kills it.
    pub fn status(mut self, status: u8) -> Self {
        self.status = Some(status);
        self
    }

    /// What it writes to its standard output.
    pub fn output(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.output = Some(bytes.into());
        self
    }

    /// How much time of the host it may take: 10 s without it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs it on each profile. An error is one of the experiment: a profile or call that there is not, an image that can't
    /// be loaded. What is not as expected is in the outcomes.
    pub fn run(&self) -> Result<Vec<Outcome>, Error> {
        self.profiles
            .iter()
            .map(|name| run::run(self, profile(name)?))
            .collect()
    }

    /// Runs it, for tests.
    ///
    /// # Panics
    ///
    /// With what is not as expected, on all profiles.
    #[track_caller]
    pub fn check(&self) {
        match self.run() {
            Ok(outcomes) => {
                let wrong: String = outcomes.iter().filter_map(Outcome::difference).collect();
                assert!(wrong.is_empty(), "\n{wrong}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn profile(name: &str) -> Result<&'static Profile, Error> {
    emu_profiles::by_name(name)
        .ok_or_else(|| Error::Usage(format!("there is no profile called {name}")))
}
