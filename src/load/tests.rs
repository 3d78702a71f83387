//! Images of every kind and the line or the address space that comes of them.

use std::collections::BTreeMap;

use emu_cpu::memory::Label;
use emu_cpu::{Endian, GuestMemory, Memory, Object};
use emu_profiles::Profile;
use emu_prototypes::linux::Errno;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{LoadError, Loaded, Program, Programs, Request, load};
use crate::kernel::linux::process::Credentials;
use crate::kernel::random::Random;

/// A tree of files by path.
struct Tree {
    memory: Memory,
    files: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Tree {
    fn new() -> Tree {
        let memory = Memory::new(64 << 20).expect("the host has address space");
        Tree {
            memory,
            files: BTreeMap::new(),
        }
    }

    fn with(mut self, path: &str, bytes: &[u8]) -> Tree {
        self.files.insert(path.into(), bytes.into());
        self
    }

    fn load(&mut self, path: &str, profile: Option<&str>) -> Result<Loaded, LoadError> {
        let memory = self.memory.clone();
        let program = self
            .open(path.as_bytes())
            .expect("the test has put it there");
        load(
            &memory,
            &mut Random::new(0),
            self,
            Request {
                program,
                path: path.as_bytes(),
                argv: vec![path.into(), b"one".to_vec()],
                envp: vec![b"A=b".to_vec()],
                profile: profile.map(|name| emu_profiles::by_name(name).expect("a profile")),
                credentials: &Credentials::default(),
                stack_limit: 8 << 20,
                first: true,
                directory: b"/",
                child: None,
            },
        )
    }
}

impl Programs for Tree {
    fn open(&mut self, path: &[u8]) -> Result<Program, Errno> {
        let bytes = self.files.get(path).ok_or(Errno::ENOENT)?;
        let object = Object::new(&self.memory);
        object.write(0, bytes).expect("there is memory");
        Ok(Program {
            object,
            label: Label::file(path, 1, 2, None),
            entry: None,
        })
    }
}

/// A segment of an image under construction.
struct Segment {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    file: u64,
    memory: u64,
}

/// An image with these segments, for a profile.
fn image(profile: &Profile, kind: u16, entry: u64, segments: &[Segment], len: usize) -> Vec<u8> {
    let row = profile.arch.row();
    let wide = profile.pointer() == 8;
    let mut out = Vec::new();
    let mut put = |size: usize, value: u64| match row.endian {
        Endian::Little => out.extend(&value.to_le_bytes()[..size]),
        Endian::Big => out.extend(&value.to_be_bytes()[8 - size..]),
    };
    let word = if wide { 8 } else { 4 };
    for byte in b"\x7fELF" {
        put(1, u64::from(*byte));
    }
    put(1, if wide { 2 } else { 1 });
    put(1, if row.endian == Endian::Big { 2 } else { 1 });
    put(1, 1);
    put(1, 0);
    put(8, 0);
    put(2, u64::from(kind));
    put(2, u64::from(row.elf_machine));
    put(4, 1);
    put(word, entry);
    put(word, if wide { 64 } else { 52 });
    put(word, 0);
    put(
        4,
        match row.elf_machine {
            40 => 0x0500_0000,
            // N32
            8 if !wide && row.bits == 64 => 0x20,
            _ => 0,
        },
    );
    put(2, if wide { 64 } else { 52 });
    put(2, if wide { 56 } else { 32 });
    put(2, segments.len() as u64);
    for _ in 0..3 {
        put(2, 0);
    }
    for s in segments {
        put(4, u64::from(s.kind));
        if wide {
            put(4, u64::from(s.flags));
        }
        for value in [s.offset, s.address, s.address, s.file, s.memory] {
            put(word, value);
        }
        if !wide {
            put(4, u64::from(s.flags));
        }
        put(word, 0x1000);
    }
    assert!(out.len() <= len);
    while out.len() < len {
        out.push(out.len() as u8);
    }
    out
}

const LOAD: u32 = 1;
const INTERP: u32 = 3;
const STACK: u32 = 0x6474_e551;

fn by_name(name: &str) -> &'static Profile {
    emu_profiles::by_name(name).expect("a profile")
}

/// Text and data with a bss that starts in the middle of a page.
fn plain(profile: &Profile) -> Vec<u8> {
    image(
        profile,
        2,
        0x40_0100,
        &[
            Segment {
                kind: LOAD,
                flags: 5,
                offset: 0,
                address: 0x40_0000,
                file: 0x800,
                memory: 0x800,
            },
            Segment {
                kind: LOAD,
                flags: 6,
                offset: 0x800,
                address: 0x40_1800,
                file: 0x100,
                memory: 0x2900,
            },
            Segment {
                kind: STACK,
                flags: 6,
                offset: 0,
                address: 0,
                file: 0,
                memory: 0,
            },
        ],
        0xa00,
    )
}

