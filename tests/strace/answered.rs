//! Calls that no kernel serves: strace and emu answer them alike, and must show them alike.
//!
//! Each file of `decode/` is one program for every profile. A case that may differ tells why, behind its call:
//! `// unlike strace: …` when emu's line is not strace's, `// by CPU: …` when it is not that of x86 with words as wide.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use emu::linux::Errno;
use emu::sink::{Constants, Filter, Output, Settings, Strings, TextSink};
use emu::{Builder, GuestSource};

use super::quiet::quiet;

/// The ABIs: a name, the compiler and its options, whose lines must be the same.
const ABIS: [(&str, &str, &[&str], &str); 11] = [
    ("x64", "x86_64-linux-gnu-gcc", &[], "x64"),
    ("x86", "i686-linux-gnu-gcc", &[], "x86"),
    ("arm64", "aarch64-linux-gnu-gcc", &[], "x64"),
    ("arm", "arm-linux-gnueabi-gcc", &[], "x86"),
    ("mips", "mips-linux-gnu-gcc", MIPS, "x86"),
    ("mipsel", "mipsel-linux-gnu-gcc", MIPS, "x86"),
    ("mips64", "mips64-linux-gnuabi64-gcc", MIPS, "x64"),
    ("mips64el", "mips64el-linux-gnuabi64-gcc", MIPS, "x64"),
    ("mips64n32", "mips64-linux-gnuabi64-gcc", N32, "x86"),
    ("mips64n32el", "mips64el-linux-gnuabi64-gcc", N32, "x86"),
    ("armhf", "arm-linux-gnueabihf-gcc", &["-marm"], "x86"),
];

const MIPS: &[&str] = &["-mno-abicalls", "-fno-pic", "-G0"];
const N32: &[&str] = &["-mno-abicalls", "-fno-pic", "-G0", "-mabi=n32"];
const OPTIONS: [&str; 7] = [
    "-O1",
    "-w",
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-stack-protector",
    "-fno-pie",
];

/// Lines by the line of the source that made the call.
type Lines = BTreeMap<usize, String>;

struct Source {
    name: String,
    path: PathBuf,
    text: String,
}

fn sources() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strace/decode");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|end| end == "c"))
        .collect();
    paths.sort();
    let source = |path: PathBuf| Source {
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        text: std::fs::read_to_string(&path).expect("it is text"),
        path,
    };
    paths.into_iter().map(source).collect()
}

impl Source {
    /// The answers that cases ask for.
    fn answers(&self) -> BTreeSet<i64> {
        let parts = self.text.split("answer == ").skip(1);
        let number = |part: &str| {
            let end = part.find(')').expect("the condition ends");
            part[..end].parse().expect("an answer is a number")
        };
        parts.map(number).collect()
    }

    /// The calls that are made really, beside those that end the program.
    fn real(&self) -> Vec<&str> {
        let first = self.text.lines().next().unwrap_or_default();
        let names = first
            .split_once("Real calls: ")
            .map_or("", |(_, names)| names);
        let names = names.split('.').next().unwrap_or_default();
        names
            .split_whitespace()
            .chain(["exit_group", "execve"])
            .collect()
    }

    /// Why a case may differ.
    fn reason(&self, line: usize, kind: &str) -> Option<&str> {
        let text = self.text.lines().nth(line - 1)?;
        text.split_once(kind).map(|(_, reason)| reason.trim())
    }

    /// The program. Numbers that an ABI lacks are negative, so that their calls are left out.
    fn build(&self, compiler: &str, options: &[&str], folder: &Path) -> Result<PathBuf, String> {
        let numbers = folder.join("numbers.h");
        let mut text = "#include <asm/unistd.h>\n".to_owned();
        for part in self.text.split("call(").skip(1) {
            let name = part.split([',', ')']).next().unwrap_or_default();
            let _ = writeln!(text, "#ifndef __NR_{name}\n#define __NR_{name} -1\n#endif");
        }
        std::fs::write(&numbers, text).map_err(|error| error.to_string())?;
        let program = folder.join("program");
        let made = Command::new(compiler)
            .args(OPTIONS)
            .args(options)
            .arg("-include")
            .arg(&numbers)
            .arg("-o")
            .arg(&program)
            .arg(&self.path)
            .output()
            .map_err(|error| error.to_string())?;
        match made.status.success() {
            true => Ok(program),
            false => Err(String::from_utf8_lossy(&made.stderr).into_owned()),
        }
    }
}

