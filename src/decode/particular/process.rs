//! What a process is allowed and how it behaves: `prctl`, `personality`, capabilities.

use super::super::structure::Image;
use super::super::{Asked, Phase, Printer, number, quote};
use super::{group, name_of};

/// How many arguments a `prctl` takes behind its option.
pub(super) fn prctl_arguments(name: Option<&str>) -> u8 {
    match name {
        Some(
            "PR_GET_DUMPABLE" | "PR_GET_KEEPCAPS" | "PR_GET_SECCOMP" | "PR_GET_SECUREBITS"
            | "PR_GET_TIMERSLACK" | "PR_GET_TIMING",
        ) => 0,
        Some(
            "PR_SET_NAME"
            | "PR_GET_NAME"
            | "PR_SET_PDEATHSIG"
            | "PR_GET_PDEATHSIG"
            | "PR_SET_DUMPABLE"
            | "PR_SET_KEEPCAPS"
            | "PR_CAPBSET_READ"
            | "PR_CAPBSET_DROP"
            | "PR_SET_SECUREBITS"
            | "PR_SET_TIMERSLACK"
            | "PR_SET_PTRACER"
            | "PR_SET_CHILD_SUBREAPER"
            | "PR_GET_CHILD_SUBREAPER"
            | "PR_GET_TSC"
            | "PR_SET_TSC"
            | "PR_GET_ENDIAN"
            | "PR_GET_UNALIGN"
            | "PR_SET_UNALIGN"
            | "PR_GET_TID_ADDRESS"
            | "PR_SET_FP_MODE",
        ) => 1,
        Some("PR_SET_SECCOMP") => 2,
        _ => 4,
    }
}

impl Printer<'_> {
    /// A domain of execution and its flags: `PER_LINUX|ADDR_NO_RANDOMIZE`.
    pub(in super::super) fn personality(&mut self, value: u64) {
        self.value(group::PERSONALITY, value & 0xff);
        let rest = value & 0xffff_ff00;
        if rest != 0 {
            let left = self
                .names
                .more_flags(self.out, self.abi, "personality_flags", rest);
            if left != 0 {
                self.out.push(b'|');
                self.hex(left);
            }
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
            let set = half(high.as_ref()) << 32 | half(Some(&low));
            let mut first = true;
            for number in (0..64).filter(|number| set >> number & 1 == 1) {
                self.text(if first { "1<<" } else { "|1<<" });
                first = false;
                self.value(group::CAPABILITY, number);
            }
            if first {
                self.out.push(b'0');
            }
        }
        self.out.push(b'}');
    }

    pub(super) fn prctl_argument(
        &mut self,
        asked: &Asked<'_>,
        field: u8,
        value: u64,
        phase: Phase,
    ) {
        let succeeded = matches!(phase, Phase::Exit(Some(_)));
        let Some(name) = name_of(asked, 0, group::PRCTL) else {
            number::hex(self.out, value);
            return;
        };
        match (name, field) {
            ("PR_SET_NAME", 1) => quote::string(self.out, self.memory, value, 15),
            ("PR_GET_NAME", 1) if succeeded => quote::string(self.out, self.memory, value, 16),
            ("PR_SET_PDEATHSIG", 1) => self.signal(value),
            ("PR_GET_PDEATHSIG" | "PR_GET_CHILD_SUBREAPER", 1) if succeeded => self.int_at(value),
            ("PR_CAPBSET_READ" | "PR_CAPBSET_DROP", 1) => self.value(group::CAPABILITY, value),
            (
                "PR_SET_DUMPABLE"
                | "PR_SET_KEEPCAPS"
                | "PR_SET_NO_NEW_PRIVS"
                | "PR_GET_NO_NEW_PRIVS"
                | "PR_SET_TIMERSLACK"
                | "PR_SET_CHILD_SUBREAPER"
                | "PR_SET_THP_DISABLE"
                | "PR_GET_THP_DISABLE",
                _,
            ) => self.decimal(value),
            (_, 1) => number::address(self.out, value),
            _ => number::hex(self.out, value),
        }
    }
}
