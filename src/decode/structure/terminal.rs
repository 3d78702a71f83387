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
            ("|CR", k.CRDLY),
            ("|TAB", k.TABDLY),
            ("|BS", k.BSDLY),
            ("|VT", k.VTDLY),
            ("|FF", k.FFDLY),
        ];
        let mut rest = oflag;
        for (name, mask) in delays {
            self.text(name);
            self.decimal((oflag & mask) >> mask.trailing_zeros().min(63));
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
        self.text(", ...}");
    }

    /// Flags; nothing when there are none.
    fn set(&mut self, group: &'static str, value: u64) {
        if value != 0 {
            self.flags(group, value);
        }
    }

    /// Flags, each behind `|`; only the sign when there are none.
    fn more(&mut self, group: &'static str, value: u64) {
        if value == 0 {
            self.out.push(b'|');
            return;
        }
        let left = self.names.more_flags(self.out, self.abi, group, value);
        if left != 0 {
            self.out.push(b'|');
            self.hex(left);
        }
    }
}