fn refused(bytes: &[u8], profile: Option<&str>, expected: Expect) {
    let error = Tree::new()
        .with("/x", bytes)
        .load("/x", profile)
        .expect_err("it is refused");
    expected.assert_eq(&error.about("./x").to_string());
}

#[test]
fn an_image_for_another_profile_names_the_right_one() {
    let mips = plain(by_name("linux_mips"));
    refused(
        &mips,
        Some("linux_arm"),
        expect![[
            r#"./x is a 32-bit big-endian MIPS image; linux_arm runs 32-bit little-endian ARM. Try --profile linux_mips."#
        ]],
    );
    let x64 = plain(by_name("linux_x64"));
    refused(
        &x64,
        Some("linux_mipsel"),
        expect![[
            r#"./x is a 64-bit little-endian x86-64 image; linux_mipsel runs 32-bit little-endian MIPS. Try --profile linux_x64."#
        ]],
    );
}

#[test]
fn images_no_profile_runs_are_named() {
    let mut riscv = plain(by_name("linux_x64"));
    riscv[18] = 243;
    refused(
        &riscv,
        None,
        expect!["./x is a 64-bit little-endian RISC-V image; no profile runs those"],
    );
    refused(
        &riscv,
        Some("linux_arm"),
        expect![
            "./x is a 64-bit little-endian RISC-V image; linux_arm runs 32-bit little-endian ARM, and no other profile runs it either."
        ],
    );
    let mut x32 = plain(by_name("linux_x86"));
    x32[18] = 62;
    refused(
        &x32,
        None,
        expect!["./x is an x32 image; no profile runs those"],
    );
    let mut netbsd = plain(by_name("linux_x64"));
    netbsd[7] = 2;
    refused(
        &netbsd,
        None,
        expect!["./x is a NetBSD image; no profile runs those"],
    );
}

#[test]
fn what_is_no_image_is_named() {
    refused(b"", None, expect!["./x is empty"]);
    refused(b"\x7fE", None, expect!["./x is truncated: it has 2 bytes"]);
    refused(
        b"\x7fELF\x01\x01\x01",
        None,
        expect!["./x is truncated: it has 7 bytes"],
    );
    refused(
        b"hello\n",
        None,
        expect!["./x is a text file without a `#!` line"],
    );
    refused(
        b"MZ\x90\0",
        None,
        expect!["./x is truncated: it has 4 bytes"],
    );
    refused(
        b"\xcf\xfa\xed\xfe\x07",
        None,
        expect!["./x is a 64-bit Mach-O image, not an ELF image"],
    );
    refused(
        b"\x01\x02\x03\x04\x05",
        None,
        expect!["./x is not an ELF image: it begins with 01 02 03 04"],
    );
    refused(
        b"#!/bin/sh\n",
        None,
        expect!["./x is a script for /bin/sh: No such file or directory"],
    );
}

#[test]
fn corrupt_headers_are_told() {
    let good = plain(by_name("linux_x86"));
    let change = |at: usize, bytes: &[u8]| {
        let mut image = good.clone();
        image[at..at + bytes.len()].copy_from_slice(bytes);
        image
    };
    refused(
        &change(4, &[7]),
        None,
        expect!["./x is corrupt: its ELF class is 7"],
    );
    refused(
        &change(5, &[0]),
        None,
        expect!["./x is corrupt: its ELF byte order is 0"],
    );
    refused(
        &change(16, &[4]),
        None,
        expect!["./x is a core file: it can be looked at, not run"],
    );
    refused(
        &change(16, &[1]),
        None,
        expect!["./x is a relocatable object: link it first"],
    );
    refused(
        &change(28, &[0, 0, 1, 0]),
        None,
        expect!["./x is truncated or corrupt: program headers at 0x10000, but it has 0xa00 bytes"],
    );
    refused(
        &change(42, &[1, 0]),
        None,
        expect!["./x is corrupt: its program headers have 1 bytes, not 32"],
    );
    refused(
        &change(44, &[0, 0]),
        None,
        expect!["./x is corrupt: it has no program headers"],
    );
    refused(
        &change(44, &[255, 255]),
        None,
        expect!["./x is corrupt: it has 65535 program headers"],
    );
    refused(
        &change(52 + 16, &[0, 0, 1, 0]),
        None,
        expect!["./x is corrupt: segment 0 is larger in the file than in memory"],
    );
    refused(
        &change(52 + 8, &[1]),
        None,
        expect!["./x is corrupt: segment 0 lies differently in pages of file and memory"],
    );
    refused(
        &change(52 + 32 + 20, &[0, 0, 0, 0xf0]),
        None,
        expect!["./x is corrupt or too large: it takes 0xf0002000 bytes of memory"],
    );
    refused(
        &change(52 + 20, &[0, 0x40, 0, 0]),
        None,
        expect!["./x is corrupt: segments 0 and 1 overlap"],
    );
    refused(
        &good[..0x880],
        None,
        expect![
            "./x is truncated or corrupt: segment 1 takes 0x100 bytes at 0x800, but it has 0x880 bytes"
        ],
    );
}

