//! Programs of mingw that start in Wine's libraries: built, run by emu, and by Wine itself, which has to agree.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs::{File, create_dir_all};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::bounded::{Ended, complete, emu, here, run};
use super::compilers::installed;

/// Tables of languages.
const TABLES: &str = "/usr/share/wine/nls";
/// Longest time of a run.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Longest time that Wine takes to make its own files, and for a program after that.
const FIRST: Duration = Duration::from_secs(120);

/// A width of programs, their compilers and libraries.
pub(crate) struct Wine {
    pub(crate) wide: bool,
    /// Whether a 64-bit system runs it: by WoW64.
    pub(crate) gate: bool,
    pub(crate) c: &'static str,
    pub(crate) cxx: &'static str,
    pub(crate) libraries: PathBuf,
    /// Where all that a program may need is: besides, libraries that those need, which Debian has apart, in `libz-mingw-w64`
    /// and of the compiler.
    all: Vec<PathBuf>,
}

/// Both widths, and 32-bit programs on a 64-bit system, as far as compilers and libraries are there. For 64 bits Debian's
/// package is installed, that for 32 bits is among the roots.
pub(crate) fn wines() -> Vec<Wine> {
    let roots = std::env::var_os("EMU_ROOTS").map_or_else(|| here("target/roots"), PathBuf::from);
    let narrow = roots.join("wine-i386/usr/lib/i386-linux-gnu/wine/i386-windows");
    let wide = PathBuf::from("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows");
    let others = |prefix: &str| {
        let own = format!("/usr/{prefix}-w64-mingw32/lib");
        let compiler = format!("/usr/lib/gcc/{prefix}-w64-mingw32/12-win32");
        [own, compiler, TABLES.to_owned()].map(PathBuf::from)
    };
    let made = |systems: &[&PathBuf], prefix: &str| {
        let systems = systems.iter().map(|path| path.to_path_buf());
        systems.chain(others(prefix)).collect()
    };
    let of = |gate: bool, systems: &[&PathBuf]| Wine {
        wide: false,
        gate,
        c: "i686-w64-mingw32-gcc",
        cxx: "i686-w64-mingw32-g++",
        libraries: narrow.clone(),
        all: made(systems, "i686"),
    };
    let wines = [
        of(false, &[&narrow]),
        of(true, &[&narrow, &wide]),
        Wine {
            wide: true,
            gate: false,
            c: "x86_64-w64-mingw32-gcc",
            cxx: "x86_64-w64-mingw32-g++",
            libraries: wide.clone(),
            all: made(&[&wide], "x86_64"),
        },
    ];
    wines
        .into_iter()
        .filter(|wine| installed(wine.c) && installed(wine.cxx) && wine.is_there())
        .collect()
}

impl Wine {
    fn is_there(&self) -> bool {
        let missing = self.all.iter().find(|path| !path.is_dir());
        if let Some(path) = missing {
            assert!(!complete(), "no {}", path.display());
            println!("left out: no {}", path.display());
        }
        missing.is_none()
    }

