//! What is a process told in its parameters?
//!
//! Strings, the standard files, how its window shall be, and the environment.
//! [winternl.h; the headers of the crate phnt, ntrtl.h: RTL_USER_PROCESS_PARAMETERS]

use emu_cpu::{AddressSpace, Fault, GuestMemory};

use super::image::GRANULARITY;
use super::{bad, no_memory, start};
use crate::kernel::nt::memory::page;
use crate::kernel::nt::{unicode_string, units_of};
use crate::load::{LoadError, MAX_STRINGS};

/// Parameters whose strings are addresses, not offsets (`RTL_USER_PROC_PARAMS_NORMALIZED`).
const NORMALIZED: u32 = 1;
/// The first address that anything may have.
const LOW: u64 = 0x1_0000;
/// The most units a string of a process can have: its length is 16 bits of bytes.
const MAX_UNITS: usize = 0x7ffe;
/// Bytes that are read of an environment at a time.
const PIECE: usize = 0x1000;
/// Words of 32 bits from `StartingX` to `ShowWindowFlags`.
const WINDOW: usize = 9;

/// What a process is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    /// `ConsoleHandle` and `ConsoleFlags`.
    pub(crate) console: (u64, u32),
    /// Standard input, output and error.
    pub(crate) handles: [u64; 3],
    pub(crate) directory: Vec<u16>,
    pub(crate) path: Vec<u16>,
    pub(crate) command: Vec<u16>,
    pub(crate) environment: Vec<u16>,
    /// Title, desktop, what the shell says.
    texts: [Vec<u16>; 3],
    /// What a program of C leaves to its child (`RuntimeData`).
    runtime: Vec<u8>,
    window: [u32; WINDOW],
}

/// Where things are in a structure of one width.
struct Offsets {
    console: u64,
    handles: u64,
    directory: u64,
    path: u64,
    command: u64,
    environment: u64,
    window: u64,
    /// Title, desktop, the shell's, and `RuntimeData`: one string behind the other.
    texts: u64,
    environment_size: u64,
    size: u64,
}

const NARROW: Offsets = Offsets {
    console: 0x10,
    handles: 0x18,
    directory: 0x24,
    path: 0x38,
    command: 0x40,
    environment: 0x48,
    window: 0x4c,
    texts: 0x70,
    environment_size: 0x290,
    size: 0x2c0,
};

const WIDE: Offsets = Offsets {
    console: 0x10,
    handles: 0x20,
    directory: 0x38,
    path: 0x60,
    command: 0x70,
    environment: 0x80,
    window: 0x88,
    texts: 0xb0,
    environment_size: 0x3f0,
    size: 0x440,
};

fn offsets(word: u64) -> &'static Offsets {
    if word == 8 { &WIDE } else { &NARROW }
}

impl Parameters {
    /// What the first process is told.
    pub(super) fn first(plan: &start::Plan<'_>) -> Result<Parameters, LoadError> {
        let bytes: u64 = plan.envp.iter().map(|one| one.len() as u64 + 1).sum();
        if bytes > MAX_STRINGS {
            return Err(too_long());
        }
        let mut environment = Vec::new();
        for variable in plan.envp {
            environment.extend(start::units(variable));
            environment.push(0);
        }
        let directory = start::dos_path(plan.directory);
        let mut directory = start::units(&directory);
        if directory.last() != Some(&u16::from(b'\\')) {
            directory.push(b'\\'.into());
        }
        let console = match plan.own.0.has_console() {
            true => crate::kernel::nt::CONSOLE,
            false => 0,
        };
        Ok(Parameters {
            console: (console, 0),
            handles: crate::kernel::nt::STANDARD,
            directory,
            path: start::units(&start::dos_path(plan.path)),
            command: start::units(&start::command_line(plan.argv)),
            environment,
            ..Parameters::default()
        })
    }

    /// Reads what a process has written for its child.
    pub(crate) fn read(
        memory: &mut dyn GuestMemory,
        word: u64,
        at: u64,
    ) -> Result<Parameters, Fault> {
        let offsets = offsets(word);
        let normalized = memory.read_u32(at.wrapping_add(8))? & NORMALIZED != 0;
        let mut text = |offset: u64| {
            let (len, buffer) = unicode_string(memory, word, at.wrapping_add(offset))?;
            let buffer = if normalized {
                buffer
            } else {
                at.wrapping_add(buffer)
            };
            let mut bytes = vec![0; usize::from(len)];
            memory.read(buffer, &mut bytes)?;
            Ok(bytes)
        };
        let directory = units_of(&text(offsets.directory)?);
        let path = units_of(&text(offsets.path)?);
        let command = units_of(&text(offsets.command)?);
        let mut texts = [const { Vec::new() }; 3];
        for (index, to) in texts.iter_mut().enumerate() {
            *to = units_of(&text(offsets.texts + 2 * word * index as u64)?);
        }
        let runtime = text(offsets.texts + 6 * word)?;
        let mut handles = [0; 3];
        for (index, handle) in handles.iter_mut().enumerate() {
            let from = at.wrapping_add(offsets.handles + word * index as u64);
            *handle = memory.read_word(from, word)?;
        }
        let mut window = [0; WINDOW];
        for (index, value) in window.iter_mut().enumerate() {
            *value = memory.read_u32(at.wrapping_add(offsets.window + 4 * index as u64))?;
        }
        let console = memory.read_word(at.wrapping_add(offsets.console), word)?;
        let flags = memory.read_u32(at.wrapping_add(offsets.console + word))?;
        let from = memory.read_word(at.wrapping_add(offsets.environment), word)?;
        Ok(Parameters {
            console: (console, flags),
            handles,
            directory,
            path,
            command,
            environment: environment(memory, from)?,
            texts,
            runtime,
            window,
        })
    }

