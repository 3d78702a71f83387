//! Are the committed texts of FreeBSD and Windows what the importer makes of its inputs? These are not in the repository:
//! variables name them, and a test without its own says so and is skipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use emu_prototypes_gen::import;
use emu_prototypes_gen::windows::releases::{self, Arch, Release};

/// What a variable names, one path or several as in `PATH`.
fn named(variable: &str) -> Option<Vec<PathBuf>> {
    let value = std::env::var_os(variable);
    if value.is_none() {
        eprintln!("skipped: {variable} is not set");
    }
    value.map(|value| std::env::split_paths(&value).collect())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn check(name: &str, made: &str) {
    let text = read(&committed(name));
    let differ = text
        .lines()
        .zip(made.lines())
        .find(|(ours, theirs)| ours != theirs);
    assert!(text == made, "{name} differs, first in {differ:?}");
}

fn releases() -> Vec<Release> {
    let text = read(&committed("windows/releases.txt"));
    releases::parse("releases.txt", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// `EMU_FREEBSD_TABLE` names a `zsysnum_freebsd_amd64.go` of the version in the header of the committed texts.
#[test]
fn freebsds_texts_are_what_its_table_says() {
    let Some(paths) = named("EMU_FREEBSD_TABLE") else {
        return;
    };
    let texts = import::freebsd::texts("table", &read(&paths[0]));
    let texts = texts.unwrap_or_else(|error| panic!("{error}"));
    check("freebsd/signatures.txt", &texts.signatures);
    check("freebsd/freebsd_x64.txt", &texts.numbers);
}

/// `EMU_NT_NUMBERS` names a directory with `nt_x86.csv` and `nt_x64.csv`.
#[test]
fn windows_numbers_are_what_the_tables_say() {
    let Some(paths) = named("EMU_NT_NUMBERS") else {
        return;
    };
    let [x86, x64] = ["nt_x86.csv", "nt_x64.csv"].map(|name| read(&paths[0].join(name)));
    let csv = |arch, file, text| import::windows::Csv { arch, file, text };
    let tables = [
        csv(Arch::X86, "nt_x86.csv", x86.as_str()),
        csv(Arch::X64, "nt_x64.csv", x64.as_str()),
    ];
    let made = import::windows::numbers(&releases(), &tables);
    check(
        "windows/numbers.txt",
        &made.unwrap_or_else(|errors| panic!("{errors:?}")),
    );
}

/// `EMU_NT_HEADERS` names the headers, or directories of them, in the order that README.md has.
#[test]
fn windows_signatures_are_what_the_headers_say() {
    let Some(paths) = named("EMU_NT_HEADERS") else {
        return;
    };
    let text = read(&committed("windows/numbers.txt"));
    let numbers = emu_prototypes_gen::windows::numbers::parse("numbers.txt", &text, &releases());
    let numbers = numbers.unwrap_or_else(|errors| panic!("{errors:?}"));
    let wanted: Vec<String> = numbers
        .into_iter()
        .flat_map(BTreeMap::into_values)
        .collect();
    let made = import::windows::signatures(&paths, &wanted);
    let made = made.unwrap_or_else(|error| panic!("{error}"));
    check("windows/signatures.txt", &made);
    let made = import::windows::enumerations(&paths, &made);
    check(
        "windows/enumerations.txt",
        &made.unwrap_or_else(|error| panic!("{error}")),
    );
}

/// `EMU_NT_CONTROLS` names the headers with codes, or directories of them, in the order that README.md has.
#[test]
fn windows_codes_are_what_the_headers_say() {
    let Some(paths) = named("EMU_NT_CONTROLS") else {
        return;
    };
    let made = import::windows::controls(&paths);
    check(
        "windows/controls.txt",
        &made.unwrap_or_else(|error| panic!("{error}")),
    );
}

/// `EMU_NTDLL` names the `libntdll.a` of 32-bit mingw-w64.
#[test]
fn windows_stubs_take_what_the_import_library_says() {
    let Some(paths) = named("EMU_NTDLL") else {
        return;
    };
    let bytes = fs::read(&paths[0]).unwrap_or_else(|error| panic!("{error}"));
    let made = import::windows::stdcall(&bytes, "libntdll.a");
    check(
        "windows/stdcall.txt",
        &made.unwrap_or_else(|error| panic!("{error}")),
    );
}
