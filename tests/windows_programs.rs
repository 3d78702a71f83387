//! Programs of C for Windows that need no C library: what they take from ntdll.dll and from libraries of their own, and what
//! the kernel answers them.

mod bounded;
mod compilers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, emu, here, run};
use compilers::installed;

/// Where Debian has libraries of Wine, for the compilers of [`TARGETS`], and its tables of languages.
const WINE: [&str; 2] = [
    "/usr/lib/i386-linux-gnu/wine/i386-windows",
    "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows",
];
const TABLES: &str = "/usr/share/wine/nls";

const LIMIT: Duration = Duration::from_secs(30);

/// A compiler, what it puts before names, and releases that run what it makes.
struct Target {
    compiler: &'static str,
    prefix: &'static str,
    profiles: &'static [&'static str],
}

const TARGETS: [Target; 2] = [
    Target {
        compiler: "i686-w64-mingw32-gcc",
        prefix: "_",
        profiles: &[
            "windows_2000_x86",
            "windows_xpsp3_x86",
            "windows_7_x86",
            "windows_10_22h2_x86",
        ],
    },
    Target {
        compiler: "x86_64-w64-mingw32-gcc",
        prefix: "",
        profiles: &[
            "windows_xpsp2_x64",
            "windows_7_x64",
            "windows_10_22h2_x64",
            "windows_11_24h2_x64",
        ],
    },
];

fn targets() -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().filter(|target| installed(target.compiler))
}

impl Target {
    /// Builds a program of a source in `tests/windows`.
    fn program(&self, folder: &Path, name: &str, more: &[&str]) -> PathBuf {
        let source = format!("tests/windows/{name}.c");
        let out = folder.join(format!("{name}.exe"));
        self.build(
            &out,
            &format!("{}start", self.prefix),
            &[&[source.as_str()], more].concat(),
        );
        out
    }

    /// Builds the library where Windows has libraries, below a folder.
    fn library(&self, folder: &Path) -> PathBuf {
        let system = folder.join("Windows/System32");
        std::fs::create_dir_all(&system).expect("a folder");
        let import = folder.join("library.a");
        let entry = if self.prefix.is_empty() {
            "entry"
        } else {
            "_entry@12"
        };
        let out = format!("-Wl,--out-implib,{}", import.display());
        let args = [
            "-shared",
            "-Wl,--image-base,0x10000000",
            &out,
            "tests/windows/library.c",
            "tests/windows/library.def",
        ];
        self.build(&system.join("LIBRARY.DLL"), entry, &args);
        import
    }

    fn build(&self, out: &Path, entry: &str, args: &[&str]) {
        let mut command = Command::new(self.compiler);
        command.current_dir(here("."));
        command
            .args([
                "-O1",
                "-w",
                "-nostdlib",
                "-ffreestanding",
                "-e",
                entry,
                "-o",
            ])
            .arg(out);
        let ended = run(command.args(args), b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
    }
}

fn told(profile: &str, args: &[&str]) -> Ended {
    run(emu().args(["--profile", profile]).args(args), b"", LIMIT)
}

fn check(name: &str, lines: &[&str]) {
    check_from(name, 0, lines);
}

/// The same on all releases but the first so many, which lack some call.
fn check_from(name: &str, first: usize, lines: &[&str]) {
    for target in targets() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = target.program(folder.path(), name, &["-lntdll"]);
        for profile in &target.profiles[first..] {
            let ended = told(profile, &[&program.display().to_string()]);
            let text = format!("{profile}: {}", ended.err());
            assert_eq!(
                (ended.status, ended.out()),
                (0, format!("{name}\n")),
                "{text}"
            );
            for line in lines {
                assert!(
                    ended.err().lines().any(|own| own == *line),
                    "{line} in {text}"
                );
            }
            assert!(!ended.err().contains("<missing>"), "{text}");
        }
    }
}

#[test]
fn calls_are_taken_from_ntdll_by_name_on_every_release() {
    check(
        "direct",
        &[
            "NtAllocateVirtualMemory(NtCurrentProcess(), [NULL] => [0x20000], 0, [100000] => [102400], MEM_COMMIT, PAGE_READWRITE) = 0",
        ],
    );
}

