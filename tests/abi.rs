//! Every tiny guest on every profile: what it prints, each line of its trace, and its exit status.
//!
//! `tests/abi/PROFILE/GUEST.expected` states them, written down from the ABI documents that the guest's source names and
//! from the exit status in its first comment. `EMU_ACCEPT=1 cargo test --test abi` writes what emu does now; read the
//! difference before you commit it.

use std::fmt::Write as _;

use emu::prototypes::Os;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn images(profile: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("guest-images")
        .join(profile);
    let entries = std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut images: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "elf"))
        .collect();
    images.sort();
    images
}

fn run(profile: &str, image: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_emu"))
        .args(["--profile", profile])
        .arg(image)
        .stdin(Stdio::null())
        .output()
        .expect("emu runs");
    let mut text = String::new();
    let status = output.status.code().expect("emu is not killed");
    write!(text, "{}", String::from_utf8_lossy(&output.stdout)).expect("strings take all");
    write!(
        text,
        "--- trace\n{}",
        String::from_utf8_lossy(&output.stderr)
    )
    .expect("the same");
    writeln!(text, "--- status {status}").expect("the same");
    text
}

fn check(profile: &str) {
    check_with(
        profile,
        &["hello", "args6", "pair64", "error", "unknown", "exit"],
    );
}

/// The guests of a profile, those that it has to have among them.
fn check_with(profile: &str, needed: &[&str]) {
    let mut wrong = String::new();
    let images = images(profile);
    for name in needed {
        let there = images
            .iter()
            .any(|image| image.file_stem().is_some_and(|stem| stem == *name));
        assert!(there, "{profile} has no guest {name}");
    }
    for image in images {
        let stem = image
            .file_stem()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let expected = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/abi")
            .join(profile)
            .join(format!("{stem}.expected"));
        let actual = run(profile, &image);
        if std::env::var_os("EMU_ACCEPT").is_some() {
            std::fs::create_dir_all(expected.parent().expect("it has one")).expect("writable");
            std::fs::write(&expected, &actual).expect("writable");
            continue;
        }
        match std::fs::read_to_string(&expected) {
            Ok(text) if text == actual => {}
            Ok(text) => {
                let _ = writeln!(wrong, "{profile}/{stem}: expected\n{text}found\n{actual}");
            }
            Err(e) => {
                let _ = writeln!(wrong, "{}: {e}; found\n{actual}", expected.display());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn linux_x86() {
    check("linux_x86");
}

#[test]
fn linux_x64() {
    check("linux_x64");
}

#[test]
fn linux_arm() {
    check("linux_arm");
}

#[test]
fn linux_arm64() {
    check("linux_arm64");
}

#[test]
fn linux_mips() {
    check("linux_mips");
}

#[test]
fn linux_mipsel() {
    check("linux_mipsel");
}

#[test]
fn linux_mips64() {
    check("linux_mips64");
}

#[test]
fn linux_mips64el() {
    check("linux_mips64el");
}

#[test]
fn linux_mips64n32() {
    check("linux_mips64n32");
}

#[test]
fn linux_mips64n32el() {
    check("linux_mips64n32el");
}

#[test]
fn linux_arm_oabi() {
    check("linux_arm_oabi");
}

#[test]
fn freebsd_x64() {
    check("freebsd_x64");
}

#[test]
fn newos_x86() {
    check_with("newos_x86", &["hello", "spread"]);
}

#[test]
fn every_profile_has_its_guests_tested() {
    let here = std::fs::read_to_string(file!()).expect("the source is there");
    let unix = emu::profiles::all().filter(|own| own.system().os() != Os::Windows);
    for profile in unix {
        assert!(
            here.contains(&format!("fn {}()", profile.name)),
            "{}",
            profile.name
        );
    }
}
