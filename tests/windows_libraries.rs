//! Programs of mingw through the libraries of a guest's own, those of Wine.

mod bounded;
mod compilers;
mod mutants;
mod quiet;
mod wine;

use std::time::Duration;

use bounded::{emu, run};
use emu::{Builder, GuestSource};
use mutants::Shuffle;
use wine::{LIMIT, check, wines};

#[test]
fn a_program_of_c_prints() {
    check(
        "hosted.c",
        &[],
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
fn files_directories_and_time_are_seen() {
    check(
        "tree.c",
        &[],
        &[],
        (
            "read: line 1\r\n.. . a.txt b.TXT c.dat\r\na.txt b.TXT\r\ntime passes\r\n\
             stdio of kernelbase.dll: 0, of ucrtbase.dll: 1\r\n",
            0,
        ),
        &[
            "[\"a.txt\", \"b.TXT\"], 8192, FileBothDirectoryInformation, FALSE, \"*.txt\", TRUE) = 0",
            "TokenUser, {User=S-1-5-21-0-0-0-1000}",
            "NtDelayExecution(",
        ],
    );
}

#[test]
fn a_command_of_wine_runs() {
    for wine in wines() {
        let shell = wine.libraries.join("cmd.exe").display().to_string();
        let ended = run(&mut wine.emu(&[&shell, "/c", "echo", "said"]), b"", LIMIT);
        let told = (ended.out(), ended.status);
        assert_eq!(told, ("said\r\n".to_owned(), 0), "{}", ended.err());
    }
}

#[test]
fn exceptions_and_threads_are_told() {
    check(
        "chances.c",
        &[],
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
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "hosted.c", &[]);
        let program = program.display().to_string();
        let auto = ["--profile", "windows_auto", &program];
        let ended = run(&mut wine.emu(&auto), b"", LIMIT);
        assert_eq!(ended.status, 7, "{}", ended.err());
        // Without libraries there is nothing to read.
        let ended = run(emu().args(auto), b"", LIMIT);
        assert_eq!(ended.status, 125);
        let expected = "finds no ntdll.dll whose calls could be read. Try --dll-path with a directory that has it.\n";
        assert!(ended.err().ends_with(expected), "{}", ended.err());
    }
}

#[test]
fn libraries_are_loaded_late_and_by_name() {
    let expected = "callback: process\ncallback: thread\nthread: 6\ncallback: thread ends\nmain: 7\nlate: 0\nsum: 23\n\
                    late: 1\nnumber 7: 5\nno number 70: 1 126\nforwarder: 1\nset: 1\nsame: 1\nnone: 1 127\n\
                    own name: loading.exe\nsystem: C:\\windows\\system32\nfree: 1\n";
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let late = wine.library(folder.path(), "late").display().to_string();
        let program = wine.build(folder.path(), "loading.c", &[&late]);
        let told = |ended: bounded::Ended| (ended.out().replace("\r\n", "\n"), ended.status);
        if let Some(ended) = wine.run(&program, &[], b"") {
            assert_eq!(told(ended), (expected.to_owned(), 0), "by Wine");
        }
        let folder = folder.path().display().to_string();
        let args = ["--dll-path", &folder, &program.display().to_string()];
        let ended = run(&mut wine.emu(&args), b"", LIMIT);
        let text = ended.err();
        assert_eq!(told(ended), (expected.to_owned(), 0), "{text}");
    }
}

/// Of a program and of a library that it loads, by the loader of the guest's own.
#[test]
fn mutated_programs_and_libraries_end_without_a_panic() {
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let late = wine.library(folder.path(), "late").display().to_string();
        let program = wine.build(folder.path(), "loading.c", &[&late]);
        let images = [program.clone(), folder.path().join("late.dll")];
        let whole: Vec<Vec<u8>> = images
            .iter()
            .map(|image| std::fs::read(image).expect("it is there"))
            .collect();
        let mut random = Shuffle(0x9e37_79b9_7f4a_7c15 + u64::from(wine.wide));
        for round in 0..120 {
            for (index, image) in images.iter().enumerate() {
                let bytes = match index == round % 2 {
                    true => random.mutated(whole[index].clone()),
                    false => whole[index].clone(),
                };
                std::fs::write(image, bytes).expect("it can be written");
            }
            let mut builder = Builder::new().guest(GuestSource::Host(program.clone()));
            let own = folder.path().to_owned();
            for libraries in wine.all_libraries().iter().chain([&own]) {
                builder = builder.dll_path(libraries);
            }
            let emulator = builder
                .host(quiet::quiet())
                .memory(256 << 20)
                .max_instructions(20_000_000)
                .timeout(Duration::from_secs(20))
                .build();
            match emulator {
                Ok(mut emulator) => {
                    let ended = emulator.run();
                    assert!(ended.is_ok(), "{} {round}: {ended:?}", wine.name());
                }
                Err(error) => {
                    let text = error.to_string();
                    assert_eq!(text.lines().count(), 1, "{} {round}: {text}", wine.name());
                }
            }
        }
    }
}

#[test]
fn a_trace_in_binary_form_keeps_the_numbers_that_stubs_told() {
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "hosted.c", &[]);
        let program = program.display().to_string();
        let told = folder.path().join("told").display().to_string();
        let shown = run(&mut wine.emu(&["-y", &program]), b"", LIMIT);
        let args = ["-y", "--format", "bin", "-o", &told, &program];
        assert_eq!(run(&mut wine.emu(&args), b"", LIMIT).status, 7);
        let replayed = run(emu().args(["show", "-y", &told]), b"", LIMIT);
        assert_eq!(replayed.status, 0, "{}", replayed.err());
        assert_eq!(replayed.out(), shown.err());
    }
}

#[test]
fn a_program_of_32_bits_goes_through_the_gate_of_a_64_bit_system() {
    // [ReactOS, ndk/amd64/ketypes.h and ndk/i386/ketypes.h: selectors; winnt.h: PROCESSOR_ARCHITECTURE_AMD64 is 9]
    let through = "cs 23 ds 2b fs 53\r\nwow64 1, 0 of 9\r\n123456789abcdef0, block 1\r\n";
    // On one of 32 bits there is nothing behind it.
    let alone = "cs 1b ds 23 fs 3b\r\nwow64 0, 0 of 0\r\n";
    for wine in wines().into_iter().filter(|wine| !wine.wide) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "gate.c", &[]);
        let shown = program.display().to_string();
        let ended = run(&mut wine.emu(&["-o", "/dev/null", &shown]), b"", LIMIT);
        let expected = if wine.gate { (through, 3) } else { (alone, 5) };
        // Wine's debugger tells of the exception behind that.
        let told: String = ended
            .out()
            .split_inclusive('\n')
            .take(expected.0.lines().count())
            .collect();
        assert_eq!((told.as_str(), ended.status), expected, "{}", wine.name());
    }
}
