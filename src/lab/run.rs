//! Runs an experiment on one profile and notes what happens.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use emu_cpu::Reg;
use emu_profiles::Profile;

use super::{Answer, Expected, Lab, Place, Source, compare, image};
use crate::kernel::host::MemoryHost;
use crate::sink::read::{Argument, Line, number};
use crate::sink::{Filter, JsonSink, Output};
use crate::{Builder, Error, GuestSource};

/// The most bytes of a string or buffer that are kept.
const LIMIT: usize = 4096;
/// The most bytes of memory that are looked at in one place.
const MOST: usize = 1 << 20;

/// A call that was made.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Its name on the profile, or none for a number without a call.
    pub name: Option<String>,
    /// Its name on all profiles.
    pub(super) canonical: Option<String>,
    /// Its number.
    pub number: u32,
    pub(super) args: Vec<Argument>,
    pub(super) end: String,
    pub(super) result: Option<u64>,
    pub(super) errno: Option<String>,
    pub(super) shown: String,
    /// Registers when it had returned.
    pub(super) registers: BTreeMap<String, u64>,
    pub(super) memory: BTreeMap<Place, Option<Vec<u8>>>,
}

/// What came of an experiment on a profile.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The profile's name.
    pub profile: &'static str,
    /// The calls that were made.
    pub calls: Vec<Seen>,
    /// The exit status, or 128 plus a signal's number.
    pub status: u8,
    /// What was written to standard output.
    pub output: Vec<u8>,
    pub(super) wrong: Option<String>,
}

impl Outcome {
    /// What is not as expected, for a person; none when all is.
    pub fn difference(&self) -> Option<String> {
        self.wrong.clone()
    }
}

/// What was seen as a call had returned.
#[derive(Debug, Default)]
struct After {
    registers: BTreeMap<String, u64>,
    memory: BTreeMap<Place, Option<Vec<u8>>>,
}

/// The program, and the name that it has.
fn program(lab: &Lab, profile: &Profile) -> Result<(PathBuf, Vec<u8>), Error> {
    let code = match (lab.own.get(profile.name), &lab.source) {
        (Some(code), _) | (None, Some(Source::Code(code))) => code,
        (None, Some(Source::File(path))) => {
            let path = path.to_string_lossy().replace("{profile}", profile.name);
            let bytes = std::fs::read(&path).map_err(|error| Error::io(path.clone(), error))?;
            return Ok((path.into(), bytes));
        }
        (None, None) => {
            return Err(Error::Usage(format!(
                "the experiment has no guest for {}",
                profile.name
            )));
        }
    };
    let mut pieces: Vec<(u64, &[u8])> = vec![(image::CODE, code)];
    pieces.extend(lab.data.iter().map(|(at, bytes)| (*at, bytes.as_slice())));
    Ok(("guest".into(), image::build(profile, &pieces)))
}

/// The names of a call, each of which an experiment may use.
fn answers_to(event: &crate::event::CallEvent, name: &str) -> bool {
    event.row.is_some_and(|row| row.name == name)
        || event.info.is_some_and(|info| info.name == name)
        || name.parse() == Ok(event.number)
}

pub(super) fn run(lab: &Lab, profile: &'static Profile) -> Result<Outcome, Error> {
    check_names(lab, profile)?;
    let (path, bytes) = program(lab, profile)?;
    let host = Rc::new(MemoryHost::new(&lab.input).with_file(path.clone(), &bytes));
    let (output, trace) = Output::memory();
    let mut emulator = Builder::new()
        .profile(profile)
        .guest(GuestSource::Host(path))
        .args(&lab.args)
        .host(host.clone())
        .timeout(lab.timeout)
        .sink(Box::new(JsonSink::new(output, Filter::all(), LIMIT)))
        .build()?;
    let mut script: BTreeMap<String, VecDeque<Answer>> = BTreeMap::new();
    for (call, answer) in &lab.answers {
        script.entry(call.clone()).or_default().push_back(*answer);
    }
    let script = Rc::new(RefCell::new(script));
    let answer = {
        let script = script.clone();
        move |cx: &mut crate::Context<'_>| {
            let mut script = script.borrow_mut();
            let name = script
                .keys()
                .find(|name| answers_to(cx.event(), name))
                .cloned();
            let Some(queue) = name.and_then(|name| script.get_mut(&name)) else {
                return;
            };
            let next = match queue.len() {
                1 => queue.front().copied(),
                _ => queue.pop_front(),
            };
            match next {
                Some(Answer::Returns(value)) => cx.answer(Ok(value)),
                Some(Answer::Fails(errno)) => cx.answer(Err(errno)),
                None => {}
            }
        }
    };
    let unknown = answer.clone();
    if !lab.answers.is_empty() {
        emulator.on_any_enter(move |cx, _| answer(cx));
        emulator.on_unknown_enter(move |cx, _, _| unknown(cx));
    }
    let after: Rc<RefCell<Vec<After>>> = Rc::default();
    let places: BTreeSet<(Place, usize)> = (lab.expected.iter().flatten())
        .flat_map(|expected| &expected.memory)
        .map(|(place, bytes)| (place.clone(), bytes.len()))
        .collect();
    let registers = lab.expected.iter().flatten();
    if !places.is_empty() || registers.flat_map(|call| &call.registers).next().is_some() {
        let after = after.clone();
        emulator.on_any_return(move |cx, _| after.borrow_mut().push(look(cx, &places)));
    }
    let status = emulator.run()?;
    drop(emulator);
    let calls = calls(&trace.borrow(), &after.borrow());
    let mut outcome = Outcome {
        profile: profile.name,
        calls,
        status: status.code(),
        output: host.output(),
        wrong: None,
    };
    outcome.wrong = compare::compare(lab, &outcome);
    Ok(outcome)
}

