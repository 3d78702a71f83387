//! Do our numbers agree with another source?

use std::collections::BTreeMap;

use emu_prototypes::linux::{self, Abi};

/// Every number that both know has the same name in both. `known_better` says what ours has instead.
fn check(
    abi: &Abi,
    theirs: impl Iterator<Item = (u32, &'static str)>,
    known_better: &[(&str, &str)],
) {
    let theirs: BTreeMap<u32, &str> = theirs.collect();
    let mut compared = 0;
    for row in abi.table.rows {
        let Some(&name) = theirs.get(&row.number) else {
            continue;
        };
        let name = known_better
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(name, |(_, ours)| ours);
        assert_eq!(row.name, name, "number {} of {}", row.number, abi.name);
        compared += 1;
    }
    assert!(
        compared * 10 > abi.table.rows.len() * 9,
        "{}: only {compared} numbers compared",
        abi.name
    );
}

macro_rules! theirs {
    ($arch:ident) => {
        syscalls::$arch::Sysno::iter().map(|call| (call.id() as u32, call.name()))
    };
}

#[test]
fn numbers_of_x86() {
    check(&linux::X86, theirs!(x86), &[]);
}

#[test]
fn numbers_of_x64() {
    check(&linux::X64, theirs!(x86_64), &[]);
}

#[test]
fn numbers_of_arm() {
    check(&linux::ARM, theirs!(arm), &[]);
}

/// The kernel's table says `newfstatat` for 64-bit architectures.   [scripts/syscall.tbl, 79]
#[test]
fn numbers_of_arm64() {
    check(
        &linux::ARM64,
        theirs!(aarch64),
        &[("fstatat", "newfstatat")],
    );
}

#[test]
fn numbers_of_mips() {
    check(&linux::MIPS_O32, theirs!(mips), &[]);
}

#[test]
fn every_number_is_found_and_no_other() {
    for abi in linux::ABIS {
        for row in abi.table.rows {
            let found = abi.table.row(row.number).expect("it is in the table");
            assert_eq!(found.name, row.name);
            assert_eq!(
                abi.table.by_name(row.name).map(|row| row.number),
                Some(row.number)
            );
        }
        let last = abi.table.rows.last().map_or(0, |row| row.number);
        let found = (0..=last + 10)
            .filter(|&number| abi.table.row(number).is_some())
            .count();
        assert_eq!(found, abi.table.rows.len());
        assert!(abi.table.row(u32::MAX).is_none());
    }
}
