//! Several values of a key at once.   [Microsoft Learn, RegQueryMultipleValues; the headers of the crate phnt, ntregapi.h:
//! KEY_VALUE_ENTRY]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::tree::Key;
use crate::kernel::Cx;
use crate::kernel::nt::Outcome;

/// Values of a call at most.   [Microsoft Learn, RegQueryMultipleValues has no limit; so many are refused here]
const MOST: u32 = 0x1_0000;
/// Data stand at multiples of so many bytes.
const ALIGNMENT: u32 = 4;

/// Serves `NtQueryMultipleValueKey`: entries with a name each get length, offset and type; the data go to one buffer, as
/// far as there is room. A value that is missing fails the call.
pub(super) fn query(cx: &mut Cx<'_>, key: &Key, call: &nt::NtQueryMultipleValueKey) -> Outcome {
    if call.EntryCount > MOST {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let word = cx.word();
    let size = word + 12 + (word - 4);
    let room = cx.mem.read_u32(call.BufferLength.address)?;
    let (mut needed, mut used, mut full) = (0u32, 0u32, false);
    for index in 0..u64::from(call.EntryCount) {
        let entry = call.ValueEntries.address.wrapping_add(index * size);
        let name_at = cx.read_word(entry)?;
        let name = cx.unicode(name_at)?;
        let found = key.value(&name, |value| (value.kind, value.data.clone()));
        let (kind, data) = found.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
        let at = needed.next_multiple_of(ALIGNMENT);
        needed = at.saturating_add(data.len() as u32);
        full |= needed > room;
        if full {
            continue;
        }
        used = needed;
        for (place, value) in [(0, data.len() as u32), (4, at), (8, kind)] {
            cx.mem.write_u32(entry.wrapping_add(word + place), value)?;
        }
        let to = call.ValueBuffer.address.wrapping_add(at.into());
        cx.mem.write(to, &data)?;
    }
    cx.mem.write_u32(call.BufferLength.address, used)?;
    cx.returned_length(call.RequiredBufferLength.address, needed.into())?;
    match full {
        true => Err(NtStatus::BUFFER_OVERFLOW.into()),
        false => Ok(0),
    }
}
