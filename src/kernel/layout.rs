//! How is a structure of the guest read and written, given where an ABI puts its fields?

use emu_cpu::{Endian, Fault, GuestMemory};
use emu_prototypes::Field;

/// A structure of the guest as bytes, in the guest's byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    bytes: Vec<u8>,
    endian: Endian,
}

impl Image {
    /// A structure of zeros.
    pub fn new(size: u32, endian: Endian) -> Image {
        Image {
            bytes: vec![0; size as usize],
            endian,
        }
    }

    /// Copies a structure out of guest memory.
    pub fn load(memory: &mut dyn GuestMemory, address: u64, size: u32) -> Result<Image, Fault> {
        let mut image = Image::new(size, memory.endian());
        memory.read(address, &mut image.bytes)?;
        Ok(image)
    }

    /// A structure from bytes that were read before.
    pub fn from_bytes(bytes: Vec<u8>, endian: Endian) -> Image {
        Image { bytes, endian }
    }

    /// Sets a field of at most eight bytes; the value is cut to its size. A field that the ABI does not have, or that
    /// is not inside, is left out.
    pub fn put(&mut self, field: Field, value: u64) -> &mut Image {
        let endian = self.endian;
        if let Some(place) = self.place(field) {
            match place.len() {
                1 => place[0] = value as u8,
                size @ (2 | 4 | 8) => match endian {
                    Endian::Little => place.copy_from_slice(&value.to_le_bytes()[..size]),
                    Endian::Big => place.copy_from_slice(&value.to_be_bytes()[8 - size..]),
                },
                _ => {}
            }
        }
        self
    }

    /// Sets a field to bytes: what does not fit is cut off, what is left stays as it is.
    pub fn put_bytes(&mut self, field: Field, bytes: &[u8]) -> &mut Image {
        if let Some(place) = self.place(field) {
            let len = bytes.len().min(place.len());
            place[..len].copy_from_slice(&bytes[..len]);
        }
        self
    }

    /// A field of at most eight bytes, extended to 64 bits by its sign; 0 for one that the ABI does not have.
    pub fn get(&self, field: Field) -> u64 {
        let bytes = self.get_bytes(field);
        let (size, mut wide) = (bytes.len(), [0; 8]);
        if !matches!(size, 1 | 2 | 4 | 8) {
            return 0;
        }
        let value = match self.endian {
            Endian::Little => {
                wide[..size].copy_from_slice(bytes);
                u64::from_le_bytes(wide)
            }
            Endian::Big => {
                wide[8 - size..].copy_from_slice(bytes);
                u64::from_be_bytes(wide)
            }
        };
        let unused = 64 - 8 * size as u32;
        if field.signed {
            (((value << unused) as i64) >> unused) as u64
        } else {
            value
        }
    }

    /// The same, as a signed number.
    pub fn get_signed(&self, field: Field) -> i64 {
        self.get(field) as i64
    }

    /// The bytes of a field, or nothing.
    pub fn get_bytes(&self, field: Field) -> &[u8] {
        let start = usize::from(field.offset);
        self.bytes
            .get(start..start + usize::from(field.size))
            .unwrap_or(&[])
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Copies the structure into guest memory.
    pub fn store(&self, memory: &mut dyn GuestMemory, address: u64) -> Result<(), Fault> {
        memory.write(address, &self.bytes)
    }

    fn place(&mut self, field: Field) -> Option<&mut [u8]> {
        let start = usize::from(field.offset);
        self.bytes.get_mut(start..start + usize::from(field.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(offset: u16, size: u16, signed: bool) -> Field {
        Field {
            offset,
            size,
            signed,
        }
    }

    #[test]
    fn a_field_stands_in_the_byte_order_of_the_guest() {
        let mut image = Image::new(8, Endian::Big);
        image.put(field(2, 4, false), 0x1_0203_0405);
        assert_eq!(image.bytes(), [0, 0, 2, 3, 4, 5, 0, 0]);
        let mut image = Image::new(8, Endian::Little);
        image.put(field(2, 4, false), 0x1_0203_0405);
        assert_eq!(image.bytes(), [0, 0, 5, 4, 3, 2, 0, 0]);
    }

    #[test]
    fn a_signed_field_is_extended() {
        let image = Image::from_bytes(vec![0xff, 0xfe], Endian::Big);
        assert_eq!(image.get_signed(field(0, 2, true)), -2);
        assert_eq!(image.get(field(0, 2, false)), 0xfffe);
    }

    #[test]
    fn a_field_the_abi_does_not_have_reads_as_zero_and_takes_nothing() {
        let mut image = Image::new(4, Endian::Little);
        image.put(field(0, 0, false), 1).put(field(2, 4, false), 7);
        assert_eq!(image.get(field(0, 0, false)), 0);
        assert_eq!(image.bytes(), [0; 4]);
    }

    #[test]
    fn bytes_are_cut_to_their_field() {
        let mut image = Image::new(6, Endian::Little);
        image.put_bytes(field(1, 3, false), b"abcdef");
        assert_eq!(image.bytes(), b"\0abc\0\0");
    }
}
