//! The registry of Windows through advapi32 of Wine's.

mod bounded;
mod compilers;
mod wine;

use bounded::run;
use wine::{LIMIT, check, check_alone, wines};

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

/// What the program prints that asks ntdll and advapi32, by Wine and by emu.
const NATIVE: &str = "volatile 0 1 other c0000181 same 0 deep c0000034\r\n\
         link 0 empty c0000034 other c0000022 set 0 again c0000035\r\n\
         open 0 value 0 5 below 0 itself 0 value c0000034 delete 0 gone c0000034 there 0\r\n\
         full 0 58: at 44, 14, a class short 80000005 shorter c0000023\r\n\
         cached 0 3 keys, longest 16\r\n\
         read: set c0000022 remove c0000022 query 0\r\n\
         set: set 0 query c0000022 keys c0000022 name 1\r\n\
         most: set 0 flush 0\r\n\
         names 0 value 258 deep 258 made 0 once 258\r\n\
         cleanup 258 tree 0 0 waits 0 closed 0\r\n\
         no right c0000022\r\n\
         CurrentBuild 0 1 1\r\n\
         ProductName 0 1 1\r\n\
         VendorIdentifier 0 1 1\r\n\
         ~MHz 0 4 1\r\n\
         ComSpec 0 2 1\r\n\
         ACP 0 1 1\r\n\
         current config 0\r\n\
         volatile 1021 classes 0 there 0 gone 0\r\n\
         narrow 1 1 gone 0\r\n\
         ";

#[test]
fn keys_are_volatile_links_and_watched_and_handles_have_rights() {
    check(
        "registry_native.c",
        &["-lntdll", "-ladvapi32"],
        &[],
        (NATIVE, 0),
        &[
            "STATUS_CHILD_MUST_BE_VOLATILE",
            "NtNotifyChangeKey(",
            "STATUS_NOTIFY_ENUM_DIR",
        ],
    );
}

/// Wine has no such call. Data stand at multiples of 4 in the buffer, in the order of the entries. Keys are named as what
/// links lead to.
const SEVERAL: &str = "all 0 20 20: 6 0 1, 5 8 3, 4 16 4 ab xyzzy 7\r\n\
         short 80000005 13 20\r\n\
         missing c0000034\r\n\
         name 0 \\REGISTRY\\Machine\\System\\ControlSet001\\Services\r\n\
         name 0 \\REGISTRY\\User\\S-1-5-21-0-0-0-1000_Classes\r\n\
         name 0 \\REGISTRY\\Machine\\System\\ControlSet001\\Hardware Profiles\\0001\r\n\
         ";

#[test]
fn several_values_are_told_at_once_and_keys_behind_links_have_their_own_names() {
    check_alone(
        "registry_several.c",
        &["-lntdll", "-ladvapi32"],
        (SEVERAL, 0),
        &["NtQueryMultipleValueKey("],
    );
}
