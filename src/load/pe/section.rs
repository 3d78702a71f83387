//! What is an image to a process that maps it by itself, as a section?

use std::rc::Rc;

use emu_cpu::{AddressSpace, Object};
use emu_profiles::Profile;

use crate::kernel::nt::wow64::{AMD64, I386};

use super::headers::Pe;
use super::image;
use crate::load::{LoadError, Program};

/// An image that can be mapped. What is wrong with one shows when it is made.
pub(crate) struct Image {
    pe: Pe,
    program: Program,
}

impl Image {
    /// The image that a file is.
    pub(crate) fn new(program: Program) -> Result<Image, LoadError> {
        let pe = Pe::parse(&program.object)?;
        Ok(Image { pe, program })
    }

    /// Whether a file begins as programs do.
    pub(crate) fn has_signature(object: &Rc<Object>) -> bool {
        let mut head = [0; 2];
        object.read(0, &mut head).is_ok_and(|count| count == 2) && head == *b"MZ"
    }

    /// The program that it is.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// Whether its pointers have 64 bits.
    pub(crate) fn is_wide(&self) -> bool {
        self.pe.wide
    }

    /// Bytes of memory it takes.
    pub(crate) fn size(&self) -> u64 {
        self.pe.image_size.into()
    }

    /// Maps it, where it wants to be if it can, and tells where, and whether that is where it wants to be.
    pub(crate) fn map(
        &self,
        space: &mut AddressSpace,
        profile: &Profile,
    ) -> Result<(u64, bool), LoadError> {
        let placed = image::map(&self.pe, space, profile, &self.program)?;
        Ok((placed.base, placed.base == self.pe.base))
    }

    /// A `SECTION_IMAGE_INFORMATION`.   [the headers of the crate phnt, ntmmapi.h]
    pub(crate) fn information(&self, word: u64) -> Vec<u8> {
        let pe = &self.pe;
        let word = word as usize;
        let mut out = Vec::new();
        let mut put = |value: u64, size: usize| out.extend_from_slice(&value.to_le_bytes()[..size]);
        let entry = match pe.entry {
            0 => 0,
            entry => pe.base.wrapping_add(entry.into()),
        };
        put(entry, word);
        // ZeroBits, on 64 bits with a gap behind it.
        put(0, word);
        put(pe.stack_reserve, word);
        put(emu_cpu::memory::PAGE, word);
        put(pe.subsystem.into(), 4);
        put(pe.subsystem_version.1.into(), 2);
        put(pe.subsystem_version.0.into(), 2);
        put(0, 4);
        put(pe.characteristics.into(), 2);
        put(pe.dll_characteristics.into(), 2);
        let machine = if pe.wide { AMD64 } else { I386 };
        put(machine.into(), 2);
        // ImageContainsCode, flags.
        put(u64::from(pe.entry != 0), 1);
        put(0, 1);
        put(0, 4);
        put(self.program.object.len(), 4);
        put(0, 4);
        out
    }
}