#[test]
fn sections_files_and_keys_are_served() {
    check(
        "kernel",
        &[
            "NtDeleteFile({ObjectName=\"\\??\\C:\\kernel.txt\", Attributes=OBJ_CASE_INSENSITIVE}) = 0",
        ],
    );
}

#[test]
fn threads_run_and_are_waited_for() {
    check_from(
        "threads",
        2,
        &[
            "[pid  1001] +++ exited with 33 +++",
            "[pid  1002] +++ exited with 44 +++",
        ],
    );
}

#[test]
fn libraries_of_the_tree_are_loaded_and_initialized() {
    for target in targets() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let import = target.library(folder.path()).display().to_string();
        // Where the library wants to be, the second time the program is.
        for base in ["0x400000", "0x10000000"] {
            let base = format!("-Wl,--image-base,{base}");
            target.program(folder.path(), "user", &[&import, &base]);
            for profile in target.profiles {
                let root = folder.path().display().to_string();
                let ended = told(profile, &["--root", &root, "/user.exe"]);
                assert_eq!(ended.status, 42, "{profile}: {}", ended.err());
            }
        }
    }
}

#[test]
fn what_libraries_lack_is_told_in_one_line() {
    for target in targets() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let import = target.library(folder.path()).display().to_string();
        let user = target.program(folder.path(), "user", &[&import]);
        let ended = told(target.profiles[0], &[&user.display().to_string()]);
        assert_eq!(ended.status, 125);
        assert!(
            ended.err().ends_with(
                "user.exe imports library.dll (for user.exe): No such file or directory. Try --root with a tree that \
                 has it beside the program or in windows/system32.\n"
            ),
            "{}",
            ended.err()
        );
        // A call that came with Windows 10 is none of Windows 2000 and XP.
        let source = folder.path().join("late.c");
        let text = "__declspec(dllimport) long __stdcall NtCompareObjects(void *, void *);\n\
                    void start(void) { NtCompareObjects(0, 0); }\n";
        std::fs::write(&source, text).expect("it can be written");
        let late = folder.path().join("late.exe");
        let entry = format!("{}start", target.prefix);
        target.build(&late, &entry, &[&source.display().to_string(), "-lntdll"]);
        let ended = told(target.profiles[0], &[&late.display().to_string()]);
        assert_eq!(ended.status, 125);
        let expected = "late.exe imports NtCompareObjects, which ntdll.dll does not have\n";
        assert!(ended.err().ends_with(expected), "{}", ended.err());
    }
}

/// Runs a test with each compiler whose Wine is there, and the options that show it to a guest.
fn with_wine(test: impl Fn(&Target, &[&str])) {
    for (target, libraries) in TARGETS.iter().zip(WINE) {
        if !installed(target.compiler) {
            continue;
        }
        if !Path::new(libraries).join("ntdll.dll").is_file() || !Path::new(TABLES).is_dir() {
            eprintln!("skipped: {libraries} has no ntdll.dll of Wine");
            continue;
        }
        test(target, &["--dll-path", libraries, "--dll-path", TABLES]);
    }
}

impl Target {
    /// Builds a program of C with its library.
    fn hosted(&self, folder: &Path, name: &str) -> PathBuf {
        let out = folder.join(format!("{name}.exe"));
        let mut command = Command::new(self.compiler);
        command.current_dir(here("."));
        let source = format!("tests/windows/{name}.c");
        let ended = run(
            command.args(["-O1", "-o"]).arg(&out).arg(source),
            b"",
            LIMIT,
        );
        assert_eq!(ended.status, 0, "{}", ended.err());
        out
    }
}

