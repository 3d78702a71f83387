//! Requests to video devices.   [Linux include/uapi/linux/videodev2.h]

use super::super::Printer;
use super::Image;
use super::fields::{As, fields};

impl Printer<'_> {
    /// A structure of which the first fields are asked with, and the others are the answer.
    pub(in super::super) fn answered(
        &mut self,
        shape: &str,
        asked: usize,
        address: u64,
        answered: bool,
    ) {
        let (Some(image), Some(fields)) = (self.load(shape, address), fields(shape)) else {
            return self.address(address);
        };
        let count = if answered { fields.len() } else { asked };
        self.by_fields(&image, &fields[..count.min(fields.len())]);
    }

    /// A format of frames; without the format itself when that is not there yet.
    pub(in super::super) fn video_format(&mut self, address: u64, answered: bool) {
        let Some(image) = self.load("v4l2_format", address) else {
            return self.address(address);
        };
        self.out.push(b'{');
        self.field(&image, "type", As::Value("v4l2_buffer_type"));
        if answered {
            self.text(", ");
            self.pixel_format(&image);
        }
        self.out.push(b'}');
    }

    /// `fmt.pix={…}`, of single planes.
    fn pixel_format(&mut self, image: &Image) {
        // V4L2_BUF_TYPE_VIDEO_CAPTURE and V4L2_BUF_TYPE_VIDEO_OUTPUT
        if !matches!(image.get("type"), Some(1 | 2)) {
            return self.text("fmt=...");
        }
        self.text("fmt.pix=");
        match image.place("fmt_pix_width") {
            Some(place) => self.structure("v4l2_pix_format", place),
            None => self.text("..."),
        }
    }

    /// A buffer that is asked about, given or taken; the last has a time.
    pub(in super::super) fn video_buffer(&mut self, address: u64, taken: bool, answered: bool) {
        let Some(image) = self.load("v4l2_buffer", address) else {
            return self.address(address);
        };
        self.out.push(b'{');
        self.field(&image, "type", As::Value("v4l2_buffer_type"));
        if answered || !taken {
            self.text(", ");
            self.field(&image, "index", As::Number);
        }
        if !answered {
            return self.out.push(b'}');
        }
        self.text(", ");
        self.field(&image, "memory", As::Value("v4l2_memory"));
        self.text(", ");
        // V4L2_MEMORY_MMAP and following
        match image.get("memory") {
            Some(2) => {
                self.text("m.userptr=");
                self.field_value(&image, "m_userptr", As::Address);
            }
            Some(4) => {
                self.text("m.fd=");
                self.field_value(&image, "m_fd", As::Number);
            }
            _ => {
                self.text("m.offset=");
                self.field_value(&image, "m_offset", As::Hex);
            }
        }
        for name in ["length", "bytesused"] {
            self.text(", ");
            self.field(&image, name, As::Number);
        }
        self.text(", flags=");
        let flags = image.get("flags").unwrap_or(0);
        // V4L2_BUF_FLAG_TIMESTAMP_MASK and V4L2_BUF_FLAG_TSTAMP_SRC_MASK
        let (clock, stamped) = (flags & 0xe000, flags & 0x7_0000);
        self.flags("v4l2_buffer", flags & !(clock | stamped));
        self.out.push(b'|');
        self.value("v4l2_clock", clock);
        self.out.push(b'|');
        self.value("v4l2_stamped", stamped);
        if taken {
            self.text(", ");
            self.field(&image, "timestamp", As::Time);
        }
        self.text(", ...}");
    }

    /// The sizes of frames that a format has.
    pub(in super::super) fn video_sizes(&mut self, address: u64, answered: bool) {
        let Some(image) = self.load("v4l2_frmsizeenum", address) else {
            return self.address(address);
        };
        self.out.push(b'{');
        self.field(&image, "index", As::Number);
        self.text(", ");
        self.field(&image, "pixel_format", As::Pixels);
        if answered {
            self.text(", ");
            self.field(&image, "type", As::Value("v4l2_size_type"));
            // V4L2_FRMSIZE_TYPE_DISCRETE and following
            let (name, first, shape) = match image.get("type") {
                Some(1) => (", discrete=", "discrete_width", "v4l2_frmsize_discrete"),
                Some(2 | 3) => (", stepwise=", "stepwise_min_width", "v4l2_frmsize_stepwise"),
                _ => return self.out.push(b'}'),
            };
            self.text(name);
            match image.place(first) {
                Some(place) => self.structure(shape, place),
                None => self.text("..."),
            }
        }
        self.out.push(b'}');
    }

    /// What a request that is asked and answered in the same structure holds when it is asked.
    pub(in super::super) fn question(&mut self, shape: &str, address: u64) {
        match shape {
            "v4l2_format" => self.video_format(address, true),
            "fiemap" => match self.load(shape, address) {
                Some(image) => {
                    self.text("{");
                    for name in ["fm_start", "fm_length"] {
                        self.field(&image, name, As::Number);
                        self.text(", ");
                    }
                    self.field(&image, "fm_flags", As::Flags("fiemap"));
                    self.text(", ");
                    self.field(&image, "fm_extent_count", As::Number);
                    self.out.push(b'}');
                }
                None => self.address(address),
            },
            _ => self.structure(shape, address),
        }
    }

    /// The answer behind such a question.
    pub(in super::super) fn answer(&mut self, shape: &str, address: u64) {
        // What could not be read has no answer.
        if self.out.last() != Some(&b'}') {
            return;
        }
        let Some(image) = self.load(shape, address) else {
            return;
        };
        match shape {
            "v4l2_format" => {
                self.text(" => {");
                self.pixel_format(&image);
                self.out.push(b'}');
            }
            "fiemap" => self.extents(&image),
            _ => {
                self.out.pop();
                self.text(" => ");
                let name = if shape == "v4l2_control" {
                    "value"
                } else {
                    "count"
                };
                self.field_value(&image, name, As::Number);
                self.out.push(b'}');
            }
        }
    }

    /// Where the parts of a file are.
    fn extents(&mut self, image: &Image) {
        self.text(" => {");
        self.field(image, "fm_flags", As::Flags("fiemap"));
        self.text(", ");
        self.field(image, "fm_mapped_extents", As::Number);
        self.text(", ");
        if !self.whole {
            return self.text("...}");
        }
        self.text("fm_extents=");
        let count = image.get("fm_mapped_extents").unwrap_or(0);
        let head = u64::from(image.shape.size);
        let size = self
            .abi
            .structure("fiemap_extent")
            .map_or(1, |shape| u64::from(shape.size));
        let first = image.address.wrapping_add(head);
        self.elements(first, count, size, |printer, at| {
            printer.structure("fiemap_extent", at);
        });
        self.out.push(b'}');
    }

    /// `v4l2_fourcc('M', 'J', 'P', 'G') /* V4L2_PIX_FMT_MJPEG */`
    pub(super) fn pixels(&mut self, value: u64) {
        if !self.has_words() {
            return self.hex(value);
        }
        self.text("v4l2_fourcc(");
        for (index, byte) in (value as u32).to_le_bytes().into_iter().enumerate() {
            self.text(if index > 0 { ", '" } else { "'" });
            match byte {
                b'\'' | b'\\' => self.out.extend_from_slice(&[b'\\', byte]),
                0x20..=0x7e => self.out.push(byte),
                _ => {
                    self.text("\\x");
                    for nibble in [byte >> 4, byte & 15] {
                        self.out.push(b"0123456789abcdef"[usize::from(nibble)]);
                    }
                }
            }
            self.out.push(b'\'');
        }
        self.out.push(b')');
        if let Some(name) = self.names.name(self.abi, "v4l2_pixels", value) {
            self.text(" /* ");
            self.text(name);
            self.text(" */");
        }
    }
}