#[test]
fn a_program_gets_its_segments_its_bss_and_its_stack_on_every_profile() {
    for profile in emu_profiles::ALL {
        let bytes = plain(profile);
        let mut loaded = Tree::new()
            .with("/bin/x", &bytes)
            .load("/bin/x", None)
            .expect("it loads");
        assert_eq!(loaded.profile.name, profile.name);
        assert_eq!(loaded.entry, 0x40_0100);
        assert_eq!(loaded.image.brk_start, 0x40_5000);
        assert_eq!(loaded.image.code, (0x40_0000, 0x40_0800));
        assert_eq!(loaded.name, b"x");
        let space = &mut loaded.space;
        assert_eq!(space.read_u8(0x40_0000), Ok(0x7f));
        assert_eq!(space.read_u8(0x40_18ff), Ok(bytes[0x8ff]));
        // Neither the file's next bytes nor those before the segment show up in the bss.
        assert_eq!(space.read_u8(0x40_1900), Ok(0));
        assert_eq!(space.read_u8(0x40_40ff), Ok(0));
        assert!(space.write_u8(0x40_0000, 0).is_err());
        assert!(space.read_u8(0x40_5000).is_err());

        let word = profile.pointer();
        let pointer = |space: &mut emu_cpu::AddressSpace, at: u64| space.read_word(at, word);
        assert_eq!(loaded.sp % 16, 0);
        assert_eq!(pointer(space, loaded.sp), Ok(2));
        let argument = |space: &mut emu_cpu::AddressSpace, index: u64| {
            let string = pointer(space, loaded.sp + word * index).expect("a pointer");
            space.read_cstr(string, 100).expect("a string")
        };
        assert_eq!(argument(space, 1), b"/bin/x");
        assert_eq!(argument(space, 2), b"one");
        assert_eq!(pointer(space, loaded.sp + word * 3), Ok(0));
        assert_eq!(argument(space, 4), b"A=b");
        assert_eq!(pointer(space, loaded.sp + word * 5), Ok(0));
        let mut auxv = BTreeMap::new();
        for entry in 0.. {
            let at = loaded.sp + word * (6 + 2 * entry);
            let key = pointer(space, at).expect("a type");
            auxv.insert(key, pointer(space, at + word).expect("a value"));
            if key == 0 {
                break;
            }
        }
        let header = if word == 8 { 64 } else { 52 };
        assert_eq!(
            (auxv[&3], auxv[&5], auxv[&6]),
            (0x40_0000 + header, 3, 4096)
        );
        assert_eq!((auxv[&7], auxv[&9]), (0, 0x40_0100));
        assert_eq!(space.read_cstr(auxv[&31], 100).expect("a path"), b"/bin/x");
        assert_eq!(auxv.contains_key(&32), profile.name == "linux_x86");
        let (start, end) = loaded.image.arguments;
        let mut line = vec![0; (end - start) as usize];
        space.read(start, &mut line).expect("the arguments");
        assert_eq!(line, b"/bin/x\0one\0");
    }
}