/// What Wine itself prints, and the exit status. `None` where it is not installed, or for 32 bits, which it needs more for.
fn by_wine(target: &Target, program: &Path, args: &[&str]) -> Option<(String, i32)> {
    let wine = Path::new("/usr/lib/wine/wine64");
    if !target.prefix.is_empty() || !wine.is_file() {
        return None;
    }
    let prefix = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new(wine);
    command
        .env("WINEPREFIX", prefix.path())
        .env("WINEDEBUG", "-all")
        .env_remove("DISPLAY");
    let ended = run(
        command.arg(program).args(args),
        b"",
        Duration::from_secs(120),
    );
    Some((ended.out(), ended.status))
}

/// What a program that starts in Wine's libraries prints, its status, and its trace. Wine itself has to agree.
fn check_hosted(name: &str, args: &[&str], expected: (&str, i32), lines: &[&str]) {
    with_wine(|target, options| {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = target.hosted(folder.path(), name);
        if let Some((out, status)) = by_wine(target, &program, args) {
            assert_eq!((out.as_str(), status), expected, "Wine");
        }
        let shown = program.display().to_string();
        let command = [options, &[shown.as_str()], args].concat();
        let ended = run(emu().args(&command), b"", LIMIT);
        let text = format!("{}: {}", target.compiler, ended.err());
        assert_eq!((ended.out().as_str(), ended.status), expected, "{text}");
        for line in lines {
            assert!(
                ended.err().lines().any(|own| own.contains(line)),
                "{line} in {text}"
            );
        }
    });
}

#[test]
fn a_program_of_c_prints_through_the_libraries_of_wine() {
    check_hosted(
        "hosted",
        &["a b"],
        ("hosted: 2 arguments, the last one a b\r\n", 7),
        &[
            "{ObjectName=\"\\??\\C:\\windows\\system32\\kernelbase.dll\", Attributes=OBJ_CASE_INSENSITIVE}",
            "NtWriteFile(0x8, NULL, NULL, NULL, {Status=0, Information=39}, \"hosted: 2 arguments, the last on\"...",
            "NtTerminateProcess(NtCurrentProcess(), 7) = ?",
        ],
    );
}

#[test]
fn files_directories_and_time_are_seen_through_the_libraries_of_wine() {
    check_hosted(
        "tree",
        &[],
        (
            "read: line 1\r\n.. . a.txt b.TXT c.dat\r\na.txt b.TXT\r\ntime passes\r\n\
             stdio of kernelbase.dll: 0, of ucrtbase.dll: 1\r\n",
            0,
        ),
        &[", \"*.txt\", TRUE) = 0", "NtDelayExecution("],
    );
}

#[test]
fn a_command_of_wine_runs() {
    with_wine(|_, options| {
        let shell = Path::new(options[1]).join("cmd.exe").display().to_string();
        if !Path::new(&shell).is_file() {
            return;
        }
        let ended = run(
            emu().args(options).args([&shell, "/c", "echo", "said"]),
            b"",
            LIMIT,
        );
        assert_eq!(
            (ended.out().as_str(), ended.status),
            ("said\r\n", 0),
            "{}",
            ended.err()
        );
    });
}

#[test]
fn exceptions_and_threads_go_through_the_libraries_of_wine() {
    check_hosted(
        "chances",
        &[],
        (
            "thread 3\r\nthread ended with 5\r\nexception c0000005\r\nexception c0000094\r\nexception e0000001\r\n",
            9,
        ),
        &[
            "--- STATUS_ACCESS_VIOLATION {",
            "--- STATUS_INTEGER_DIVIDE_BY_ZERO {",
            "NtResumeThread(",
        ],
    );
}

#[test]
fn numbers_are_read_from_stubs_when_that_is_asked_for() {
    with_wine(|target, options| {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = target.hosted(folder.path(), "hosted").display().to_string();
        let auto = ["--profile", "windows_auto"];
        let ended = run(emu().args(options).args(auto).arg(&program), b"", LIMIT);
        assert_eq!(ended.status, 7, "{}", ended.err());
        // Without libraries there is nothing to read.
        let ended = run(emu().args(auto).arg(&program), b"", LIMIT);
        assert_eq!(ended.status, 125);
        let expected = "finds no ntdll.dll whose calls could be read. Try --dll-path with a directory that has it.\n";
        assert!(ended.err().ends_with(expected), "{}", ended.err());
    });
}
