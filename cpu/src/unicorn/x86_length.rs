//! How long is an x86 instruction, and does it end a block?

/// Instructions in a block.
pub(super) fn count(_code: &[u8], _long: bool) -> u32 {
    1
}

/// Whether a block of code beginning anywhere in `page` could overflow the translator.
pub(super) fn has_long_run(_page: &[u8], _long: bool) -> bool {
    false
}

/// Offset of the last instruction that begins in `code` and does not end in it, or the end of `code`.
pub(super) fn last_before_end(code: &[u8], _long: bool) -> usize {
    code.len()
}
