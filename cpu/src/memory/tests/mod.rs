//! What each part promises, as sentences; and the whole against a naive model.

mod accesses;
mod cost;
mod engine;
mod frames;
mod gaps;
mod mapping;
mod model;
mod objects;
mod sharing;

use std::rc::Rc;

use super::*;
use crate::Arch;

const MIB: u64 = 1 << 20;
const RW: Prot = Prot::READ.union(Prot::WRITE);
const RX: Prot = Prot::READ.union(Prot::EXEC);

/// A space for x86-64 with 64 MiB behind it.
fn space() -> AddressSpace {
    space_of(Arch::X86_64, 64 * MIB)
}

fn space_of(arch: Arch, limit: u64) -> AddressSpace {
    let memory = Memory::new(limit).expect("address space of the host");
    let high = if arch.pointer() == 4 {
        0xc000_0000
    } else {
        1 << 47
    };
    AddressSpace::new(&memory, arch, 0x1_0000, high)
}

fn anonymous(space: &mut AddressSpace, addr: u64, pages: u64, prot: Prot) {
    space
        .map(addr, pages * PAGE, prot, Backing::Anonymous, None)
        .expect("a free range");
}

fn shared(space: &mut AddressSpace, addr: u64, pages: u64, object: &Rc<Object>) {
    let backing = Backing::Shared {
        object: Rc::clone(object),
        offset: 0,
    };
    space
        .map(addr, pages * PAGE, RW, backing, None)
        .expect("a free range");
}

fn private(space: &mut AddressSpace, addr: u64, pages: u64, object: &Rc<Object>) {
    let backing = Backing::Private {
        object: Rc::clone(object),
        offset: 0,
    };
    space
        .map(addr, pages * PAGE, RW, backing, None)
        .expect("a free range");
}

fn object(space: &AddressSpace, bytes: &[u8]) -> Rc<Object> {
    let object = Object::new(space.memory());
    assert_eq!(object.write(0, bytes).expect("room"), bytes.len());
    object
}

fn bytes(space: &mut AddressSpace, addr: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    space.read(addr, &mut bytes).expect("readable");
    bytes
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Fault>) -> (u64, FaultKind) {
    let fault = result.expect_err("a fault");
    (fault.address, fault.kind)
}

/// The regions, one a line.
fn layout(space: &AddressSpace) -> String {
    let mut text = String::new();
    for region in space.regions() {
        let from = match &region.backing {
            Backing::Anonymous => "anonymous".to_string(),
            Backing::Private { offset, .. } => format!("private+{offset:x}"),
            Backing::Shared { offset, .. } => format!("shared+{offset:x}"),
        };
        text += &format!(
            "{:x}-{:x} {} {from}\n",
            region.start, region.end, region.prot
        );
    }
    text
}
