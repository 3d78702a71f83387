//! Scripts of several processes: what do Debian's shells, perl and python do with pipes, jobs, threads and signals?
//!
//! `programs/INTERPRETER/NAME.*` is a script, `NAME.out` what it prints, on every CPU and natively. A script knows nothing
//! of the order in which processes run, so that all orders give the same.

mod bounded;
mod debian;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, complete, emu, here, run};
use debian::root;

const LIMIT: Duration = Duration::from_secs(120);

/// Calls that nobody serves yet and that these programs do without: bash asks whether its input is a socket, the C library
/// for names of users.
const MAY_BE_MISSING: &[&str] = &[];

/// A program that runs scripts.
struct Interpreter {
    name: &'static str,
    /// Its path in a root.
    path: &'static str,
    words: &'static [&'static str],
    /// What the host's own says of itself where it is the same.
    version: &'static str,
}

const ASH: Interpreter = Interpreter {
    name: "ash",
    path: "usr/bin/busybox",
    words: &["ash"],
    version: "BusyBox v1.35",
};
const BASH: Interpreter = Interpreter {
    name: "bash",
    path: "usr/bin/bash",
    words: &[],
    version: "version 5.2",
};
const PERL: Interpreter = Interpreter {
    name: "perl",
    path: "usr/bin/perl",
    words: &[],
    version: "v5.36",
};
const PYTHON: Interpreter = Interpreter {
    name: "python",
    path: "usr/bin/python3",
    words: &[],
    version: "Python 3.11",
};

struct Script {
    path: PathBuf,
    prints: String,
}

impl Interpreter {
    fn scripts(&self) -> Vec<Script> {
        let folder = here("tests/programs").join(self.name);
        let mut all: Vec<PathBuf> = std::fs::read_dir(&folder)
            .expect("the scripts are there")
            .map(|entry| entry.expect("they can be listed").path())
            .filter(|path| path.extension().is_some_and(|ending| ending != "out"))
            .collect();
        all.sort();
        let script = |path: PathBuf| {
            let prints = std::fs::read_to_string(path.with_extension("out"));
            let prints = prints.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Script { path, prints }
        };
        all.into_iter().map(script).collect()
    }
}

fn shows(script: &Script, ended: &Ended) -> Result<(), String> {
    let mut wrong = String::new();
    let found = ended.out();
    if ended.status != 0 {
        let _ = writeln!(wrong, "status {}", ended.status);
    }
    if found != script.prints {
        let same = |(a, b): &(&str, &str)| a == b;
        let lines = found.lines().zip(script.prints.lines());
        let at = lines.take_while(same).count();
        let line = |text: &str| text.lines().nth(at).map(str::to_owned);
        let (is, wanted) = (line(&found), line(&script.prints));
        let _ = writeln!(wrong, "line {}: {is:?}, not {wanted:?}", at + 1);
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong + &ended.err()),
    }
}

/// What is wrong with a trace: calls that nobody serves, or another end than that of the script.
fn whole(trace: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(trace);
    let mut wrong = String::new();
    for line in text.lines().filter(|line| line.contains("<missing>")) {
        let call = line.split_once("] ").map_or(line, |(_, call)| call);
        let name = call.split('(').next().unwrap_or(call);
        if !MAY_BE_MISSING.contains(&name) {
            let _ = writeln!(wrong, "nobody serves {line}");
        }
    }
    match text.lines().last() {
        Some(line) if line.ends_with("+++ exited with 0 +++") => {}
        line => {
            let _ = writeln!(wrong, "the trace ends with {line:?}");
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong),
    }
}

fn command(root: &Path, interpreter: &Interpreter, script: &Script, options: &[&str]) -> Command {
    let mut command = emu();
    command
        .arg("--bind")
        .arg(format!("{}:/script", script.path.display()));
    command.args(["--cwd", "/tmp", "--root"]).arg(root);
    command.args(options).arg(format!("/{}", interpreter.path));
    command.args(interpreter.words).arg("/script");
    command
}

