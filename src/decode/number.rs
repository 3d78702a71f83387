//! Numbers as C's printf writes them, without formatting machinery: they are most of a trace.

/// Decimal, unsigned.
pub(crate) fn decimal(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Decimal, signed.
pub(crate) fn signed(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    decimal(out, value.unsigned_abs());
}

/// Decimal with at least `width` digits.
pub(crate) fn padded(out: &mut Vec<u8>, value: u64, width: usize) {
    let start = out.len();
    decimal(out, value);
    while out.len() - start < width {
        out.insert(start, b'0');
    }
}

/// Hexadecimal as `%#x` has it: `0x1f`, and `0` for zero.
pub(crate) fn hex(out: &mut Vec<u8>, value: u64) {
    if value == 0 {
        out.push(b'0');
    } else {
        hex0(out, value);
    }
}

/// Hexadecimal with its prefix always: `0x1f`, `0x0`.
pub(crate) fn hex0(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0u8; 18];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b"0123456789abcdef"[(rest & 15) as usize];
        rest >>= 4;
        if rest == 0 {
            break;
        }
    }
    at -= 2;
    digits[at..at + 2].copy_from_slice(b"0x");
    out.extend_from_slice(&digits[at..]);
}

/// Hexadecimal as `%#0…x` has it, with at least `width` characters: `0x000001`, `00000000`.
pub(crate) fn wide_hex(out: &mut Vec<u8>, value: u64, width: usize) {
    let start = out.len();
    hex(out, value);
    let digits = if value == 0 { start } else { start + 2 };
    while out.len() - start < width {
        out.insert(digits, b'0');
    }
}

/// An address: `NULL`, or hexadecimal.
pub(crate) fn address(out: &mut Vec<u8>, value: u64) {
    if value == 0 {
        out.extend_from_slice(b"NULL");
    } else {
        hex0(out, value);
    }
}

/// Octal as `%#0…o` has it, with at least `width` characters, the leading zero among them: `0644`, `002`, `0`.
pub(crate) fn octal(out: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [b'0'; 24];
    let mut at = digits.len();
    let mut rest = value;
    while rest != 0 {
        at -= 1;
        digits[at] = b'0' + (rest & 7) as u8;
        rest >>= 3;
    }
    // The alternative form adds one zero, unless the number begins with one.
    at -= 1;
    at = at.min(digits.len().saturating_sub(width.min(digits.len())));
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_printf_has_them() {
        let text = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            String::from_utf8(out).expect("digits are ASCII")
        };
        assert_eq!(text(&|o| decimal(o, 0)), "0");
        assert_eq!(text(&|o| decimal(o, u64::MAX)), "18446744073709551615");
        assert_eq!(text(&|o| signed(o, i64::MIN)), "-9223372036854775808");
        assert_eq!(text(&|o| padded(o, 5, 9)), "000000005");
        assert_eq!(text(&|o| hex(o, 0)), "0");
        assert_eq!(text(&|o| hex(o, u64::MAX)), "0xffffffffffffffff");
        assert_eq!(text(&|o| hex0(o, 0)), "0x0");
        assert_eq!(text(&|o| address(o, 0)), "NULL");
        assert_eq!(text(&|o| octal(o, 0, 1)), "0");
        assert_eq!(text(&|o| octal(o, 0, 3)), "000");
        assert_eq!(text(&|o| octal(o, 7, 3)), "007");
        assert_eq!(text(&|o| octal(o, 0o22, 3)), "022");
        assert_eq!(text(&|o| octal(o, 0o644, 3)), "0644");
        assert_eq!(text(&|o| octal(o, u64::MAX, 3)), "01777777777777777777777");
    }
}