#[test]
fn an_interpreter_runs_first_and_lies_elsewhere() {
    let profile = by_name("linux_arm64");
    let program = image(
        profile,
        3,
        0x100,
        &[
            Segment {
                kind: INTERP,
                flags: 4,
                offset: 0x200,
                address: 0x200,
                file: 6,
                memory: 6,
            },
            Segment {
                kind: LOAD,
                flags: 5,
                offset: 0,
                address: 0,
                file: 0x300,
                memory: 0x300,
            },
        ],
        0x200,
    );
    let program = [&program[..], b"/ld.s\0", &[0; 0x100]].concat();
    let linker = image(
        profile,
        3,
        0x40,
        &[Segment {
            kind: LOAD,
            flags: 5,
            offset: 0,
            address: 0,
            file: 0x80,
            memory: 0x80,
        }],
        0x80,
    );
    let mut tree = Tree::new().with("/x", &program).with("/ld.s", &linker);
    let loaded = tree.load("/x", None).expect("it loads");
    assert_eq!(loaded.image.entry, profile.process.pie_base + 0x100);
    assert_eq!(loaded.entry, profile.process.mmap_top - 0x1000 + 0x40);
    assert_eq!(loaded.image.brk_start, profile.process.pie_base + 0x1000);

    let error = Tree::new()
        .with("/x", &program)
        .load("/x", None)
        .expect_err("no interpreter");
    assert_eq!(error.errno, Errno::ENOENT);
    expect!["./x needs the interpreter /ld.s: No such file or directory. Try --root with a tree that has it"]
        .assert_eq(&error.about("./x").to_string());
    let mut tree = Tree::new()
        .with("/x", &program)
        .with("/ld.s", &plain(by_name("linux_arm")));
    let error = tree
        .load("/x", None)
        .expect_err("another machine's interpreter");
    assert_eq!(error.errno, Errno::ELIBBAD);
    expect!["./x needs the interpreter /ld.s, which is a 32-bit little-endian ARM image, the program a 64-bit little-endian ARM64 one"]
        .assert_eq(&error.about("./x").to_string());
}

#[test]
fn a_script_runs_its_interpreter_with_its_path_behind_it() {
    let mut tree = Tree::new()
        .with("/s", b"#!/t -x\n")
        .with("/t", b"#! /sh\n")
        .with("/sh", &plain(by_name("linux_mips")));
    let mut loaded = tree.load("/s", None).expect("it loads");
    let (start, end) = loaded.image.arguments;
    let mut line = vec![0; (end - start) as usize];
    loaded.space.read(start, &mut line).expect("the arguments");
    assert_eq!(line, b"/sh\0/t\0-x\0/s\0one\0");
    assert_eq!((loaded.name, loaded.path), (b"s".to_vec(), b"/sh".to_vec()));
    let error = Tree::new()
        .with("/s", b"#!/s\n")
        .load("/s", None)
        .expect_err("it never ends");
    assert_eq!(error.errno, Errno::ELOOP);
}

#[test]
fn too_many_arguments_are_refused() {
    let mut tree = Tree::new().with("/x", &plain(by_name("linux_x86")));
    let program = tree.open(b"/x").expect("it is there");
    let memory = tree.memory.clone();
    let mut check = |argv: Vec<Vec<u8>>, stack_limit: u64| {
        let request = Request {
            program: program.clone(),
            path: b"/x",
            argv,
            envp: vec![],
            profile: None,
            credentials: &Credentials::default(),
            stack_limit,
            first: true,
            directory: b"/",
            child: None,
        };
        load(&memory, &mut Random::new(0), &mut tree, request)
            .map(|_| ())
            .map_err(|e| e.errno)
    };
    assert_eq!(check(vec![vec![b'a'; 131_071]], 8 << 20), Ok(()));
    assert_eq!(check(vec![vec![b'a'; 131_072]], 8 << 20), Err(Errno::E2BIG));
    assert_eq!(check(vec![vec![b'a'; 1000]; 2000], 8 << 20), Ok(()));
    assert_eq!(
        check(vec![vec![b'a'; 1000]; 2200], 8 << 20),
        Err(Errno::E2BIG)
    );
    assert_eq!(check(vec![vec![b'a'; 1000]; 120], 0), Ok(()));
    assert_eq!(check(vec![], u64::MAX), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_mutated_image_loads_or_is_refused(
        which in 0..6usize,
        changes in prop::collection::vec((0..0xa0usize, any::<u8>()), 1..8),
        len in 0..0xa01usize,
    ) {
        let mut bytes = plain(emu_profiles::ALL[which]);
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(len.max(1));
        let mut tree = Tree::new().with("/x", &bytes);
        if let Ok(loaded) = tree.load("/x", None) {
            prop_assert!(loaded.space.mapped_bytes() < 1 << 40);
        }
        prop_assert!(tree.memory.used() < 8 << 20);
    }

    #[test]
    fn random_bytes_are_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..300), elf: bool) {
        if elf && bytes.len() > 4 {
            bytes[..4].copy_from_slice(b"\x7fELF");
        }
        let _ = Tree::new().with("/x", &bytes).load("/x", None);
    }
}
