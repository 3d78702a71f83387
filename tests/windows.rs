//! Tiny guests on every release of Windows: what they print, each line of their traces, and their exit statuses.
//!
//! `tests/abi/windows_x86` and `windows_x64` state them: a release changes numbers, and no line tells those of calls. There
//! are images for six releases. For the others those of Windows 7 get other numbers: section `.calls` says where they stand.
//! `EMU_ACCEPT=1 cargo test --test windows` writes what emu does now on Windows 7; read the difference before you commit it.

mod bounded;
mod mutants;
mod quiet;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use bounded::{emu, here, run};
use emu::event::ExitStatus;
use emu::profiles::{Profile, all, by_name};
use emu::prototypes::{Os, nt};
use emu::{Builder, GuestSource};
use mutants::Shuffle;

const LIMIT: Duration = Duration::from_secs(30);

/// Releases that have images of their own.
const BUILT: [&str; 6] = [
    "windows_2000_x86",
    "windows_xpsp3_x86",
    "windows_7_x86",
    "windows_7_x64",
    "windows_10_22h2_x64",
    "windows_11_24h2_x64",
];

/// All guests have these, whatever else there is.
const EXPECTED: [&str; 12] = [
    "hello",
    "int2e",
    "exit",
    "return",
    "args11",
    "args_widths",
    "memory",
    "error",
    "unknown",
    "continue",
    "file",
    "teb",
];

fn images(profile: &str) -> Vec<PathBuf> {
    let dir = here("guest-images").join(profile);
    let entries = std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut images: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "exe"))
        .collect();
    images.sort();
    images
}

fn stem(image: &Path) -> String {
    image
        .file_stem()
        .expect("it has a name")
        .to_string_lossy()
        .into_owned()
}

fn arch(profile: &Profile) -> &'static str {
    if profile.pointer() == 8 { "x64" } else { "x86" }
}

/// What a guest prints, its trace, and its status.
fn told(profile: &str, image: &Path) -> String {
    let ended = run(emu().args(["--profile", profile]).arg(image), b"", LIMIT);
    format!(
        "{}--- trace\n{}--- status {}\n",
        ended.out(),
        ended.err(),
        ended.status
    )
}

fn expected(profile: &Profile, guest: &str) -> PathBuf {
    here("tests/abi")
        .join(format!("windows_{}", arch(profile)))
        .join(format!("{guest}.expected"))
}

fn compare(wrong: &mut String, profile: &Profile, guest: &str, actual: &str) {
    let path = expected(profile, guest);
    match std::fs::read_to_string(&path) {
        Ok(text) if text == actual => {}
        Ok(text) => {
            let _ = writeln!(
                wrong,
                "{}/{guest}: expected\n{text}found\n{actual}",
                profile.name
            );
        }
        Err(e) => {
            let _ = writeln!(wrong, "{}: {e}; found\n{actual}", path.display());
        }
    }
}

/// An image of Windows 7 with the numbers of another release. `None` when that lacks one of its calls.
fn renumbered(image: &Path, profile: &Profile) -> Option<Vec<u8>> {
    let mut bytes = std::fs::read(image).expect("it can be read");
    let word = |bytes: &[u8], at: usize| {
        u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
    };
    let header = word(&bytes, 0x3c);
    let count = usize::from(u16::from_le_bytes([bytes[header + 6], bytes[header + 7]]));
    let optional = usize::from(u16::from_le_bytes([bytes[header + 20], bytes[header + 21]]));
    let sections: Vec<usize> = (0..count)
        .map(|index| header + 24 + optional + 40 * index)
        .collect();
    let in_file = |bytes: &[u8], address: usize| {
        let inside = |section: &&usize| {
            let start = word(bytes, **section + 12);
            (start..start + word(bytes, **section + 16)).contains(&address)
        };
        let section = sections.iter().find(inside).expect("it is in a section");
        word(bytes, section + 20) + address - word(bytes, section + 12)
    };
    let calls = sections
        .iter()
        .find(|section| &bytes[**section..**section + 7] == b".calls\0");
    let Some(calls) = calls else {
        return Some(bytes);
    };
    let (start, size) = (word(&bytes, calls + 20), word(&bytes, calls + 8));
    for record in (start..start + size).step_by(32) {
        let name = bytes[record..record + 28]
            .split(|byte| *byte == 0)
            .next()
            .unwrap_or(&[]);
        if name.is_empty() {
            break;
        }
        let name = String::from_utf8_lossy(name).into_owned();
        let number = profile.number(&name)?;
        let place = in_file(&bytes, word(&bytes, record + 28));
        bytes[place..place + 4].copy_from_slice(&number.to_le_bytes());
    }
    Some(bytes)
}

