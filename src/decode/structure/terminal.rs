//! Settings of terminals.

use super::super::Printer;
use super::super::particular::group;
use super::Image;

impl Printer<'_> {
    pub(super) fn termios(&mut self, image: &Image) {
        let k = self.abi.k;
        let get = |name: &str| image.get(name).unwrap_or(0);
        self.text("{c_iflag=");
        self.set(group::IFLAG, get("c_iflag"));
        self.text(", c_oflag=");
        let oflag = get("c_oflag");
        let delays = [
            ("NL", k.NLDLY),
            ("CR", k.CRDLY),
            ("TAB", k.TABDLY),
            ("BS", k.BSDLY),
            ("VT", k.VTDLY),
            ("FF", k.FFDLY),
        ];
        let mut rest = oflag;
        for (index, (name, mask)) in delays.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b'|');
            }
            self.hex_or(oflag & mask, |printer| {
                printer.text(name);
                printer.decimal((oflag & mask) >> mask.trailing_zeros().min(63));
            });
            rest &= !mask;
        }
        self.more(group::OFLAG, rest);
        self.text(", c_cflag=");
        let cflag = get("c_cflag");
        self.value(group::SPEED, cflag & k.CBAUD);
        self.out.push(b'|');
        self.value(group::CSIZE, cflag & k.CSIZE);
        self.more(group::CFLAG, cflag & !(k.CBAUD | k.CSIZE));
        self.text(", c_lflag=");
        self.set(group::LFLAG, get("c_lflag"));
        if !self.whole {
            return self.text(", ...}");
        }
        self.text(", c_line=");
        self.value("line_discipline", get("c_line"));
        self.text(", c_cc=[");
        for (index, byte) in image.raw("c_cc").iter().enumerate() {
            self.text(if index > 0 { ", [" } else { "[" });
            let index = index as u64;
            match self.names.name(self.abi, "termios_character", index) {
                Some(name) => self.signed_or(index as i64, |printer| printer.text(name)),
                None => self.decimal(index),
            }
            self.text("]=");
            self.hex(u64::from(*byte));
        }
        self.out.push(b']');
        for name in ["c_ispeed", "c_ospeed"] {
            if let Some(speed) = image.get(name) {
                self.text(", ");
                self.text(name);
                self.out.push(b'=');
                self.decimal(speed);
            }
        }
        self.out.push(b'}');
    }

    /// Flags; nothing when there are none.
    fn set(&mut self, group: &'static str, value: u64) {
        if value != 0 {
            self.flags(group, value);
        }
    }

    /// Flags behind `|`; only the sign when there are none.
    fn more(&mut self, group: &'static str, value: u64) {
        self.out.push(b'|');
        self.set(group, value);
    }
}
