//! Which line of a program's source is an address from?

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use addr2line::Context;
use emu_cpu::Object;
use gimli::{DebugInfo, Dwarf, DwarfSections, EndianRcSlice, RunTimeEndian, SectionId};

use super::file::Part;

/// Sections longer than this together are not looked into.
const LONGEST: u64 = 128 << 20;
/// So much may have to be looked through: for each unit its abbreviations and ranges, which several may share.
const EFFORT: u64 = 1 << 32;

type Slice = EndianRcSlice<RunTimeEndian>;

/// What a file's debugging information says of its lines.
pub(super) struct Lines {
    context: Context<Slice>,
    known: RefCell<HashMap<u64, Option<(String, u32)>>>,
}

impl Lines {
    /// Reads the parts of a file that are named as DWARF's sections are.
    pub(super) fn read(object: &Object, parts: &[Part], endian: RunTimeEndian) -> Option<Lines> {
        let total: u64 = parts.iter().map(|part| part.len).sum();
        if total == 0 || total > LONGEST {
            return None;
        }
        let load = |section: SectionId| {
            let part = parts.iter().find(|part| part.name == section.name());
            let bytes = part.and_then(|part| part.read(object)).unwrap_or_default();
            Ok::<_, gimli::Error>(Slice::new(Rc::from(bytes), endian))
        };
        let sections = DwarfSections::load(load).ok()?;
        let dwarf: Dwarf<Slice> = sections.borrow(Slice::clone);
        let len = |name: &str| {
            let part = parts.iter().find(|part| part.name == name);
            part.map_or(0, |part| part.len)
        };
        let each = len(".debug_abbrev") + len(".debug_ranges") + len(".debug_rnglists");
        if units(&dwarf.debug_info).saturating_mul(each) > EFFORT {
            return None;
        }
        Some(Lines {
            context: Context::from_dwarf(dwarf).ok()?,
            known: RefCell::default(),
        })
    }

    /// The file and line of an address, which is as the file has it.
    pub(super) fn at(&self, address: u64) -> Option<(String, u32)> {
        if let Some(known) = self.known.borrow().get(&address) {
            return known.clone();
        }
        let found = self.context.find_location(address).ok().flatten();
        let line = found.and_then(|found| Some((found.file?.to_owned(), found.line?)));
        self.known.borrow_mut().insert(address, line.clone());
        line
    }
}

fn units(info: &DebugInfo<Slice>) -> u64 {
    let mut headers = info.units();
    let mut count = 0;
    while let Ok(Some(_)) = headers.next() {
        count += 1;
    }
    count
}