/// A name that no call and no register of the profile has is a mistake of the experiment.
fn check_names(lab: &Lab, profile: &Profile) -> Result<(), Error> {
    let known = |name: &str| {
        profile.entries.iter().any(|entry| {
            let mut rows = entry.system.table().rows.iter();
            rows.any(|row| row.name == name || entry.system.info(row).name == name)
        }) || name.parse::<u32>().is_ok()
    };
    let expected = lab.expected.iter().flatten();
    let names = expected.clone().map(|call| &call.name);
    for name in names.chain(lab.answers.iter().map(|(name, _)| name)) {
        if !known(name) {
            let profile = profile.name;
            return Err(Error::Usage(format!("{profile} has no call {name}")));
        }
    }
    let registers = profile.arch.row().registers;
    for (name, _) in expected.flat_map(|call: &Expected| &call.registers) {
        if !registers
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
        {
            let cpu = profile.arch.row().name;
            return Err(Error::Usage(format!("{cpu} has no register {name}")));
        }
    }
    Ok(())
}

fn look(cx: &mut crate::Context<'_>, places: &BTreeSet<(Place, usize)>) -> After {
    let names = cx.profile().arch.row().registers.iter().enumerate();
    let registers = names
        .map(|(number, name)| (name.to_ascii_lowercase(), cx.reg(Reg(number as u8))))
        .collect();
    let mut memory = BTreeMap::new();
    for (place, len) in places {
        let address = match place {
            Place::Address(address) => Some(*address),
            Place::Argument(name) => {
                let event = cx.event();
                let params = event.info.map_or(&[][..], |info| info.params);
                let index = params.iter().position(|param| param.name == name);
                index.map(|index| event.args[index])
            }
        };
        let mut bytes = vec![0; (*len).min(MOST)];
        let read = address.is_some_and(|address| cx.memory().peek(address, &mut bytes).is_ok());
        let found = read.then_some(bytes);
        // Several lengths of one place: the longest that can be read.
        let longer = memory
            .get(place)
            .is_none_or(|before: &Option<Vec<u8>>| found.is_some() || before.is_none());
        if longer {
            memory.insert(place.clone(), found);
        }
    }
    After { registers, memory }
}

fn calls(trace: &[u8], after: &[After]) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    let mut begun: BTreeMap<u64, usize> = BTreeMap::new();
    let mut after = after.iter();
    for line in trace.split(|byte| *byte == b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(line) else {
            continue;
        };
        match line.event.as_str() {
            "enter" => {
                begun.insert(line.id, all.len());
                all.push(Seen {
                    name: line.name,
                    canonical: line.call,
                    number: line.number,
                    args: line.args,
                    ..Seen::default()
                });
            }
            "exit" => {
                let Some(seen) = begun.remove(&line.id).and_then(|at| all.get_mut(at)) else {
                    continue;
                };
                for (early, late) in seen.args.iter_mut().zip(line.args) {
                    if late.text.is_some() {
                        *early = late;
                    }
                }
                seen.end = line.end.unwrap_or_default();
                seen.result = line.result.as_deref().and_then(number);
                seen.errno = line.errno;
                seen.shown = line.text.unwrap_or_default();
                if seen.end == "returned"
                    && let Some(after) = after.next()
                {
                    seen.registers.clone_from(&after.registers);
                    seen.memory.clone_from(&after.memory);
                }
            }
            _ => {}
        }
    }
    all
}
