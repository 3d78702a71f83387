//! What things cost. `cargo test --release -p emu-cpu cost -- --ignored --nocapture --test-threads=1`

use std::hint::black_box;
use std::time::Instant;

use super::*;

fn measure(what: &str, times: u32, mut work: impl FnMut()) {
    work();
    let best = (0..5)
        .map(|_| {
            let start = Instant::now();
            (0..times).for_each(|_| work());
            start.elapsed().as_nanos() as f64 / f64::from(times)
        })
        .fold(f64::INFINITY, f64::min);
    println!("{what:55} {best:10.1} ns");
}

/// Maps `count` regions that don't join, in a 32-bit space.
fn crowded(count: u64) -> AddressSpace {
    let mut space = space_of(Arch::Arm, 256 * MIB);
    for index in 0..count {
        let addr = space.find_free(2 * PAGE, u64::MAX, PAGE).expect("room");
        let prot = if index % 2 == 0 { RW } else { Prot::READ };
        anonymous(&mut space, addr, 2, prot);
    }
    space
}

#[test]
#[ignore = "a measurement"]
fn cost_of_mapping() {
    for count in [10, 5000, 60_000] {
        let mut space = crowded(count);
        measure(
            &format!("find + map + touch + unmap, {count} regions live"),
            10_000,
            || {
                let addr = space.find_free(PAGE, u64::MAX, PAGE).expect("room");
                anonymous(&mut space, addr, 1, RW);
                space.resolve(addr, Access::Write).expect("writable");
                space.unmap(addr, PAGE).expect("room");
            },
        );
        measure(
            &format!("the same, 16 pages each touched, {count} regions"),
            1000,
            || {
                let addr = space.find_free(16 * PAGE, u64::MAX, PAGE).expect("room");
                anonymous(&mut space, addr, 16, RW);
                for page in 0..16 {
                    space
                        .resolve(addr + page * PAGE, Access::Write)
                        .expect("writable");
                }
                space.unmap(addr, 16 * PAGE).expect("room");
            },
        );
        measure(&format!("find_free alone, {count} regions"), 10_000, || {
            black_box(space.find_free(4 * PAGE, u64::MAX, PAGE));
        });
        measure(&format!("fork + drop, {count} regions"), 100, || {
            drop(space.fork().expect("room"))
        });
    }
}

#[test]
#[ignore = "a measurement"]
fn cost_of_accesses() {
    let mut space = space();
    anonymous(&mut space, 0x10_0000, 1024, RW);
    space.write(0x10_0000, &vec![1; 4 << 20]).expect("writable");
    measure("read_u32, same page", 1_000_000, || {
        black_box(space.read_u32(black_box(0x10_0010)).expect("readable"));
    });
    measure("write_u32, same page", 1_000_000, || {
        space.write_u32(black_box(0x10_0010), 7).expect("writable");
    });
    let mut page = 0;
    measure(
        "read_u32, another page of 1024 each time",
        1_000_000,
        || {
            page = (page + 1) % 1024;
            black_box(space.read_u32(0x10_0000 + page * PAGE).expect("readable"));
        },
    );
    measure("resolve, present page", 1_000_000, || {
        page = (page + 1) % 1024;
        black_box(
            space
                .resolve(0x10_0000 + page * PAGE, Access::Read)
                .expect("readable"),
        );
    });
    let mut buf = vec![0; 1 << 20];
    measure("read of 1 MiB", 100, || {
        space.read(0x10_0000, &mut buf).expect("readable")
    });
    measure("read_cstr of 30 bytes", 100_000, || {
        space.write_u8(0x10_001e, 0).expect("writable");
        black_box(space.read_cstr(0x10_0000, 4096).expect("readable"));
    });
}

#[test]
#[ignore = "a measurement"]
fn cost_of_forking() {
    let mut space = space();
    anonymous(&mut space, 0x40_0000, 2560, RW);
    anonymous(&mut space, 0x7fff_f000_0000, 16, RW);
    space
        .write(0x40_0000, &vec![1; 10 << 20])
        .expect("writable");
    measure("fork + drop, 10 MiB present", 1000, || {
        drop(space.fork().expect("room"))
    });
    measure(
        "fork + 4 stores each side + drop, 10 MiB present",
        1000,
        || {
            let mut child = space.fork().expect("room");
            for space in [&mut child, &mut space] {
                for page in 0..3 {
                    space
                        .write_u8(0x40_0000 + page * PAGE, 1)
                        .expect("writable");
                }
                space.write_u8(0x7fff_f000_0000, 1).expect("writable");
            }
        },
    );
    let memory = space.memory().clone();
    let before = memory.used() + memory.tables();
    let start = Instant::now();
    let children: Vec<_> = (0..1000)
        .map(|_| {
            let mut child = space.fork().expect("room");
            child.write_u8(0x7fff_f000_0000, 1).expect("writable");
            child.write_u8(0x40_0000, 1).expect("writable");
            child
        })
        .collect();
    println!(
        "1000 live forks with 2 stores each: {:?}, {} KiB more",
        start.elapsed(),
        (memory.used() + memory.tables() - before) / 1024
    );
    drop(children);
}