    /// Puts them, and behind them the environment, into the memory of a process: for words of a width, below an address.
    pub(super) fn put(
        &self,
        space: &mut AddressSpace,
        word: u64,
        top: u64,
    ) -> Result<u64, LoadError> {
        let offsets = offsets(word);
        let bytes_of = |units: &[u16]| -> Vec<u8> {
            let units = units.iter().chain(&[0]);
            units.flat_map(|unit| unit.to_le_bytes()).collect()
        };
        let mut texts: Vec<(u64, Vec<u8>, bool)> = Vec::new();
        let own = [
            (offsets.directory, &self.directory),
            (offsets.path, &self.path),
            (offsets.command, &self.command),
        ];
        let more = self.texts.iter().enumerate();
        let more = more.map(|(index, text)| (offsets.texts + 2 * word * index as u64, text));
        for (offset, text) in own.into_iter().chain(more) {
            if text.len() > MAX_UNITS {
                return Err(too_long());
            }
            if offset < offsets.texts || !text.is_empty() {
                texts.push((offset, bytes_of(text), true));
            }
        }
        if !self.runtime.is_empty() {
            texts.push((offsets.texts + 6 * word, self.runtime.clone(), false));
        }
        let environment = bytes_of(&self.environment);
        let room = |text: &Vec<u8>| text.len().next_multiple_of(8) as u64;
        let strings: u64 = texts.iter().map(|(_, text, _)| room(text)).sum();
        let size = (offsets.size + strings).next_multiple_of(16);
        let total = size + environment.len() as u64;
        let wish = (total <= 2 * GRANULARITY).then_some(LOW);
        let at = start::allocate(space, top, wish, total, page::READWRITE)?;

        let mut bytes = vec![0; total as usize];
        let mut put = |offset: u64, value: u64, size: u64| {
            let value = &value.to_le_bytes()[..size as usize];
            bytes[offset as usize..][..value.len()].copy_from_slice(value);
        };
        put(0, size, 4);
        put(4, size, 4);
        put(8, NORMALIZED.into(), 4);
        put(offsets.console, self.console.0, word);
        put(offsets.console + word, self.console.1.into(), 4);
        for (index, handle) in self.handles.iter().enumerate() {
            put(offsets.handles + index as u64 * word, *handle, word);
        }
        for (index, value) in self.window.iter().enumerate() {
            put(offsets.window + 4 * index as u64, (*value).into(), 4);
        }
        put(offsets.environment, at + size, word);
        put(offsets.environment_size, environment.len() as u64, word);
        let mut next = offsets.size;
        let mut pieces = vec![(size, &environment)];
        for (offset, text, ends) in &texts {
            let len = text.len() as u64;
            put(*offset, if *ends { len - 2 } else { len }, 2);
            put(*offset + 2, len, 2);
            put(*offset + word, at + next, word);
            pieces.push((next, text));
            next += room(text);
        }
        for (offset, text) in pieces {
            bytes[offset as usize..][..text.len()].copy_from_slice(text);
        }
        space.poke(at, &bytes).map_err(no_memory)?;
        Ok(at)
    }
}

fn too_long() -> LoadError {
    bad("gets too many arguments, or too long ones")
}

/// An environment up to the empty string at its end, without that. What is longer than a process can have is cut.
fn environment(memory: &mut dyn GuestMemory, at: u64) -> Result<Vec<u16>, Fault> {
    let mut units: Vec<u16> = Vec::new();
    if at == 0 {
        return Ok(units);
    }
    let mut next = at;
    while (units.len() as u64) < MAX_STRINGS {
        // Up to the end of a page, as nothing need be behind it.
        let len = PIECE - (next as usize % PIECE);
        let mut bytes = vec![0; len & !1];
        if bytes.is_empty() {
            bytes = vec![0; 2];
        }
        memory.read(next, &mut bytes)?;
        next = next.wrapping_add(bytes.len() as u64);
        for unit in units_of(&bytes) {
            if unit == 0 && units.last().is_none_or(|last| *last == 0) {
                return Ok(units);
            }
            units.push(unit);
        }
    }
    Ok(units)
}
