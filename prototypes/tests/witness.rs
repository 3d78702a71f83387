//! Do our tables say the same of Linux's arguments as somebody else's extraction of its sources?

use std::collections::BTreeMap;

use emu_prototypes::linux::{self, Abi};
use emu_prototypes::{Row, Width};

fn letter(width: Width) -> char {
    match width {
        Width::I8 => 'b',
        Width::U8 => 'B',
        Width::I16 => 'h',
        Width::U16 => 'H',
        Width::I32 => 'i',
        Width::U32 => 'I',
        Width::I64 => 'q',
        Width::U64 => 'Q',
        Width::Long => 'l',
        Width::ULong => 'L',
        Width::Ptr => 'p',
        Width::IPtr => 'P',
    }
}

/// How a table has a number: `NAME WIDTHS`.
type Rows = BTreeMap<u32, String>;

fn ours(rows: &[Row]) -> Rows {
    let row = |row: &Row| {
        let widths: String = row.params.iter().map(|param| letter(param.width)).collect();
        let widths = if widths.is_empty() { "-" } else { &widths };
        (row.number, format!("{} {widths}", row.name))
    };
    rows.iter().map(row).collect()
}

fn theirs(abi: &str) -> Rows {
    let text = include_str!("../linux/witness.txt");
    let heading = format!("\n[{abi}]\n");
    let (_, rest) = text.split_once(&heading).expect("the ABI is there");
    let section = rest.split("\n[").next().unwrap_or_default();
    let row = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [number, name, _, widths] = words[..] else {
            panic!("{abi}: {line}");
        };
        (
            number.parse().expect("a number"),
            format!("{name} {widths}"),
        )
    };
    section.lines().map(row).collect()
}

/// Each number that both have and say otherwise, `ABI NUMBER: OURS, elsewhere THEIRS`.
fn differences(abi: &str, ours: &Rows, theirs: &Rows) -> Vec<String> {
    let both = ours
        .iter()
        .filter_map(|(number, ours)| Some((number, ours, theirs.get(number)?)));
    both.filter(|(_, ours, theirs)| ours != theirs)
        .map(|(number, ours, theirs)| format!("{abi} {number}: {ours}, elsewhere {theirs}"))
        .collect()
}

fn abi(name: &str) -> &'static Abi {
    let abi = linux::ABIS.iter().find(|abi| abi.name == name);
    abi.expect("it is there")
}

/// Where the two differ, and why ours stays.
const KNOWN_BETTER: &[&str] = &[
    // The header calls them `__ARM_NR_breakpoint` and so on: the names are ours and theirs.
    "arm 983041: breakpoint -, elsewhere ARM_breakpoint -",
    "arm 983042: cacheflush LLL, elsewhere ARM_cacheflush LLL",
    "arm 983043: usr26 -, elsewhere ARM_usr26 -",
    "arm 983044: usr32 -, elsewhere ARM_usr32 -",
    "arm 983045: set_tls L, elsewhere ARM_set_tls L",
    "arm 983046: get_tls -, elsewhere ARM_get_tls -",
    // `off_t` is a register's 64 bits there, whatever `long` is.   [Linux arch/mips/kernel/syscalls/syscall_n32.tbl: sys_lseek,
    // sys_mips_mmap, sys_truncate, sys_ftruncate; MIPSpro N32 ABI Handbook, 2.1]
    "mips64n32 6008: lseek IqI, elsewhere lseek IlI",
    "mips64n32 6009: mmap LLLLLq, elsewhere mmap LLLLLl",
    "mips64n32 6074: truncate pq, elsewhere truncate pl",
    "mips64n32 6075: ftruncate Iq, elsewhere ftruncate Il",
];

#[test]
fn arguments_are_as_many_and_as_wide_as_elsewhere() {
    let mut all = Vec::new();
    for name in ["x86", "x64", "arm", "arm64", "mips", "mips64", "mips64n32"] {
        let (ours, theirs) = (ours(abi(name).table.rows), theirs(name));
        let both = ours
            .keys()
            .filter(|number| theirs.contains_key(number))
            .count();
        assert!(both * 20 > ours.len() * 19, "{name}: only {both} compared");
        all.extend(differences(name, &ours, &theirs));
    }
    assert!(all == KNOWN_BETTER, "{}", all.join("\n"));
}

#[test]
fn a_wrong_row_is_named() {
    let theirs = theirs("x64");
    let mut wrong = ours(abi("x64").table.rows);
    wrong.insert(0, "read Ip".to_owned());
    wrong.insert(257, "openat ipip".to_owned());
    assert_eq!(
        differences("x64", &wrong, &theirs),
        [
            "x64 0: read Ip, elsewhere read Ipp",
            "x64 257: openat ipip, elsewhere openat ipiH"
        ]
    );
}
