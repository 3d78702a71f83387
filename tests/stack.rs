//! Which functions led to a call: `-k`, as strace(1) has it, and the lines of their source.

mod bounded;
mod compilers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{emu, here, run};
use compilers::{ALL, Target, X64, build_with, installed};

const LIMIT: Duration = Duration::from_secs(30);

/// The lines of a trace of some calls.
fn trace(options: &[&str], program: &Path) -> Vec<String> {
    let ended = run(emu().args(options).arg(program), b"", LIMIT);
    ended.err().lines().map(str::to_owned).collect()
}

fn program(target: &Target, options: &[&str]) -> Option<PathBuf> {
    let source = here("tests/stack/calls.c");
    let made = || build_with(target.compiler, &source, options).expect("it compiles");
    installed(target.compiler).then(made)
}

/// What stands behind the line of a call: functions, and places without the folder.
fn frames(lines: &[String], call: &str) -> Vec<(String, String)> {
    let begin = lines.iter().position(|line| line.starts_with(call));
    let begin = begin.unwrap_or_else(|| panic!("{call} is made: {lines:?}"));
    let behind = lines[begin + 1..].iter();
    behind
        .take_while(|line| line.starts_with(" > "))
        .map(|line| {
            let name = line.split_once('(').map_or("", |(_, rest)| rest);
            let name = name.split(['+', ')']).next().unwrap_or_default();
            let place = line.rsplit_once('/').map_or("", |(_, rest)| rest);
            let place = place.split(' ').next().unwrap_or_default();
            (name.to_owned(), place.to_owned())
        })
        .collect()
}

/// The line of a source that has a text.
fn line_of(source: &str, text: &str) -> usize {
    let source = std::fs::read_to_string(here(source)).expect("it is there");
    let found = source.lines().position(|line| line.contains(text));
    found.expect("it has that") + 1
}

/// `g` was called by `f`, and that by `main`, whatever the C library has around them.
fn check(found: &[(String, String)], source: &str, expected: &[(&str, &str)], what: &str) {
    let name = Path::new(source).file_name().expect("it has one");
    let name = name.to_string_lossy();
    let at = found
        .iter()
        .position(|(function, _)| function == expected[0].0);
    let at = at.unwrap_or_else(|| panic!("{what}: {found:?}"));
    for (index, (function, text)) in expected.iter().enumerate() {
        let line = format!("{name}:{}", line_of(source, text));
        assert_eq!(
            found[at + index],
            (function.to_string(), line),
            "{what}: {found:?}"
        );
    }
}

/// For ARM, C is compiled without tables unless asked for.
#[test]
fn functions_and_lines_are_known_on_every_cpu() {
    for target in ALL {
        for level in ["-O0", "-O1"] {
            let Some(program) = program(target, &["-g", "-static", "-funwind-tables", level])
            else {
                continue;
            };
            let lines = trace(&["-kk", "-e", "chdir,write"], &program);
            let what = format!("{} {level}", target.name);
            let source = "tests/stack/calls.c";
            let rest = [("f", "g(1);"), ("main", "f();")];
            for (call, text) in [("chdir(", "chdir("), ("write(", "write(")] {
                let mut found = frames(&lines, call);
                // FIXME: what ARM has for unwinding is not read, so that a guess may be there twice.
                found.dedup();
                check(&found, source, &[&[("g", text)], &rest[..]].concat(), &what);
            }
        }
    }
}

#[test]
fn names_need_no_lines_and_lines_need_to_be_asked_for() {
    let Some(program) = program(&X64, &["-g", "-static", "-O0"]) else {
        return;
    };
    for option in [
        "-k",
        "--stack-trace",
        "--stack-trace=symbol",
        "--stack-traces",
    ] {
        let lines = trace(&[option, "-e", "chdir"], &program);
        assert!(
            lines.iter().any(|line| line.contains("/calls(main+0x")),
            "{lines:?}"
        );
        assert!(
            !lines.iter().any(|line| line.contains("calls.c:")),
            "{lines:?}"
        );
    }
    let lines = trace(&["--stack-trace=source", "-e", "chdir"], &program);
    assert!(
        lines.iter().any(|line| line.contains("calls.c:")),
        "{lines:?}"
    );
    let lines = trace(&["-e", "chdir"], &program);
    assert!(
        !lines.iter().any(|line| line.starts_with(" > ")),
        "{lines:?}"
    );
}

