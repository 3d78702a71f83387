//! Where do the kernel's own pages go?

use emu_cpu::memory::{Backing, Label, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, Prot};
use emu_profiles::{Place, Profile, Symbol};
use emu_prototypes::linux::Errno;

use super::LoadError;

/// Maps the kernel pages of a profile and tells where their symbols are.
pub(super) fn map(
    space: &mut AddressSpace,
    profile: &Profile,
) -> Result<Vec<(Symbol, u64)>, LoadError> {
    let mut symbols = Vec::new();
    for page in profile.pages {
        let address = match page.place {
            Place::Fixed(address) => address,
            Place::Anywhere => space
                .find_free(PAGE, profile.process.mmap_top, PAGE)
                .ok_or_else(|| LoadError::new(Errno::ENOMEM, "leaves no room for kernel pages"))?,
        };
        space
            .map_with(
                address,
                PAGE,
                Prot::READ | Prot::EXEC,
                Backing::Anonymous,
                Some(Label::named(page.label)),
                RegionFlags::SEALED,
            )
            .map_err(super::elf::no_room)?;
        for (offset, bytes) in page.pieces {
            space
                .poke(address + u64::from(*offset), bytes)
                .map_err(super::elf::no_memory)?;
        }
        symbols.extend(
            page.symbols
                .iter()
                .map(|(s, offset)| (*s, address + u64::from(*offset))),
        );
    }
    Ok(symbols)
}
