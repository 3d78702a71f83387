//! Expected texts are strace's own (version 6.1), taken from runs of small programs on x86-64; those of other ABIs differ
//! from them only in what the ABI's documents say.

mod descriptors;
mod files;
mod memory;
mod processes;
mod strings;
mod system;

use std::collections::BTreeMap;

use emu_cpu::{Access, Endian, Fault, FaultKind, GuestMemory};
use emu_prototypes::linux::{Abi, CALLS, Errno, MIPS_O32, X64};
use emu_prototypes::{Args, DataModel, MAX_ARGS};

use super::settings::{Extent, Settings};
use super::{Asked, Decoder, Line};

/// Pieces of memory by address.
struct Sparse {
    pieces: BTreeMap<u64, Vec<u8>>,
    endian: Endian,
    model: DataModel,
}

impl GuestMemory for Sparse {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        for (index, byte) in buf.iter_mut().enumerate() {
            let at = address.wrapping_add(index as u64);
            let piece = self.pieces.range(..=at).next_back();
            let found = piece.and_then(|(start, bytes)| bytes.get((at - start) as usize));
            *byte = *found.ok_or(Fault {
                address: at,
                access: Access::Read,
                kind: FaultKind::Unmapped,
            })?;
        }
        Ok(())
    }
    fn write(&mut self, address: u64, _: &[u8]) -> Result<(), Fault> {
        Err(Fault {
            address,
            access: Access::Write,
            kind: FaultKind::Denied,
        })
    }
    fn endian(&self) -> Endian {
        self.endian
    }
    fn pointer_width(&self) -> u64 {
        if self.model == DataModel::Ilp32 { 4 } else { 8 }
    }
}

impl crate::view::Guest for Sparse {}

/// A call on an ABI and the memory it looks at.
pub(super) struct Case {
    pub(super) abi: &'static Abi,
    pub(super) name: &'static str,
    pub(super) args: Args,
    memory: Sparse,
    settings: Settings,
}

pub(super) fn case(abi: &'static Abi, name: &'static str, args: &[u64]) -> Case {
    let endian = if std::ptr::eq(abi, &MIPS_O32) {
        Endian::Big
    } else {
        Endian::Little
    };
    let mut all = [0; MAX_ARGS];
    all[..args.len()].copy_from_slice(args);
    let memory = Sparse {
        pieces: BTreeMap::new(),
        endian,
        model: abi.model,
    };
    Case {
        abi,
        name,
        args: all,
        memory,
        settings: Settings::default(),
    }
}

impl Case {
    /// Memory at an address, on a page of its own, so that reading on to the page's end is possible.
    pub(super) fn bytes(mut self, address: u64, bytes: &[u8]) -> Case {
        let mut piece = bytes.to_vec();
        piece.resize(piece.len().next_multiple_of(4096), 0);
        self.memory.pieces.insert(address, piece);
        self
    }

    /// Numbers of some size each, in the ABI's byte order.
    pub(super) fn numbers(self, address: u64, numbers: &[(u8, u64)]) -> Case {
        let mut bytes = Vec::new();
        for (size, value) in numbers {
            let size = usize::from(*size);
            match self.memory.endian {
                Endian::Little => bytes.extend_from_slice(&value.to_le_bytes()[..size]),
                Endian::Big => bytes.extend_from_slice(&value.to_be_bytes()[8 - size..]),
            }
        }
        self.bytes(address, &bytes)
    }

    pub(super) fn limit(mut self, limit: usize) -> Case {
        self.settings.limit = limit;
        self
    }

    pub(super) fn settings(mut self, settings: Settings) -> Case {
        self.settings = settings;
        self
    }

    pub(super) fn text(&mut self, result: Result<u64, Errno>) -> String {
        let row = self
            .abi
            .table
            .by_name(self.name)
            .expect("the ABI has the call");
        let info = &CALLS[usize::from(row.call)];
        let asked = Asked {
            info,
            row,
            args: &self.args,
            abi: self.abi,
            model: self.abi.model,
            extent: self.settings.extent(info),
        };
        let mut decoder = Decoder::new(self.settings.clone());
        let mut line = Line::default();
        decoder.enter(&asked, &mut self.memory, &mut line);
        decoder.exit(&asked, result.ok(), &mut self.memory, &mut line);
        line.text.extend_from_slice(b") = ");
        let mut printer =
            decoder.printer(&mut line.text, &mut self.memory, self.abi, self.abi.model);
        match result {
            Ok(value) => printer.success(&asked, value),
            Err(errno) => printer.error(errno),
        }
        String::from_utf8(line.text).expect("a trace is ASCII")
    }

    #[track_caller]
    fn gives(mut self, result: Result<u64, Errno>, expected: &str) {
        assert_eq!(self.text(result), expected);
    }
}

const A: u64 = 0x1_0000;
const B: u64 = 0x2_0000;
const C: u64 = 0x3_0000;
const D: u64 = 0x4_0000;
/// -100, sign-extended.
const AT_FDCWD: u64 = -100i64 as u64;

/// What the call reads is shown as it was when it began, also when it stands behind what the call fills.
#[test]
fn arguments_are_read_before_the_call_changes_them() {
    let mut case = case(&X64, "newfstatat", &[AT_FDCWD, A, B, 0]).bytes(A, b"before\0");
    let row = case
        .abi
        .table
        .by_name(case.name)
        .expect("the ABI has the call");
    let info = &CALLS[usize::from(row.call)];
    let (abi, args) = (case.abi, case.args);
    let asked = Asked {
        info,
        row,
        args: &args,
        abi,
        model: abi.model,
        extent: Extent::default(),
    };
    let mut decoder = Decoder::new(Settings::default());
    let mut line = Line::default();
    decoder.enter(&asked, &mut case.memory, &mut line);
    case = case.bytes(A, b"after\0");
    decoder.exit(&asked, None, &mut case.memory, &mut line);
    assert_eq!(
        String::from_utf8_lossy(&line.text),
        "AT_FDCWD, \"before\", 0x20000, 0"
    );
}
