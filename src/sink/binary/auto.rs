//! Profiles whose numbers the guest's own library told: they are told in full, once.

use std::io::{self, Read};

use emu_profiles::Profile;

use super::read::Reader;
use super::wire::{put, put_bytes, wrong};
use super::write::Writer;

/// Profiles of this kind in a trace, and calls of one, at most.
const MOST: usize = 256;
const CALLS: u64 = 0x1000;

/// Whether a profile is of this kind.
fn is(name: &[u8]) -> bool {
    name == emu_profiles::auto().name.as_bytes()
}

impl Writer {
    /// A profile by its name; what a name doesn't say behind it.
    pub(super) fn profile(&mut self, profile: &'static Profile) {
        self.string(profile.name.as_bytes());
        if !is(profile.name.as_bytes()) {
            return;
        }
        let told = &mut self.state.autos;
        let known = told.iter().position(|own| std::ptr::eq(*own, profile));
        let number = known.unwrap_or(told.len());
        put(&mut self.record, number as u64);
        if known.is_some() {
            return;
        }
        told.push(profile);
        put(&mut self.record, u64::from(profile.pointer() == 8));
        let rows = profile.system().table().rows;
        put(&mut self.record, rows.len() as u64);
        for row in rows {
            put_bytes(&mut self.record, row.name.as_bytes());
            put(&mut self.record, row.number.into());
        }
    }
}

impl<R: Read> Reader<R> {
    /// The profile of a name, when it is of this kind.
    pub(super) fn auto(&mut self, name: &str) -> io::Result<Option<&'static Profile>> {
        if !is(name.as_bytes()) {
            return Ok(None);
        }
        let number: usize = self.source.small()?;
        if let Some(known) = self.state.autos.get(number) {
            return Ok(Some(known));
        }
        if number != self.state.autos.len() || number >= MOST {
            return Err(wrong("a profile that was not told"));
        }
        let wide = self.source.number()? == 1;
        let count = self.source.number()?;
        if count > CALLS {
            return Err(wrong("too many calls"));
        }
        let mut stubs = Vec::new();
        for _ in 0..count {
            let name = String::from_utf8_lossy(&self.source.bytes()?).into_owned();
            stubs.push((name, self.source.small()?));
        }
        let stubs: Vec<(&str, u32)> = stubs
            .iter()
            .map(|(name, number)| (name.as_str(), *number))
            .collect();
        let profile = emu_profiles::of_stubs(wide, &stubs);
        self.state.autos.push(profile);
        Ok(Some(profile))
    }
}