/// The line behind each that tells a place: `close(17) = 0`, then the call of line 17.
fn lines(trace: &str, into: &mut Lines) {
    let mut place = None;
    for line in trace.lines() {
        let line = line.trim_end_matches(" (INJECTED)");
        // A mark of emu's own.
        let line = line.split(" <by ").next().unwrap_or_default();
        match place.take() {
            Some(place) => {
                into.insert(place, line.to_owned());
            }
            None => {
                let number = line.strip_prefix("close(").and_then(|rest| {
                    let (number, _) = rest.split_once(')')?;
                    number.parse().ok()
                });
                place = number;
            }
        }
    }
}

/// What strace shows; `None` when it can't run the program here.
fn known(program: &Path, source: &Source, folder: &Path, options: &[&str]) -> Option<Lines> {
    let real = source.real().join(",");
    let mut all = Lines::new();
    for answer in source.answers() {
        let trace = folder.join("trace");
        let what = match answer {
            0.. => format!("retval={answer}"),
            _ => format!("error={}", -answer),
        };
        let traced = Command::new("strace")
            .arg("-o")
            .arg(&trace)
            .arg("-e")
            .arg(format!("inject=!{real}:{what}"))
            .args(options)
            .arg(program)
            .output()
            .ok()?;
        if traced.status.code() != Some(3) {
            return None;
        }
        let text = std::fs::read(&trace).ok()?;
        lines(&String::from_utf8_lossy(&text), &mut all);
    }
    Some(all)
}

/// What emu shows.
fn shown(program: &Path, source: &Source, settings: &Settings) -> Lines {
    let mut all = Lines::new();
    for answer in source.answers() {
        let (output, written) = Output::memory();
        let filter = Filter::default();
        let settings = settings.clone();
        let mut emulator = Builder::new()
            .guest(GuestSource::Host(program.to_owned()))
            .host(quiet())
            .sink(Box::new(TextSink::new(output, filter, settings)))
            .build()
            .expect("the program can be loaded");
        let ended = Cell::new(false);
        let real: Vec<String> = source.real().into_iter().map(str::to_owned).collect();
        emulator.on_any_enter(move |cx, call| {
            ended.set(ended.get() || call.info.name == "exit_group");
            if !ended.get() && !real.iter().any(|name| name == call.info.name) {
                cx.answer(match u64::try_from(answer) {
                    Ok(value) => Ok(value),
                    Err(_) => Err(Errno::EINVAL),
                });
            }
        });
        let status = emulator.run().expect("the run has no failure of ours");
        assert_eq!(status.code(), 3, "{}", program.display());
        lines(&String::from_utf8_lossy(&written.borrow()), &mut all);
    }
    all
}

