//! The registry of Windows through advapi32 of Wine's.

mod bounded;
mod compilers;
mod wine;

use bounded::run;
use wine::{LIMIT, check, wines};

/// What the program prints, by Wine and by emu.
const EXPECTED: &str = "create 0 1\r\n\
         again 0 2\r\n\
         set 0 0 0 0 0 0\r\n\
         text 0 1 6 hello\r\n\
         short 234 6\r\n\
         nothing 2\r\n\
         info 0: 3 keys, 7, 6 values\r\n\
         key child 0\r\n\
         key child 1\r\n\
         key child 2\r\n\
         rename 0\r\n\
         old 2\r\n\
         new 0\r\n\
         delete 0 2 0\r\n\
         full 1\r\n\
         tree 0 2\r\n\
         ";

#[test]
fn keys_and_values_are_made_listed_renamed_and_removed() {
    check(
        "registry.c",
        &["-ladvapi32"],
        &[],
        (EXPECTED, 0),
        &[
            "NtRenameKey(",
            "NtEnumerateKey(",
            "STATUS_OBJECT_NAME_NOT_FOUND",
        ],
    );
}

#[test]
fn the_registry_begins_with_what_a_file_says() {
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = folder.path().join("own.reg");
        let text = "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\Software\\Own]\n\"Name\"=\"C:\\\\own\"\n\"Count\"=dword:2a\n";
        std::fs::write(&file, text).expect("it can be written");
        let file = file.display().to_string();
        let tool = wine.libraries.join("reg.exe").display().to_string();
        let args = ["--registry", &file, &tool, "query", "HKLM\\Software\\Own"];
        let ended = run(&mut wine.emu(&args), b"", LIMIT);
        let told = (ended.out().replace("\r\n", "\n"), ended.status);
        let expected = "\nHKEY_LOCAL_MACHINE\\Software\\Own\n    Name    REG_SZ    C:\\own\n    Count    REG_DWORD    0x2a\n\n";
        let lines = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(
            (lines(&told.0), told.1),
            (lines(expected), 0),
            "{}",
            ended.err()
        );
        std::fs::write(&file, "REGEDIT4\n[HKLM\\Own]\nnothing\n").expect("it can be written");
        let ended = run(&mut wine.emu(&args), b"", LIMIT);
        let expected = format!("emu: {file}:3: expected `\"NAME\"=VALUE`, found `nothing`\n");
        assert_eq!((ended.status, ended.err()), (125, expected));
    }
}