#[test]
fn programs_of_windows_have_functions_and_lines() {
    for (compiler, entry, profiles) in [
        (
            "x86_64-w64-mingw32-gcc",
            "start",
            ["windows_xpsp2_x64", "windows_7_x64", "windows_11_24h2_x64"],
        ),
        (
            "i686-w64-mingw32-gcc",
            "_start",
            ["windows_2000_x86", "windows_xpsp3_x86", "windows_7_x86"],
        ),
    ] {
        if !installed(compiler) {
            continue;
        }
        for level in ["-O0", "-O2"] {
            let folder = tempfile::tempdir().expect("there is room");
            let program = folder.path().join("calls.exe");
            let source = here("tests/stack/windows.c");
            let mut made = Command::new(compiler);
            made.args([
                "-g",
                level,
                "-nostdlib",
                "-ffreestanding",
                "-e",
                entry,
                "-o",
            ]);
            let made = run(made.arg(&program).arg(&source).arg("-lntdll"), b"", LIMIT);
            assert_eq!(made.status, 0, "{}", made.err());
            for profile in profiles {
                let lines = trace(&["-p", profile, "-kk", "-e", "NtClose"], &program);
                let found = frames(&lines, "NtClose(");
                let expected = [("g", "= NtClose("), ("f", "g(7);"), ("start", "f();")];
                check(
                    &found,
                    "tests/stack/windows.c",
                    &expected,
                    &format!("{profile} {level}"),
                );
                let by = found
                    .iter()
                    .position(|(name, _)| name == "g")
                    .expect("it is there");
                assert_eq!(found[by - 1].0, "NtClose", "{profile}: {found:?}");
            }
        }
    }
}

/// strace's own lines, with its file's names in the program. Where the C library has no names strace takes the nearest.
#[test]
fn lines_are_those_of_strace() {
    if !installed("strace") {
        return;
    }
    let Some(program) = program(&X64, &["-g", "-O0"]) else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("trace");
    let own = |line: &str| line.starts_with(" > ") && line.contains("/calls(");
    let mut strace = Command::new("strace");
    strace
        .arg("-o")
        .arg(&file)
        .args(["-k", "-e", "chdir,write"])
        .arg(&program);
    run(&mut strace, b"", LIMIT);
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let known: Vec<&str> = known
        .lines()
        .filter(|line| own(line) || !line.starts_with(" > "))
        .collect();
    if !known.iter().any(|line| own(line)) {
        println!("left out: strace -k does not work here");
        return;
    }
    let ours = trace(&["--root", "/", "-k", "-e", "chdir,write"], &program);
    let ours: Vec<&String> = ours
        .iter()
        .filter(|line| own(line) || !line.starts_with(" > "))
        .collect();
    assert_eq!(ours, known);
}

#[test]
fn json_has_the_same_frames() {
    let Some(program) = program(&X64, &["-g", "-static", "-O0"]) else {
        return;
    };
    let exits = |options: &[&str]| {
        let lines = trace(
            &[&["--format", "json", "-e", "chdir"], options].concat(),
            &program,
        );
        let line = lines
            .iter()
            .find(|line| line.contains("\"event\":\"exit\""));
        serde_json::from_str::<serde_json::Value>(line.expect("it is told")).expect("it is JSON")
    };
    assert!(exits(&[]).get("stack").is_none());
    let named = exits(&["-k"]);
    let stack = named["stack"].as_array().expect("it is a list");
    let main = stack
        .iter()
        .find(|frame| frame["function"] == "main")
        .expect("it is there");
    assert!(main.get("line").is_none());
    let module = main["module"].as_str().expect("it is text");
    assert!(module.ends_with("/calls"), "{module}");
    // A program that is not moved has its own addresses.
    assert_eq!(main["address"], main["offset"]);
    let sourced = exits(&["-kk"]);
    let stack = sourced["stack"].as_array().expect("it is a list");
    let main = stack
        .iter()
        .find(|frame| frame["function"] == "main")
        .expect("it is there");
    assert_eq!(main["line"], line_of("tests/stack/calls.c", "    f();"));
    assert!(
        main["file"]
            .as_str()
            .expect("it is text")
            .ends_with("tests/stack/calls.c")
    );
}
