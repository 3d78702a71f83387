//! Atoms: small numbers that stand for strings, for all processes alike.
//! [Microsoft Learn, About atom tables; the headers of the crate phnt, ntexapi.h]

use std::collections::BTreeMap;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use crate::kernel::{Cx, Kernel};

/// Below are numbers that stand for themselves.
const FIRST: u16 = 0xc000;
/// Units of a name at most.
const MAX_NAME: usize = 255;
/// `ATOM_INFORMATION_CLASS`.
const BASIC: i32 = 0;
const TABLE: i32 = 1;

/// All atoms.
#[derive(Default)]
pub(super) struct Atoms {
    /// The strings by number, and how often each was added.
    names: BTreeMap<u16, (Vec<u16>, u16)>,
    /// The numbers by string, as it is compared.
    numbers: BTreeMap<String, u16>,
    /// All numbers from the first one on and so many are taken.
    taken: u16,
}

/// A name as it is compared.
fn folded(name: &[u16]) -> String {
    String::from_utf16_lossy(name).to_lowercase()
}

/// The number that a name stands for by itself: `#123`.
fn integer(name: &[u16]) -> Option<Result<u16, NtStatus>> {
    let text = String::from_utf16_lossy(name);
    let digits = text.strip_prefix('#')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits
        .parse()
        .ok()
        .filter(|number| (1..FIRST).contains(number));
    Some(number.ok_or(NtStatus::INVALID_PARAMETER))
}

impl Atoms {
    fn find(&self, name: &[u16]) -> Option<u16> {
        self.numbers.get(&folded(name)).copied()
    }

    fn add(&mut self, name: Vec<u16>) -> Result<u16, NtStatus> {
        if let Some(number) = self.find(&name) {
            let (_, uses) = self
                .names
                .get_mut(&number)
                .ok_or(NtStatus::INVALID_HANDLE)?;
            *uses = uses.saturating_add(1);
            return Ok(number);
        }
        let first = FIRST.checked_add(self.taken).ok_or(NtStatus::NO_MEMORY)?;
        let free = (first..=u16::MAX).find(|number| !self.names.contains_key(number));
        let number = free.ok_or(NtStatus::NO_MEMORY)?;
        self.taken = number - FIRST + 1;
        self.numbers.insert(folded(&name), number);
        self.names.insert(number, (name, 1));
        Ok(number)
    }

    fn remove(&mut self, number: u16) -> Result<(), NtStatus> {
        let (name, uses) = (self.names.get_mut(&number)).ok_or(NtStatus::INVALID_HANDLE)?;
        *uses -= 1;
        if *uses == 0 {
            self.numbers.remove(&folded(name));
            self.names.remove(&number);
            self.taken = self.taken.min(number - FIRST);
        }
        Ok(())
    }
}

/// The name that a call gives: as many bytes of it as it says, up to a zero. A pointer that is no more than a number is the
/// number itself.
fn name(cx: &mut Cx<'_>, at: u64, bytes: u32) -> Result<Result<u16, Vec<u16>>, NtStatus> {
    if at < FIRST.into() {
        return match at as u16 {
            0 => Err(NtStatus::OBJECT_NAME_INVALID),
            number => Ok(Ok(number)),
        };
    }
    let units = bytes as usize / 2;
    if units > MAX_NAME {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut name = Vec::new();
    for index in 0..units as u64 {
        match cx.mem.read_u16(at.wrapping_add(2 * index))? {
            0 => break,
            unit => name.push(unit),
        }
    }
    match integer(&name) {
        _ if name.is_empty() => Err(NtStatus::OBJECT_NAME_INVALID),
        Some(number) => Ok(Ok(number?)),
        None => Ok(Err(name)),
    }
}

impl Kernel {
    /// Serves `NtAddAtom`.
    pub(super) fn add_atom(
        &mut self,
        cx: &mut Cx<'_>,
        (at, bytes): (u64, u32),
        told: u64,
    ) -> Outcome {
        let number = match name(cx, at, bytes)? {
            Ok(number) => number,
            Err(name) => self.nt.atoms.add(name)?,
        };
        if told != 0 {
            cx.mem.write_u16(told, number)?;
        }
        Ok(0)
    }

    /// Serves `NtFindAtom`.
    pub(super) fn find_atom(&mut self, cx: &mut Cx<'_>, call: &nt::NtFindAtom) -> Outcome {
        let number = match name(cx, call.AtomName.address, call.Length)? {
            Ok(number) => number,
            Err(name) => {
                let found = self.nt.atoms.find(&name);
                found.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?
            }
        };
        if call.Atom.address != 0 {
            cx.mem.write_u16(call.Atom.address, number)?;
        }
        Ok(0)
    }

    /// Serves `NtDeleteAtom`.
    pub(super) fn delete_atom(&mut self, call: &nt::NtDeleteAtom) -> Outcome {
        let number = call.Atom;
        if number < FIRST {
            return Ok(0);
        }
        self.nt.atoms.remove(number)?;
        Ok(0)
    }

    /// Serves `NtQueryInformationAtom`.
    pub(super) fn query_atom(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationAtom,
    ) -> Outcome {
        let mut bytes = Vec::new();
        match call.AtomInformationClass {
            BASIC => {
                let (name, uses) = match self.nt.atoms.names.get(&call.Atom) {
                    Some((name, uses)) => (name.clone(), *uses),
                    None if (1..FIRST).contains(&call.Atom) => {
                        (format!("#{}", call.Atom).encode_utf16().collect(), 1)
                    }
                    None => return Err(NtStatus::INVALID_HANDLE.into()),
                };
                // Uses, flags, bytes of the name, the name and a zero.
                for value in [uses, 0, 2 * name.len() as u16] {
                    bytes.extend_from_slice(&value.to_le_bytes());
                }
                bytes.extend(name.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()));
            }
            TABLE => {
                let atoms = &self.nt.atoms.names;
                bytes.extend_from_slice(&(atoms.len() as u32).to_le_bytes());
                bytes.extend(atoms.keys().flat_map(|number| number.to_le_bytes()));
            }
            _ => return Err(NtStatus::INVALID_INFO_CLASS.into()),
        }
        cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
        if (call.AtomInformationLength as usize) < bytes.len() {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        cx.mem.write(call.AtomInformation.address, &bytes)?;
        Ok(0)
    }
}
