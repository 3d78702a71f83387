//! What does a security descriptor say, as text?   [MS-DTYP 2.5.1, Security Descriptor Description Language]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::NtStatus;

use super::descriptor::{Descriptor, control};
use super::list::{Entry, List};

/// Entries of a list that are shown at most.
const MOST: usize = 16;

/// SIDs with names of their own: authority, numbers, name.   [MS-DTYP 2.5.1.1, sid-token]
const NAMES: [(u8, &[u32], &str); 16] = [
    (1, &[0], "WD"),
    (3, &[0], "CO"),
    (3, &[1], "CG"),
    (3, &[4], "OW"),
    (5, &[2], "NU"),
    (5, &[4], "IU"),
    (5, &[6], "SU"),
    (5, &[7], "AN"),
    (5, &[11], "AU"),
    (5, &[18], "SY"),
    (5, &[19], "LS"),
    (5, &[20], "NS"),
    (5, &[32, 544], "BA"),
    (5, &[32, 545], "BU"),
    (16, &[8192], "ME"),
    (16, &[12288], "HI"),
];
/// Access that has a name.   [MS-DTYP 2.5.1.1, generic-rights, file-rights, registry-rights; winnt.h: FILE_ALL_ACCESS]
const RIGHTS: [(u32, &str); 10] = [
    (0x1000_0000, "GA"),
    (0x8000_0000, "GR"),
    (0x4000_0000, "GW"),
    (0x2000_0000, "GX"),
    (0x1f_01ff, "FA"),
    (0x12_0089, "FR"),
    (0x12_0116, "FW"),
    (0x12_00a0, "FX"),
    (0xf_003f, "KA"),
    (0x2_0019, "KR"),
];
/// Kinds of entries, and flags of them.
const KINDS: [(u8, &str); 4] = [(0, "A"), (1, "D"), (2, "AU"), (0x11, "ML")];
const FLAGS: [(u8, &str); 7] = [
    (1, "OI"),
    (2, "CI"),
    (4, "NP"),
    (8, "IO"),
    (0x10, "ID"),
    (0x40, "SA"),
    (0x80, "FA"),
];

/// A SID by its authority and the numbers behind that.   [MS-DTYP 2.4.2.1, SID string format]
pub(crate) fn sid_text(authority: u64, numbers: &[u32]) -> String {
    let numbers = numbers.iter().map(|number| format!("-{number}"));
    format!("S-1-{authority}{}", numbers.collect::<String>())
}

fn sid(bytes: &[u8]) -> String {
    let mut authority = [0; 8];
    authority[2..].copy_from_slice(bytes.get(2..8).unwrap_or(&[0; 6]));
    let authority = u64::from_be_bytes(authority);
    let numbers = bytes.get(8..).unwrap_or_default().chunks_exact(4);
    let numbers: Vec<u32> = numbers
        .map(|part| u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
        .collect();
    let known = NAMES
        .iter()
        .find(|(own, all, _)| u64::from(*own) == authority && *all == numbers);
    match known {
        Some((.., name)) => (*name).to_owned(),
        None => sid_text(authority, &numbers),
    }
}

fn entry(entry: &Entry) -> String {
    let Some((_, kind)) = KINDS.iter().find(|(kind, _)| *kind == entry.kind) else {
        return format!("({:#x};;;;;)", entry.kind);
    };
    let flags = FLAGS.iter().filter(|(flag, _)| entry.flags & flag != 0);
    let flags: String = flags.map(|(_, name)| *name).collect();
    let right = RIGHTS.iter().find(|(right, _)| *right == entry.mask());
    let right = right.map_or_else(
        || format!("{:#x}", entry.mask()),
        |(_, name)| (*name).to_owned(),
    );
    format!("({kind};{flags};{right};;;{})", sid(entry.sid()))
}

fn list(
    out: &mut String,
    (letter, list): (char, Option<&List>),
    (present, flags): (bool, [(bool, &str); 2]),
) {
    if !present {
        return;
    }
    out.push(letter);
    out.push(':');
    for (_, name) in flags.into_iter().filter(|(set, _)| *set) {
        out.push_str(name);
    }
    let Some(list) = list else {
        // Everybody may all.
        out.push_str("NO_ACCESS_CONTROL");
        return;
    };
    let entries = list.entries();
    for own in entries.iter().take(MOST) {
        out.push_str(&entry(own));
    }
    if entries.len() > MOST {
        out.push_str("...");
    }
}

impl Descriptor {
    /// `O:BAG:SYD:(A;;FA;;;WD)`
    fn text(&self) -> String {
        let mut out = String::new();
        for (letter, own) in [("O:", &self.owner), ("G:", &self.group)] {
            if !own.is_empty() {
                out.push_str(letter);
                out.push_str(&sid(own));
            }
        }
        let has = |flag: u16| self.control & flag != 0;
        let dacl = [
            (has(control::DACL_PROTECTED), "P"),
            (has(control::DACL_AUTO_INHERITED), "AI"),
        ];
        let sacl = [
            (has(control::SACL_PROTECTED), "P"),
            (has(control::SACL_AUTO_INHERITED), "AI"),
        ];
        let present = (has(control::DACL_PRESENT), dacl);
        list(&mut out, ('D', self.dacl.as_ref()), present);
        let present = (has(control::SACL_PRESENT), sacl);
        list(&mut out, ('S', self.sacl.as_ref()), present);
        out
    }
}

/// The text of what is at an address; `None` when that is no security descriptor.
pub(crate) fn descriptor_text(memory: &mut dyn GuestMemory, word: u64, at: u64) -> Option<String> {
    let mut read = |at: u64, out: &mut [u8]| -> Result<(), NtStatus> { Ok(memory.read(at, out)?) };
    Some(Descriptor::read_by(&mut read, at, word).ok()?.text())
}

#[cfg(test)]
mod tests {
    use super::super::list::List;
    use super::{Descriptor, control};

    #[test]
    fn descriptors_are_told_in_their_own_language() {
        let sids: [&[u8]; 2] = [
            &[1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            &[1, 2, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 7, 0, 0, 0],
        ];
        let mut acl = vec![2, 0, 48, 0, 2, 0, 0, 0];
        acl.extend([0, 3, 20, 0, 0xff, 1, 0x1f, 0]);
        acl.extend(sids[0]);
        acl.extend([1, 0, 20, 0, 1, 0, 0, 0]);
        acl.extend(sids[0]);
        let own = Descriptor {
            control: control::DACL_PRESENT | control::DACL_PROTECTED | control::SACL_PRESENT,
            owner: sids[1].to_vec(),
            group: sids[0].to_vec(),
            sacl: Some(List::default()),
            dacl: List::parse(&acl).ok(),
        };
        let text = "O:S-1-5-21-7G:WDD:P(A;OICI;FA;;;WD)(D;;0x1;;;WD)S:";
        assert_eq!(own.text(), text);
        let parts = 0x1f;
        assert_eq!(
            Descriptor::parse(&own.bytes(parts)).map(|own| own.text()),
            Ok(text.to_owned())
        );
        let nobody = Descriptor { dacl: None, ..own };
        assert_eq!(nobody.text(), "O:S-1-5-21-7G:WDD:PNO_ACCESS_CONTROLS:");
    }
}
