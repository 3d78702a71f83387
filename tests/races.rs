//! Ways out while things move: directories become links while somebody goes through them, on either side of the fence.

mod bounded;
mod compilers;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bounded::{Ended, emu, here, run};
use compilers::{ALL, MIPS, Target, X64, build, installed};

const LIMIT: Duration = Duration::from_secs(120);
const SECRET: &str = "The host's own words.";

/// A directory that the guest gets, beside what it must not see.
fn fence(top: &Path) -> std::path::PathBuf {
    let kept = top.join("kept");
    std::fs::create_dir_all(&kept).expect("it can be made");
    for place in [
        top.join("secret"),
        top.parent().unwrap_or(top).join("secret"),
    ] {
        std::fs::write(place, SECRET).expect("it can be written");
    }
    kept
}

fn race(target: &Target, kept: &Path, arguments: &[&str]) -> Option<Ended> {
    if !installed(target.compiler) {
        return None;
    }
    let program = build(target.compiler, &here("tests/hostile/races.c")).expect("it compiles");
    let mut command = emu();
    command.args(["-q", "--timeout", "90s"]);
    command
        .arg("--bind")
        .arg(format!("{}:/kept:rw", kept.display()));
    Some(run(command.arg(program).args(arguments), b"", LIMIT))
}

fn check(target: &Target, ended: &Ended, top: &Path) {
    let out = ended.out();
    assert!(!out.contains(SECRET), "{}: {out}", target.name);
    assert!(
        out.ends_with("done\n"),
        "{}: {out}{}",
        target.name,
        ended.err()
    );
    let mut names: Vec<_> = std::fs::read_dir(top)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["kept", "secret"],
        "{}: beside the fence",
        target.name
    );
}

#[test]
fn a_guest_that_moves_directories_under_itself_stays_inside() {
    for target in ALL {
        for base in ["/tmp", "/kept"] {
            let dir = tempfile::tempdir().expect("there is room for a directory");
            let top = dir.path().join("top");
            let kept = fence(&top);
            let Some(ended) = race(target, &kept, &["60", base]) else {
                continue;
            };
            check(target, &ended, &top);
        }
    }
}

/// How often the host has to have moved the directory before a target counts as tried.
const MOVES: u64 = 2000;

#[test]
fn a_host_that_moves_directories_under_a_guest_lets_nothing_out() {
    for target in [&X64, &MIPS] {
        let dir = tempfile::tempdir().expect("there is room for a directory");
        let top = dir.path().join("top");
        let kept = fence(&top);
        let over = Arc::new(AtomicBool::new(false));
        let moved = Arc::new(AtomicU64::new(0));
        let mover = {
            let (over, moved) = (over.clone(), moved.clone());
            let (kept, top) = (kept.clone(), top.clone());
            std::thread::spawn(move || {
                let flip = kept.join("flip");
                while !over.load(Ordering::Relaxed) {
                    // What fails here fails because the guest was there first.
                    let _ = std::fs::create_dir(&flip);
                    let _ = std::fs::remove_dir_all(&flip);
                    let _ = symlink(&top, &flip);
                    let _ = std::fs::remove_file(&flip);
                    moved.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        // A machine that is busy gives the mover few turns while one guest runs: as many guests as it takes.
        let mut runs = Vec::new();
        while moved.load(Ordering::Relaxed) < MOVES {
            match race(target, &kept, &["400", "/kept", "host"]) {
                Some(ended) => runs.push(ended),
                None => break,
            }
        }
        over.store(true, Ordering::Relaxed);
        mover.join().expect("it does not panic");
        for ended in &runs {
            check(target, ended, &top);
        }
    }
}