/// A line without addresses, which differ between programs.
fn without_addresses(line: &str) -> String {
    let mut parts = line.split("0x");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(part.len());
        text += if digits >= 5 { "ADDRESS" } else { "0x" };
        text += &part[if digits >= 5 { digits } else { 0 }..];
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// Compares the lines of each source on an ABI; tells how many cases there were, and what is wrong.
#[test]
fn lines_of_answered_calls_are_those_of_strace() {
    let mut wrong = String::new();
    let mut cases = 0;
    for source in sources() {
        let mut models: BTreeMap<&str, Lines> = BTreeMap::new();
        let mut unlike = BTreeSet::new();
        for (abi, compiler, options, like) in ABIS {
            if !super::compilers::installed(compiler) {
                continue;
            }
            let folder = tempfile::tempdir().expect("a folder can be made");
            let program = match source.build(compiler, options, folder.path()) {
                Ok(program) => program,
                Err(message) => panic!("{}: {message}", source.name),
            };
            let ours = shown(&program, &source, &Settings::default());
            let mut differ = |place: usize, expected: &str, found: &str| {
                let name = &source.name;
                let _ = write!(wrong, "{name}:{place} on {abi}\n- {expected}\n+ {found}\n");
            };
            if abi == like {
                let Some(known) = known(&program, &source, folder.path(), &[]) else {
                    eprintln!("skipped: strace can't run programs of {compiler} here");
                    models.insert(abi, ours);
                    continue;
                };
                cases += known.len();
                for (place, line) in &known {
                    let found = ours.get(place).map_or("", String::as_str);
                    if found == line {
                        continue;
                    }
                    match source.reason(*place, "// unlike strace: ") {
                        Some(_) => drop(unlike.insert(*place)),
                        None => differ(*place, line, found),
                    }
                }
                models.insert(abi, ours);
                continue;
            }
            let Some(model) = models.get(like) else {
                continue;
            };
            for (place, found) in &ours {
                // What x86 has no number for is compared with nothing.
                let Some(line) = model.get(place) else {
                    continue;
                };
                let same = without_addresses(line) == without_addresses(found);
                if !same && source.reason(*place, "// by CPU: ").is_none() {
                    differ(*place, line, found);
                }
            }
        }
        for place in 1..=source.text.lines().count() {
            let told = source.reason(place, "// unlike strace: ").is_some();
            if told && !models.is_empty() && !unlike.contains(&place) {
                let name = &source.name;
                let _ = writeln!(wrong, "{name}:{place} is like strace's now");
            }
        }
    }
    println!("{cases} cases");
    assert!(cases == 0 || cases >= 500, "{cases} cases are few");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Options that change how arguments are shown: a name, what strace is given, and the same for emu.
fn options() -> Vec<(&'static str, &'static [&'static str], Settings)> {
    let with = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        settings
    };
    vec![
        ("-v", &["-v"], with(|to| to.abbreviated = Filter::none())),
        (
            "-e verbose",
            &["-e", "verbose=none"],
            with(|to| to.looked_into = Filter::none()),
        ),
        // The lines that tell where a call stands are read in decimal.
        (
            "-e raw",
            &["-e", "raw=!close"],
            with(|to| to.raw = Filter::parse("!close").expect("it is a set")),
        ),
        ("-x", &["-x"], with(|to| to.strings = Strings::NonAscii)),
        ("-xx", &["-xx"], with(|to| to.strings = Strings::Hex)),
        (
            "--strings-in-hex",
            &["--strings-in-hex=non-ascii-chars"],
            with(|to| to.strings = Strings::NonAsciiBytes),
        ),
        (
            "-X raw",
            &["-X", "raw"],
            with(|to| to.constants = Constants::Numbers),
        ),
        (
            "-X verbose",
            &["-X", "verbose"],
            with(|to| to.constants = Constants::Both),
        ),
    ]
}

/// The same with each of the options, on what strace runs here.
#[test]
fn options_change_lines_as_those_of_strace_do() {
    let mut wrong = String::new();
    for (name, options, settings) in options() {
        let mut cases = 0;
        for source in sources() {
            for (abi, compiler, flags, _) in &ABIS[..2] {
                if !super::compilers::installed(compiler) {
                    continue;
                }
                let folder = tempfile::tempdir().expect("a folder can be made");
                let program = source
                    .build(compiler, flags, folder.path())
                    .expect("it compiles");
                let Some(known) = known(&program, &source, folder.path(), options) else {
                    eprintln!("skipped: strace can't run programs of {compiler} here");
                    continue;
                };
                let ours = shown(&program, &source, &settings);
                for (place, line) in &known {
                    let found = ours.get(place).map_or("", String::as_str);
                    let with = format!("// unlike strace with {name}: ");
                    let told = ["// unlike strace: ", &with]
                        .iter()
                        .any(|kind| source.reason(*place, kind).is_some());
                    if found == line || told {
                        continue;
                    }
                    let _ = write!(
                        wrong,
                        "{}:{place} on {abi} with {name}\n- {line}\n+ {found}\n",
                        source.name
                    );
                }
                cases += known.len();
            }
        }
        println!("{name}: {cases} cases");
    }
    assert!(wrong.is_empty(), "{wrong}");
}
