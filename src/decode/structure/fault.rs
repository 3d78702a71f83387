//! Requests to who serves page faults.   [ioctl_userfaultfd(2)]

use super::super::Printer;
use super::Image;
use super::fields::As;

/// What can be asked of it and of a range of it, by their numbers, which are the same on every ABI.
/// [Linux include/uapi/linux/userfaultfd.h, _UFFDIO_REGISTER and following]
const OF_ALL: [(u64, &str); 3] = [
    (0, "_UFFDIO_REGISTER"),
    (1, "_UFFDIO_UNREGISTER"),
    (63, "_UFFDIO_API"),
];
const OF_RANGE: [(u64, &str); 5] = [
    (2, "_UFFDIO_WAKE"),
    (3, "_UFFDIO_COPY"),
    (4, "_UFFDIO_ZEROPAGE"),
    (6, "_UFFDIO_WRITEPROTECT"),
    (7, "_UFFDIO_CONTINUE"),
];

impl Printer<'_> {
    /// A request; with the answer when there is one.
    pub(in super::super) fn fault_request(&mut self, shape: &str, address: u64, answered: bool) {
        let Some(image) = self.load(shape, address) else {
            return self.address(address);
        };
        self.out.push(b'{');
        match shape {
            "uffdio_api" => {
                self.field(&image, "api", As::Hex);
                self.text(", ");
                self.field(&image, "features", As::Flags("uffd_features"));
                if answered {
                    self.requests_of(&image, &OF_ALL);
                }
            }
            "uffdio_register" => {
                self.fault_range(&image);
                self.field(&image, "mode", As::Flags("uffd_mode"));
                if answered {
                    self.requests_of(&image, &OF_RANGE);
                }
            }
            "uffdio_copy" => {
                for name in ["dst", "src", "len"] {
                    self.field(&image, name, As::Hex);
                    self.text(", ");
                }
                self.field(&image, "mode", As::Flags("uffd_copy"));
                if answered {
                    self.text(", ");
                    self.field(&image, "copy", As::Hex);
                }
            }
            _ => {
                self.fault_range(&image);
                self.field(&image, "mode", As::Flags("uffd_zeropage"));
                if answered {
                    self.text(", ");
                    self.field(&image, "zeropage", As::Hex);
                }
            }
        }
        self.out.push(b'}');
    }

    fn fault_range(&mut self, image: &Image) {
        self.text("range=");
        self.structure("uffdio_range", image.place("range_start").unwrap_or(0));
        self.text(", ");
    }

    /// `, ioctls=1<<_UFFDIO_WAKE|0x3`
    fn requests_of(&mut self, image: &Image, names: &[(u64, &str)]) {
        self.text(", ioctls=");
        let value = image.get("ioctls").unwrap_or(0);
        let mut rest = value;
        for (bit, _) in names {
            rest &= !(1 << bit);
        }
        if rest == value {
            return self.hex(value);
        }
        self.hex_or(value, |printer| {
            let mut separator = "1<<";
            for (bit, name) in names {
                if value >> bit & 1 == 1 {
                    printer.text(separator);
                    separator = "|1<<";
                    printer.text(name);
                }
            }
            if rest != 0 {
                printer.out.push(b'|');
                printer.hex(rest);
            }
        });
    }
}
