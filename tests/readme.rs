//! The README is true: each session in it prints what it says, and its table of profiles is the program's own.

use std::path::Path;
use std::process::Command;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("there is a README")
}

/// Commands of the README that begin with `emu`, each with what it prints there.
fn sessions(text: &str) -> Vec<(String, String)> {
    let mut sessions = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "```text" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        for part in block.split(|line| !line.starts_with("$ emu ") && line.starts_with("$ ")) {
            if let Some((command, output)) = part.split_first()
                && let Some(command) = command.strip_prefix("$ emu ")
            {
                let output: String = output.iter().map(|line| format!("{line}\n")).collect();
                sessions.push((command.to_owned(), output));
            }
        }
    }
    sessions
}

#[test]
fn each_session_prints_what_the_readme_says() {
    let sessions = sessions(&readme());
    assert!(
        sessions.len() >= 8,
        "sessions of all architectures are there"
    );
    for (command, expected) in sessions {
        // A shell, because sessions quote; both streams in one, as a person sees them.
        let emu = env!("CARGO_BIN_EXE_emu");
        let root = std::env::var("EMU_ROOTS").unwrap_or_else(|_| "target/roots".to_owned());
        if command.contains(" roots/") && !Path::new(&root).exists() {
            eprintln!("skipped, there are no roots: emu {command}");
            continue;
        }
        if command.contains("/wine/") && !Path::new("/usr/share/wine/nls").exists() {
            eprintln!("skipped, there is no Wine: emu {command}");
            continue;
        }
        let script = format!(
            "{emu} {} 2>&1",
            command.replace(" roots/", &format!(" {root}/"))
        );
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("there is a shell");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            expected,
            "emu {command}"
        );
    }
}

/// A table between two marks is what a command prints.
fn check(mark: &str, command: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_emu"))
        .arg(command)
        .output()
        .expect("emu runs");
    let printed = String::from_utf8(output.stdout).expect("text");
    let text = readme();
    let (_, rest) = text
        .split_once(&format!("<!-- {mark} -->\n"))
        .expect("the table has its marks");
    let (table, _) = rest
        .split_once(&format!("<!-- /{mark} -->"))
        .expect("the table has its marks");
    let shown: String = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("```"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(shown, printed);
}

#[test]
fn the_table_of_profiles_is_the_programs_own() {
    check("profiles", "profiles");
}

#[test]
fn the_table_of_calls_is_the_programs_own() {
    check("calls", "calls");
}