    /// Builds a library from a source and a list of exports in `tests/windows`, and what is linked to import from it late.
    pub(crate) fn library(&self, folder: &Path, stem: &str) -> PathBuf {
        let exports = here("tests/windows").join(format!("{stem}.def"));
        let out = folder.join(format!("{stem}.dll"));
        let mut command = Command::new(self.c);
        command.current_dir(here("tests/windows"));
        command.args(["-O1", "-w", "-shared", "-nostdlib", "-ffreestanding"]);
        let entry = if self.wide { "entry" } else { "_entry@12" };
        command.args(["-e", entry, "-o"]).arg(&out);
        command.arg(format!("{stem}.c")).arg(&exports);
        let ended = run(&mut command, b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
        let late = folder.join(format!("{stem}.a"));
        let tool = self.c.replace("gcc", "dlltool");
        let mut command = Command::new(tool);
        command.current_dir(folder).arg("-d").arg(&exports);
        command.arg("-y").arg(&late).arg("-D").arg(&out);
        let ended = run(&mut command, b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
        late
    }

    /// Builds a program of a source in `tests/windows`, `.c` or `.cpp`. `more` goes behind the source.
    pub(crate) fn build(&self, folder: &Path, source: &str, more: &[&str]) -> PathBuf {
        let compiler = if source.ends_with(".cpp") {
            self.cxx
        } else {
            self.c
        };
        let stem = source.split_once('.').expect("a suffix").0;
        let out = folder.join(format!("{stem}.exe"));
        let mut command = Command::new(compiler);
        command.current_dir(here("tests/windows"));
        command.args(["-O1", "-static", "-o"]).arg(&out).arg(source);
        let ended = run(command.args(more), b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
        out
    }

    /// What tells it apart in messages.
    pub(crate) fn name(&self) -> &'static str {
        match (self.wide, self.gate) {
            (true, _) => "64 bits",
            (false, false) => "32 bits",
            (false, true) => "32 bits on a 64-bit system",
        }
    }

    /// Where all that a program may need is.
    pub(crate) fn all_libraries(&self) -> &[PathBuf] {
        &self.all
    }

    /// emu with the libraries, and these arguments.
    pub(crate) fn emu(&self, args: &[&str]) -> Command {
        let mut command = emu();
        for libraries in self.all_libraries() {
            command.arg("--dll-path").arg(libraries);
        }
        command.args(args);
        command
    }

    /// Runs a program by Wine itself. `None` where it is not installed, or for 32 bits, which it needs more for. All tests
    /// share Wine's own files, one after the other: what a program leaves there is found by the next.
    pub(crate) fn run(&self, program: &Path, args: &[&str], input: &[u8]) -> Option<Ended> {
        let (mut command, _turn) = self.real(program, args)?;
        Some(run(&mut command, input, FIRST))
    }

    /// Wine itself with a program, and its turn at Wine's own files. `None` as above.
    #[allow(clippy::incompatible_msrv, reason = "tests are for who develops it")]
    pub(crate) fn real(&self, program: &Path, args: &[&str]) -> Option<(Command, File)> {
        let wine = Path::new("/usr/lib/wine/wine64");
        if !self.wide || !wine.is_file() {
            return None;
        }
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine");
        create_dir_all(&prefix).expect("a directory");
        let turn = File::create(prefix.join("turn")).expect("a file");
        turn.lock().expect("a turn");
        let command = |program: &Path| {
            let mut command = Command::new(wine);
            command
                .env("WINEPREFIX", &prefix)
                .env("WINEDEBUG", "-all")
                .env_remove("DISPLAY")
                .arg(program);
            command
        };
        // The first program would tell that Wine's files are made, and wait for it.
        let made = prefix.join("made");
        if !made.is_file() {
            let mut boot = command("wineboot.exe".as_ref());
            run(boot.arg("--init"), b"", FIRST);
            File::create(made).expect("a file");
        }
        let mut command = command(program);
        command.args(args);
        Some((command, turn))
    }
}

/// Programs of which Wine's own WoW64 makes something else: functions that wait for a thread are called in the reverse order,
/// several values of a key are told in the form of 64 bits, the first library that a debugger hears of is not the program's.
const NOT_BY_WOW64: [&str; 4] = [
    "threads_time.c",
    "injected.c",
    "registry_several.c",
    "debugger.c",
];

/// The systems that run a program.
fn systems(source: &str) -> impl Iterator<Item = Wine> {
    let left_out = NOT_BY_WOW64.contains(&source);
    wines()
        .into_iter()
        .filter(move |wine| !(left_out && wine.gate))
}

/// Builds a program for each width, runs it by Wine and by emu: what it prints and its status have to be as expected, its
/// trace has to have these pieces of lines and no call that is not served.
pub(crate) fn check(
    source: &str,
    more: &[&str],
    args: &[&str],
    expected: (&str, i32),
    lines: &[&str],
) {
    check_by(true, source, more, args, expected, lines);
}

/// The same without Wine, which does not do what the documents say that the program's comments name.
pub(crate) fn check_documented(source: &str, expected: (&str, i32), lines: &[&str]) {
    check_by(false, source, &[], &[], expected, lines);
}

fn check_by(
    by_wine: bool,
    source: &str,
    more: &[&str],
    args: &[&str],
    expected: (&str, i32),
    lines: &[&str],
) {
    for wine in systems(source) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), source, more);
        if by_wine && let Some(ended) = wine.run(&program, args, b"") {
            let told = (ended.out(), ended.status);
            assert_eq!((told.0.as_str(), told.1), expected, "by Wine");
        }
        wine.compare(&program, args, expected, lines);
    }
}

/// The same without Wine: for what it has in another way than Windows.
pub(crate) fn check_alone(source: &str, more: &[&str], expected: (&str, i32), lines: &[&str]) {
    for wine in systems(source) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), source, more);
        wine.compare(&program, &[], expected, lines);
    }
}

impl Wine {
    /// Runs a program by emu.
    fn compare(&self, program: &Path, args: &[&str], expected: (&str, i32), lines: &[&str]) {
        let shown = program.display().to_string();
        let command = [&[shown.as_str()], args].concat();
        let ended = run(&mut self.emu(&command), b"", LIMIT);
        let text = format!("{}: {}", self.name(), ended.err());
        let told = (ended.out(), ended.status);
        assert_eq!((told.0.as_str(), told.1), expected, "{text}");
        // WoW64 asks in its own way.
        for line in lines.iter().filter(|_| !self.gate) {
            assert!(
                ended.err().lines().any(|own| own.contains(line)),
                "{line} in {text}"
            );
        }
        let missing: Vec<_> = ended
            .err()
            .lines()
            .filter(|line| line.contains("<missing>") && !line.contains("syscall_0x"))
            .map(str::to_owned)
            .collect();
        assert!(missing.is_empty(), "{missing:#?} of {}", self.name());
    }
}
