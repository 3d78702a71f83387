//! Numbers and bytes of a record.

use std::io::{self, Read};

/// Appends a number.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends the difference of two numbers, around the end of 64 bits if that is shorter.
pub(super) fn put_step(out: &mut Vec<u8>, value: u64, before: u64) {
    put_signed(out, value.wrapping_sub(before) as i64);
}

/// Appends bytes and their length.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what was put.
pub(super) struct Source<R> {
    from: R,
}

/// What is no trace.
pub(super) fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl<R: Read> Source<R> {
    pub(super) fn new(from: R) -> Self {
        Source { from }
    }

    /// The next byte; `None` at the end.
    pub(super) fn first(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        loop {
            match self.from.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn byte(&mut self) -> io::Result<u8> {
        self.first()?
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    pub(super) fn number(&mut self) -> io::Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(wrong("a number has no end"))
    }

    pub(super) fn signed(&mut self) -> io::Result<i64> {
        let value = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(super) fn step(&mut self, before: u64) -> io::Result<u64> {
        Ok(before.wrapping_add(self.signed()? as u64))
    }

    /// A number that fits.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> io::Result<T> {
        T::try_from(self.number()?).map_err(|_| wrong("a number is too large"))
    }

    pub(super) fn small_signed<T: TryFrom<i64>>(&mut self) -> io::Result<T> {
        T::try_from(self.signed()?).map_err(|_| wrong("a number is too large"))
    }

    /// Appends so many bytes to `out`. Memory is taken as bytes come, not as the length says.
    pub(super) fn append(&mut self, out: &mut Vec<u8>, len: u64) -> io::Result<()> {
        if len > super::LONGEST {
            return Err(wrong("a length is too large"));
        }
        let read = (&mut self.from).take(len).read_to_end(out)?;
        if read as u64 != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    pub(super) fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let len = self.number()?;
        let mut bytes = Vec::new();
        self.append(&mut bytes, len)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let all = [0, 1, 127, 128, 300, u64::MAX / 2, u64::MAX - 1, u64::MAX];
        let mut out = Vec::new();
        for value in all {
            put(&mut out, value);
            put_signed(&mut out, value as i64);
            put_step(&mut out, value, 77);
        }
        assert_eq!(out[..3], [0, 0, 0x99], "small numbers take a byte");
        let mut source = Source::new(&out[..]);
        for value in all {
            assert_eq!(source.number().ok(), Some(value));
            assert_eq!(source.signed().ok(), Some(value as i64));
            assert_eq!(source.step(77).ok(), Some(value));
        }
        assert!(source.number().is_err());
    }

    #[test]
    fn what_has_no_end_is_refused() {
        assert!(Source::new(&[0x80; 20][..]).number().is_err());
        assert!(Source::new(&[200, 1, 7][..]).bytes().is_err());
        let mut endless = Vec::new();
        put(&mut endless, u64::MAX);
        assert!(Source::new(&endless[..]).bytes().is_err());
        assert!(Source::new(&endless[..]).small::<u32>().is_err());
    }
}
