//! Which numbers do the stubs of an `ntdll.dll` have?

use emu_cpu::AddressSpace;

use super::exports::{Export, Exports, Symbol};

/// As much of a function as is looked at.
const LEN: usize = 24;
/// How calls are named: those of NT, and what Wine's library asks besides.
const PREFIXES: [&str; 3] = ["Nt", "wine_", "__wine_"];

/// The calls of a mapped library with their numbers. A function that is no stub has none.
pub(super) fn numbers(
    space: &mut AddressSpace,
    exports: &Exports,
    wide: bool,
) -> Vec<(String, u32)> {
    let names: Vec<String> = exports
        .names()
        .filter(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .collect();
    let mut all = Vec::new();
    for name in names {
        let symbol = Symbol::Name(name.clone());
        let Some(Export::Address(address)) = exports.find(space, &symbol) else {
            continue;
        };
        let mut code = [0; LEN];
        if space.peek(address, &mut code).is_ok()
            && let Some(number) = number(&code, wide)
        {
            all.push((name, number));
        }
    }
    all.sort_by_key(|(_, number)| *number);
    all
}

/// The number that a stub puts into eax.
fn number(code: &[u8; LEN], wide: bool) -> Option<u32> {
    let rest = match wide {
        // mov r10,rcx in either of its two forms
        true => code
            .strip_prefix(&[0x4c, 0x8b, 0xd1])
            .or_else(|| code.strip_prefix(&[0x49, 0x89, 0xca]))?,
        false => code,
    };
    // mov eax,number
    let [0xb8, a, b, c, d, tail @ ..] = rest else {
        return None;
    };
    let number = u32::from_le_bytes([*a, *b, *c, *d]);
    let known = match wide {
        // syscall; or test byte [0x7ffe0308],1 in front of it
        true => matches!(
            tail,
            [0x0f, 0x05, ..] | [0xf6, 0x04, 0x25, 0x08, 0x03, 0xfe, 0x7f, 1, ..]
        ),
        // mov edx,address; call [edx] or call edx. lea edx,[esp+4]; int 2e. call behind; ret.
        false => matches!(
            tail,
            [0xba, _, _, _, _, 0xff, 0x12 | 0xd2, ..]
                | [0x8d, 0x54, 0x24, 4, 0xcd, 0x2e, ..]
                | [0xe8, _, 0, 0, 0, 0xc2 | 0xc3, ..]
        ),
    };
    known.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{LEN, number};

    /// The first bytes of a function, and what it asks for.
    fn check(wide: bool, code: &[u8], expected: Option<u32>) {
        let mut bytes = [0; LEN];
        bytes[..code.len()].copy_from_slice(code);
        assert_eq!(number(&bytes, wide), expected, "{code:x?}");
    }

    #[test]
    fn stubs_of_windows_and_of_wine_are_known() {
        // Windows 7 and 10 x64: NtClose.
        check(
            true,
            &[0x4c, 0x8b, 0xd1, 0xb8, 0xc, 0, 0, 0, 0xf, 5, 0xc3],
            Some(0xc),
        );
        let ten = [
            0x4c, 0x8b, 0xd1, 0xb8, 0xf, 0, 0, 0, 0xf6, 4, 0x25, 8, 3, 0xfe, 0x7f, 1, 0x75, 3, 0xf,
            5, 0xc3,
        ];
        check(true, &ten, Some(0xf));
        // Wine 8 x64: NtWriteFile.
        let wine = [
            0x49, 0x89, 0xca, 0xb8, 0xe0, 0, 0, 0, 0xf6, 4, 0x25, 8, 3, 0xfe, 0x7f, 1, 0x75, 3,
            0xf, 5, 0xc3,
        ];
        check(true, &wine, Some(0xe0));
        // Windows XP, 2000 and Wine 8 of 32 bits.
        check(
            false,
            &[
                0xb8, 0x19, 0, 0, 0, 0xba, 0, 3, 0xfe, 0x7f, 0xff, 0x12, 0xc2, 4, 0,
            ],
            Some(0x19),
        );
        check(
            false,
            &[
                0xb8, 0x18, 0, 0, 0, 0x8d, 0x54, 0x24, 4, 0xcd, 0x2e, 0xc2, 4, 0,
            ],
            Some(0x18),
        );
        check(
            false,
            &[
                0xb8, 0x15, 0, 0, 0, 0xba, 0x20, 0xc6, 0xc0, 0x7b, 0xff, 0xd2, 0xc2, 4, 0,
            ],
            Some(0x15),
        );
    }

    #[test]
    fn other_functions_have_no_number() {
        // mov eax,fs:[18h]; ret. mov eax,1; ret. A stub that somebody has hooked.
        check(false, &[0x64, 0xa1, 0x18, 0, 0, 0, 0xc3], None);
        check(true, &[0xb8, 1, 0, 0, 0, 0xc3], None);
        check(true, &[0xe9, 1, 2, 3, 4, 0xf, 5, 0xc3], None);
    }
}
