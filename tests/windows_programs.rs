//! Programs of C for Windows that need no C library: what they take from ntdll.dll and from libraries of their own, and what
//! the kernel answers them.

mod bounded;
mod compilers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bounded::{Ended, emu, here, run};
use compilers::installed;

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
fn calls_that_are_seldom_made_are_served() {
    check(
        "seldom",
        &[
            "NtLoadDriver(\"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Bad\") = 0xc0000061 (STATUS_PRIVILEGE_NOT_HELD)",
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
fn processes_are_made_of_sections_before_they_have_threads() {
    check("bare", &["[pid  1001] +++ exited with 33 +++"]);
}

#[test]
fn a_process_is_a_copy_of_its_parent() {
    check("copied", &["[pid  1001] +++ exited with 33 +++"]);
}

#[test]
fn a_process_runs_a_file_that_has_gone() {
    check_from("ghost", 1, &["[pid  1001] +++ exited with 34 +++"]);
}

/// Since Windows 7 and 8.
#[test]
fn packets_wait_and_memory_is_put_aside() {
    check_from("packets", 3, &["[pid  1001] +++ exited with 0 +++"]);
}

#[test]
fn ports_carry_calls_of_procedures() {
    check("ports", &["[pid  1001] +++ exited with 0 +++"]);
}

#[test]
fn ports_of_the_later_kind_send_and_receive_at_once() {
    check_from("alpc", 2, &["[pid  1001] +++ exited with 0 +++"]);
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
fn a_set_of_functions_leads_to_a_library() {
    let schema = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/apisetschema.dll";
    if !Path::new(schema).is_file() {
        return;
    }
    for target in targets() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        target.library(folder.path());
        let system = folder.path().join("Windows/System32");
        std::fs::rename(system.join("LIBRARY.DLL"), system.join("ucrtbase.dll")).expect("a file");
        std::fs::copy(schema, system.join("apisetschema.dll")).expect("it is copied");
        let import = folder.path().join("set.a").display().to_string();
        let mut command = Command::new(target.compiler.replace("gcc", "dlltool"));
        command.current_dir(here("."));
        command.args(["-d", "tests/windows/library.def", "-l", &import]);
        command.args(["-D", "api-ms-win-crt-string-l1-1-0.dll"]);
        let ended = run(&mut command, b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
        target.program(folder.path(), "user", &[&import]);
        for profile in target.profiles {
            let root = folder.path().display().to_string();
            let ended = told(profile, &["--root", &root, "/user.exe"]);
            assert_eq!(ended.status, 42, "{profile}: {}", ended.err());
        }
    }
}

/// Writes into the headers of an image where its late imports are.
fn mark_late(program: &Path) {
    let mut bytes = std::fs::read(program).expect("a program");
    let mark = b"late imports....";
    let at = bytes.windows(mark.len()).position(|found| found == mark);
    let at = at.expect("it has the mark") + mark.len();
    let pe = goblin::pe::PE::parse(&bytes).expect("an image");
    let is_in = |section: &&goblin::pe::section_table::SectionTable| {
        let first = section.pointer_to_raw_data as usize;
        (first..first + section.size_of_raw_data as usize).contains(&at)
    };
    let section = pe.sections.iter().find(is_in).expect("a section");
    let address = at as u32 - section.pointer_to_raw_data + section.virtual_address;
    // [Microsoft, PE Format: the directories of the optional header]
    let header = pe.header.dos_header.pe_pointer as usize + 24;
    let place = header + if pe.is_64 { 112 } else { 96 } + 13 * 8;
    bytes[place..place + 4].copy_from_slice(&address.to_le_bytes());
    bytes[place + 4..place + 8].copy_from_slice(&64_u32.to_le_bytes());
    std::fs::write(program, bytes).expect("it can be written");
}

#[test]
fn late_imports_are_there_from_the_start() {
    for target in targets() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        target.library(folder.path());
        mark_late(&target.program(folder.path(), "user_late", &[]));
        let library = folder.path().join("Windows/System32/LIBRARY.DLL");
        let check = |status: i32| {
            for profile in target.profiles {
                let root = folder.path().display().to_string();
                let ended = told(profile, &["--root", &root, "/user_late.exe"]);
                assert_eq!(ended.status, status, "{profile}: {}", ended.err());
            }
        };
        check(42);
        // Without the library the program finds out when it calls, and ends with STATUS_ILLEGAL_INSTRUCTION.
        std::fs::remove_file(library).expect("a file");
        check(0x1d);
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
