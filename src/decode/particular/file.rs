//! Arguments of calls on files.

use super::super::Printer;
use super::group;

impl Printer<'_> {
    /// How fresh the answer must be comes first, even when it is nothing particular.
    pub(super) fn statx_flags(&mut self, value: u64) {
        let sync = self.abi.k.AT_STATX_SYNC_TYPE & value;
        self.value(group::STATX_FLAGS, sync);
        let rest = value & 0xffff_ffff & !sync;
        if rest != 0 {
            let left = self
                .names
                .more_flags(self.out, self.abi, group::STATX_FLAGS, rest);
            if left != 0 {
                self.out.push(b'|');
                self.hex(left);
            }
        }
    }

    /// Two times of a file, or `NULL`.
    pub(super) fn file_times(&mut self, address: u64, shape: &str, part: &str) {
        let size = self
            .abi
            .structure(shape)
            .map_or(0, |shape| u64::from(shape.size));
        let both = (
            self.load(shape, address),
            self.load(shape, address.wrapping_add(size)),
        );
        let (Some(access), Some(change)) = both else {
            self.address(address);
            return;
        };
        self.out.push(b'[');
        for (index, image) in [access, change].iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            let seconds = image.get("tv_sec").unwrap_or(0);
            let fraction = image.get(part).unwrap_or(0);
            // [Linux include/linux/stat.h]
            match (part, fraction) {
                ("tv_nsec", 0x3fff_ffff) => self.text("UTIME_NOW"),
                ("tv_nsec", 0x3fff_fffe) => self.text("UTIME_OMIT"),
                _ => {
                    self.text("{tv_sec=");
                    self.signed(seconds);
                    self.text(", ");
                    self.text(part);
                    self.out.push(b'=');
                    self.signed(fraction);
                    self.out.push(b'}');
                    let digits = if part == "tv_nsec" { 9 } else { 6 };
                    self.date_comment(seconds as i64, fraction, digits);
                }
            }
        }
        self.out.push(b']');
    }
}
