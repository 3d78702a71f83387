//! Do our numbers agree with another source?

use std::collections::BTreeMap;

use emu_prototypes::linux::{self, Abi};

/// Every number that both know has the same name in both. `known_better` says what ours has instead.
fn check(
    abi: &Abi,
    theirs: impl Iterator<Item = (u32, &'static str)>,
    known_better: &[(&str, &str)],
) {
    let ours: Vec<(u32, &str)> = abi.table.rows.iter().map(|r| (r.number, r.name)).collect();
    if let Err(differences) = compare(abi.name, &ours, theirs, known_better) {
        panic!("{differences}");
    }
}

fn compare(
    abi: &str,
    ours: &[(u32, &str)],
    theirs: impl Iterator<Item = (u32, &'static str)>,
    known_better: &[(&str, &str)],
) -> Result<(), String> {
    let theirs: BTreeMap<u32, &str> = theirs.collect();
    let mut differences = String::new();
    let mut compared = 0;
    for &(number, name) in ours {
        let Some(&other) = theirs.get(&number) else {
            continue;
        };
        compared += 1;
        if name != other && !known_better.contains(&(other, name)) {
            differences += &format!("{abi} {number}: `{name}`, elsewhere `{other}`\n");
        }
    }
    if compared * 10 <= ours.len() * 9 {
        differences += &format!("{abi}: only {compared} numbers compared\n");
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(differences)
    }
}

#[test]
fn a_wrong_row_is_named() {
    let theirs = || [(0, "read"), (1, "write"), (2, "open")].into_iter();
    let ours = |third| [(0, "read"), (1, "write"), (2, third)];
    assert_eq!(compare("x64", &ours("open"), theirs(), &[]), Ok(()));
    assert_eq!(
        compare("x64", &ours("close"), theirs(), &[]),
        Err("x64 2: `close`, elsewhere `open`\n".to_owned())
    );
    assert_eq!(
        compare("x64", &ours("close"), theirs(), &[("open", "close")]),
        Ok(())
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
fn numbers_of_mips64() {
    check(
        &linux::MIPS_N64,
        theirs!(mips64),
        &[("fstatat", "newfstatat")],
    );
}

/// What the second crate says, a number after the other.
macro_rules! others {
    ($arch:ident, $numbers:expr) => {
        $numbers.filter_map(|number: u32| {
            Some((
                number,
                syscall_numbers::$arch::sys_call_name(number.into())?,
            ))
        })
    };
}

/// The crate names calls with 32-bit times after their entry points in newer kernels; the tables kept their names.
/// [arch/*/kernel/syscalls/syscall*.tbl]
const TIME32: &[(&str, &str)] = &[
    ("clock_getres_time32", "clock_getres"),
    ("clock_gettime32", "clock_gettime"),
    ("clock_nanosleep_time32", "clock_nanosleep"),
    ("clock_settime32", "clock_settime"),
    ("gettimeofday_time32", "gettimeofday"),
    ("settimeofday_time32", "settimeofday"),
    ("timer_gettime32", "timer_gettime"),
    ("timer_settime32", "timer_settime"),
    ("timerfd_gettime32", "timerfd_gettime"),
    ("timerfd_settime32", "timerfd_settime"),
];

#[test]
fn numbers_of_all_in_a_second_crate() {
    // [arch/arm/tools/syscall.tbl: 270 arm_fadvise64_64, 341 arm_sync_file_range]
    let arm = [
        TIME32,
        &[
            ("fadvise64_64", "arm_fadvise64_64"),
            ("sync_file_range2", "arm_sync_file_range"),
        ],
    ]
    .concat();
    check(&linux::X86, others!(x86, 0..600), TIME32);
    check(&linux::X64, others!(x86_64, 0..600), &[]);
    check(&linux::ARM, others!(arm, 0..600), &arm);
    check(&linux::ARM64, others!(aarch64, 0..600), &[]);
    check(&linux::MIPS_O32, others!(mips, 4000..4600), TIME32);
    check(&linux::MIPS_N64, others!(mips64, 5000..5600), &[]);
    check(&linux::MIPS_N32, others!(mipsn32, 6000..6600), TIME32);
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
