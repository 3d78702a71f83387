//! What a process is allowed and how it behaves: `personality`, capabilities.

use emu_cpu::GuestMemory;

use super::super::Printer;
use super::super::structure::Image;
use super::group;

impl Printer<'_> {
    /// A domain of execution and its flags: `PER_LINUX|ADDR_NO_RANDOMIZE`.
    pub(in super::super) fn personality(&mut self, value: u64) {
        self.value(group::PERSONALITY, value & 0xff);
        let rest = value & 0xffff_ff00;
        if rest != 0 {
            self.out.push(b'|');
            self.flags("personality_flags", rest);
        }
    }

    /// Sets of capabilities. Versions 2 and 3 of the header have the upper halves in a second structure.
    pub(super) fn capabilities(&mut self, header: u64, address: u64) {
        let version = self.memory.read_u32(header).map_or(0, u64::from);
        let one = self.names.name(self.abi, group::CAP_VERSION, version);
        let size = self
            .abi
            .structure("cap_data")
            .map_or(0, |shape| u64::from(shape.size));
        let Some(low) = self.load("cap_data", address) else {
            self.address(address);
            return;
        };
        let high = match one {
            Some("_LINUX_CAPABILITY_VERSION_1") => None,
            _ => self.load("cap_data", address.wrapping_add(size)),
        };
        for (separator, name) in [
            ("{", "effective"),
            (", ", "permitted"),
            (", ", "inheritable"),
        ] {
            self.text(separator);
            self.text(name);
            self.out.push(b'=');
            let half = |image: Option<&Image>| {
                image.and_then(|image| image.get(name)).unwrap_or(0) & 0xffff_ffff
            };
            let (low, high) = (half(Some(&low)), half(high.as_ref()));
            if low != 0 || high == 0 {
                self.capability_bits(low, 0);
            }
            if high != 0 {
                if low != 0 {
                    self.out.push(b'|');
                }
                self.capability_bits(high, 32);
            }
        }
        self.out.push(b'}');
    }

    /// One half of a set, whose lowest bit is the capability of number `first`.
    fn capability_bits(&mut self, set: u64, first: u64) {
        if set == 0 {
            self.out.push(b'0');
            return;
        }
        self.hex_or(set, |printer| {
            let mut separator = "1<<";
            for number in (0..32).filter(|number| set >> number & 1 == 1) {
                printer.text(separator);
                separator = "|1<<";
                printer.value(group::CAPABILITY, first + number);
            }
        });
    }
}
