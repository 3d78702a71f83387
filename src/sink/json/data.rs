//! Bytes that an argument points to.

use emu_cpu::GuestMemory;

/// The most bytes of a path that are told.
pub(super) const PATH_MAX: usize = 4096;

/// Bytes an argument points to.
#[derive(Default, Clone)]
pub(super) struct Data {
    pub(super) bytes: Vec<u8>,
    /// How many there are, when not all are told.
    pub(super) length: Option<u64>,
    pub(super) known: bool,
}

/// The string at an address.
pub(super) fn string(memory: &mut dyn GuestMemory, address: u64) -> Data {
    if address == 0 {
        return Data::default();
    }
    match memory.read_cstr(address, PATH_MAX) {
        Ok(bytes) => Data {
            bytes,
            length: None,
            known: true,
        },
        Err(_) => Data::default(),
    }
}

/// At most `limit` of `len` bytes at an address.
pub(super) fn bytes(memory: &mut dyn GuestMemory, address: u64, len: u64, limit: usize) -> Data {
    let shown = usize::try_from(len).unwrap_or(usize::MAX).min(limit);
    let mut bytes = Vec::new();
    while bytes.len() < shown {
        let start = bytes.len();
        bytes.resize(start + (shown - start).min(PATH_MAX), 0);
        let at = address.wrapping_add(start as u64);
        if memory.read(at, &mut bytes[start..]).is_err() {
            return Data::default();
        }
    }
    let length = ((shown as u64) < len).then_some(len);
    if length.is_some() {
        // A character that the limit cut is left out, so that text stays text.
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
        {
            bytes.truncate(error.valid_up_to());
        }
    }
    Data {
        bytes,
        length,
        known: address != 0,
    }
}
