//! Structures about files.

use emu_prototypes::Field;

use super::super::particular::group;
use super::super::quote;
use super::super::settings::Strings;
use super::super::{Printer, number};
use super::Image;

/// The type of a file in its mode, the same on every ABI.   [Linux include/uapi/linux/stat.h]
const TYPES: [(u64, &str); 7] = [
    (0o140_000, "S_IFSOCK"),
    (0o120_000, "S_IFLNK"),
    (0o100_000, "S_IFREG"),
    (0o060_000, "S_IFBLK"),
    (0o040_000, "S_IFDIR"),
    (0o020_000, "S_IFCHR"),
    (0o010_000, "S_IFIFO"),
];

impl Printer<'_> {
    /// `S_IFREG|S_ISUID|0755`
    pub(in super::super) fn file_mode(&mut self, mode: u64) {
        let kind = TYPES.iter().find(|(bits, _)| mode & 0o170_000 == *bits);
        let Some((_, name)) = kind else {
            let permissions = |out: &mut Vec<u8>| number::octal(out, mode, 3);
            return match mode & 0o170_000 {
                0 => self.constant(permissions, |printer| permissions(printer.out)),
                _ => permissions(self.out),
            };
        };
        let words = |printer: &mut Self| {
            printer.text(name);
            for (bit, name) in [
                (0o4000, "|S_ISUID"),
                (0o2000, "|S_ISGID"),
                (0o1000, "|S_ISVTX"),
            ] {
                if mode & bit != 0 {
                    printer.text(name);
                }
            }
            printer.out.push(b'|');
            number::octal(printer.out, mode & 0o777, 3);
        };
        self.constant(|out| number::octal(out, mode, 3), words);
    }

    pub(super) fn stat(&mut self, image: &Image) {
        let mode = image.get("st_mode").unwrap_or(0);
        self.out.push(b'{');
        if self.whole {
            self.text("st_dev=");
            self.device(image.get("st_dev").unwrap_or(0));
            self.text(", ");
            self.number_field(image, "st_ino");
            self.text(", ");
        }
        self.text("st_mode=");
        self.file_mode(mode);
        if self.whole {
            let fields = ["st_nlink", "st_uid", "st_gid", "st_blksize", "st_blocks"];
            for name in fields.iter().filter(|name| image.get(name).is_some()) {
                self.text(", ");
                self.number_field(image, name);
            }
        }
        if matches!(mode & 0o170_000, 0o020_000 | 0o060_000) {
            self.text(", st_rdev=");
            self.device(image.get("st_rdev").unwrap_or(0));
        } else {
            self.text(", ");
            self.number_field(image, "st_size");
        }
        if !self.whole {
            return self.text(", ...}");
        }
        for (name, part) in [
            ("st_atime", "st_atime_nsec"),
            ("st_mtime", "st_mtime_nsec"),
            ("st_ctime", "st_ctime_nsec"),
        ] {
            self.text(", ");
            self.number_field(image, name);
            let fraction = image.get(part);
            self.date_comment(
                image.get(name).unwrap_or(0) as i64,
                fraction.unwrap_or(0),
                9,
            );
            if fraction.is_some() {
                self.text(", ");
                self.number_field(image, part);
            }
        }
        self.out.push(b'}');
    }

    pub(super) fn statx(&mut self, image: &Image) {
        self.text("{stx_mask=");
        self.flags(group::STATX_MASK, image.get("stx_mask").unwrap_or(0));
        self.numbers_of_all(image, &["stx_blksize"]);
        self.text(", stx_attributes=");
        self.flags(group::STATX_ATTR, image.get("stx_attributes").unwrap_or(0));
        self.numbers_of_all(image, &["stx_nlink", "stx_uid", "stx_gid"]);
        self.text(", stx_mode=");
        self.file_mode(image.get("stx_mode").unwrap_or(0));
        self.numbers_of_all(image, &["stx_ino"]);
        self.text(", ");
        self.number_field(image, "stx_size");
        if !self.whole {
            return self.text(", ...}");
        }
        self.numbers_of_all(image, &["stx_blocks"]);
        self.text(", stx_attributes_mask=");
        let mask = image.get("stx_attributes_mask").unwrap_or(0);
        self.flags(group::STATX_ATTR, mask);
        for name in ["stx_atime", "stx_btime", "stx_ctime", "stx_mtime"] {
            self.text(", ");
            self.text(name);
            self.out.push(b'=');
            let part = |part: &str| image.get(&format!("{name}_{part}")).unwrap_or(0);
            let (seconds, fraction) = (part("tv_sec"), part("tv_nsec"));
            self.text("{tv_sec=");
            self.signed(seconds);
            self.text(", tv_nsec=");
            self.decimal(fraction);
            self.out.push(b'}');
            self.date_comment(seconds as i64, fraction, 9);
        }
        self.numbers_of_all(
            image,
            &[
                "stx_rdev_major",
                "stx_rdev_minor",
                "stx_dev_major",
                "stx_dev_minor",
            ],
        );
        self.out.push(b'}');
    }

    /// `, name=` and a number of each, when all fields are shown.
    fn numbers_of_all(&mut self, image: &Image, names: &[&str]) {
        for name in if self.whole { names } else { &[] } {
            self.text(", ");
            self.number_field(image, name);
        }
    }

    pub(super) fn statfs(&mut self, image: &Image) {
        self.text("{f_type=");
        let kind = image.get("f_type").unwrap_or(0) & 0xffff_ffff;
        match self.names.name(self.abi, group::FILE_SYSTEM, kind) {
            Some("EXT4_SUPER_MAGIC") => {
                self.hex_or(kind, |printer| printer.text("EXT2_SUPER_MAGIC"));
            }
            Some(name) => self.hex_or(kind, |printer| printer.text(name)),
            None => self.hex(kind),
        }
        for name in [
            "f_bsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree",
        ] {
            self.text(", ");
            self.number_field(image, name);
        }
        self.text(", f_fsid={val=[");
        let words = image
            .shape
            .field("f_fsid")
            .map_or(Field::ABSENT, |field| field);
        for half in 0..2 {
            let word = Field::new(words.offset + 4 * half, 4, false);
            if half > 0 {
                self.text(", ");
            }
            self.hex(image.at(word).unwrap_or(0));
        }
        self.text("]}");
        for name in ["f_namelen", "f_frsize"] {
            self.text(", ");
            self.number_field(image, name);
        }
        let flags = image.get("f_flags").unwrap_or(0);
        if flags != 0 {
            self.text(", f_flags=");
            self.st_flags(flags);
        }
        self.out.push(b'}');
    }

    /// A handle, and the bytes behind it that are the file system's own.
    pub(super) fn file_handle(&mut self, image: &Image) {
        self.out.push(b'{');
        self.number_field(image, "handle_bytes");
        self.text(", ");
        self.number_field(image, "handle_type");
        self.text(", f_handle=");
        let bytes = image.address.wrapping_add(u64::from(image.shape.size));
        // MAX_HANDLE_SZ is 128.   [Linux include/linux/exportfs.h]
        let len = image.get("handle_bytes").unwrap_or(0).min(128);
        quote::buffer(self.out, self.memory.guest, bytes, len, 128, Strings::Hex);
        self.out.push(b'}');
    }

    fn st_flags(&mut self, value: u64) {
        self.hex_or(value, |printer| printer.st_flags_in_words(value));
    }

    fn st_flags_in_words(&mut self, value: u64) {
        let mut rest = value;
        let mut first = true;
        for (bit, name) in ST_FLAGS {
            if rest & bit != 0 {
                if !first {
                    self.out.push(b'|');
                }
                first = false;
                self.text(name);
                rest &= !bit;
            }
        }
        if rest != 0 || first {
            if !first {
                self.out.push(b'|');
            }
            self.hex(rest);
        }
    }

    pub(super) fn flock(&mut self, image: &Image) {
        self.flock_with(image, false);
    }

    /// A lock; with the holder's pid when the call answered.
    pub(in super::super) fn flock_with(&mut self, image: &Image, pid: bool) {
        self.text("{l_type=");
        self.value(group::LOCK_TYPE, image.get("l_type").unwrap_or(0));
        self.text(", l_whence=");
        self.value(group::WHENCE, image.get("l_whence").unwrap_or(0));
        self.text(", ");
        self.number_field(image, "l_start");
        self.text(", ");
        self.number_field(image, "l_len");
        if pid {
            self.text(", ");
            self.number_field(image, "l_pid");
        }
        self.out.push(b'}');
    }

    pub(super) fn open_how(&mut self, image: &Image) {
        self.text("{flags=");
        let flags = image.get("flags").unwrap_or(0);
        self.open_flags(flags);
        let mode = image.get("mode").unwrap_or(0);
        if mode != 0 || self.creates(flags) {
            self.text(", mode=");
            number::octal(self.out, mode, 3);
        }
        self.text(", resolve=");
        self.flags(group::RESOLVE, image.get("resolve").unwrap_or(0));
        self.out.push(b'}');
    }

    pub(super) fn utimbuf(&mut self, image: &Image) {
        self.out.push(b'{');
        for (index, name) in ["actime", "modtime"].iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            self.number_field(image, name);
            self.date_comment(image.get(name).unwrap_or(0) as i64, 0, 9);
        }
        self.out.push(b'}');
    }
}

/// Flags of a mounted file system.   [Linux include/linux/statfs.h]
const ST_FLAGS: &[(u64, &str)] = &[
    (0x0020, "ST_VALID"),
    (0x0001, "ST_RDONLY"),
    (0x0002, "ST_NOSUID"),
    (0x0004, "ST_NODEV"),
    (0x0008, "ST_NOEXEC"),
    (0x0010, "ST_SYNCHRONOUS"),
    (0x0040, "ST_MANDLOCK"),
    (0x0400, "ST_NOATIME"),
    (0x0800, "ST_NODIRATIME"),
    (0x1000, "ST_RELATIME"),
];
