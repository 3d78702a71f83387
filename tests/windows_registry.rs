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

#[test]
fn keys_go_into_files_and_come_out_of_them() {
    check_alone(
        "registry_hives.c",
        &["-ladvapi32"],
        (
            "save c0000061\r\n\
             SeBackupPrivilege: error 0\r\n\
             save 00000000\r\n\
             regf version 1.3, bins 4096 of 4096\r\n\
             restore c0000061\r\n\
             SeRestorePrivilege: error 0\r\n\
             restore c0000022\r\n\
             by force 00000000\r\n\
             its key 1018\r\n\
             \x20none: 0, 0 bytes, 00\r\n\
             \x20number: 4, 4 bytes, 12\r\n\
             \x20text: 1, 10 bytes, 00\r\n\
             \x20first\r\n\
             \x20 inner\r\n\
             \x20  deep: 4, 4 bytes, 00\r\n\
             \x20second\r\n\
             corrupt c000014c\r\n\
             none c000015c\r\n\
             loaded\r\n\
             load 00000000\r\n\
             again c0000035\r\n\
             below c000000d\r\n\
             open 0\r\n\
             file 0\r\n\
             flush 00000000\r\n\
             unload c0000121\r\n\
             unload 00000000\r\n\
             gone 2\r\n\
             not loaded c000000d\r\n\
             elsewhere 00000000\r\n\
             large 0 1\r\n\
             unload 00000000\r\n\
             with a handle 00000000 0\r\n\
             unload c0000121\r\n\
             unload 00000000\r\n\
             removed 1\r\n",
            0,
        ),
        &[
            "NtSaveKey(",
            "NtRestoreKey(",
            "NtLoadKey(",
            "NtUnloadKey(",
            "STATUS_NOT_REGISTRY_FILE",
        ],
    );
}

#[test]
fn the_registry_begins_with_what_a_hive_has() {
    for wine in wines() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let program = wine.build(folder.path(), "registry_hives.c", &["-ladvapi32"]);
        let program = program.display().to_string();
        let bind = format!("{}:/out:rw", folder.path().display());
        let args = ["--bind", &bind, &program, "C:\\out\\own.hiv"];
        let ended = run(&mut wine.emu(&args), b"", LIMIT);
        assert_eq!(ended.status, 0, "{}", ended.err());
        let hive = folder.path().join("own.hiv").display().to_string();
        let file = format!("HKLM\\Software\\Own={hive}");
        let tool = wine.libraries.join("reg.exe").display().to_string();
        let query = ["query", "HKLM\\Software\\Own", "/v", "number"];
        let begun = |file: &str| {
            let args = [&["--registry", file, &tool][..], &query].concat();
            run(&mut wine.emu(&args), b"", LIMIT)
        };
        let ended = begun(&file);
        let shown = "    number    REG_DWORD    0x12345678";
        assert!(
            ended.out().contains(shown),
            "{} {}",
            ended.out(),
            ended.err()
        );
        let wrong = |file: &str, message: &str| {
            let ended = begun(file);
            let expected = format!("emu: {hive}: {message}\n");
            assert_eq!((ended.status, ended.err()), (125, expected));
        };
        wrong(
            &hive,
            "it is a hive. Say at which key, as in `HKLM\\Software=FILE`",
        );
        let bytes = std::fs::read(&hive).expect("it is there");
        std::fs::write(&hive, &bytes[..5000]).expect("it can be written");
        wrong(&file, "it is a hive that is not whole: it is too short");
        std::fs::write(&hive, "REGEDIT4\n").expect("it can be written");
        wrong(&file, "expected a hive, which begins with `regf`");
    }
}