fn seven(profile: &Profile) -> String {
    format!("windows_7_{}", arch(profile))
}

fn windows() -> impl Iterator<Item = &'static Profile> {
    all().filter(|profile| profile.system().os() == Os::Windows)
}

fn built(name: &str) {
    let profile = by_name(name).expect("it is a profile");
    let mut wrong = String::new();
    let images = images(name);
    for guest in EXPECTED {
        assert!(
            images.iter().any(|image| stem(image) == guest),
            "{name} has no guest {guest}"
        );
    }
    for image in images {
        let actual = told(name, &image);
        if std::env::var_os("EMU_ACCEPT").is_some() && name == seven(profile) {
            let path = expected(profile, &stem(&image));
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("writable");
            std::fs::write(path, &actual).expect("writable");
            continue;
        }
        compare(&mut wrong, profile, &stem(&image), &actual);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn windows_2000_x86() {
    built("windows_2000_x86");
}

#[test]
fn windows_xpsp3_x86() {
    built("windows_xpsp3_x86");
}

#[test]
fn windows_7_x86() {
    built("windows_7_x86");
}

#[test]
fn windows_7_x64() {
    built("windows_7_x64");
}

#[test]
fn windows_10_22h2_x64() {
    built("windows_10_22h2_x64");
}

#[test]
fn windows_11_24h2_x64() {
    built("windows_11_24h2_x64");
}

/// The guests on all releases of an architecture that have no images.
fn others(arch_name: &str) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut wrong = String::new();
    let others = windows().filter(|profile| !BUILT.contains(&profile.name));
    for profile in others.filter(|profile| arch(profile) == arch_name) {
        for image in images(&seven(profile)) {
            let guest = stem(&image);
            let Some(bytes) = renumbered(&image, profile) else {
                let _ = writeln!(wrong, "{} lacks a call of {guest}", profile.name);
                continue;
            };
            let path = folder.path().join("guest.exe");
            std::fs::write(&path, bytes).expect("it can be written");
            compare(&mut wrong, profile, &guest, &told(profile.name, &path));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn windows_of_every_other_release_x86() {
    others("x86");
}

#[test]
fn windows_of_every_other_release_x64() {
    others("x64");
}

#[test]
fn other_numbers_make_the_images_that_the_sources_make() {
    // Windows 2000 has other stubs.
    for name in BUILT.iter().filter(|name| **name != "windows_2000_x86") {
        let profile = by_name(name).expect("it is a profile");
        for image in images(name) {
            let other = here("guest-images")
                .join(seven(profile))
                .join(image.file_name().expect("a name"));
            let mut bytes = renumbered(&other, profile).expect("it has the calls");
            let mut own = std::fs::read(&image).expect("it can be read");
            // Linkers sum all bytes up.
            for image in [&mut bytes, &mut own] {
                let at = 88 + u32::from_le_bytes(image[0x3c..0x40].try_into().expect("four bytes"));
                image[at as usize..][..4].fill(0);
            }
            assert!(bytes == own, "{}", image.display());
        }
    }
}

#[test]
fn every_windows_has_a_way_to_its_guests() {
    let text = std::fs::read_to_string(file!()).expect("the source is there");
    for name in BUILT {
        assert!(text.contains(&format!("built({name:?})")), "{name}");
    }
    assert!(windows().all(|profile| ["x86", "x64"].contains(&arch(profile))));
    assert!(windows().count() > 40);
}

/// An emulator of a profile's guest, on a host that keeps its output.
fn guest(profile: &str, name: &str) -> emu::Emulator {
    Builder::new()
        .profile(by_name(profile).expect("it is a profile"))
        .guest(GuestSource::Host(here(&format!(
            "guest-images/{profile}/{name}.exe"
        ))))
        .host(quiet::quiet())
        .build()
        .expect("it loads")
}

#[test]
fn one_closure_runs_on_windows_xp_7_and_7_of_64_bits() {
    let seen: Rc<RefCell<Vec<(u32, u64, i32)>>> = Rc::default();
    for profile in ["windows_xpsp3_x86", "windows_7_x86", "windows_7_x64"] {
        let mut emulator = guest(profile, "exit");
        let log = seen.clone();
        emulator.on_enter(move |cx, call: &mut nt::NtTerminateProcess| {
            let own = cx.profile().pointer() == 4 && call.ProcessHandle == 0xffff_ffff
                || call.ProcessHandle == u64::MAX;
            log.borrow_mut()
                .push((cx.number(), own.into(), call.ExitStatus));
            call.ExitStatus += 1;
        });
        assert_eq!(
            emulator.run().expect("it runs"),
            ExitStatus::Status(43),
            "{profile}"
        );
    }
    assert_eq!(
        *seen.borrow(),
        [(0x101, 1, 42), (0x172, 1, 42), (0x29, 1, 42)]
    );
}

#[test]
fn an_exit_callback_of_windows_sees_and_changes_statuses() {
    for profile in ["windows_2000_x86", "windows_11_24h2_x64"] {
        let mut emulator = guest(profile, "error");
        emulator.on_exit(|_, call: &nt::NtClose, ret| {
            assert_eq!(
                (call.Handle, *ret),
                (0x1234, Err(nt::NtStatus::INVALID_HANDLE))
            );
            *ret = Ok(0);
        });
        assert_eq!(
            emulator.run().expect("it runs"),
            ExitStatus::Status(1),
            "{profile}"
        );
    }
}

#[test]
fn windows_numbers_without_a_call_have_names_in_json() {
    let image = here("guest-images/windows_7_x64/unknown.exe");
    let mut command = emu();
    command
        .args(["--profile", "windows_7_x64", "--format", "json"])
        .arg(image);
    let ended = run(&mut command, b"", LIMIT);
    let has = |text: &str| assert!(ended.err().contains(text), "{text} in {}", ended.err());
    has("\"name\":\"win32k!0x12\"");
    has("\"text\":\"0xc000001c (STATUS_INVALID_SYSTEM_SERVICE)\"");
    has("\"missing\":true");
}

fn refused(args: &[&str], image: &Path, expected: &str) {
    let ended = run(emu().args(args).arg(image), b"", LIMIT);
    let err = ended.err().replace(&image.display().to_string(), "FILE");
    assert_eq!(
        (ended.status, err.as_str()),
        (125, format!("emu: {expected}\n").as_str())
    );
}

#[test]
fn a_program_of_windows_needs_a_profile_that_runs_it() {
    let image = here("guest-images/windows_7_x86/hello.exe");
    refused(
        &[],
        &image,
        "FILE is a 32-bit Windows program, whose calls have other numbers on each release. Try --profile windows_7_x86.",
    );
    refused(
        &["--profile", "windows_7_x64"],
        &image,
        "FILE is a 32-bit Windows program; windows_7_x64 does not run those. Try --profile windows_7_x86.",
    );
    refused(
        &["--profile", "linux_arm"],
        &here("guest-images/windows_7_x64/hello.exe"),
        "FILE is a 64-bit Windows program; linux_arm does not run those. Try --profile windows_7_x64.",
    );
}

/// An image with some of its bytes changed, counted from the PE signature on, is refused with that line.
fn bad(changes: &[(usize, &[u8])], expected: &str) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut bytes =
        std::fs::read(here("guest-images/windows_7_x64/hello.exe")).expect("it is there");
    let at = u32::from_le_bytes(bytes[0x3c..0x40].try_into().expect("four bytes")) as usize;
    for (offset, new) in changes {
        bytes[at + offset..][..new.len()].copy_from_slice(new);
    }
    let path = folder.path().join("bad.exe");
    std::fs::write(&path, bytes).expect("it can be written");
    refused(&["--profile", "windows_7_x64"], &path, expected);
}

#[test]
fn what_is_no_program_for_the_console_of_windows_is_refused_in_one_line() {
    bad(&[(0, b"NE")], "FILE is a DOS program, not one of Windows");
    bad(
        &[(4, &[0x64, 0xaa])],
        "FILE is a Windows image for ARM64; no profile runs those",
    );
    bad(
        &[(4, &[0x34, 0x12])],
        "FILE is a Windows image for machine 0x1234; no profile runs those",
    );
    bad(&[(22, &[0x22, 0x20])], "FILE is a DLL, not a program");
    bad(
        &[(92, &[1])],
        "FILE is a driver, or another native image of the kernel's side",
    );
    bad(
        &[(92, &[10])],
        "FILE is an EFI program; no profile runs those",
    );
    bad(&[(92, &[7])], "FILE is for subsystem 7, not the console");
    bad(
        &[(24 + 112 + 14 * 8, &[0, 0x10, 0, 0, 8])],
        "FILE is a .NET program; only native ones can be run",
    );
    bad(
        &[(96, &[0, 0, 0, 0, 0, 1])],
        "FILE is corrupt or too large: it asks for a stack of 0x10000000000 bytes",
    );
    bad(
        &[(80, &[0, 0, 0, 0xf0])],
        "FILE is corrupt or too large: it takes 0xf0000000 bytes of memory",
    );
    bad(
        &[(40, &[0, 0, 0, 0xff])],
        "FILE is corrupt: it starts at 0xff000000",
    );
    bad(
        &[(6, &[0xff, 0xff])],
        "FILE is truncated or corrupt: its table of sections is not there",
    );
    bad(
        &[(24 + 240 + 12, &[0, 0x20])],
        "FILE is corrupt: section 1 is at 0x2000, which is taken or unaligned",
    );
}

#[test]
fn windows_images_that_end_early_are_refused_in_one_line() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let bytes = std::fs::read(here("guest-images/windows_7_x64/hello.exe")).expect("it is there");
    for len in [
        2,
        0x20,
        0x3f,
        0x60,
        0x90,
        0x100,
        0x180,
        0x300,
        0x500,
        bytes.len() - 1,
    ] {
        let path = folder.path().join("short.exe");
        std::fs::write(&path, &bytes[..len]).expect("it can be written");
        let ended = run(
            emu().args(["--profile", "windows_7_x64"]).arg(&path),
            b"",
            LIMIT,
        );
        assert_eq!(
            (ended.status, ended.err().lines().count()),
            (125, 1),
            "{len}: {}",
            ended.err()
        );
    }
}

#[test]
fn mutated_windows_images_end_without_a_panic() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("mutated.exe");
    for (profile, seed) in [
        ("windows_7_x86", 0x9e37_79b9_7f4a_7c15),
        ("windows_7_x64", 0xd1b5_4a32_d192_ed03),
    ] {
        let profile = by_name(profile).expect("it is a profile");
        let mut random = Shuffle(seed);
        let images = images(profile.name);
        for round in 0..200 {
            let image = &images[random.below(images.len())];
            let bytes = random.mutated(std::fs::read(image).expect("it is there"));
            std::fs::write(&path, bytes).expect("it can be written");
            let emulator = Builder::new()
                .profile(profile)
                .guest(GuestSource::Host(path.clone()))
                .host(quiet::quiet())
                .memory(256 << 20)
                .max_instructions(1_000_000)
                .timeout(LIMIT)
                .build();
            match emulator {
                Ok(mut emulator) => {
                    let ended = emulator.run();
                    assert!(ended.is_ok(), "{} {round}: {ended:?}", profile.name);
                }
                Err(error) => {
                    let text = error.to_string();
                    assert_eq!(text.lines().count(), 1, "{} {round}: {text}", profile.name);
                }
            }
        }
    }
}
