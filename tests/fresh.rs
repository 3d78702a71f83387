//! What is written down twice is the same in both places.

mod bounded;

use std::process::Command;
use std::time::Duration;

use bounded::{complete, emu, here, run};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_readme_has_the_table_that_emu_prints() {
    let printed = run(emu().arg("profiles"), b"", LIMIT);
    assert_eq!(printed.status, 0);
    let readme = std::fs::read_to_string(here("README.md")).expect("it is there");
    for line in printed.out().lines() {
        assert!(
            readme.contains(line.trim_end()),
            "README.md lacks this line of `emu profiles`:\n{line}"
        );
    }
}

#[test]
fn the_tiny_guests_are_what_their_sources_make() {
    let ended = run(
        Command::new(here("guest-images/build")).arg("--check"),
        b"",
        LIMIT,
    );
    match ended.status {
        0 => println!("{}", ended.err()),
        // 3: no assembler at all.
        3 if !complete() => println!("left out: {}", ended.err()),
        _ => panic!("{}", ended.err()),
    }
    assert!(
        !complete() || !ended.err().contains("left out"),
        "{}",
        ended.err()
    );
}

#[test]
fn every_c_program_of_the_tests_says_what_it_shows() {
    let mut folders = ["tests/behaviour", "tests/hostile", "guest-images/bench"]
        .map(here)
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "c") {
                let text = std::fs::read_to_string(&path).expect("it is text");
                assert!(text.starts_with("/*"), "{}", path.display());
            }
        }
    }
}

#[test]
fn cargo_has_nothing_to_change_in_its_lock() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["tree", "--locked", "--offline", "--quiet"]);
    let ended = run(command.current_dir(here("")), b"", LIMIT);
    assert_eq!(ended.status, 0, "{}", ended.err());
}