/// Runs all scripts: twice for the same trace, then in another order, for each its own.
fn check(arch: &str, interpreter: &Interpreter) {
    let Some(root) = root(arch, interpreter.path) else {
        return;
    };
    let folder = tempfile::tempdir().expect("there is room for a directory");
    let mut wrong = String::new();
    for (seed, script) in interpreter.scripts().into_iter().enumerate() {
        let mut tell = |how: &str, result: Result<(), String>| {
            if let Err(what) = result {
                let name = script.path.display();
                let _ = writeln!(wrong, "{name} on {arch}, {how}: {what}");
            }
        };
        let traces = ["first", "second"].map(|name| {
            let trace = folder.path().join(name);
            let shown = trace.display().to_string();
            let mut emu = command(&root, interpreter, &script, &["-o", &shown]);
            tell(name, shows(&script, &run(&mut emu, b"", LIMIT)));
            std::fs::read(trace).unwrap_or_default()
        });
        tell("first", whole(&traces[0]));
        if traces[0] != traces[1] {
            tell("twice", Err("the traces differ".to_owned()));
        }
        let seed = seed.to_string();
        let options = ["-q", "--sched-seed", &seed];
        let mut emu = command(&root, interpreter, &script, &options);
        let ended = run(&mut emu, b"", LIMIT);
        tell(&format!("--sched-seed {seed}"), shows(&script, &ended));
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the scripts must print, they print natively.
fn on_the_host(interpreter: &Interpreter, program: &Path, ask: &str) {
    let mut version = Command::new(program);
    let found = version
        .args([ask])
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match found {
        Ok(text) if text.contains(interpreter.version) => {}
        other => {
            let shown = program.display();
            assert!(!complete(), "{shown} is not {}", interpreter.version);
            println!(
                "left out: {shown} is not {}: {other:?}",
                interpreter.version
            );
            return;
        }
    }
    let mut wrong = String::new();
    for script in interpreter.scripts() {
        let time = std::fs::read_to_string(&script.path).expect("it can be read");
        if time.contains("sleep 3600") {
            continue;
        }
        let folder = tempfile::tempdir().expect("there is room for a directory");
        let mut command = Command::new(program);
        command
            .args(interpreter.words)
            .arg(&script.path)
            .current_dir(folder.path());
        if let Err(what) = shows(&script, &run(&mut command, b"", LIMIT)) {
            let _ = writeln!(wrong, "{}: {what}", script.path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn ash_on_the_host() {
    if let Some(root) = root("amd64", ASH.path) {
        on_the_host(&ASH, &root.join(ASH.path), "--help");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn bash_on_the_host() {
    on_the_host(&BASH, Path::new("bash"), "--version");
}

#[test]
#[cfg(target_os = "linux")]
fn perl_on_the_host() {
    on_the_host(&PERL, Path::new("perl"), "--version");
}

#[test]
#[cfg(target_os = "linux")]
fn python_on_the_host() {
    on_the_host(&PYTHON, Path::new("python3"), "--version");
}

macro_rules! on_each {
    ($($interpreter:ident: $($test:ident on $arch:literal),+;)+) => {$($(
        #[test]
        fn $test() {
            check($arch, &$interpreter);
        }
    )+)+};
}

on_each! {
    ASH: ash_armhf on "armhf", ash_armel on "armel", ash_i386 on "i386", ash_amd64 on "amd64",
        ash_arm64 on "arm64", ash_mips on "mips", ash_mipsel on "mipsel";
    BASH: bash_armhf on "armhf", bash_armel on "armel", bash_i386 on "i386", bash_amd64 on "amd64",
        bash_arm64 on "arm64", bash_mipsel on "mipsel";
    PERL: perl_armhf on "armhf", perl_armel on "armel", perl_i386 on "i386", perl_amd64 on "amd64",
        perl_arm64 on "arm64", perl_mipsel on "mipsel";
    PYTHON: python_armhf on "armhf", python_armel on "armel", python_i386 on "i386", python_amd64 on "amd64",
        python_arm64 on "arm64", python_mipsel on "mipsel";
}
