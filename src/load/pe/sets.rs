//! Which library has what an API set promises?
//!
//! Names such as `api-ms-win-core-file-l1-1-0.dll` are none of libraries: the system's `apisetschema.dll` has a table that says
//! which one each stands for.
//! [Microsoft, Windows API sets; the headers of the crate phnt, ntpebteb.h: API_SET_NAMESPACE; Windows Internals, API Sets]

use emu_cpu::Object;

use super::headers::{Pe, Section};

/// The library with the table, and the section that it is in.
pub(super) const LIBRARY: &[u8] = b"apisetschema.dll";
const SECTION: &[u8; 8] = b".apiset\0";
/// Bytes of a table at most.
const MOST: u64 = 1 << 22;

/// Whether a name may be that of a set.
pub(super) fn is_set(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("api-") || name.starts_with("ext-")
}

/// The section of the table.
pub(super) fn section(pe: &Pe) -> Option<&Section> {
    pe.sections.iter().find(|section| section.name == *SECTION)
}

/// A table of sets.
pub(super) struct Sets(Vec<u8>);

impl Sets {
    /// That of an image; nothing when it has none.
    pub(super) fn read(pe: &Pe, object: &Object) -> Option<Sets> {
        let section = section(pe)?;
        let mut bytes = vec![0; u64::from(section.file_size).min(MOST) as usize];
        let len = object.read(section.offset.into(), &mut bytes).ok()?;
        bytes.truncate(len);
        Some(Sets(bytes))
    }

    fn word(&self, at: u32, index: u32) -> Option<u32> {
        let at = at.checked_add(index.checked_mul(4)?)? as usize;
        let bytes = self.0.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    fn text(&self, at: u32, len: u32) -> Option<String> {
        let bytes = self.0.get(at as usize..at.checked_add(len)? as usize)?;
        let units = crate::kernel::nt::units_of(bytes);
        Some(String::from_utf16_lossy(&units).to_lowercase())
    }

    /// The library that a set stands for in an image; `None` when there is no such set, or no library has it.
    pub(super) fn library(&self, set: &str, whose: &str) -> Option<String> {
        let set = set.to_lowercase();
        let set = set.strip_suffix(".dll").unwrap_or(&set);
        let values = match self.word(0, 0)? {
            2 => self.of_7(set)?,
            4 => self.of_8(set)?,
            6 => self.of_10(set)?,
            _ => return None,
        };
        // One for all images, and such for single ones.
        let own = values.iter().find(|(image, _)| image == whose);
        let own = own.or_else(|| values.iter().find(|(image, _)| image.is_empty()));
        let (_, library) = own.or(values.first())?;
        (!library.is_empty()).then(|| library.clone())
    }

    /// Images and libraries of values: each is so many words, of which those from `first` on are two texts.
    fn values(
        &self,
        at: u32,
        count: u32,
        (size, first): (u32, u32),
    ) -> Option<Vec<(String, String)>> {
        let one = |index: u32| {
            let at = at.checked_add(index.checked_mul(4 * size)?)?;
            let text = |word| self.text(self.word(at, word)?, self.word(at, word + 1)?);
            Some((text(first)?, text(first + 2)?))
        };
        (0..count.min(64)).map(one).collect()
    }

    /// Windows 7 leaves out the first part of names.
    fn of_7(&self, set: &str) -> Option<Vec<(String, String)>> {
        let set = set.get(4..)?;
        let count = self.word(4, 0)?;
        let at = (0..count).map(|index| index.saturating_mul(12).saturating_add(8));
        let is_it = |at: &u32| {
            let name = self.word(*at, 0).zip(self.word(*at, 1));
            name.and_then(|(at, len)| self.text(at, len))
                .is_some_and(|name| name == set)
        };
        let values = self.word({ at }.find(is_it)?, 2)?;
        self.values(values.checked_add(4)?, self.word(values, 0)?, (4, 0))
    }

    /// So does Windows 8.1.
    fn of_8(&self, set: &str) -> Option<Vec<(String, String)>> {
        let set = set.get(4..)?;
        let count = self.word(12, 0)?;
        let at = (0..count).map(|index| index.saturating_mul(24).saturating_add(16));
        let is_it = |at: &u32| {
            let name = self.word(*at, 1).zip(self.word(*at, 2));
            name.and_then(|(at, len)| self.text(at, len))
                .is_some_and(|name| name == set)
        };
        let values = self.word({ at }.find(is_it)?, 5)?;
        self.values(values.checked_add(8)?, self.word(values, 1)?, (5, 1))
    }

    /// Windows 10 looks at names up to their last hyphen: what is behind it is a minor version.
    fn of_10(&self, set: &str) -> Option<Vec<(String, String)>> {
        let set = set.rsplit_once('-')?.0;
        let (count, entries) = (self.word(12, 0)?, self.word(16, 0)?);
        let at = (0..count).map(|index| entries.saturating_add(index.saturating_mul(24)));
        let is_it = |at: &u32| {
            let name = self.word(*at, 1).zip(self.word(*at, 3));
            name.and_then(|(at, len)| self.text(at, len))
                .is_some_and(|name| name == set)
        };
        let at = { at }.find(is_it)?;
        self.values(self.word(at, 4)?, self.word(at, 5)?, (5, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Sets;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn text(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn check(bytes: Vec<u8>) {
        let sets = Sets(bytes);
        let library = |set: &str, whose: &str| sets.library(set, whose);
        assert_eq!(
            library("API-a-l1-1-0.dll", "p.exe").as_deref(),
            Some("b.dll")
        );
        assert_eq!(library("api-a-l1-1-0", "x.dll").as_deref(), Some("c.dll"));
        assert_eq!(library("api-z-l1-1-0.dll", "p.exe"), None);
        // Whatever is cut off is not there, and nothing else happens.
        for len in 0..sets.0.len() {
            Sets(sets.0[..len].to_vec()).library("api-a-l1-1-0.dll", "p.exe");
        }
    }

    #[test]
    fn the_three_forms_of_the_table_are_read() {
        // One set, two libraries: for all, and for x.dll.
        let seven = words(&[2, 1, 56, 16, 20, 2, 0, 0, 72, 10, 82, 10, 92, 10]);
        check([seven, text("a-l1-1-0"), text("b.dllx.dllc.dll")].concat());
        let eight = [
            4, 0, 0, 1, 0, 88, 16, 88, 16, 40, 0, 2, 0, 0, 0, 104, 10, 0, 114, 10, 124, 10,
        ];
        check([words(&eight), text("a-l1-1-0"), text("b.dllx.dllc.dll")].concat());
        let ten = [
            6, 0, 0, 1, 28, 0, 0, 0, 92, 24, 20, 52, 2, 0, 0, 0, 116, 10, 0, 126, 10, 136, 10,
        ];
        check([words(&ten), text("api-a-l1-1-0"), text("b.dllx.dllc.dll")].concat());
    }
}
