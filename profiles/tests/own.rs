//! Operating systems that are described by a file: what is right, what is wrong, and what has to be there of each that is
//! built in.

use std::collections::BTreeSet;
use std::path::Path;

use emu_cpu::Trap;
use emu_profiles::own::{File, profile};
use emu_profiles::{Number, Os, Profile, all};
use emu_prototypes::{Meaning, Width};

const PROTOTYPES: &str =
    "1 void leave(int status);\n0x10 long put(int fd, const void *text, size_t len);\n";

const DESCRIPTION: &str = r#"
name = "mine"
arch = "arm"
prototypes = "mine.txt"

[[entry]]
trap = "svc from 0x100"
args = ["r0", "r1", "r2", "sp+4"]
result = "r0"

[services]
leave = "exit"

[types]
cookie_t = "unsigned long long"
"#;

fn described(description: &str, prototypes: &str) -> Result<&'static Profile, String> {
    let file = File::parse(description)?;
    let profile = profile(&file, "mine.toml", "mine.txt", prototypes);
    profile.map_err(|error| error.to_string())
}

#[track_caller]
fn wrong(from: &str, to: &str, expected: &str) {
    assert!(DESCRIPTION.contains(from));
    let found = described(&DESCRIPTION.replace(from, to), PROTOTYPES);
    assert_eq!(found.map(|_| ()), Err(expected.to_owned()));
}

#[test]
fn a_description_is_a_profile() {
    let mine = described(DESCRIPTION, PROTOTYPES).expect("it is right");
    assert_eq!((mine.name, mine.system().os()), ("mine", Os::Own));
    let entry = &mine.entries[0];
    assert_eq!(entry.abi.number, Number::Instruction);
    assert!(entry.trap.matches(Trap::Svc(0x110)) && !entry.trap.matches(Trap::Svc(0x10)));
    assert_eq!(mine.number("put"), Some(0x10));
    let (_, put) = mine.calls().nth(1).expect("there are two");
    let meanings: Vec<_> = put.params.iter().map(|param| param.meaning).collect();
    assert_eq!(
        meanings,
        [Meaning::Fd, Meaning::In { len: 2 }, Meaning::Plain]
    );
}

#[test]
fn types_are_cs_own_or_told_and_others_are_words() {
    let text = "7 int spread(char a, uint16_t b, cookie_t c, handle d, struct stat *e);\n1 void leave(int status);\n";
    let mine = described(DESCRIPTION, text).expect("it is right");
    let row = mine.call(7).expect("it is there");
    let widths: Vec<_> = row.params.iter().map(|param| param.width).collect();
    assert_eq!(
        widths,
        [Width::I8, Width::U16, Width::U64, Width::Ptr, Width::Ptr]
    );
}

#[test]
fn what_is_wrong_is_named() {
    wrong(
        "\"arm\"",
        "\"vax\"",
        "mine.toml: arch = \"vax\": expected one of x86, x86-64, arm, arm64, mips, mipsel, mips64, mips64el",
    );
    wrong(
        "\"r1\"",
        "\"eax\"",
        "mine.toml: entry `svc from 0x100`: ARM has no register `eax`",
    );
    wrong(
        "svc from 0x100",
        "trap 5",
        "mine.toml: entry `trap 5`: expected int N, sysenter, syscall, svc, svc N or svc from N",
    );
    wrong(
        "svc from 0x100",
        "svc",
        "mine.toml: entry `svc`: `number` is missing: the register that holds the number",
    );
    wrong(
        "leave =",
        "go =",
        "mine.toml: [services] names `go`, which mine.txt does not have",
    );
    wrong(
        "\"exit\"",
        "\"exeunt\"",
        "mine.toml: [services] leave = \"exeunt\": Linux has no such call",
    );
    wrong(
        "[types]",
        "[errors]\nENONE = 5\n[types]",
        "mine.toml: [errors] ENONE: there is no such error",
    );
    wrong(
        "result = \"r0\"",
        "result = \"r0\"\nerrors = \"loud\"",
        "mine.toml: entry `svc from 0x100`: errors = \"loud\": expected negative, status, \"flag REGISTER\" or \"carry REGISTER\"",
    );
    wrong(
        "arch = \"arm\"",
        "arhc = \"arm\"",
        "line 3: unknown field `arhc`, expected one of `name`, `arch`, `prototypes`, `entry`, `services`, `errors`, `types`",
    );
    let found = described(
        DESCRIPTION,
        "1 void leave(int status);\n2 long put(int fd\n",
    );
    assert!(found.is_err_and(|error| error.starts_with("mine.txt:2: ")));
    let found = described(
        DESCRIPTION,
        "1 void leave(int status);\n2 void leave(int status);\n",
    );
    assert_eq!(
        found.map(|_| ()),
        Err("mine.txt:2: expected each name once, found `leave` again".to_owned())
    );
}

fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(path).expect("it is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let of_kind = paths.filter(|path| path.extension().is_some_and(|own| own == extension));
    let stem = |path: std::path::PathBuf| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    of_kind.filter_map(stem).collect()
}

/// The steps of the README's chapter on adding an operating system: none is forgotten.
#[test]
fn each_description_has_prototypes_a_line_in_the_list_and_guests() {
    let listed: BTreeSet<String> = all()
        .filter(|own| own.system().os() == Os::Own)
        .map(|own| own.name.to_owned())
        .collect();
    assert!(!listed.is_empty());
    assert_eq!(
        names("own", "toml"),
        listed,
        "profiles/own/*.toml against the list in profiles/src/lib.rs"
    );
    assert_eq!(
        names("../prototypes/own", "txt"),
        listed,
        "prototypes/own/*.txt against the list"
    );
    for name in &listed {
        let guests = names(&format!("../guest-images/{name}"), "elf");
        assert!(!guests.is_empty(), "guest-images/{name} has no guests");
        assert_eq!(
            guests,
            names(&format!("../guest-images/{name}"), "s"),
            "guest-images/build makes them"
        );
    }
}
